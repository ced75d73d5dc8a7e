#include "commands/runs_table.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text_visible.h"
#include "commands/command.h"
#include "commands/runs_columns.h"
#include "commands/terminal.h"
#include "commands/text_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CELL = CR_TEXT_CELL, MOST_FAILURES = 5, NAMED_WIDTH = 50 };
enum { WIDEST_VALUE = 24 }; /* characters of a single run's value */

/* A value: numbers with four digits, words without quotes. */
static void format_into(const char *json, char *out, size_t size)
{
    double number = 0;
    size_t length = json ? strlen(json) : 0;
    if (!json)
        snprintf(out, size, "-");
    else if (cr_number_parse(json, length, &number))
        snprintf(out, size, "%.4g", number);
    else if (json[0] == '"' && length >= 2)
        cr_text_visible(json + 1, length - 2, out, size);
    else
        cr_text_visible(json, length, out, size);
}

static void format_value(const char *json, char out[CELL])
{
    format_into(json, out, CELL);
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
enum { RANK, SCORE, TRIALS, STATE, DATA, FRONT };
enum { EPOCHS, SECONDS, RUN, BACK };

static void fill_heading(const cr_ranking *ranking, cr_text_table *t)
{
    size_t back = FRONT + ranking->parameter_count;
    cr_text_table_set(t, 0, RANK, "rank");
    cr_text_table_set(t, 0, SCORE, "%s",
                      ranking->list.metric ? ranking->list.metric : "-");
    cr_text_table_set(t, 0, TRIALS, "%s",
                      cr_runs_columns_of_sweeps(ranking) ? "trials" : "runs");
    cr_text_table_set(t, 0, STATE, "state");
    cr_text_table_set(t, 0, DATA, "data");
    for (size_t i = 0; i < ranking->parameter_count; i++)
        cr_text_table_set(t, 0, FRONT + i, "%s", cr_runs_columns_name(ranking, i));
    cr_text_table_set(t, 0, back + EPOCHS, "epochs");
    cr_text_table_set(t, 0, back + SECONDS, "time_s");
    cr_text_table_set(t, 0, back + RUN, "model");
}

/* A value of a single run's config: paths as seen from here, and no longer than a column
 * should be; of a path the end says more than the beginning. */
static void format_short(const char *json, char out[CELL])
{
    char value[4096]; /* its end has to be there to be shown */
    format_into(json, value, sizeof value);
    const char *shown = cr_path_short(value);
    size_t length = strlen(shown), most = WIDEST_VALUE - 1;
    if (length <= WIDEST_VALUE)
        snprintf(out, CELL, "%s", shown);
    else if (value[0] == '/') {
        const char *end = shown + length - most;
        while (((unsigned char)*end & 0xC0) == 0x80)
            end++;
        snprintf(out, CELL, "…%s", end);
    } else {
        while (((unsigned char)shown[most] & 0xC0) == 0x80)
            most--;
        snprintf(out, CELL, "%.*s…", (int)most, shown);
    }
}

static void fill_row(const cr_ranking *ranking, cr_text_table *t, size_t setting)
{
    const cr_ranking_setting *s = &ranking->settings[setting];
    size_t row = setting + 1, back = FRONT + ranking->parameter_count;
    char text[CELL], state[CR_RUNS_STATE];
    cr_text_table_set(t, row, RANK, "%zu%s", setting + 1, s->tied ? " ≈" : "");
    format_score(s, text);
    cr_text_table_set(t, row, SCORE, "%s", text);
    size_t explained =
        s->unfinished + (cr_runs_columns_of_sweeps(ranking) ? 0 : s->diverged);
    if (s->valued + explained == s->count) /* the state says why */
        cr_text_table_set(t, row, TRIALS, "%zu", s->count);
    else
        cr_text_table_set(t, row, TRIALS, "%zu of %zu, %s", s->valued, s->count,
                          s->diverged ? "diverged"
                          : s->failed ? "failed"
                                      : "no value");
    cr_text_table_set(t, row, STATE, "%s", cr_runs_export_state(s, state));
    if (cr_runs_columns_data(ranking, s)) {
        format_short(cr_runs_columns_data(ranking, s), text);
        cr_text_table_set(t, row, DATA, "%s", text);
    }
    for (size_t i = 0; i < ranking->parameter_count; i++) {
        if (cr_runs_columns_of_sweeps(ranking))
            format_value(s->values[i], text);
        else
            format_short(s->values[i], text);
        cr_text_table_set(t, row, FRONT + i, "%s", text);
    }
    cr_text_table_set(t, row, back + EPOCHS, s->wanted > s->epochs ? "%zu of %zu" : "%zu",
                      s->epochs, s->wanted);
    cr_text_table_set(t, row, back + SECONDS, "%.3g", s->seconds);
    cr_text_table_set(t, row, back + RUN, "%s", s->run ? cr_path_short(s->run) : "");
}

/* How many settings have a value for the parameter. */
static size_t count_values(const cr_ranking *ranking, size_t parameter)
{
    size_t count = 0;
    for (size_t i = 0; i < ranking->setting_count; i++) {
        const char *value = ranking->settings[i].values[parameter];
        count += value && strcmp(value, "null") != 0;
    }
    return count;
}

static bool is_left_out(const cr_ranking *ranking, const cr_text_table *t,
                        size_t parameter)
{
    return t->hidden[FRONT + parameter] && !cr_runs_columns_is_said(ranking, parameter);
}

/* Of single runs, which may differ in everything, shows as many columns as a line holds,
 * those that most runs have first. */
static void choose_columns(const cr_ranking *ranking, cr_text_table *t)
{
    size_t used = 0, limit = cr_terminal_width();
    t->hidden[TRIALS] = cr_text_table_is_all(t, TRIALS, "1");
    t->hidden[DATA] = cr_text_table_is_all(t, DATA, "");
    t->hidden[STATE] = cr_text_table_is_all(t, STATE, "completed");
    for (size_t i = 0; i < ranking->parameter_count; i++)
        t->hidden[FRONT + i] = true;
    for (size_t i = 0; i < t->columns; i++)
        used += t->hidden[i] ? 0 : cr_text_table_width(t, i);
    for (size_t k = 0; k < 2 * ranking->setting_count; k++) {
        const bool names = k >= ranking->setting_count; /* of layers come last */
        const size_t wanted = ranking->setting_count - k % ranking->setting_count;
        for (size_t i = 0; i < ranking->parameter_count; i++) {
            size_t width = cr_text_table_width(t, FRONT + i);
            if (count_values(ranking, i) != wanted || used + width > limit + 2 ||
                cr_runs_columns_is_said(ranking, i) ||
                cr_runs_columns_is_name(ranking, i) != names)
                continue;
            t->hidden[FRONT + i] = false;
            used += width;
        }
    }
}

/* The names of what has no column. */
static void print_hidden(const cr_ranking *ranking, const cr_text_table *t)
{
    size_t count = 0;
    for (size_t i = 0; i < ranking->parameter_count; i++)
        count += is_left_out(ranking, t, i);
    if (count == 0)
        return;
    cr_print("… and %zu more value%s that differ%s (", count, count == 1 ? "" : "s",
             count == 1 ? "s" : "");
    size_t named = 0, width = 0;
    for (size_t i = 0; i < ranking->parameter_count; i++) {
        const char *path = ranking->parameters[i].path;
        if (!is_left_out(ranking, t, i) ||
            (named > 0 && width + strlen(path) > NAMED_WIDTH))
            continue;
        cr_print("%s%s", named++ ? ", " : "", path);
        width += strlen(path) + 2;
    }
    cr_print("%s); --format csv has all\n", named < count ? ", …" : "");
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
    size_t diverged = 0, failed = 0, tied = 0, states[CR_RUN_STATES] = {0};
    const char *word = cr_runs_columns_of_sweeps(ranking) ? "trial" : "run";
    for (size_t i = 0; i < ranking->setting_count; i++) {
        for (int k = 0; k < CR_RUN_STATES; k++)
            states[k] += ranking->settings[i].states[k];
        diverged += ranking->settings[i].diverged;
        failed += ranking->settings[i].failed;
        tied += ranking->settings[i].tied;
    }
    cr_print("%zu", ranking->list.count);
    if (ranking->list.expected > ranking->list.count)
        cr_print(" of %zu", ranking->list.expected);
    cr_print(" %s%s of %zu setting%s", word, ranking->list.count == 1 ? "" : "s",
             ranking->setting_count, ranking->setting_count == 1 ? "" : "s");
    if (states[CR_RUN_RUNNING] > 0)
        cr_print(", %zu running", states[CR_RUN_RUNNING]);
    if (states[CR_RUN_INTERRUPTED] > 0)
        cr_print(", %zu interrupted", states[CR_RUN_INTERRUPTED]);
    if (diverged > 0)
        cr_print(", %zu diverged", diverged);
    if (failed > 0)
        cr_print(", %zu failed", failed);
    if (ranking->list.metric)
        cr_print("; by %s, the %s first", ranking->list.metric,
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

/* Values over different data are not better or worse than one another. */
static void print_mixed(const cr_ranking *ranking)
{
    for (size_t i = 1; i < ranking->setting_count; i++)
        if (!cr_ranking_same_data(ranking, &ranking->settings[0],
                                  &ranking->settings[i])) {
            cr_print("of different data (data.train or data.target), whose values do not "
                     "compare\n");
            return;
        }
}

/* How to go on with single runs that were interrupted. */
static void print_resumable(const cr_ranking *ranking)
{
    size_t interrupted = 0;
    for (size_t i = 0; i < ranking->setting_count; i++)
        interrupted += ranking->settings[i].states[CR_RUN_INTERRUPTED];
    if (interrupted > 0)
        cr_print("chainrule resume MODEL goes on with what was interrupted\n");
}

bool cr_runs_table_print(const cr_ranking *ranking, size_t top, cr_error *err)
{
    cr_text_table t;
    bool good =
        cr_text_table_init(&t, top + 1, FRONT + ranking->parameter_count + BACK, err);
    if (good) {
        fill_heading(ranking, &t);
        for (size_t i = 0; i < top; i++)
            fill_row(ranking, &t, i);
        if (!cr_runs_columns_of_sweeps(ranking))
            choose_columns(ranking, &t);
        print_counts(ranking);
        print_mixed(ranking);
        if (top > 0)
            cr_text_table_print(&t);
        if (top < ranking->setting_count)
            cr_print("… and %zu more; --top %zu shows all\n",
                     ranking->setting_count - top, ranking->setting_count);
        print_hidden(ranking, &t);
        print_resumable(ranking);
        if (cr_runs_columns_of_sweeps(ranking))
            print_effects(ranking);
        print_failures(ranking);
        fflush(stdout);
        if (cr_runs_columns_of_sweeps(ranking))
            warn_borders(ranking);
    }
    cr_text_table_finish(&t);
    return good;
}

/* What to do with what is not finished. */
static void print_hint(const cr_listed_sweep *sweep)
{
    const cr_sweep_state *s = &sweep->state;
    if (s->state == CR_RUN_INTERRUPTED || s->state == CR_RUN_FAILED)
        cr_print("%s: %s after %zu of %zu trials; chainrule resume %s goes on\n",
                 sweep->directory, cr_run_state_names[s->state], s->done, s->trials,
                 sweep->directory);
    else if (s->state == CR_RUN_RUNNING)
        cr_print("%s: running, %zu of %zu trials done\n", sweep->directory, s->done,
                 s->trials);
}

bool cr_runs_table_print_sweeps(const cr_sweep_list *sweeps, size_t ranked, cr_error *err)
{
    enum { DIRECTORY, OF, DONE, BEST, METRIC, OVERRIDES, COLUMNS };
    static const char *const heads[COLUMNS] = {"sweep", "state",  "trials",
                                               "best",  "metric", "overrides"};
    cr_text_table t = {0};
    for (size_t i = 0; i < ranked; i++)
        print_hint(&sweeps->items[i]);
    if (sweeps->count == ranked)
        return true;
    bool good = cr_text_table_init(&t, sweeps->count - ranked + 1, COLUMNS, err);
    for (size_t i = 0; good && i < COLUMNS; i++)
        cr_text_table_set(&t, 0, i, "%s", heads[i]);
    for (size_t i = ranked; good && i < sweeps->count; i++) {
        const cr_listed_sweep *s = &sweeps->items[i];
        const char *overrides = s->state.overrides.data;
        size_t row = i - ranked + 1;
        bool known = s->state.state != CR_RUN_NONE;
        cr_text_table_set(&t, row, DIRECTORY, "%s", cr_path_short(s->directory));
        cr_text_table_set(&t, row, OF, "%s",
                          known ? cr_run_state_names[s->state.state] : "unreadable");
        if (known)
            cr_text_table_set(&t, row, DONE, "%zu of %zu", s->state.done,
                              s->state.trials);
        if (!isnan(s->best))
            cr_text_table_set(&t, row, BEST, "%.4f", s->best);
        cr_text_table_set(&t, row, METRIC, "%s", s->metric ? s->metric : "");
        cr_text_table_set(&t, row, OVERRIDES, "%s", overrides ? overrides : "");
    }
    if (good) {
        cr_print("%zu sweep%s; chainrule runs SWEEP ranks its trials\n", t.rows - 1,
                 t.rows == 2 ? "" : "s");
        cr_text_table_print(&t);
    }
    cr_text_table_finish(&t);
    return good;
}
