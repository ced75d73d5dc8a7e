#include "train/experiment.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "config/document.h"
#include "data/sources/memory.h"
#include "graph/safetensors.h"
#include "math/blas.h"
#include "train/class_rows.h"
#include "train/experiment_sections.h"
#include "train/threads.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A squashed or clipped score is legal, and surely a mistake, in front of a loss that
 * wants raw scores. */
static void warn_activation(cr_reader *reader, const cr_experiment *experiment)
{
    const cr_network *network = experiment->model.network;
    const cr_node *last = &network->nodes[network->node_count - 1];
    if (experiment->model.loss.type->classify && last->type->activation)
        cr_reader_warn(reader, experiment->model.section.layers[last->spec].path,
                       "\"%s\" stands right before the loss \"%s\", which takes raw "
                       "scores; remove this "
                       "layer",
                       last->name, experiment->model.loss.type->name);
}

static void warn_frozen(cr_reader *reader, const cr_network *network)
{
    if (!cr_network_is_trained(network))
        cr_reader_warn(reader, "model.layers",
                       "no layer has parameters to train: training changes nothing");
}

/* A batch of one example has no statistics: every value is its own mean. A channel of
 * several places has. */
static void warn_batch_of_one(cr_reader *reader, const cr_experiment *e)
{
    const cr_network *network = e->model.network;
    size_t shards = (size_t)e->training.shards;
    size_t rows = e->data->parts[CR_PART_TRAIN].count / shards;
    size_t batch = (size_t)e->training.batch_size / shards;
    bool all = batch == 1 || rows == 1;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        bool alone = node->type->rows_depend && (all || rows % batch == 1);
        if (!alone || cr_shape_plane(&node->input_shapes[0]) > 1)
            continue;
        cr_reader_warn(reader, "training.batch_size",
                       "%s has one example to normalize in %s, and makes its values all "
                       "alike; take a batch_size that leaves none alone (now %zu, of "
                       "%zu rows%s)",
                       node->name, all ? "every batch" : "an epoch's last batch", batch,
                       rows, shards > 1 ? " in each shard" : "");
        return;
    }
}

static void check_shards(cr_reader *reader, const cr_experiment *e)
{
    size_t rows = e->data->parts[CR_PART_TRAIN].count;
    if (rows < (size_t)e->training.shards)
        cr_reader_error(reader, "training.shards",
                        "%" PRId64
                        " shards of %zu rows: some would have none; take fewer",
                        e->training.shards, rows);
}

static bool load_weights(cr_experiment *experiment, const cr_recipe *recipe,
                         cr_error *err)
{
    const char *path = experiment->model.section.weights;
    if (!path || recipe->load_for & CR_LOAD_SOME_ROWS)
        return true;
    cr_safetensors file = {0};
    const cr_given_file *given = NULL;
    char *whole = cr_path_absolute(path, err);
    for (size_t i = 0; whole && !given && i < recipe->file_count; i++)
        if (strcmp(recipe->files[i].name, whole) == 0)
            given = &recipe->files[i];
    bool good = whole && (given ? cr_safetensors_parse(&file, path, given->bytes,
                                                       given->length, err)
                                : cr_safetensors_read(&file, path, err));
    cr_free(whole);
    good = good && cr_safetensors_load(&file, experiment->model.network, err);
    experiment->weights_crc32 = file.crc32;
    cr_safetensors_finish(&file);
    return good;
}

/* What a schedule or early stopping watches has to be there, and to have a value. */
static void check_monitor(cr_reader *reader, const char *path, const cr_monitor *monitor,
                          const cr_experiment *e)
{
    bool defined = true;
    const cr_metric *metric = &monitor->metric;
    const cr_monitored of = {.log = &e->log, .model = &e->model, .data = e->data};
    if (!e->data->parts[metric->part].dataset)
        cr_reader_error(reader, path,
                        "there is no validation part to take %s of; add data.validation, "
                        "or watch train_loss",
                        metric->name);
    else if (cr_monitor_is_defined(monitor, &of, &defined, reader->err) && !defined)
        cr_reader_error(reader, path,
                        "%s has no value: the targets of the %s part are all alike; "
                        "watch another metric, or choose another part",
                        metric->name, cr_part_names[metric->part]);
    else
        cr_class_rows_warn_monitor(reader, path, monitor, e);
}

/* When the log has its columns. */
static bool check_monitors(cr_reader *reader, const cr_experiment *e)
{
    if (e->schedule.type->watches)
        check_monitor(reader, "learning_rate_schedule.monitor", &e->schedule.monitor, e);
    if (e->stopping.enabled)
        check_monitor(reader, "early_stopping.monitor", &e->stopping.monitor, e);
    return reader->err->count == 0;
}

static void resolve_schedule(cr_experiment *e, cr_reader *reader)
{
    size_t rows = e->data->parts[CR_PART_TRAIN].count;
    size_t batch = (size_t)e->training.batch_size;
    cr_schedule_resolve(&e->schedule, reader, cr_experiment_learning_rate(e),
                        (size_t)e->training.epochs, (rows + batch - 1) / batch);
}

/* The penalty of a whole batch, where it is divided by its examples. */
static void resolve_penalty(cr_experiment *e)
{
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    double batch = fmin((double)e->training.batch_size, (double)train->count);
    double weight = batch * cr_part_weight(train) / (double)train->count;
    if (!e->penalty_per_example)
        return;
    e->penalty.l2 /= weight;
    e->penalty.l1 /= weight;
}

static bool resolve_threads(cr_experiment *experiment, cr_error *err)
{
    cr_training_section *training = &experiment->training;
    bool automatic = training->threads == 0;
    if (automatic)
        training->threads =
            cr_threads_choose(experiment->model.network, (size_t)training->batch_size,
                              cr_blas_processors());
    if (automatic && training->shards > 1) /* of which the result does not depend */
        return true;
    cr_json *section = cr_json_edit(experiment->model.document.root, "training");
    return cr_json_set_number(section, "threads", training->threads) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool check_targets(const cr_experiment *experiment, cr_error *err)
{
    for (size_t i = 0; i < CR_PARTS; i++)
        if (!cr_loss_check_targets(experiment->model.loss.type,
                                   &experiment->data->parts[i], cr_part_names[i], err))
            return false;
    return true;
}

/* What depends on the rows. */
static bool look_at_rows(cr_reader *reader, cr_experiment *e, unsigned load_for)
{
    bool all = !(load_for & CR_LOAD_SOME_ROWS);
    if (all)
        cr_class_rows_warn(reader, e);
    if (e->data == &e->own_data) /* not a handful of its rows */
        check_shards(reader, e);
    if (!cr_log_resolve(&e->log, reader, &e->model, e->data) ||
        (all && !check_monitors(reader, e)))
        return false;
    resolve_schedule(e, reader);
    if (all)
        resolve_penalty(e);
    return true;
}

static bool load_data(cr_experiment *experiment, cr_reader *reader,
                      const cr_data_section *data_section)
{
    cr_model *model = &experiment->model;
    if (!experiment->data) {
        experiment->data = &experiment->own_data;
        if (model->loss.type && !cr_data_load(experiment->data, reader, data_section,
                                              cr_loss_targets(model->loss.type), NULL))
            return false;
    }
    model->encoding = &experiment->data->encoding;
    if (!model->loss.type)
        return true;
    if (cr_loss_fits(model->loss.type, model->encoding))
        return check_targets(experiment, reader->err);
    bool binary = model->loss.type->binary;
    cr_reader_error(
        reader, "loss.type",
        "the data was loaded for targets that are %s; the loss \"%s\" takes %s",
        !model->encoding->classify ? "numbers"
        : binary                   ? "more than two classes"
                                   : "classes",
        model->loss.type->name,
        binary                       ? "two classes"
        : model->loss.type->classify ? "classes"
                                     : "numbers");
    return false;
}

static bool assemble(cr_experiment *experiment, cr_reader *reader,
                     const cr_recipe *recipe)
{
    cr_data_section data_section = {0};
    cr_model *model = &experiment->model;
    unsigned load_for = recipe->load_for;
    experiment->data = recipe->data;
    cr_experiment_sections_read(experiment, reader, &data_section, load_for);
    for (size_t i = 0; i < CR_PARTS; i++)
        data_section.sources[i].spills = load_for & CR_LOAD_SPILLED;
    cr_memory_attach(data_section.sources, recipe->arrays, CR_PARTS);
    if (reader->err->count > 0 || !load_data(experiment, reader, &data_section))
        return false;
    const cr_encoding *encoding = model->loss.type ? model->encoding : NULL;
    if (encoding &&
        !cr_augment_fit(reader, &experiment->augment, &encoding->shape,
                        experiment->data->parts[CR_PART_TRAIN].dataset->bytes != NULL))
        return false;
    if (encoding && !cr_loss_weigh(reader, model->document.root, encoding,
                                   &experiment->data->parts[CR_PART_TRAIN], &model->loss))
        return false;
    size_t targets = encoding ? cr_model_targets(&model->loss, encoding) : 0;
    model->network =
        cr_network_create(reader, &model->section, encoding ? &encoding->shape : NULL,
                          targets, load_for & CR_LOAD_ALL_GRADIENTS);
    if (!model->network)
        return false;
    if (model->loss.type) {
        warn_activation(reader, experiment);
        warn_frozen(reader, model->network);
        warn_batch_of_one(reader, experiment);
        if (!look_at_rows(reader, experiment, load_for))
            return false;
    }
    if (!(load_for & CR_LOAD_TO_CHECK))
        cr_network_init(model->network, (uint64_t)experiment->seed, recipe->draws);
    return load_weights(experiment, recipe, reader->err) &&
           resolve_threads(experiment, reader->err);
}

bool cr_experiment_read_document(cr_document *document, const cr_recipe *recipe,
                                 cr_error *err)
{
    if (recipe->document)
        return cr_document_copy(document, recipe->document, err);
    if (!recipe->text)
        return cr_document_read(document, recipe->path, err);
    char *text = cr_text_copy(recipe->text, strlen(recipe->text), err);
    return text && cr_document_parse(document, recipe->path, text, strlen(text),
                                     CR_E_CONFIG, err);
}

cr_experiment *cr_experiment_create(const cr_recipe *recipe, cr_error *err)
{
    cr_error own = CR_ERROR_INIT; /* counting errors must work for a caller without
                                     interest in them */
    cr_experiment *experiment = cr_alloc(1, sizeof *experiment, err);
    if (!experiment)
        return NULL;
    cr_reader reader = {.document = &experiment->model.document,
                        .elsewhere = recipe->elsewhere,
                        .err = err ? err : &own,
                        .warnings = &experiment->warnings,
                        .no_effect = &experiment->no_effect};
    bool good = cr_experiment_read_document(reader.document, recipe, reader.err);
    for (size_t i = 0; good && i < recipe->override_count; i++)
        good = cr_document_override(reader.document, recipe->overrides[i], reader.err);
    good = good && (!recipe->arrays ||
                    cr_memory_name(reader.document->root, recipe->arrays, reader.err));
    reader.directory = good ? cr_path_directory(recipe->path, reader.err) : NULL;
    good = reader.directory && assemble(experiment, &reader, recipe);
    cr_free(reader.directory);
    if (good)
        return experiment;
    cr_experiment_destroy(experiment);
    return NULL;
}

cr_experiment *cr_experiment_load(const char *path, const char *const *overrides,
                                  size_t count, cr_error *err)
{
    return cr_experiment_create(
        &(cr_recipe){.path = path, .overrides = overrides, .override_count = count}, err);
}

cr_experiment *cr_experiment_parse(const char *text, const cr_arrays *data,
                                   const char *const *overrides, size_t count,
                                   cr_error *err)
{
    return cr_experiment_create(&(cr_recipe){.path = "config",
                                             .text = text,
                                             .overrides = overrides,
                                             .override_count = count,
                                             .arrays = data},
                                err);
}

void cr_experiment_destroy(cr_experiment *experiment)
{
    if (!experiment)
        return;
    cr_model_finish(&experiment->model);
    cr_data_finish(&experiment->own_data);
    cr_augment_finish(&experiment->augment);
    cr_free(experiment->optimizer.options);
    cr_free(experiment->schedule.options);
    cr_log_finish(&experiment->log);
    cr_text_finish(&experiment->warnings);
    cr_text_finish(&experiment->no_effect);
    cr_free(experiment);
}

const char *cr_experiment_warnings(const cr_experiment *experiment)
{
    return experiment->warnings.data ? experiment->warnings.data : "";
}

const char *cr_experiment_log_column(const cr_experiment *experiment, size_t i)
{
    return i < experiment->log.count ? experiment->log.columns[i].name : NULL;
}

cr_model *cr_experiment_model(cr_experiment *experiment)
{
    return &experiment->model;
}

double cr_experiment_learning_rate(const cr_experiment *experiment)
{
    double learning_rate = 0; /* every optimizer's options begin with it */
    memcpy(&learning_rate, experiment->optimizer.options, sizeof learning_rate);
    return learning_rate;
}

double cr_experiment_penalty(const cr_experiment *experiment)
{
    return cr_penalty_value(&experiment->penalty, experiment->model.network);
}
