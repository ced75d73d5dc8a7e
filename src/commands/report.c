/* chainrule report: a page to look at. */
#include "commands/reporting.h"

enum { OUT, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "FILE", "the page, such as report.html; - is standard output"},
};

static const char details[] =
    "DIR is a run's directory, a sweep's, or one with runs and sweeps in it; several "
    "are\n"
    "laid over one another. The page is one file that needs no network, and no server: "
    "it\n"
    "can be mailed. What is running, was interrupted or is damaged is shown as far as "
    "it\n"
    "can be read, and the page says what could not.\n"
    "\n"
    "Examples:\n"
    "  chainrule report runs/digits -o digits.html\n"
    "  chainrule report runs/digits runs/digits-2 -o both.html\n"
    "  chainrule report runs/digits_random -o sweep.html\n";

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const char *out = arguments->values[OUT];
    cr_error err = CR_ERROR_INIT;
    if (!out)
        return cr_command_usage(&cr_command_report,
                                "where to? -o FILE names the page: -o report.html");
    bool good = cr_reporting_write(context, out, (const char *const *)arguments->items,
                                   arguments->count, false, &err);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_report = {
    .name = "report",
    .arguments = "DIR... -o FILE",
    .summary = "One page about runs and sweeps, to look at in a browser.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .missing = "which DIR?",
    .run = run,
};
