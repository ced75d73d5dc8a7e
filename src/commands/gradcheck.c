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
    "Every parameter, every layer's output and the input are varied, in double "
    "precision, and the\n"
    "difference quotient is compared with the gradient that backpropagation gives:\n"
    "error = |a - n| / (|a| + |n|) per tensor; above 1e-6 it fails, with exit status 1. "
    "Values too\n"
    "close to a kink (of relu, say) for a difference quotient are left out and "
    "counted.\n";

typedef struct tally {
    size_t tensors, failed, all_zero;
} tally;

static void print(void *user, const cr_gradcheck *found)
{
    tally *t = user;
    bool good = found->error <= CR_GRADCHECK_TOLERANCE;
    t->tensors++;
    t->failed += !good;
    t->all_zero += good && found->norm == 0;
    cr_print("%-24s %10zu %8zu %6zu %12.3e  %s\n", found->tensor, found->size,
             found->checked, found->kinks, found->error,
             !good              ? "WRONG"
             : found->norm == 0 ? "ok, but all zero"
                                : "ok");
    if (!good)
        cr_print("  value %zu: analytic %.9g, numerical %.9g\n", found->worst,
                 found->worst_analytic, found->worst_numerical);
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

static bool check(cr_experiment *e, size_t rows, size_t sample, tally *t, cr_error *err)
{
    const cr_loss_type *loss = e->model.loss.type;
    size_t most = loss ? e->data->parts[CR_PART_TRAIN].count : 1;
    rows = rows < most ? rows : most;
    cr_evaluator *evaluator = cr_evaluator_create(&e->model, rows, 1, true, err);
    if (!evaluator)
        return false;
    if (loss)
        gather(e, evaluator, rows);
    cr_print("%-24s %10s %8s %6s %12s\n", "tensor", "values", "checked", "kinks",
             "error");
    bool good = cr_gradcheck_run(evaluator, loss, rows, sample, (uint64_t)e->seed,
                                 &e->penalty, print, t, err);
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
    tally t = {0};
    bool good = experiment && check(experiment, rows, sample, &t, &err);
    cr_experiment_destroy(experiment);
    if (!good)
        return cr_command_error(&err);
    cr_print("%zu tensors, %zu wrong (error above %g)\n", t.tensors, t.failed,
             CR_GRADCHECK_TOLERANCE);
    return t.failed ? CR_EXIT_FAILED : CR_EXIT_DONE;
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
