#include "commands/watch_run.h"

#include "base/memory.h"
#include "base/path.h"
#include "commands/chart.h"
#include "measure/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 64, WIDE = 100, MOST_CHANGES = 2 };

static void read_json(cr_document *document, const char *directory, const char *name)
{
    char *path = cr_path_join(directory, name, NULL);
    cr_document_finish(document);
    if (path && !cr_document_read(document, path, NULL))
        cr_document_finish(document);
    cr_free(path);
}

static double last_of(const cr_watch_run *r, const char *column)
{
    return r->metrics.rows > 0
               ? cr_metrics_csv_at(&r->metrics, r->metrics.rows - 1, column)
               : NAN;
}

static double epochs_of(const cr_watch_run *r)
{
    const cr_json *training = cr_json_get(r->config.root, "training");
    return cr_json_get_number(training, "epochs", NAN);
}

/* Of the last row that has one: damaged rows have none. */
static double last_epoch(const cr_watch_run *r)
{
    double epoch = NAN;
    for (size_t i = r->metrics.rows; isnan(epoch) && i-- > 0;)
        epoch = cr_metrics_csv_at(&r->metrics, i, CR_METRICS_CSV_EPOCH);
    return isnan(epoch) ? 0 : epoch;
}

/* Finished epochs, and the part of the present one as far as it is known. */
static double epochs_done(const cr_watch_run *r)
{
    double done = last_epoch(r), epoch = cr_watch_news_number(&r->news, "epoch");
    double within = cr_watch_news_number(&r->news, "step") /
                    cr_watch_news_number(&r->news, "epoch_steps");
    return epoch - 1 + within > done ? epoch - 1 + within : done;
}

static void reckon(cr_watch_run *r)
{
    const cr_json *training = cr_json_get(r->config.root, "training");
    double done = epochs_done(r), wanted = epochs_of(r);
    double seconds = cr_watch_news_number(&r->news, "time_s"), pace = seconds / done;
    if (r->metrics.rows > 0) { /* with the evaluation after each */
        seconds = last_of(r, CR_METRICS_CSV_TIME);
        pace = seconds / last_of(r, CR_METRICS_CSV_EPOCH);
    }
    r->share = done / wanted;
    r->left = fmin((wanted - done) * pace,
                   cr_json_get_number(training, "max_seconds", INFINITY) - seconds);
    r->left = r->left >= 0 && isfinite(r->left) ? r->left : NAN;
}

bool cr_watch_run_look(cr_watch_run *run, cr_error *err)
{
    static const char *const names[] = {"config.json", "metrics.csv", "summary.json"};
    bool good = true;
    if (cr_watch_news_look(&run->news, run->directory, names, CR_COUNT(names))) {
        cr_metrics_csv_finish(&run->metrics);
        good = cr_metrics_csv_read(&run->metrics, run->directory, err);
        read_json(&run->config, run->directory, "config.json");
        read_json(&run->summary, run->directory, "summary.json");
        reckon(run);
    }
    run->state = cr_watch_news_state(&run->news, cr_run_state_of(run->directory));
    return good &&
           (run->state != CR_RUN_NONE ||
            cr_fail(err, CR_E_USAGE, "%s: it is no run any more", run->directory));
}

void cr_watch_run_finish(cr_watch_run *run)
{
    cr_metrics_csv_finish(&run->metrics);
    cr_document_finish(&run->config);
    cr_document_finish(&run->summary);
    cr_watch_news_finish(&run->news);
}

/* What matters most in a narrow window. */
enum { STATE, EPOCH, LEFT, VALIDATION, TRAIN, BAR, STEP, RUN };

void cr_watch_run_add_progress(const cr_watch_run *run, cr_bar_line *line)
{
    char left[CR_BAR_LINE_TIME];
    double epoch = floor(epochs_done(run)), wanted = epochs_of(run);
    double step = cr_watch_news_number(&run->news, "step");
    bool runs = run->state == CR_RUN_RUNNING;
    bool within = runs && cr_watch_news_number(&run->news, "epoch") > epoch;
    cr_bar_line_add(line, RUN, "%s", run->directory);
    cr_bar_line_add(line, STATE, "%s", cr_run_state_names[run->state]);
    double shown = within ? epoch + 1 : epoch;
    if (isnan(wanted)) /* the config cannot be read */
        cr_bar_line_add(line, EPOCH, "epoch %.0f", shown);
    else
        cr_bar_line_add(line, EPOCH, "epoch %.0f/%.0f", shown, wanted);
    if (within)
        cr_bar_line_add(line, STEP, "step %.0f/%.0f", step,
                        cr_watch_news_number(&run->news, "epoch_steps"));
    if (runs && run->share >= 0 && run->share <= 1)
        cr_bar_line_add_bar(line, BAR, run->share);
    if (runs && !isnan(run->left))
        cr_bar_line_add(line, LEFT, "%s left", cr_bar_line_time(run->left, left));
}

/* The last value of <part>_<metric>, of an epoch or, after the end, of the saved model. */
static double figure_of(const cr_watch_run *r, const char *part, const char *metric)
{
    char column[NAME];
    const cr_json *figures = cr_json_get(r->summary.root, part);
    snprintf(column, sizeof column, "%s_%s", part, metric);
    return cr_json_get_number(figures, metric, last_of(r, column));
}

static const char *score_of(const cr_watch_run *r)
{
    return cr_metrics_csv_find(&r->metrics, "train_rmse") < r->metrics.columns
               ? "rmse"
               : "accuracy";
}

/* The figures of a part, where there are some. */
static void add_part(const cr_watch_run *r, cr_bar_line *line, const char *part, int rank)
{
    const char *score = score_of(r);
    double loss = figure_of(r, part, "loss"), value = figure_of(r, part, score);
    if (!isnan(loss))
        cr_bar_line_add(line, rank, "%s loss %.4g, %s %.4g", part, loss, score, value);
}

void cr_watch_run_add_figures(const cr_watch_run *run, cr_bar_line *line)
{
    add_part(run, line, "train", TRAIN);
    add_part(run, line, "validation", VALIDATION);
    add_part(run, line, "test", VALIDATION);
}

/* The row in which the column is best; the number of rows without one. */
static size_t best_row(const cr_watch_run *r, const char *column)
{
    bool maximize = cr_metric_find(column).maximize;
    size_t best = r->metrics.rows;
    for (size_t i = 0; i < r->metrics.rows; i++) {
        double value = cr_metrics_csv_at(&r->metrics, i, column);
        if (!isnan(value) &&
            (best == r->metrics.rows ||
             cr_metric_is_better(maximize, value,
                                 cr_metrics_csv_at(&r->metrics, best, column))))
            best = i;
    }
    return best;
}

static void add_best(const cr_watch_run *r, cr_screen *screen, const char *column,
                     double patience)
{
    size_t best = best_row(r, column);
    if (best == r->metrics.rows)
        return;
    double epoch = cr_metrics_csv_at(&r->metrics, best, CR_METRICS_CSV_EPOCH);
    double ago = last_of(r, CR_METRICS_CSV_EPOCH) - epoch;
    cr_screen_line *line = cr_screen_next(screen);
    cr_screen_add(line, CR_INK_PLAIN, "best %s %.6g after epoch %.0f", column,
                  cr_metrics_csv_at(&r->metrics, best, column), epoch);
    if (ago > 0 && r->state == CR_RUN_RUNNING)
        cr_screen_add(line, CR_INK_PLAIN, ", %.0f epoch%s ago", ago, ago == 1 ? "" : "s");
    if (ago > 0 && r->state == CR_RUN_RUNNING && !isnan(patience))
        cr_screen_add(line, CR_INK_PLAIN, " (patience %.0f)", patience);
}

/* By what the best model is chosen, and by what people judge. */
static void add_bests(const cr_watch_run *r, cr_screen *screen)
{
    char score[NAME];
    const cr_json *stopping = cr_json_get(r->config.root, "early_stopping");
    const char *monitor = cr_json_get_string(stopping, "monitor");
    monitor = monitor ? monitor : "validation_loss";
    snprintf(score, sizeof score, "validation_%s", score_of(r));
    add_best(r, screen, monitor, cr_json_get_number(stopping, "patience", NAN));
    if (strcmp(score, monitor) != 0)
        add_best(r, screen, score, NAN);
}

/* Copies a column; NULL when out of memory. */
static double *copy_column(const cr_watch_run *r, const char *part, const char *name)
{
    char column[NAME];
    snprintf(column, sizeof column, "%s%s", part, name);
    size_t at = cr_metrics_csv_find(&r->metrics, column), columns = r->metrics.columns;
    double *values = cr_alloc(r->metrics.rows, sizeof *values, NULL);
    for (size_t i = 0; values && i < r->metrics.rows; i++)
        values[i] = at < columns ? r->metrics.values[i * columns + at] : NAN;
    return values;
}

static void add_chart(const cr_watch_run *r, cr_screen *screen, const char *metric,
                      const size_t place[3])
{
    double *epochs = copy_column(r, "", CR_METRICS_CSV_EPOCH);
    double *train = copy_column(r, "train_", metric);
    double *validation = copy_column(r, "validation_", metric);
    size_t rows = r->metrics.rows;
    bool validated = rows > 0 && validation && !isnan(validation[rows - 1]);
    const cr_chart chart = {
        .title = metric,
        .x_name = "epoch",
        .may_be_logarithmic = strcmp(metric, "loss") == 0,
        .curves = {{"train", CR_STROKE_DOTS, epochs, train, rows},
                   {"validation", CR_STROKE_LINE, epochs, validation, rows}},
        .count = validated ? 2 : 1};
    if (epochs && train && validation && rows > 0)
        cr_chart_add(&chart, screen, place[0], place[1], place[2]);
    cr_free(epochs);
    cr_free(train);
    cr_free(validation);
}

/* Beside one another where there is room, else one below the other, else the first. */
static void add_charts(const cr_watch_run *r, cr_screen *screen, size_t rows)
{
    size_t line = screen->count, columns = screen->columns;
    bool beside = columns >= WIDE, below = !beside && rows >= 2 * CR_CHART_LOWEST + 2;
    if (columns < CR_CHART_NARROWEST || rows < CR_CHART_LOWEST || r->metrics.rows == 0)
        return;
    size_t high = below ? rows / 2 : rows, wide = beside ? columns / 2 : columns;
    add_chart(r, screen, "loss", (size_t[]){line, high, wide});
    if (beside || below)
        add_chart(r, screen, score_of(r),
                  (size_t[]){below ? line + high : line, high, wide});
}

/* Where the learning rate changed after it had stayed: of what changes it all the time
 * there is nothing to say. */
static void add_rates(const cr_watch_run *r, cr_screen *screen)
{
    const cr_metrics_csv *m = &r->metrics;
    size_t found[MOST_CHANGES] = {0}, count = 0;
    for (size_t i = m->rows; i-- > 2 && count < MOST_CHANGES;) {
        double rate = cr_metrics_csv_at(m, i, CR_METRICS_CSV_RATE);
        double before = cr_metrics_csv_at(m, i - 1, CR_METRICS_CSV_RATE);
        if (rate != before && before == cr_metrics_csv_at(m, i - 2, CR_METRICS_CSV_RATE))
            found[count++] = i;
    }
    while (count-- > 0)
        cr_screen_add(cr_screen_next(screen), CR_INK_PLAIN,
                      "learning rate %.4g from epoch %.0f on, %.4g before",
                      cr_metrics_csv_at(m, found[count], CR_METRICS_CSV_RATE),
                      cr_metrics_csv_at(m, found[count], CR_METRICS_CSV_EPOCH),
                      cr_metrics_csv_at(m, found[count] - 1, CR_METRICS_CSV_RATE));
}

static void add_messages(const cr_watch_run *r, cr_screen *screen)
{
    add_rates(r, screen);
    cr_watch_news_add_silence(&r->news, r->state, screen);
    cr_screen_line *line = NULL;
    if (r->state == CR_RUN_INTERRUPTED || r->state == CR_RUN_DIVERGED)
        line = cr_screen_next(screen);
    if (r->state == CR_RUN_INTERRUPTED)
        cr_screen_add(line, CR_INK_STRONG, "%s; chainrule resume %s goes on with it",
                      r->summary.root
                          ? "it was interrupted"
                          : "its process was killed, or its machine went down",
                      r->directory);
    else if (line)
        cr_screen_add(line, CR_INK_STRONG,
                      "the loss became NaN or infinite after epoch %.0f", epochs_done(r));
}

/* On one line where that holds them. */
static void add_figures(const cr_watch_run *r, cr_screen *screen)
{
    static const char *const parts[] = {"train", "validation", "test"};
    cr_bar_line line = {0};
    for (size_t i = 0; i < CR_COUNT(parts); i++) {
        add_part(r, &line, parts[i], TRAIN);
        if (screen->columns < WIDE)
            cr_screen_add_fields(screen, &line);
    }
    cr_screen_add_fields(screen, &line);
}

void cr_watch_run_draw(const cr_watch_run *run, cr_screen *screen)
{
    cr_bar_line line = {0};
    cr_watch_run_add_progress(run, &line);
    cr_screen_add_fields(screen, &line);
    add_figures(run, screen);
    add_bests(run, screen);
    add_messages(run, screen);
    add_charts(run, screen,
               screen->rows > screen->count ? screen->rows - screen->count : 0);
}
