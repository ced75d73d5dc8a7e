/* chainrule check: is a config right, and what network does it make? */
#include "base/number.h"
#include "commands/command.h"
#include "commands/ranks_table.h"
#include "commands/remarks.h"
#include "data/encoding_summary.h"
#include "sweep/sweep_plan.h"

#include <stdio.h>
#include <string.h>

enum { KEYS, RANKS, LATENCY, BANDWIDTH, FLAGS };
enum { NAME_WIDTH = 16, TYPE_WIDTH = 16 }; /* columns; of the layers' names at least */

static const cr_flag flags[FLAGS] = {
    [KEYS] = {0, "keys", NULL, "print the reference of all config keys"},
    [RANKS] = {0, "ranks", "N",
               "measure a step, and estimate it over 2, 4, … N ranks of mpirun"},
    [LATENCY] = {0, "latency", "SECONDS", "between ranks, for that (default: 30e-6)"},
    [BANDWIDTH] = {0, "bandwidth", "BYTES", "a second between ranks (default: 1.1e9)"},
};

static const char details[] = "Prints, per layer, the shape of what it puts out, its "
                              "parameters and the floating-point\n"
                              "operations of a forward pass over one example, and the "
                              "memory of a training step;\n"
                              "exits with 2 if any config is wrong.\n";

/* Columns of the longest name of a layer. */
static int width_of_names(const cr_network *network)
{
    int width = NAME_WIDTH;
    for (size_t i = 0; i < network->node_count; i++) {
        int own = (int)strlen(network->nodes[i].name); /* letters, digits and _ */
        if (network->nodes[i].spec != CR_NO_SPEC && own > width)
            width = own;
    }
    return width;
}

static void print_layers(const cr_network *network)
{
    char shape[CR_SHAPE_TEXT];
    int width = width_of_names(network);
    cr_print("  %-*s %-*s %12s %12s %14s\n", width, "layer", TYPE_WIDTH, "type", "output",
             "parameters", "FLOPs/example");
    if (network->values[0].size > 0)
        cr_print("  %-*s %-*s %12s\n", width, "data", TYPE_WIDTH, "",
                 cr_shape_format(&network->values[0].shape, shape));
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        size_t parameters = 0;
        for (size_t k = 0; k < node->plan.parameter_count; k++)
            parameters += node->plan.parameters[k].size;
        if (node->spec != CR_NO_SPEC)
            cr_print("  %-*s %-*s %12s %12zu %14.0f\n", width, node->name, TYPE_WIDTH,
                     node->type->name,
                     cr_shape_format(&network->values[node->output].shape, shape),
                     parameters, node->plan.flops);
    }
}

/* How the training data was read. */
static void print_data(const cr_experiment *e)
{
    cr_text line = {0};
    const cr_dataset *train = e->data->parts[CR_PART_TRAIN].dataset;
    if (e->data->type->describe)
        e->data->type->describe(e->model.encoding, &line);
    else
        cr_encoding_summary_add_shape(e->model.encoding, train->bytes != NULL, &line);
    if (!line.failed)
        cr_print("  %s\n", line.data);
    cr_text_finish(&line);
}

/* What is done to the images of a training batch. */
static void print_augmentation(const cr_experiment *e)
{
    cr_text names = {0};
    cr_augment_names(&e->augment, &names);
    if (names.length > 0 && !names.failed)
        cr_print("  augmentation in training: %s\n", names.data);
    cr_text_finish(&names);
}

static void print_training(const cr_experiment *e)
{
    print_data(e);
    print_augmentation(e);
    cr_print("  loss %s, optimizer %s, threads %d; examples:", e->model.loss.type->name,
             e->optimizer.type->name, e->training.threads);
    for (int i = 0; i < CR_PARTS; i++)
        if (e->data->parts[i].dataset)
            cr_print(" %s %zu", cr_part_names[i], e->data->parts[i].count);
    cr_print("\n  FLOPs per example of a training step: %.0f\n",
             cr_network_flops(e->model.network, true));
}

static void print_memory(const cr_experiment *e, const cr_step_memory *memory)
{
    char text[CR_NUMBER_TEXT];
    cr_print("  memory of a %s, batch of %zu, %zu thread%s: %s\n",
             e->model.loss.type ? "training step" : "pass", memory->batch,
             memory->threads, memory->threads == 1 ? "" : "s",
             cr_number_format_bytes(memory->bytes, text));
    for (size_t i = 0, printed = 0; i < CR_STEP_MEMORY_PARTS; i++)
        if (memory->parts[i].bytes > 0)
            cr_print("%s%s %s", printed++ ? ", " : "    ", memory->parts[i].name,
                     cr_number_format_bytes(memory->parts[i].bytes, text));
    cr_print("\n");
}

static bool print_experiment(const char *path, const cr_experiment *e, cr_error *err)
{
    const cr_network *network = e->model.network;
    char parameters[CR_NUMBER_TEXT];
    cr_step_memory memory;
    if (!cr_step_memory_count(&memory, e, err))
        return false;
    (void)cr_remarks_on_memory(&memory, e);
    cr_print("%s\n", path);
    print_layers(network);
    cr_print("  %zu parameters (%s)\n", network->parameter_count,
             cr_number_format_bytes((double)network->parameter_count * sizeof(cr_real),
                                    parameters));
    print_memory(e, &memory);
    cr_print("  FLOPs per example of a forward pass: %.0f\n",
             cr_network_flops(network, false));
    if (e->model.loss.type)
        print_training(e);
    return true;
}

static int print_keys(void)
{
    cr_text reference = {0};
    cr_experiment_sections_describe(&reference);
    cr_sweep_section_describe(&reference);
    bool good = !reference.failed;
    if (good)
        cr_print_lines(stdout, reference.data);
    cr_text_finish(&reference);
    return good ? CR_EXIT_DONE : CR_EXIT_FAILED;
}

/* Whether every setting of the config's sweep is right, and how many there are. */
static bool print_sweep(const cr_recipe *recipe, cr_error *err)
{
    cr_text again = {0}; /* warnings that were printed before */
    cr_sweep_plan *plan = cr_sweep_plan_create(recipe, (cr_shard){0, 1}, &again, err);
    if (plan)
        cr_print("  sweep: %zu settings, %zu trials\n", plan->section.settings,
                 (plan->section.settings - plan->duplicates) *
                     plan->workload.trials_per_setting);
    cr_sweep_plan_destroy(plan);
    cr_text_finish(&again);
    return plan != NULL;
}

static bool print_ranks(const cr_arguments *arguments, cr_experiment *e, cr_error *err)
{
    const char *const *values = arguments->values;
    const cr_ranks_table table = {values[RANKS], values[LATENCY], values[BANDWIDTH]};
    return !table.ranks || cr_ranks_table_print(&table, e, err);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    int status = CR_EXIT_DONE;
    if (arguments->values[KEYS])
        return print_keys();
    if (arguments->count == 0)
        return cr_command_usage(&cr_command_check, "which CONFIG?");
    for (size_t i = 0; i < arguments->count; i++) {
        cr_error err = CR_ERROR_INIT;
        const cr_recipe recipe = cr_command_recipe(arguments, i, CR_LOAD_GRAPHS);
        cr_experiment *experiment = cr_command_load(&recipe, &err);
        if (!experiment || !print_experiment(recipe.path, experiment, &err) ||
            (experiment->has_sweep && !print_sweep(&recipe, &err)) ||
            !print_ranks(arguments, experiment, &err))
            status = cr_command_error(&err);
        cr_experiment_destroy(experiment);
    }
    return status;
}

const cr_command cr_command_check = {
    .name = "check",
    .arguments = "CONFIG... [key.path=value ...] [--ranks N [--latency SECONDS] "
                 "[--bandwidth BYTES]] | --keys",
    .summary = "Validate configs; print shapes, parameters, bytes and FLOPs per example.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIGS,
    .run = run,
};
