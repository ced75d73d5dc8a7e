/* chainrule runs: what ran and how it came out. */
#include "base/number.h"
#include "commands/command.h"
#include "commands/runs_table.h"
#include "commands/suggest.h"
#include "sweep/store.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const formats[] = {"table", "csv", "json"};

enum { SORT, TOP, FORMAT, SPREADSHEET, FLAGS };
enum { DEFAULT_TOP = 20 };

static const cr_flag flags[FLAGS] = {
    [SORT] =
        {0, "sort", "METRIC",
         "rank by this, such as validation_loss, test_accuracy, time_s or, of single "
         "runs, a column of metrics.csv (default: the sweep's metric)"},
    [TOP] = {0, "top", "N",
             "show the best N settings (default: 20 in a table, else all)"},
    [FORMAT] = {0, "format", "FORMAT", "table, csv or json (default: table)"},
    [SPREADSHEET] = CR_CELLS_FLAG,
};

static const char details[] =
    "DIR is a sweep's directory, a run's, or one with runs and sweeps in it; several "
    "are\n"
    "read together, such as the parts of a sweep that was shared out with --shard. Runs\n"
    "and sweeps are running, interrupted, completed, stopped_early, diverged or failed;\n"
    "a run that has not ended has no value. The table shows what a line holds of what\n"
    "differs between single runs; CSV and JSON have everything.\n"
    "\n"
    "Examples:\n"
    "  chainrule runs runs/digits_grid\n"
    "  chainrule runs runs --sort validation_loss --top 5\n"
    "  chainrule runs parts/* --format csv > results.csv\n";

/* Those that were named, whose trials are ranked, and behind them those that were found.
 */
static bool list_sweeps(const cr_ranking *ranking, const cr_arguments *arguments,
                        cr_sweep_list *sweeps, size_t *ranked, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < arguments->count; i++)
        if (cr_store_exists(arguments->items[i]))
            good = cr_sweep_list_add(sweeps, arguments->items[i], false, err);
    *ranked = sweeps->count;
    for (size_t i = 0; good && i < ranking->list.sweep_count; i++)
        good = cr_sweep_list_add(sweeps, ranking->list.sweeps[i], true, err);
    return good;
}

static bool print_tables(const cr_ranking *ranking, size_t top,
                         const cr_sweep_list *sweeps, size_t ranked, cr_error *err)
{
    bool good = true;
    if (ranking->list.count > 0 || ranked > 0)
        good = cr_runs_table_print(ranking, top, err);
    if (ranking->list.count > 0 && sweeps->count > ranked)
        cr_print("\n");
    return good && cr_runs_table_print_sweeps(sweeps, ranked, err);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    size_t count = arguments->count;
    const char *format = values[FORMAT] ? values[FORMAT] : "table";
    bool is_table = strcmp(format, "table") == 0, is_csv = strcmp(format, "csv") == 0;
    double top = is_table ? DEFAULT_TOP : INFINITY;
    if (!is_table && !is_csv && strcmp(format, "json") != 0)
        return cr_suggest_unknown(&cr_command_runs, "format", format, formats,
                                  CR_COUNT(formats));
    if (values[TOP] && (!cr_number_parse(values[TOP], strlen(values[TOP]), &top) ||
                        !(top >= 1) || top != floor(top)))
        return cr_command_usage(
            &cr_command_runs, "--top %s: expected a whole number from 1 on", values[TOP]);
    cr_error err = CR_ERROR_INIT;
    cr_ranking ranking;
    cr_sweep_list sweeps = {0};
    size_t ranked = 0;
    const cr_cells cells = cr_cells_begin(stdout, values[SPREADSHEET] != NULL);
    bool good = cr_ranking_read(&ranking, (const char *const *)arguments->items, count,
                                values[SORT], &err) &&
                list_sweeps(&ranking, arguments, &sweeps, &ranked, &err);
    size_t shown =
        (double)ranking.setting_count < top ? ranking.setting_count : (size_t)top;
    if (good && is_csv)
        cr_runs_export_csv(&cells, &ranking, &sweeps, ranked, shown);
    else if (good)
        good = is_table ? print_tables(&ranking, shown, &sweeps, ranked, &err)
                        : cr_runs_export_json(&ranking, &sweeps, shown, &err);
    cr_sweep_list_finish(&sweeps);
    cr_ranking_finish(&ranking);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_runs = {
    .name = "runs",
    .arguments = "DIR... [--sort METRIC] [--top N] [--format table|csv|json]",
    .summary = "Rank what ran: trials of sweeps, and single runs.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .missing = "which DIR?",
    .run = run,
};
