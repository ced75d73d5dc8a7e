/* metrics.csv, column by column. Of a long run so many epochs are kept as can be told apart
 * on a screen: the first, the last, the best, and others at equal distances. */
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "data/csv.h"
#include "data/gzip.h"
#include "report/page_section.h"

#include <math.h>
#include <string.h>

enum { MOST_EPOCHS = 2000, MOST_COLUMNS = 400 };

typedef struct metrics {
    cr_names columns;
    double *values; /* [rows, columns] */
    size_t rows, capacity;
} metrics;

/* A cell that is no number, or is not there since the line is half written, is NaN; such a
 * line is left out if it is short. */
static bool take_row(void *user, const cr_csv_row *row, cr_error *err)
{
    metrics *m = user;
    bool first = m->columns.count == 0;
    for (size_t i = 0; first && i < row->count && i < MOST_COLUMNS; i++)
        if (!cr_names_add(&m->columns, row->cells[i], err))
            return false;
    size_t columns = m->columns.count;
    if (first || row->count < columns)
        return true;
    if (!cr_reserve(&m->values, &m->capacity, (m->rows + 1) * columns, sizeof *m->values,
                    err))
        return false;
    for (size_t i = 0; i < columns; i++) {
        double *value = &m->values[m->rows * columns + i];
        if (!cr_number_parse(row->cells[i], row->lengths[i], value))
            *value = NAN;
    }
    m->rows++;
    return true;
}

static bool read(metrics *m, const char *directory, cr_error *err)
{
    char *path = cr_path_join(directory, "metrics.csv", err);
    cr_content content = {0};
    cr_csv *csv = NULL;
    cr_table_format format = cr_table_format_default;
    format.delimiter = ',';
    bool good = path && cr_gzip_read_all(path, SIZE_MAX, "", &content, err);
    csv = good ? cr_csv_create(path, &format, take_row, m, err) : NULL;
    good = csv && cr_csv_feed(csv, content.text, content.length, err) &&
           cr_csv_end(csv, err);
    cr_csv_destroy(csv);
    cr_free(content.text);
    cr_free(path);
    return good;
}

/* Whether the row of that number is one of those that are kept. */
static bool is_kept(const metrics *m, size_t row, double best)
{
    size_t step = m->rows / MOST_EPOCHS + 1;
    return row % step == 0 || row + 1 == m->rows ||
           m->values[row * m->columns.count] == best;
}

/* A column of checksums, which are no numbers. */
static bool is_figure(const char *column)
{
    return strcmp(column, "parameters_crc32") != 0;
}

static void write(const metrics *m, double best, const char *key, cr_page_json *out)
{
    cr_page_json_open(out, key, '{');
    cr_page_json_number(out, "rows", (double)m->rows);
    cr_page_json_open(out, "columns", '[');
    for (size_t i = 0; i < m->columns.count; i++)
        if (is_figure(m->columns.items[i]))
            cr_page_json_string(out, NULL, m->columns.items[i]);
    cr_page_json_close(out, ']');
    cr_page_json_open(out, "values", '[');
    for (size_t i = 0; i < m->columns.count; i++) {
        if (!is_figure(m->columns.items[i]))
            continue;
        cr_page_json_open(out, NULL, '[');
        for (size_t row = 0; row < m->rows; row++)
            if (is_kept(m, row, best))
                cr_page_json_number(out, NULL, m->values[row * m->columns.count + i]);
        cr_page_json_close(out, ']');
    }
    cr_page_json_close(out, ']');
    cr_page_json_close(out, '}');
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    metrics m = {0};
    const cr_json *best = cr_json_get(run->summary.root, "best");
    bool good = read(&m, run->path, err);
    if (good)
        write(&m, cr_json_get_number(best, "epoch", 0), key, out);
    cr_names_finish(&m.columns);
    cr_free(m.values);
    return good;
}

const cr_page_section cr_page_section_metrics = {.key = "metrics", .add = add};
