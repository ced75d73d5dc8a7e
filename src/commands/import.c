/* chainrule import: an ONNX file to a run directory. */
#include "exchange/import.h"
#include "commands/command.h"
#include "commands/figures.h"

#include <stdio.h>

enum { OUT, LOSS, CLASSES, TARGET, OUTPUT, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "DIR",
             "where the run goes (default: runs/<file name>, then -2, -3, …)"},
    [LOSS] =
        {0, "loss", "TYPE",
         "what the outputs are for (default: softmax or logistic where the file ends "
         "in a softmax or a sigmoid, svm where it names classes, else l2)"},
    [CLASSES] = {0, "classes", "NAMES",
                 "the names of the classes in the order of the outputs, with commas "
                 "between them (default: the file's, or 0, 1, …)"},
    [TARGET] = {0, "target", "NAMES",
                "the names of the targets' columns, where the file names its inputs "
                "(default: the output's)"},
    [OUTPUT] = {0, "output", "NAME",
                "of several outputs that tell different things, the one to take"},
};

static const char details[] =
    "FILE is what PyTorch, Keras (tf2onnx) or scikit-learn (skl2onnx) exports. What it\n"
    "does to its inputs before the first layer becomes the normalisation; a softmax or "
    "a\n"
    "sigmoid at the end becomes the loss. Data is named as in a config: then eval, "
    "trace\n"
    "and train have it too, and columns and classes have its names. Without data, a "
    "table's\n"
    "columns go by their place, inputs first.\n"
    "\n"
    "Training goes on from it: chainrule train DIR/config.json -o ANOTHER\n"
    "\n"
    "Examples:\n"
    "  chainrule import iris.onnx -o runs/iris data.train=iris.csv data.target=species\n"
    "  chainrule import digits.onnx --loss softmax -o runs/digits\n"
    "  chainrule import pets.onnx --loss softmax --classes cat,dog -o runs/pets\n";

static void print_summary(const char *path, const cr_experiment *experiment,
                          const cr_run *run)
{
    const cr_model *model = &experiment->model;
    char shape[CR_SHAPE_TEXT];
    const bool classify = model->encoding->classify;
    cr_print("%s: %zu layer%s, %zu parameters; %s in, %zu %s out (loss %s)\n", path,
             model->section.layer_count, model->section.layer_count == 1 ? "" : "s",
             model->network->parameter_count,
             cr_shape_format(&model->encoding->shape, shape),
             classify ? model->encoding->classes.count : cr_model_outputs(model),
             classify                       ? "classes"
             : cr_model_outputs(model) == 1 ? "value"
                                            : "values",
             model->loss.type->name);
    cr_print("  %s\n", run->path);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    const char *path = arguments->items[0];
    const cr_import_options options = {.output = values[OUTPUT],
                                       .loss = values[LOSS],
                                       .classes = values[CLASSES],
                                       .targets = values[TARGET],
                                       .overrides =
                                           (const char *const *)arguments->overrides,
                                       .override_count = arguments->override_count};
    cr_error err = CR_ERROR_INIT;
    cr_result result;
    cr_run directory = {0};
    cr_experiment *experiment = cr_import_experiment(path, &options, &err);
    if (experiment)
        cr_command_warn(cr_experiment_warnings(experiment));
    bool good = experiment &&
                cr_import_save(experiment, path, values[OUT], &directory, &result, &err);
    if (good) {
        print_summary(path, experiment, &directory);
        if (experiment->data)
            cr_figures_print(cr_part_names, result.parts, CR_PARTS,
                             experiment->model.loss.type->classify);
    }
    cr_run_finish(&directory);
    cr_experiment_destroy(experiment);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_import = {
    .name = "import",
    .arguments =
        "FILE.onnx [key.path=value ...] [-o DIR] [--loss TYPE] [--classes NAMES] "
        "[--target NAMES] [--output NAME]",
    .summary = "A network from an ONNX file, as a run.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_FILE,
    .missing = "which FILE?",
    .run = run,
};
