/* chainrule gradcheck: analytic against numerical gradients, in double precision. */
#include "inspect/gradcheck.h"
#include "base/number.h"
#include "base/text.h"
#include "commands/command.h"
#include "train/experiment.h"

#include <stdio.h>
#include <string.h>

enum { ROWS, SAMPLE, FLAGS };

static const cr_flag flags[FLAGS] = {
    [ROWS] = {0, "rows", "N", "examples in the batch (default 8)"},
    [SAMPLE] =
        {0, "sample", "N",
         "values to check of each tensor, drawn by the seed; 0: all (default 200)"},
};

static const char details[] =
    "First every layer by itself, and the loss: a random upstream gradient u is passed "
    "back\n"
    "through it alone, at the values that it has in the network, and compared with the\n"
    "difference quotients of <u, layer(x)> over its inputs and parameters. A layer that "
    "is\n"
    "WRONG here has a wrong backward or gradient of its own.\n"
    "\n"
    "Then every tensor in the network: parameters, layers' outputs and the input are "
    "varied,\n"
    "and the quotients of the loss are compared with what backpropagation gives. A wrong "
    "layer\n"
    "makes all that lies before it wrong; where no layer is, it is how they are wired.\n"
    "\n"
    "error = |a - n| / (|a| + |n|) of a tensor (of a layer: its worst one), a analytic, "
    "n\n"
    "numerical, in double precision. Above 1e-6 it is wrong, with exit status 1, unless "
    "the\n"
    "rounding of the function alone may make up the difference. Values beside a kink (of "
    "relu,\n"
    "say) are left out and counted; when all are, a tensor is \"not checked\".\n";

/* Of layers and of tensors. */
typedef struct tally {
    size_t count, wrong, not_checked;
} tally;

typedef struct output {
    tally layers, tensors;
    bool loss;          /* is counted as a layer */
    size_t unexplained; /* wrong tensors, though all layers behind are right */
    cr_text wrong;      /* the layers that are, ", " between */
} output;

static void print_verdict(const cr_gradcheck *found)
{
    if (found->verdict == CR_GRADCHECK_WRONG)
        cr_print("WRONG");
    else if (found->verdict == CR_GRADCHECK_NOT_CHECKED)
        cr_print("not checked: each of %zu values is beside a kink", found->kinks);
    else if (found->kinks > 0)
        cr_print("ok, %zu of %zu values (%zu beside a kink)", found->checked,
                 found->checked + found->kinks, found->kinks);
    else
        cr_print("ok");
    cr_print("%s\n", found->verdict == CR_GRADCHECK_OK && found->norm == 0
                         ? ", but all zero"
                         : "");
}

/* Where the largest difference is, and whose fault. */
static void print_fault(const cr_gradcheck *found)
{
    if (found->worst_parameter)
        cr_print("  its gradient is wrong: value %zu of %s", found->worst,
                 found->worst_parameter);
    else if (found->worst_input)
        cr_print("  its backward is wrong: value %zu of its input %s", found->worst,
                 found->worst_input);
    else
        cr_print("  value %zu", found->worst);
    cr_print(": analytic %.9g, numerical %.9g%s%s\n", found->worst_analytic,
             found->worst_numerical, found->cause ? "; because of " : "",
             found->cause ? found->cause : "");
}

static void print(void *user, const cr_gradcheck *found)
{
    output *o = user;
    bool alone = found->kind == CR_GRADCHECK_LAYER || found->kind == CR_GRADCHECK_LOSS;
    tally *t = alone ? &o->layers : &o->tensors;
    bool wrong = found->verdict == CR_GRADCHECK_WRONG;
    char label[80];
    snprintf(label, sizeof label,
             found->kind == CR_GRADCHECK_LOSS ? "loss (%.60s)" : "%.70s", found->tensor);
    if (t->count++ == 0)
        cr_print("%-24s %10s %8s %6s %12s\n",
                 alone ? "layer by itself" : "tensor in the network", "values", "checked",
                 "kinks", "error");
    o->loss |= found->kind == CR_GRADCHECK_LOSS;
    t->wrong += wrong;
    t->not_checked += found->verdict == CR_GRADCHECK_NOT_CHECKED;
    o->unexplained += wrong && !alone && !found->cause;
    if (alone && wrong)
        cr_text_add(&o->wrong, "%s%s", o->wrong.length ? ", " : "", found->layer);
    cr_print("%-24s %10zu %8zu %6zu %12.3e  ", label, found->size, found->checked,
             found->kinks, found->error);
    print_verdict(found);
    if (wrong)
        print_fault(found);
}

static void print_tally(const tally *t, const char *what, const char *names)
{
    cr_print("%zu %s, %zu wrong%s%s", t->count, what, t->wrong, names ? ": " : "",
             names ? names : "");
    if (t->not_checked)
        cr_print(", %zu not checked", t->not_checked);
}

static void print_end(const output *o)
{
    if (o->unexplained)
        cr_print(
            "%zu of the wrong tensors have no wrong layer behind them: look at how the "
            "layers are wired\n",
            o->unexplained);
    print_tally(&o->layers, o->loss ? "layers with the loss" : "layers", o->wrong.data);
    cr_print("; ");
    print_tally(&o->tensors, "tensors", NULL);
    cr_print(" (error above %g)\n", CR_GRADCHECK_TOLERANCE);
}

/* A batch spread over the training part, which may be sorted by class. */
static void gather(const cr_experiment *e, cr_evaluator *evaluator, size_t rows)
{
    const cr_part *part = &e->data->parts[CR_PART_TRAIN];
    for (size_t i = 0; i < rows; i++)
        evaluator->order[i] = (uint32_t)cr_part_row(part, i * part->count / rows);
    cr_batch_gather(part->dataset, evaluator->order, rows,
                    evaluator->workspace->values[0], &evaluator->loss.targets);
}

static bool check(cr_experiment *e, size_t rows, size_t sample, output *o, cr_error *err)
{
    const cr_loss_type *loss = e->model.loss.type;
    size_t most = loss ? e->data->parts[CR_PART_TRAIN].count : 1;
    rows = rows < most ? rows : most;
    cr_evaluator *evaluator = cr_evaluator_create(&e->model, rows, 1, true, err);
    if (!evaluator)
        return false;
    if (loss)
        gather(e, evaluator, rows);
    bool good = cr_gradcheck_run(evaluator, loss, rows, sample, (uint64_t)e->seed,
                                 &e->penalty, print, o, err);
    cr_evaluator_destroy(evaluator);
    return good;
}

static bool read_count(const char *text, size_t fallback, size_t least, size_t *count)
{
    double number = (double)fallback;
    bool good = !text || cr_number_parse(text, strlen(text), &number);
    if (!good || number < (double)least || number > 1e9 ||
        number != (double)(size_t)number)
        return false;
    *count = (size_t)number;
    return true;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    size_t rows = 0, sample = 0;
    if (!read_count(values[ROWS], 8, 1, &rows) ||
        !read_count(values[SAMPLE], 200, 0, &sample))
        return cr_command_usage(&cr_command_gradcheck,
                                "--rows and --sample take whole numbers");
    cr_error err = CR_ERROR_INIT;
    const cr_recipe recipe =
        cr_command_recipe(arguments, 0, CR_LOAD_ALL_GRADIENTS | CR_LOAD_GRAPHS);
    cr_experiment *experiment = cr_command_load(&recipe, &err);
    output o = {0};
    bool good = experiment && check(experiment, rows, sample, &o, &err);
    cr_experiment_destroy(experiment);
    if (good)
        print_end(&o);
    cr_text_finish(&o.wrong);
    if (!good)
        return cr_command_error(&err);
    return o.layers.wrong + o.tensors.wrong ? CR_EXIT_FAILED : CR_EXIT_DONE;
}

const cr_command cr_command_gradcheck = {
    .name = "gradcheck",
    .arguments = "CONFIG [key.path=value ...] [--rows N] [--sample N]",
    .summary = "Analytic against numerical gradient, every layer and parameter.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIG,
    .missing = "which CONFIG?",
    .in_float64 = true,
    .run = run,
};
