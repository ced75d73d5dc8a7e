#include "data/lag_rows.h"

#include "base/memory.h"
#include "data/groups.h"
#include "data/lag_history.h"

#include <math.h>

/* A column that lags look at, in the table at hand. */
typedef struct source {
    const cr_lag_cells *cells;
    bool has_value, has_group;
    cr_words groups; /* those so far */
} source;

struct cr_lag_rows {
    const cr_lags *lags;
    cr_lag_table table;
    cr_lag_history *history;
    source *sources;   /* [lags->column_count] */
    double *values;    /* [lags->column_count] of the row */
    uint32_t *numbers; /* [lags->column_count] of its groups */
    double *lagged;    /* [lags->count] */
    size_t fault;      /* the column of the first cell that was refused in a row */
};

void cr_lag_rows_destroy(cr_lag_rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; rows->sources && i < rows->lags->column_count; i++)
        cr_words_finish(&rows->sources[i].groups);
    cr_lag_history_destroy(rows->history);
    cr_free(rows->sources);
    cr_free(rows->values);
    cr_free(rows->numbers);
    cr_free(rows->lagged);
    cr_free(rows);
}

cr_lag_rows *cr_lag_rows_create(const cr_lags *lags, const cr_lag_table *table,
                                cr_error *err)
{
    cr_lag_rows *rows = cr_alloc(1, sizeof *rows, err);
    if (!rows)
        return NULL;
    rows->lags = lags;
    rows->table = *table;
    rows->history = cr_lag_history_create(lags, err);
    rows->sources = cr_alloc(lags->column_count, sizeof *rows->sources, err);
    rows->values = cr_alloc(lags->column_count, sizeof *rows->values, err);
    rows->numbers = cr_alloc(lags->column_count, sizeof *rows->numbers, err);
    rows->lagged = cr_alloc(lags->count, sizeof *rows->lagged, err);
    if (!rows->history || !rows->sources || !rows->values || !rows->numbers ||
        !rows->lagged) {
        cr_lag_rows_destroy(rows);
        return NULL;
    }
    for (size_t i = 0; i < lags->column_count; i++) {
        source *s = &rows->sources[i];
        s->cells = &table->cells[i];
        s->has_value = cr_lags_have_value(lags, i);
        s->has_group = cr_lags_have_group(lags, i);
    }
    return rows;
}

/* A value of the row; NaN where it is missing and may be. */
static bool read_value(const cr_lag_rows *rows, const source *s, const cr_cell *cell,
                       double *value, cr_error *err)
{
    const cr_lag_table *table = &rows->table;
    bool may_miss = table->answers || table->missing != CR_MISSING_ERROR;
    *value = NAN;
    if (may_miss && cr_cell_is_gap(&s->cells->as, cell->text, cell->length))
        return true;
    return cr_cell_read(cell, &s->cells->as, table->missing, value, err);
}

/* The row's values and groups. With CR_MISSING_DROP a row of training may be without a
 * group. */
static bool read_sources(cr_lag_rows *rows, const cr_csv_row *row, bool *has_groups,
                         cr_error *err)
{
    const cr_lag_table *table = &rows->table;
    bool may_miss = table->missing == CR_MISSING_DROP && !table->answers, good = true;
    *has_groups = true;
    for (size_t i = 0; i < rows->lags->column_count; i++) {
        source *s = &rows->sources[i];
        size_t position = s->cells->position;
        const cr_cell cell = cr_cell_of_row(table->file, table->header, row, position);
        bool before = good;
        rows->values[i] = NAN;
        if (s->has_value)
            good &= read_value(rows, s, &cell, &rows->values[i], err);
        if (s->has_group && may_miss &&
            cr_cell_is_gap(&s->cells->as, cell.text, cell.length))
            *has_groups = false;
        else if (s->has_group)
            good &= cr_groups_number(&s->groups, &cell, &s->cells->as, table->missing,
                                     &rows->numbers[i], err);
        if (before && !good)
            rows->fault = position;
    }
    return good;
}

size_t cr_lag_rows_fault(const cr_lag_rows *rows)
{
    return rows->fault;
}

/* Whether the row is left out: there is nothing to fill in, and it gets no answer. */
static cr_lagged judge(const cr_lag_rows *rows, bool enough)
{
    const cr_lag_table *table = &rows->table;
    if (table->answers || table->missing >= CR_MISSING_MEAN)
        return CR_LAGGED_USED;
    if (!enough)
        return CR_LAGGED_WITHOUT_HISTORY;
    for (size_t i = 0; i < rows->lags->count; i++)
        if (isnan(rows->lagged[i]))
            return CR_LAGGED_WITH_GAP;
    return CR_LAGGED_USED;
}

bool cr_lag_rows_next(cr_lag_rows *rows, const cr_csv_row *row, const double **values,
                      cr_lagged *lagged, cr_error *err)
{
    bool has_groups = true, enough = true;
    *values = rows->lagged;
    *lagged = CR_LAGGED_WITH_GAP;
    if (!read_sources(rows, row, &has_groups, err))
        return false;
    if (!has_groups)
        return true;
    if (!cr_lag_history_next(rows->history, rows->values, rows->numbers, rows->lagged,
                             &enough, err))
        return false;
    *lagged = judge(rows, enough);
    return true;
}
