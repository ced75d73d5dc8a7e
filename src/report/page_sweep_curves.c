#include "report/page_sweep_curves.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BEST = 10, MOST_EPOCHS = 2000, DRAWN_EPOCHS = 200, MOST_VALUES = 4000000 };
enum { DIGITS = 5 }; /* of levels, which are drawn */
static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95};

/* The values of all trials after an epoch. */
typedef struct epoch_values {
    double *values;
    size_t count, capacity;
} epoch_values;

typedef struct curves {
    size_t offset; /* of the column in cr_store_epoch */
    epoch_values epochs[MOST_EPOCHS];
    size_t last;           /* epochs with a value */
    size_t values;         /* of all epochs */
    size_t trials, before; /* of how many, and the last of them, plus 1 */
    size_t best[BEST], places[BEST], best_count; /* trials, and their settings */
    double *curve[BEST];                         /* [MOST_EPOCHS] each */
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

static bool take(void *user, const cr_store_epoch *epoch)
{
    curves *c = user;
    double value = *(const double *)(const void *)((const char *)epoch + c->offset);
    if (isnan(value) || epoch->epoch == 0 || epoch->epoch > MOST_EPOCHS)
        return true;
    epoch_values *e = &c->epochs[epoch->epoch - 1];
    if (!cr_reserve(&e->values, &e->capacity, e->count + 1, sizeof *e->values, c->err))
        return false;
    e->values[e->count++] = value;
    c->last = epoch->epoch > c->last ? epoch->epoch : c->last;
    c->trials += epoch->trial + 1 != c->before;
    c->before = epoch->trial + 1;
    for (size_t k = 0; k < c->best_count; k++)
        if (c->best[k] == epoch->trial)
            c->curve[k][epoch->epoch - 1] = value;
    return ++c->values < MOST_VALUES;
}

/* The best trial of each of the best settings. */
static bool choose_best(curves *c, const cr_ranking *ranking, cr_error *err)
{
    for (size_t i = 0; i < ranking->setting_count && c->best_count < BEST; i++) {
        const cr_ranking_setting *s = &ranking->settings[i];
        const cr_listed_trial *trial = NULL;
        for (size_t k = s->first; k < s->first + s->count && !trial; k++)
            if (!isnan(ranking->list.trials[k].value))
                trial = &ranking->list.trials[k];
        if (!trial)
            continue;
        double *curve = cr_alloc(MOST_EPOCHS, sizeof *curve, err);
        if (!curve)
            return false;
        for (size_t k = 0; k < MOST_EPOCHS; k++)
            curve[k] = NAN;
        c->best[c->best_count] = trial->number;
        c->places[c->best_count] = i;
        c->curve[c->best_count++] = curve;
    }
    return true;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static double level(const epoch_values *e, double share)
{
    return e->count > 0 ? e->values[(size_t)((double)(e->count - 1) * share + 0.5)] : NAN;
}

/* The values of the drawn epochs: every step-th, and the last. */
static bool is_drawn(const curves *c, size_t epoch)
{
    size_t step = (c->last + DRAWN_EPOCHS - 1) / DRAWN_EPOCHS;
    return epoch % step == 0 || epoch + 1 == c->last;
}

static void write_levels(curves *c, cr_page_json *out)
{
    cr_page_json_numbers(out, "shares", shares, CR_COUNT(shares), 0);
    for (size_t i = 0; i < c->last; i++)
        if (is_drawn(c, i) && c->epochs[i].count > 0)
            qsort(c->epochs[i].values, c->epochs[i].count, sizeof(double), ascending);
    cr_page_json_open(out, "levels", '[');
    for (size_t k = 0; k < CR_COUNT(shares); k++) {
        double levels[DRAWN_EPOCHS + 2];
        size_t count = 0;
        for (size_t i = 0; i < c->last; i++)
            if (is_drawn(c, i))
                levels[count++] = level(&c->epochs[i], shares[k]);
        cr_page_json_numbers(out, NULL, levels, count, DIGITS);
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
        cr_page_json_open(out, "values", '[');
        for (size_t i = 0; i < c->last; i++)
            if (is_drawn(c, i))
                cr_page_json_number(out, NULL, c->curve[k][i]);
        cr_page_json_close(out, ']');
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
}

static void write(curves *c, const char *metric, const char *key, cr_page_json *out)
{
    cr_page_json_open(out, key, '{');
    cr_page_json_string(out, "metric", metric);
    cr_page_json_number(out, "trials", (double)c->trials);
    cr_page_json_open(out, "epochs", '[');
    for (size_t i = 0; i < c->last; i++)
        if (is_drawn(c, i))
            cr_page_json_number(out, NULL, (double)(i + 1));
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
    bool good = c && choose_best(c, ranking, err);
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
    for (size_t i = 0; c && i < MOST_EPOCHS; i++)
        cr_free(c->epochs[i].values);
    for (size_t k = 0; c && k < BEST; k++)
        cr_free(c->curve[k]);
    cr_free(c);
    return good;
}
