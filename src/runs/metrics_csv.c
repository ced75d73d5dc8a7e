#include "runs/metrics_csv.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "data/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool take_heading(cr_metrics_csv *m, const cr_csv_row *row, cr_error *err)
{
    m->names = cr_alloc(row->count, sizeof *m->names, err);
    if (!m->names)
        return false;
    for (m->columns = 0; m->columns < row->count; m->columns++) {
        const size_t i = m->columns;
        m->names[i] = cr_text_copy(row->cells[i], row->lengths[i], err);
        if (!m->names[i])
            return false;
    }
    return true;
}

static void take_checksum(cr_metrics_csv *m, const cr_csv_row *row)
{
    size_t i = cr_metrics_csv_find(m, CR_METRICS_CSV_CHECKSUM);
    bool fits = i < row->count && row->lengths[i] < sizeof m->checksum;
    snprintf(m->checksum, sizeof m->checksum, "%s", fits ? row->cells[i] : "");
}

static bool take_row(void *user, const cr_csv_row *row, cr_error *err)
{
    cr_metrics_csv *m = user;
    if (!m->names)
        return take_heading(m, row, err);
    if (!cr_reserve(&m->values, &m->capacity, (m->rows + 1) * m->columns,
                    sizeof *m->values, err))
        return false;
    double *values = m->values + m->rows++ * m->columns;
    for (size_t i = 0; i < m->columns; i++)
        if (i >= row->count ||
            !cr_number_parse(row->cells[i], row->lengths[i], &values[i]))
            values[i] = NAN;
    take_checksum(m, row);
    return true;
}

bool cr_metrics_csv_read(cr_metrics_csv *metrics, const char *run, cr_error *err)
{
    char *text = NULL;
    size_t length = 0;
    *metrics = (cr_metrics_csv){0};
    char *path = cr_path_join(run, "metrics.csv", err);
    bool good = path && cr_file_read(path, SIZE_MAX / 2, CR_E_DATA, &text, &length, err);
    if (good) {
        cr_table_format format = cr_table_format_default;
        format.delimiter = ',';
        while (length > 0 && text[length - 1] != '\n')
            length--;
        cr_csv *csv = cr_csv_create(path, &format, take_row, metrics, err);
        good = csv && cr_csv_feed(csv, text, length, err) && cr_csv_end(csv, err);
        cr_csv_destroy(csv);
    }
    cr_free(text);
    cr_free(path);
    return good;
}

void cr_metrics_csv_finish(cr_metrics_csv *metrics)
{
    for (size_t i = 0; i < metrics->columns; i++)
        cr_free(metrics->names[i]);
    cr_free(metrics->names);
    cr_free(metrics->values);
    *metrics = (cr_metrics_csv){0};
}

size_t cr_metrics_csv_find(const cr_metrics_csv *metrics, const char *name)
{
    size_t i = 0;
    while (i < metrics->columns && strcmp(metrics->names[i], name) != 0)
        i++;
    return i;
}

double cr_metrics_csv_at(const cr_metrics_csv *metrics, size_t row, const char *name)
{
    size_t column = cr_metrics_csv_find(metrics, name);
    return row < metrics->rows && column < metrics->columns
               ? metrics->values[row * metrics->columns + column]
               : NAN;
}
