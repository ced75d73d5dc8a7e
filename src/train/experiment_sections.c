#include "train/experiment_sections.h"

#include "config/typed_section.h"
#include "math/blas.h"
#include "train/schedule_plateau.h"
#include "train/shards.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct root_fields {
    int64_t seed;
    const cr_json *ignored;
} root_fields;

#define SECTION(name, presence, example, text)                                           \
    {                                                                                    \
        .key = name, .kind = CR_OPTION_VALUE, .offset = offsetof(root_fields, ignored),  \
        .fallback = presence, .kinds = 1u << CR_JSON_OBJECT,                             \
        .expects = "an object such as " example, .help = text                            \
    }

static const cr_option root_options[] = {
    {.key = "seed",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(root_fields, seed),
     .fallback = "1",
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .help = "of first weights, shuffling and every other draw"},
    SECTION("data", CR_OPTIONAL, "{\"train\": \"table.csv\", \"target\": -1}",
            "what to learn from; without it, the config is a graph to look into"),
    SECTION("model", CR_REQUIRED, "{\"layers\": [{\"type\": \"linear\"}]}",
            "the network"),
    SECTION("loss", CR_OPTIONAL, "{\"type\": \"softmax\"}",
            "what to minimise; needed with data"),
    SECTION("regularization", CR_OPTIONAL, "{\"l2\": 0.0001}", "what to add to the loss"),
    SECTION("optimizer", CR_OPTIONAL, "{\"type\": \"adam\"}", "how to minimise it"),
    SECTION("learning_rate_schedule", CR_OPTIONAL, "{\"type\": \"cosine\"}",
            "how the learning rate changes with time"),
    SECTION("gradient_clipping", CR_OPTIONAL, "{\"norm\": 1}",
            "how large gradients may be"),
    SECTION("training", CR_OPTIONAL, "{\"epochs\": 10}", "how long, in what batches"),
    SECTION("early_stopping", CR_OPTIONAL, "{\"patience\": 10}",
            "end before the last epoch when nothing gets better; without this section, "
            "all epochs are done"),
    SECTION("log", CR_OPTIONAL, "{\"health\": true}", "further columns of metrics.csv"),
    SECTION("sweep", CR_OPTIONAL, "{\"parameters\": {…}}",
            "many such experiments, for `chainrule sweep`"),
};

typedef struct regularization_fields {
    cr_penalty penalty;
    bool per_example;
} regularization_fields;

static const cr_option regularization_options[] = {
    {.key = "l2",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(regularization_fields, penalty.l2),
     .fallback = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help =
         "lambda in lambda * sum of W squared, over weights and not biases (nor what "
         "batch_norm and layer_norm multiply with); weight_decay is of the same values"},
    {.key = "l1",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(regularization_fields, penalty.l1),
     .fallback = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "lambda in lambda * sum of the absolute values of W, over the same values "
             "as l2"},
    {.key = "per_example",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(regularization_fields, per_example),
     .fallback = "false",
     .help =
         "whether both are divided by the number of examples of the batch (by the sum "
         "of their weights): with l2 = alpha / 2, scikit-learn's penalty"},
};

static const cr_option clipping_options[] = {
    {.key = "norm",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(cr_clipping, norm),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "all gradients are scaled down together when the norm of all of them is "
             "larger; before \"value\", if there are both"},
    {.key = "value",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(cr_clipping, value),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "each gradient is cut to plus or minus this"},
};

typedef struct stopping_fields {
    const char *monitor;
    int64_t patience;
    double min_delta;
    bool from_best, restore_best;
} stopping_fields;

static const cr_option stopping_options[] = {
    {.key = "monitor",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(stopping_fields, monitor),
     .fallback = "\"validation_loss\"",
     .help = "what should get better; the best model is the best by this: train_ or "
             "validation_ and " CR_METRIC_FIGURES ", or a name that log.metrics lists"},
    {.key = "patience",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(stopping_fields, patience),
     .fallback = "10",
     .minimum = 0,
     .maximum = 1e9,
     .no_effect = true, /* on the steps that were done */
     .help =
         "epochs without an improvement that are borne; training ends after one more"},
    {.key = "min_delta",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(stopping_fields, min_delta),
     .fallback = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help =
         "a change that is not above this is no improvement (the best model is the best "
         "all the same)"},
    CR_SCHEDULE_FROM_BEST(stopping_fields),
    {.key = "restore_best",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(stopping_fields, restore_best),
     .fallback = "true",
     .no_effect = true,
     .help = "end with the best model, and not with the last"},
};

typedef struct training_fields {
    int64_t epochs, batch_size;
    bool shuffle;
    double max_seconds, checkpoint_seconds;
    const cr_json *threads;
    int64_t shards;
} training_fields;

static const cr_option training_options[] = {
    {.key = "epochs",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(training_fields, epochs),
     .fallback = "10",
     .minimum = 1,
     .maximum = 1e9,
     .no_effect = true, /* on the steps that were done */
     .help = "passes over the training data"},
    {.key = "batch_size",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(training_fields, batch_size),
     .fallback = "32",
     .minimum = 1,
     .maximum = CR_LARGEST_DIMENSION,
     .help = "examples a step; an epoch's last batch may be smaller"},
    {.key = "shuffle",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(training_fields, shuffle),
     .fallback = "true",
     .help = "take the examples in a new order every epoch"},
    {.key = "max_seconds",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(training_fields, max_seconds),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .no_effect = true,
     .help = "stop after the step in which so much time is up"},
    {.key = "checkpoint_seconds",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(training_fields, checkpoint_seconds),
     .fallback = "30",
     .minimum = 0,
     .maximum = INFINITY,
     .no_effect = true,
     .help =
         "time between two checkpoints; there is one at the end in any case, and with "
         "0 no other"},
    {.key = "threads",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(training_fields, threads),
     .fallback = "\"auto\"",
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER,
     .expects = "\"auto\" or a whole number from 1 to 1024",
     .help = "threads to compute with; \"auto\" decides by the shapes and the number of "
             "cores"},
    {.key = "shards",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(training_fields, shards),
     .fallback = CR_OPTIONAL,
     .minimum = 1,
     .maximum = CR_MOST_SHARDS,
     .help =
         "a power of two: each step takes the same number of rows from so many fixed "
         "parts of the training data, which threads, or ranks of mpirun, share out; the "
         "result depends on this number and on neither of those. 1 without the key"},
};

static void read_optimizer(cr_reader *reader, cr_json *root, cr_optimizer *optimizer)
{
    cr_typed types[CR_MOST_TYPES];
    for (size_t i = 0; i < cr_optimizer_type_count; i++)
        types[i] = (cr_typed){cr_optimizer_types[i]->name, cr_optimizer_types[i]->options,
                              cr_optimizer_types[i]->option_count,
                              cr_optimizer_types[i]->options_size};
    int index =
        cr_typed_section_read(reader, root, "optimizer", "optimizer", "sgd", types,
                              cr_optimizer_type_count, NULL, &optimizer->options);
    optimizer->type = index < 0 ? NULL : cr_optimizer_types[index];
}

static void read_regularization(cr_reader *reader, cr_json *root, cr_experiment *e)
{
    regularization_fields fields = {0};
    cr_options_read_section(reader, root, "regularization", regularization_options,
                            CR_COUNT(regularization_options), &fields);
    e->penalty = fields.penalty;
    e->penalty_sum = fields.penalty;
    e->penalty_per_example = fields.per_example;
}

static void read_shards(cr_reader *reader, const cr_training_section *training)
{
    int64_t shards = training->shards;
    if (shards & (shards - 1))
        cr_reader_error(reader, "training.shards",
                        "found %" PRId64 ", expected a power of two: their gradients are "
                        "added up in pairs",
                        shards);
    else if (training->batch_size % shards != 0)
        cr_reader_error(reader, "training.shards",
                        "each of %" PRId64 " shards gives the same number of rows to a "
                        "step, but batch_size is %" PRId64 "; take a multiple of %" PRId64
                        ", such as %" PRId64,
                        shards, training->batch_size, shards,
                        (training->batch_size / shards + 1) * shards);
}

static void read_training(cr_reader *reader, cr_json *root, cr_training_section *training)
{
    training_fields fields = {0};
    cr_options_read_section(reader, root, "training", training_options,
                            CR_COUNT(training_options), &fields);
    training->epochs = fields.epochs;
    training->batch_size = fields.batch_size;
    training->shuffle = fields.shuffle;
    training->max_seconds = fields.max_seconds;
    training->checkpoint_seconds = fields.checkpoint_seconds;
    const cr_json *threads = fields.threads;
    bool automatic = cr_json_is(threads, CR_JSON_STRING);
    double number = threads && !automatic ? cr_json_number(threads) : 1;
    if (automatic && strcmp(cr_json_string(threads), "auto") != 0)
        cr_reader_error(
            reader, "training.threads",
            "found \"%.40s\", expected \"auto\" or a whole number from 1 to 1024",
            cr_json_string(threads));
    else if (number < 1 || number > 1024 || number != floor(number))
        cr_reader_error(reader, "training.threads",
                        "found %g, expected \"auto\" or a whole number from 1 to 1024",
                        number);
    training->threads = automatic ? 0 : (int)number;
    training->shards = fields.shards > 0 ? fields.shards : 1;
    read_shards(reader, training);
}

static void read_stopping(cr_reader *reader, cr_json *root, bool classify,
                          cr_stopping *stopping)
{
    stopping->monitor.metric = cr_metric_find("validation_loss");
    stopping->enabled = cr_json_get(root, "early_stopping") != NULL;
    if (!stopping->enabled)
        return;
    stopping_fields f = {0};
    if (!cr_options_read_section(reader, root, "early_stopping", stopping_options,
                                 CR_COUNT(stopping_options), &f))
        return;
    stopping->patience = (size_t)f.patience;
    stopping->min_delta = f.min_delta;
    stopping->from_best = f.from_best;
    stopping->restore_best = f.restore_best;
    stopping->enabled = cr_monitor_read(reader, "early_stopping.monitor", f.monitor,
                                        classify, &stopping->monitor);
}

/* Data and loss come together, or not at all where a graph alone will do. */
static void require(cr_reader *reader, const cr_json *root, const char *key,
                    unsigned load_for)
{
    bool graph = !cr_json_get(root, "data") && !cr_json_get(root, "loss");
    if (!cr_json_get(root, key) && !(graph && load_for & CR_LOAD_GRAPHS))
        cr_reader_error(reader, key, "this key is missing; expected an object such as %s",
                        strcmp(key, "data") == 0
                            ? "{\"train\": \"table.csv\", \"target\": -1}"
                            : "{\"type\": \"softmax\"}");
}

void cr_experiment_sections_read(cr_experiment *experiment, cr_reader *reader,
                                 cr_data_section *data_section, unsigned load_for)
{
    cr_json *root = reader->document->root;
    if (!cr_json_is(root, CR_JSON_OBJECT)) {
        cr_reader_error(reader, "",
                        "found %s, expected an object {…} with the sections of a config",
                        cr_json_kind_name(cr_json_kind_of(root)));
        return;
    }
    root_fields fields = {0};
    cr_option_group group = {root_options, CR_COUNT(root_options), &fields};
    cr_options_read(reader, "", root, &group, 1);
    experiment->has_sweep = cr_json_get(root, "sweep") != NULL;
    cr_json_remove(root, "sweep"); /* a run is one experiment */
    require(reader, root, "data", load_for);
    require(reader, root, "loss", load_for);
    experiment->seed = fields.seed;
    if (cr_json_get(root, "data")) {
        if (!(load_for & CR_LOAD_DATA_AS_READ))
            cr_data_section_read(reader, root, data_section);
        cr_augment_read(reader, cr_json_edit(root, "data"), &experiment->augment);
    }
    if (cr_json_get(root, "model"))
        cr_model_section_read(reader, root, &experiment->model.section);
    if (cr_json_get(root, "loss"))
        cr_loss_read(reader, root, &experiment->model.loss);
    read_regularization(reader, root, experiment);
    read_optimizer(reader, root, &experiment->optimizer);
    bool classify = !experiment->model.loss.type || experiment->model.loss.type->classify;
    cr_log_read(reader, root, &experiment->log);
    cr_schedule_read(reader, root, classify, &experiment->schedule);
    cr_options_read_section(reader, root, "gradient_clipping", clipping_options,
                            CR_COUNT(clipping_options), &experiment->clipping);
    read_stopping(reader, root, classify, &experiment->stopping);
    read_training(reader, root, &experiment->training);
}

void cr_experiment_sections_describe(cr_text *out)
{
    cr_text_add(out, "# Config reference\n\n"
                     "Printed by `chainrule check --keys` from the tables that configs "
                     "are checked against. A "
                     "key `comment` is allowed in every object.\n\n## Sections\n");
    cr_options_describe("The file", "A JSON object.", root_options,
                        CR_COUNT(root_options), out);
    cr_data_section_describe(out);
    cr_options_describe("regularization", "Added to the loss.", regularization_options,
                        CR_COUNT(regularization_options), out);
    cr_options_describe("gradient_clipping",
                        "Of the gradient of the whole loss, before the optimizer's own "
                        "terms. Without this section there is none.",
                        clipping_options, CR_COUNT(clipping_options), out);
    cr_options_describe("early_stopping",
                        "Without this section, all epochs are done; the best model by "
                        "validation loss is kept in any case.",
                        stopping_options, CR_COUNT(stopping_options), out);
    cr_options_describe("training", "How long, in what batches.", training_options,
                        CR_COUNT(training_options), out);
    cr_log_describe(out);
    cr_text_add(out,
                "\n## Augmentations\n\nThe `type` of an entry of `data.augment`. All "
                "work on raw values, before normalisation; what lies outside of an "
                "image is black, which is the raw value 0.\n");
    cr_augment_describe(out);
    cr_text_add(out, "\n## Layers\n");
    cr_model_section_describe(out);
    cr_text_add(out, "\n## Losses\n\nThe `type` of `loss`.\n");
    cr_loss_describe(out);
    cr_text_add(out, "\n## Optimizers\n\nThe `type` of `optimizer`; default `sgd`.\n");
    for (size_t i = 0; i < cr_optimizer_type_count; i++) {
        const cr_optimizer_type *type = cr_optimizer_types[i];
        cr_options_describe(type->name, type->summary, type->options, type->option_count,
                            out);
    }
    cr_text_add(out, "\n## Learning rate schedules\n\nThe `type` of "
                     "`learning_rate_schedule`; default `constant`. eta is the "
                     "optimizer's `learning_rate`, t the time since the warm-up.\n");
    cr_schedule_describe(out);
}
