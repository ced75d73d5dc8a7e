/* chainrule doctor: checks before a training. */
#include "inspect/doctor.h"
#include "commands/bar.h"
#include "commands/command.h"

#include <stdio.h>

static const char details[] =
    "A line each: ok, warning or failure, what was found, and what to do about it. "
    "Looks\n"
    "at the data, the untrained network and its gradients, learns twenty examples by\n"
    "heart, and trains for a while with learning rates around the config's: another one "
    "is\n"
    "proposed if the validation loss is clearly lower with it, with every seed. Computes "
    "in\n"
    "double precision; writes nothing. Exit status 1 if something failed.\n"
    "\n"
    "Examples:\n"
    "  chainrule doctor configs/digits.json\n"
    "  chainrule doctor mine.json optimizer.learning_rate=0.01\n";

/* Some checks take seconds: a terminal shows which one it is. */
static bool look(const cr_doctor_check *check, const cr_doctor *doctor,
                 cr_finding *finding, cr_error *err)
{
    cr_bar bar;
    cr_bar_line line = {0};
    cr_bar_begin(&bar, false);
    cr_bar_line_add(&line, 0, "%s ...", check->name);
    if (bar.terminal)
        cr_bar_draw(&bar, &line);
    bool good = check->run(doctor, finding, err);
    cr_bar_end(&bar);
    cr_bar_line_finish(&line);
    return good;
}

static bool print(const cr_doctor_check *check, const cr_doctor *doctor, size_t counts[3],
                  cr_error *err)
{
    static const char *const verdicts[] = {"ok", "warning", "failure"};
    cr_finding finding = {0};
    bool good = look(check, doctor, &finding, err);
    if (good && finding.text.failed)
        good = cr_fail(err, CR_E_MEMORY, "out of memory");
    if (good)
        cr_print("%-8s %-15s %s\n", verdicts[finding.verdict], check->name,
                 finding.text.data ? finding.text.data : "");
    fflush(stdout);
    counts[finding.verdict]++;
    cr_text_finish(&finding.text);
    return good;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    cr_error err = CR_ERROR_INIT;
    const cr_recipe recipe = cr_command_recipe(arguments, 0, CR_LOAD_ALL_GRADIENTS);
    cr_experiment *experiment = cr_command_load(&recipe, &err);
    const cr_doctor doctor = {experiment, &recipe, context->signal};
    size_t counts[3] = {0};
    bool good = experiment != NULL;
    for (size_t i = 0; good && i < cr_doctor_check_count && *context->signal == 0; i++)
        if (!cr_doctor_checks[i].applies || cr_doctor_checks[i].applies(&doctor))
            good = print(&cr_doctor_checks[i], &doctor, counts, &err);
    cr_experiment_destroy(experiment);
    if (*context->signal != 0)
        return 128 + (int)*context->signal;
    if (!good)
        return cr_command_error(&err);
    cr_print("%zu ok, %zu warning%s, %zu failure%s\n", counts[CR_VERDICT_OK],
             counts[CR_VERDICT_WARNING], counts[CR_VERDICT_WARNING] == 1 ? "" : "s",
             counts[CR_VERDICT_FAILURE], counts[CR_VERDICT_FAILURE] == 1 ? "" : "s");
    return counts[CR_VERDICT_FAILURE] ? CR_EXIT_FAILED : CR_EXIT_DONE;
}

const cr_command cr_command_doctor = {
    .name = "doctor",
    .arguments = "CONFIG [key.path=value ...]",
    .summary =
        "Checks before a training: the data, the first loss, the learning rate, ...",
    .details = details,
    .takes = CR_TAKES_CONFIG,
    .missing = "which CONFIG?",
    .in_float64 = true,
    .stops = "",
    .run = run,
};
