/* chainrule runs: what ran and how it came out. */
#include "base/memory.h"
#include "base/number.h"
#include "base/text_visible.h"
#include "commands/cells.h"
#include "commands/command.h"
#include "commands/suggest.h"
#include "sweep/ranking.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const formats[] = {"table", "csv", "json"};

enum { SORT, TOP, FORMAT, SPREADSHEET, FLAGS };
enum { DEFAULT_TOP = 20, CELL = 64, MOST_FAILURES = 5, MOST_DIFFERENCES = 8 };

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
    "DIR is a sweep's directory, a run's, or one with runs in it; several are read\n"
    "together, such as the parts of a sweep that was shared out with --shard.\n"
    "\n"
    "Examples:\n"
    "  chainrule runs runs/digits_grid\n"
    "  chainrule runs runs --sort validation_loss --top 5\n"
    "  chainrule runs parts/* --format csv > results.csv\n";

/* The end of a path that no other parameter has: "units" of model.layers.0.units. */
static const char *short_name(const cr_ranking *ranking, size_t parameter)
{
    const char *path = ranking->parameters[parameter].path;
    for (const char *end = path + strlen(path); end > path; end--) {
        if (end[-1] != '.' || (*end >= '0' && *end <= '9'))
            continue;
        size_t length = strlen(end), others = 0;
        for (size_t i = 0; i < ranking->parameter_count; i++) {
            const char *other = ranking->parameters[i].path;
            size_t size = strlen(other);
            others += i != parameter && size >= length &&
                      strcmp(other + size - length, end) == 0;
        }
        if (others == 0)
            return end;
    }
    return path;
}

/* A value for a cell: numbers with four digits, words without quotes. */
static void format_value(const char *json, char out[CELL])
{
    double number = 0;
    size_t length = json ? strlen(json) : 0;
    if (!json)
        snprintf(out, CELL, "-");
    else if (cr_number_parse(json, length, &number))
        snprintf(out, CELL, "%.4g", number);
    else if (json[0] == '"' && length >= 2)
        cr_text_visible(json + 1, length - 2, out, CELL);
    else
        cr_text_visible(json, length, out, CELL);
}

static void format_score(const cr_ranking_setting *s, char out[CELL])
{
    if (isnan(s->mean))
        snprintf(out, CELL, "-");
    else if (isnan(s->deviation))
        snprintf(out, CELL, "%.4f", s->mean);
    else
        snprintf(out, CELL, "%.4f ± %.4f", s->mean, s->deviation);
}

/* Columns in front of the parameters and behind them. */
enum { RANK, SCORE, TRIALS, FRONT };
enum { EPOCHS, SECONDS, RUN, BACK };

typedef struct table {
    char (*cells)[CELL]; /* [rows, columns] */
    size_t rows, columns, parameters;
} table;

static char *cell(const table *t, size_t row, size_t column)
{
    return t->cells[row * t->columns + column];
}

static void fill_text(const table *t, size_t row, size_t column, const char *text)
{
    cr_text_visible(text, strlen(text), cell(t, row, column), CELL);
}

static void fill_heading(const cr_ranking *ranking, const table *t)
{
    size_t back = FRONT + t->parameters;
    snprintf(cell(t, 0, RANK), CELL, "rank");
    snprintf(cell(t, 0, SCORE), CELL, "%s",
             ranking->list.metric ? ranking->list.metric : "-");
    snprintf(cell(t, 0, TRIALS), CELL, "trials");
    for (size_t i = 0; i < t->parameters; i++)
        fill_text(t, 0, FRONT + i, short_name(ranking, i));
    snprintf(cell(t, 0, back + EPOCHS), CELL, "epochs");
    snprintf(cell(t, 0, back + SECONDS), CELL, "time_s");
    snprintf(cell(t, 0, back + RUN), CELL, "model");
}

static void fill_row(const cr_ranking *ranking, const table *t, size_t setting)
{
    const cr_ranking_setting *s = &ranking->settings[setting];
    size_t row = setting + 1, back = FRONT + t->parameters;
    snprintf(cell(t, row, RANK), CELL, "%zu%s", setting + 1, s->tied ? " ≈" : "");
    format_score(s, cell(t, row, SCORE));
    if (s->valued == s->count)
        snprintf(cell(t, row, TRIALS), CELL, "%zu", s->count);
    else
        snprintf(cell(t, row, TRIALS), CELL, "%zu of %zu, %s", s->valued, s->count,
                 s->diverged ? "diverged"
                 : s->failed ? "failed"
                             : "no value");
    for (size_t i = 0; i < t->parameters; i++)
        format_value(s->values[i], cell(t, row, FRONT + i));
    snprintf(cell(t, row, back + EPOCHS), CELL, "%zu", s->epochs);
    snprintf(cell(t, row, back + SECONDS), CELL, "%.3g", s->seconds);
    fill_text(t, row, back + RUN, s->run ? s->run : "");
}

static int width_of(const char *text)
{
    return (int)cr_text_visible_width(text, strlen(text));
}

static bool is_blank(const table *t, size_t column)
{
    for (size_t row = 1; row < t->rows; row++)
        if (*cell(t, row, column))
            return false;
    return true;
}

static void print_cells(const table *t)
{
    for (size_t row = 0; row < t->rows; row++) {
        int behind = 0; /* spaces owed before the next cell */
        for (size_t column = 0; column < t->columns; column++) {
            if (is_blank(t, column))
                continue;
            int widest = 0;
            for (size_t i = 0; i < t->rows; i++)
                if (width_of(cell(t, i, column)) > widest)
                    widest = width_of(cell(t, i, column));
            const char *text = cell(t, row, column);
            cr_print("%*s%s", *text ? behind : 0, "", text);
            behind = (*text ? 0 : behind) + widest - width_of(text) + 2;
        }
        cr_print("\n");
    }
}

static void print_effects(const cr_ranking *ranking)
{
    bool first = true;
    for (size_t i = 0; i < ranking->parameter_count; i++) {
        cr_effect effects[CR_MOST_EFFECTS];
        size_t count = cr_ranking_effects(ranking, i, effects);
        if (count < 2 || ranking->setting_count <= count)
            continue;
        if (first)
            cr_print("\nmean %s over the settings with a value (their number):\n",
                     ranking->list.metric);
        first = false;
        cr_print("  %s:", ranking->parameters[i].path);
        for (size_t k = 0; k < count; k++) {
            char label[CELL];
            format_value(effects[k].label, label);
            if (isnan(effects[k].mean))
                cr_print("%s  %s - (0)", k ? "," : "", label);
            else
                cr_print("%s  %s %.4f (%zu)", k ? "," : "", label, effects[k].mean,
                         effects[k].settings);
        }
        cr_print("\n");
    }
}

static void warn_borders(const cr_ranking *ranking)
{
    for (size_t i = 0; i < ranking->parameter_count; i++) {
        bool upper = false;
        char text[512], value[CELL];
        if (!cr_ranking_on_border(ranking, i, &upper))
            continue;
        format_value(ranking->settings[0].values[i], value);
        snprintf(text, sizeof text,
                 "the best %.200s, %s, lies at the %s end of its range; widen it there",
                 ranking->parameters[i].path, value, upper ? "upper" : "lower");
        cr_command_warn(text);
    }
}

static void print_counts(const cr_ranking *ranking)
{
    size_t diverged = 0, failed = 0, tied = 0;
    for (size_t i = 0; i < ranking->setting_count; i++) {
        diverged += ranking->settings[i].diverged;
        failed += ranking->settings[i].failed;
        tied += ranking->settings[i].tied;
    }
    cr_print("%zu", ranking->list.count);
    if (ranking->list.expected > ranking->list.count)
        cr_print(" of %zu", ranking->list.expected);
    cr_print(" trial%s of %zu setting%s", ranking->list.count == 1 ? "" : "s",
             ranking->setting_count, ranking->setting_count == 1 ? "" : "s");
    if (diverged > 0)
        cr_print(", %zu diverged", diverged);
    if (failed > 0)
        cr_print(", %zu failed", failed);
    cr_print("; by %s, the %s first",
             ranking->list.metric ? ranking->list.metric : "no metric",
             ranking->list.maximize ? "highest" : "lowest");
    if (tied > 0)
        cr_print("; ≈: within the noise of the first");
    cr_print("\n");
}

static void print_failures(const cr_ranking *ranking)
{
    size_t shown = 0;
    for (size_t i = 0; i < ranking->list.count && shown < MOST_FAILURES; i++) {
        const cr_listed_trial *t = &ranking->list.trials[i];
        if (t->status == CR_TRIAL_FAILED && t->error && ++shown)
            cr_print("failed: %s seed %lld: %s\n", t->parameters, (long long)t->seed,
                     t->error);
    }
}

static bool print_table(const cr_ranking *ranking, size_t top, cr_error *err)
{
    /* runs that have nothing to do with each other differ in everything */
    size_t shown =
        ranking->list.expected > 0 || ranking->parameter_count <= MOST_DIFFERENCES
            ? ranking->parameter_count
            : MOST_DIFFERENCES;
    table t = {.rows = top + 1, .columns = FRONT + shown + BACK, .parameters = shown};
    t.cells = cr_alloc(t.rows * t.columns, sizeof *t.cells, err);
    if (!t.cells)
        return false;
    fill_heading(ranking, &t);
    for (size_t i = 0; i < top; i++)
        fill_row(ranking, &t, i);
    print_counts(ranking);
    print_cells(&t);
    if (top < ranking->setting_count)
        cr_print("… and %zu more; --top %zu shows all\n", ranking->setting_count - top,
                 ranking->setting_count);
    if (shown < ranking->parameter_count)
        cr_print("… and %zu more values that differ; --format csv has all\n",
                 ranking->parameter_count - shown);
    if (ranking->list.expected > 0)
        print_effects(ranking);
    print_failures(ranking);
    fflush(stdout);
    if (ranking->list.expected > 0)
        warn_borders(ranking);
    cr_free(t.cells);
    return true;
}

static void print_number(double number)
{
    char text[CR_NUMBER_TEXT];
    cr_print(",%s", isnan(number) ? "" : cr_number_format_double(number, text));
}

/* A word without its quotes, as it is. */
static void write_value(const cr_cells *cells, const char *json)
{
    cr_json *word = *json == '"' ? cr_json_parse(json, strlen(json)) : NULL;
    cr_print(",");
    cr_cells_write(cells, word ? cr_json_string(word) : json);
    cr_json_free(word);
}

static void print_rows(const cr_ranking *ranking, size_t top, bool spreadsheet)
{
    const cr_cells cells = cr_cells_begin(stdout, spreadsheet);
    cr_print("rank,%s,standard_deviation,trials,diverged,failed",
             ranking->list.metric ? ranking->list.metric : "value");
    for (size_t i = 0; i < ranking->parameter_count; i++) {
        cr_print(",");
        cr_cells_write(&cells, ranking->parameters[i].path);
    }
    cr_print(",epochs,time_s,tied,run\n");
    for (size_t i = 0; i < top; i++) {
        const cr_ranking_setting *s = &ranking->settings[i];
        cr_print("%zu", i + 1);
        print_number(s->mean);
        print_number(s->deviation);
        cr_print(",%zu,%zu,%zu", s->count, s->diverged, s->failed);
        for (size_t k = 0; k < ranking->parameter_count; k++)
            write_value(&cells, s->values[k] ? s->values[k] : "");
        cr_print(",%zu", s->epochs);
        print_number(s->seconds);
        cr_print(",%d,", s->tied);
        cr_cells_write(&cells, s->run ? s->run : "");
        cr_print("\n");
    }
}

static bool add_setting(const cr_ranking *ranking, const cr_ranking_setting *s,
                        cr_json *list)
{
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    cr_json *values = object ? cr_json_add(object, "parameters", CR_JSON_OBJECT) : NULL;
    bool good = values && cr_json_set_number(object, "mean", s->mean) &&
                cr_json_set_number(object, "standard_deviation", s->deviation) &&
                cr_json_set_number(object, "trials", (double)s->count) &&
                cr_json_set_number(object, "diverged", (double)s->diverged) &&
                cr_json_set_number(object, "failed", (double)s->failed) &&
                cr_json_set_number(object, "epochs", (double)s->epochs) &&
                cr_json_set_number(object, "time_s", s->seconds) &&
                cr_json_set_bool(object, "tied", s->tied) &&
                (!s->run || cr_json_set_string(object, "run", s->run));
    for (size_t i = 0; good && i < ranking->parameter_count; i++)
        good = !s->values[i] ||
               cr_json_set_text(values, ranking->parameters[i].path, s->values[i]);
    return good;
}

static bool print_json(const cr_ranking *ranking, size_t top, cr_error *err)
{
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = root &&
                cr_json_set_string(root, "metric",
                                   ranking->list.metric ? ranking->list.metric : "") &&
                cr_json_set_string(root, "goal",
                                   ranking->list.maximize ? "maximize" : "minimize") &&
                cr_json_set_number(root, "trials", (double)ranking->list.count);
    cr_json *list = good ? cr_json_add(root, "settings", CR_JSON_ARRAY) : NULL;
    good = list != NULL;
    for (size_t i = 0; good && i < top; i++)
        good = add_setting(ranking, &ranking->settings[i], list);
    good = good && cr_print_json(stdout, root, true);
    cr_json_free(root);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
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
    bool good = cr_ranking_read(&ranking, (const char *const *)arguments->items, count,
                                values[SORT], &err);
    size_t shown =
        (double)ranking.setting_count < top ? ranking.setting_count : (size_t)top;
    if (good && is_csv)
        print_rows(&ranking, shown, values[SPREADSHEET] != NULL);
    else if (good)
        good = is_table ? print_table(&ranking, shown, &err)
                        : print_json(&ranking, shown, &err);
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
