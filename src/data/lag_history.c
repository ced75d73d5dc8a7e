/* The rows before the one at hand, group by group: each group has a ring of the last
 * ones, which grows up to as many as lags reach back. */
#include "data/lag_history.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* The last rows of a group. */
typedef struct ring {
    double *rows; /* [capacity, column_count]: row n is at n modulo capacity */
    size_t capacity, count;
} ring;

/* The groups of one column, or the one of all rows. */
typedef struct series {
    size_t group; /* number of the column; CR_LAGS_ONE_GROUP */
    size_t reach; /* the largest step */
    ring *rings;  /* [ring_capacity] */
    size_t ring_capacity;
} series;

struct cr_lag_history {
    const cr_lags *lags;
    series *series; /* [series_count] */
    size_t series_count;
    size_t *series_of; /* [lags->count] */
};

void cr_lag_history_destroy(cr_lag_history *history)
{
    if (!history)
        return;
    for (size_t i = 0; history->series && i < history->series_count; i++) {
        series *s = &history->series[i];
        for (size_t k = 0; k < s->ring_capacity; k++)
            cr_free(s->rings[k].rows);
        cr_free(s->rings);
    }
    cr_free(history->series);
    cr_free(history->series_of);
    cr_free(history);
}

cr_lag_history *cr_lag_history_create(const cr_lags *lags, cr_error *err)
{
    cr_lag_history *history = cr_alloc(1, sizeof *history, err);
    if (!history)
        return NULL;
    history->lags = lags;
    history->series = cr_alloc(lags->count, sizeof *history->series, err);
    history->series_of = cr_alloc(lags->count, sizeof *history->series_of, err);
    if (!history->series || !history->series_of) {
        cr_lag_history_destroy(history);
        return NULL;
    }
    for (size_t i = 0; i < lags->count; i++) {
        const cr_lag *lag = &lags->items[i];
        size_t k = 0;
        while (k < history->series_count && history->series[k].group != lag->group)
            k++;
        series *s = &history->series[k];
        history->series_count += k == history->series_count;
        history->series_of[i] = k;
        s->group = lag->group;
        s->reach = lag->step > s->reach ? lag->step : s->reach;
    }
    return history;
}

static ring *find_ring(series *s, size_t number, cr_error *err)
{
    size_t before = s->ring_capacity;
    if (number >= before) {
        if (!cr_reserve(&s->rings, &s->ring_capacity, number + 1, sizeof *s->rings, err))
            return NULL;
        memset(s->rings + before, 0, (s->ring_capacity - before) * sizeof *s->rings);
    }
    return &s->rings[number];
}

/* Room for the next row. Rows stay at their places: the ring grows before it is full for
 * the first time. */
static bool make_room(ring *r, size_t reach, size_t width, cr_error *err)
{
    if (r->count < r->capacity || r->capacity == reach)
        return true;
    size_t wanted = r->capacity ? 2 * r->capacity : 8, size = 0;
    wanted = wanted < reach ? wanted : reach;
    double *rows = cr_memory_multiply(wanted, width, &size)
                       ? cr_alloc_raw(size, sizeof *rows, err)
                       : NULL;
    if (!rows)
        return false;
    if (r->count > 0)
        memcpy(rows, r->rows, r->count * width * sizeof *rows);
    cr_free(r->rows);
    r->rows = rows;
    r->capacity = wanted;
    return true;
}

bool cr_lag_history_next(cr_lag_history *history, const double *values,
                         const uint32_t *groups, double *lagged, bool *enough,
                         cr_error *err)
{
    const cr_lags *lags = history->lags;
    size_t width = lags->column_count;
    *enough = true;
    for (size_t k = 0; k < history->series_count; k++) {
        series *s = &history->series[k];
        size_t group = s->group == CR_LAGS_ONE_GROUP ? 0 : groups[s->group];
        ring *r = find_ring(s, group, err);
        if (!r || !make_room(r, s->reach, width, err))
            return false;
        for (size_t i = 0; i < lags->count; i++) {
            const cr_lag *lag = &lags->items[i];
            bool is_there = lag->step <= r->count;
            if (history->series_of[i] != k)
                continue;
            *enough = *enough && is_there;
            size_t row = is_there ? (r->count - lag->step) % r->capacity : 0;
            lagged[i] = is_there ? r->rows[row * width + lag->value] : NAN;
        }
        memcpy(r->rows + r->count % r->capacity * width, values, width * sizeof *values);
        r->count++;
    }
    return true;
}
