#include "report/page_sweep_curves.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BEST = 10, MOST_POINTS = 201, MOST_VALUES = 4000000 };
enum { DIGITS = 5 }; /* of levels, which are drawn */
static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95};

/* The values of all trials after an epoch. */
typedef struct point {
    double *values;
    size_t count, capacity;
} point;

typedef struct curves {
    size_t offset;  /* of the column in cr_store_epoch */
    size_t longest; /* epochs that a trial has at most */
    size_t step;    /* epochs between those that are drawn */
    point points[MOST_POINTS];
    size_t point_count;    /* those up to the last that has a value */
    size_t values;         /* of all points */
    bool is_full;          /* there are more trials than values have room for */
    size_t trials, before; /* of how many, and the last of them, plus 1 */
    size_t best[BEST], places[BEST], best_count; /* trials, and their settings */
    double curve[BEST][MOST_POINTS];
    cr_error *err;
} curves;

/* The column of that name; NULL for a metric that the epochs have not. */
static const cr_store_column *find(const char *metric)
{
    const cr_store_table *table = &cr_store_tables[CR_STORE_METRICS];
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].kind == CR_STORE_NUMBER &&
            strcmp(table->columns[i].name, metric) == 0)
            return &table->columns[i];
    return NULL;
}

/* Epochs at equal distances, so few as can be told apart, and the last. */
static void plan(curves *c, const cr_trial_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->trials[i].epochs > c->longest)
            c->longest = list->trials[i].epochs;
    c->step = c->longest / (MOST_POINTS - 1) + 1;
}

/* The point of an epoch; MOST_POINTS where it is not drawn. */
static size_t point_of(const curves *c, size_t epoch)
{
    bool is_drawn = epoch > 0 && epoch <= c->longest &&
                    ((epoch - 1) % c->step == 0 || epoch == c->longest);
    return is_drawn ? (epoch - 1 + c->step - 1) / c->step : MOST_POINTS;
}

static size_t epoch_of(const curves *c, size_t at)
{
    size_t epoch = at * c->step + 1;
    return epoch < c->longest ? epoch : c->longest;
}

static bool take(void *user, const cr_store_epoch *epoch)
{
    curves *c = user;
    double value = *(const double *)(const void *)((const char *)epoch + c->offset);
    size_t at = point_of(c, epoch->epoch);
    if (isnan(value) || at >= MOST_POINTS)
        return true;
    c->is_full = c->values >= MOST_VALUES;
    point *p = &c->points[at];
    if (c->is_full ||
        !cr_reserve(&p->values, &p->capacity, p->count + 1, sizeof *p->values, c->err))
        return false;
    p->values[p->count++] = value;
    c->values++;
    c->point_count = at + 1 > c->point_count ? at + 1 : c->point_count;
    c->trials += epoch->trial + 1 != c->before;
    c->before = epoch->trial + 1;
    for (size_t k = 0; k < c->best_count; k++)
        if (c->best[k] == epoch->trial)
            c->curve[k][at] = value;
    return true;
}

/* The best trial of each of the best settings. */
static void choose_best(curves *c, const cr_ranking *ranking)
{
    for (size_t i = 0; i < ranking->setting_count && c->best_count < BEST; i++) {
        const cr_ranking_setting *s = &ranking->settings[i];
        const cr_listed_trial *trial = NULL;
        for (size_t k = s->first; k < s->first + s->count && !trial; k++)
            if (!isnan(ranking->list.trials[k].value))
                trial = &ranking->list.trials[k];
        if (!trial)
            continue;
        for (size_t k = 0; k < MOST_POINTS; k++)
            c->curve[c->best_count][k] = NAN;
        c->best[c->best_count] = trial->number;
        c->places[c->best_count++] = i;
    }
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static double level(const point *p, double share)
{
    return p->count > 0 ? p->values[(size_t)((double)(p->count - 1) * share + 0.5)] : NAN;
}

static void write_levels(curves *c, cr_page_json *out)
{
    cr_page_json_numbers(out, "shares", shares, CR_COUNT(shares), 0);
    for (size_t i = 0; i < c->point_count; i++)
        if (c->points[i].count > 0)
            qsort(c->points[i].values, c->points[i].count, sizeof(double), ascending);
    cr_page_json_open(out, "levels", '[');
    for (size_t k = 0; k < CR_COUNT(shares); k++) {
        double levels[MOST_POINTS];
        for (size_t i = 0; i < c->point_count; i++)
            levels[i] = level(&c->points[i], shares[k]);
        cr_page_json_numbers(out, NULL, levels, c->point_count, DIGITS);
    }
    cr_page_json_close(out, ']');
}

static void write_best(const curves *c, cr_page_json *out)
{
    cr_page_json_open(out, "best", '[');
    for (size_t k = 0; k < c->best_count; k++) {
        cr_page_json_open(out, NULL, '{');
        cr_page_json_number(out, "trial", (double)c->best[k]);
        cr_page_json_number(out, "place", (double)c->places[k]);
        cr_page_json_numbers(out, "values", c->curve[k], c->point_count, 0);
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
}

static void write(curves *c, const char *metric, const char *key, cr_page_json *out)
{
    cr_page_json_open(out, key, '{');
    cr_page_json_string(out, "metric", metric);
    cr_page_json_number(out, "trials", (double)c->trials);
    cr_page_json_bool(out, "all", !c->is_full);
    cr_page_json_open(out, "epochs", '[');
    for (size_t i = 0; i < c->point_count; i++)
        cr_page_json_number(out, NULL, (double)epoch_of(c, i));
    cr_page_json_close(out, ']');
    write_levels(c, out);
    write_best(c, out);
    cr_page_json_close(out, '}');
}

bool cr_page_sweep_curves_add(cr_store *store, const cr_ranking *ranking, const char *key,
                              cr_page_json *out, cr_error *err)
{
    cr_error why = CR_ERROR_INIT;
    const char *names[] = {ranking->list.metric ? ranking->list.metric : "",
                           "validation_loss", "train_loss"};
    curves *c = cr_alloc(1, sizeof *c, err);
    bool good = c != NULL;
    if (good) {
        plan(c, &ranking->list);
        choose_best(c, ranking);
    }
    for (size_t i = 0; good && c->values == 0 && i < CR_COUNT(names); i++) {
        const cr_store_column *column = find(names[i]);
        c->err = &why;
        c->offset = column ? column->offset : 0;
        good = !column ||
               (cr_store_visit_epochs(store, take, c, &why) && why.count == 0) ||
               cr_fail(err, why.code, "%s", why.text);
        if (good && c->values > 0)
            write(c, names[i], key, out);
    }
    for (size_t i = 0; c && i < MOST_POINTS; i++)
        cr_free(c->points[i].values);
    cr_free(c);
    return good;
}
