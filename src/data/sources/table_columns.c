#include "data/sources/table_columns.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/sources/memory.h"

#include <math.h>
#include <string.h>

/* A column that is read. */
typedef struct reader {
    cr_array array;
    char number[CR_NUMBER_TEXT]; /* the cell of a column of numbers */
    char *text;                  /* of a column of texts, owned */
} reader;

/* The row that is handed out. */
typedef struct table {
    reader *readers; /* [count] */
    const char **cells;
    size_t *lengths;
    size_t count, rows;
} table;

static void finish(table *t)
{
    for (size_t i = 0; t->readers && i < t->count; i++) {
        cr_array_finish(&t->readers[i].array);
        cr_free(t->readers[i].text);
    }
    cr_free(t->readers);
    cr_free(t->cells);
    cr_free(t->lengths);
}

static bool take_column(table *t, size_t i, const cr_table_column *column, cr_error *err)
{
    cr_array *array = &t->readers[i].array;
    if (!column->name)
        return cr_fail(err, CR_E_USAGE, "column %zu (from 0) has no name", i);
    if (!cr_memory_view(array, &column->values, column->name, false, err))
        return false;
    if (array->rank != 1)
        return cr_fail(err, CR_E_USAGE,
                       "column \"%s\" has %zu dimensions; one was expected", column->name,
                       array->rank);
    if (i == 0)
        t->rows = array->dim[0];
    return array->dim[0] == t->rows ||
           cr_fail(err, CR_E_DATA, "column \"%s\" has %zu rows, but \"%s\" has %zu",
                   column->name, array->dim[0], t->readers[0].array.path, t->rows);
}

/* finish frees it, also after a failure. */
static bool begin(table *t, const cr_source *source, cr_error *err)
{
    const cr_arrays *arrays = source->arrays;
    *t = (table){.count = arrays->column_count};
    t->readers = cr_alloc(t->count, sizeof *t->readers, err);
    t->cells = cr_alloc(t->count, sizeof *t->cells, err);
    t->lengths = cr_alloc(t->count, sizeof *t->lengths, err);
    bool good = t->readers && t->cells && t->lengths;
    for (size_t i = 0; good && i < t->count; i++)
        good = take_column(t, i, &arrays->columns[i], err);
    return good;
}

bool cr_table_columns_open(const cr_source *source, cr_names *names, cr_error *err)
{
    table t;
    bool good = begin(&t, source, err);
    for (size_t i = 0; good && i < t.count; i++)
        good = cr_names_add(names, source->arrays->columns[i].name, err);
    finish(&t);
    return good;
}

/* A cell as it would stand in a file: a gap is empty. */
static bool write_cell(reader *r, size_t row, const char **cell, cr_error *err)
{
    double number = 0;
    *cell = r->number;
    if (r->array.kind == CR_ARRAY_TEXTS) {
        *cell = cr_array_text(&r->array, row);
    } else if (cr_array_is_text(&r->array)) {
        cr_free(r->text);
        *cell = r->text = cr_array_read_text(&r->array, row, err);
    } else {
        cr_array_read(&r->array, row, 1, &number);
        if (isnan(number))
            r->number[0] = '\0';
        else if (r->array.kind == CR_ARRAY_REAL && r->array.size < sizeof number)
            cr_number_format_float((float)number, r->number);
        else
            cr_number_format_double(number, r->number);
    }
    return *cell != NULL;
}

static bool hand_out(table *t, size_t line, cr_csv_on_row on_row, void *user,
                     cr_error *err)
{
    const cr_csv_row row = {line, t->count, t->cells, t->lengths};
    for (size_t i = 0; i < t->count; i++)
        t->lengths[i] = strlen(t->cells[i]);
    return on_row(user, &row, err);
}

bool cr_table_columns_read(const cr_source *source, cr_csv_on_row on_row, void *user,
                           cr_error *err)
{
    table t;
    bool good = begin(&t, source, err);
    for (size_t i = 0; good && i < t.count; i++)
        t.cells[i] = source->arrays->columns[i].name;
    good = good && hand_out(&t, 0, on_row, user, err);
    for (size_t row = 0; good && row < t.rows; row++) {
        for (size_t i = 0; good && i < t.count; i++)
            good = write_cell(&t.readers[i], row, &t.cells[i], err);
        good = good && hand_out(&t, row + 1, on_row, user, err);
    }
    finish(&t);
    return good;
}
