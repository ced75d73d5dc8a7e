/* metrics.csv, column by column. Of a long run so many epochs are kept as can be told apart
 * on a screen: the first, the last, the best, and others at equal distances. */
#include "report/page_section.h"
#include "runs/metrics_csv.h"

#include <string.h>

enum { MOST_EPOCHS = 2000, MOST_COLUMNS = 400 };

/* Whether the row of that number is one of those that are kept. */
static bool is_kept(const cr_metrics_csv *m, size_t row, double best)
{
    size_t step = m->rows / MOST_EPOCHS + 1;
    return row % step == 0 || row + 1 == m->rows ||
           cr_metrics_csv_at(m, row, CR_METRICS_CSV_EPOCH) == best;
}

/* Checksums are no numbers. */
static bool is_figure(const cr_metrics_csv *m, size_t column)
{
    return column < MOST_COLUMNS &&
           strcmp(m->names[column], CR_METRICS_CSV_CHECKSUM) != 0;
}

static void write(const cr_metrics_csv *m, double best, const char *key,
                  cr_page_json *out)
{
    cr_page_json_open(out, key, '{');
    cr_page_json_number(out, "rows", (double)m->rows);
    cr_page_json_string(out, CR_METRICS_CSV_CHECKSUM, *m->checksum ? m->checksum : NULL);
    cr_page_json_open(out, "columns", '[');
    for (size_t i = 0; i < m->columns; i++)
        if (is_figure(m, i))
            cr_page_json_string(out, NULL, m->names[i]);
    cr_page_json_close(out, ']');
    cr_page_json_open(out, "values", '[');
    for (size_t i = 0; i < m->columns; i++) {
        if (!is_figure(m, i))
            continue;
        cr_page_json_open(out, NULL, '[');
        for (size_t row = 0; row < m->rows; row++)
            if (is_kept(m, row, best))
                cr_page_json_number(out, NULL, m->values[row * m->columns + i]);
        cr_page_json_close(out, ']');
    }
    cr_page_json_close(out, ']');
    cr_page_json_close(out, '}');
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    cr_metrics_csv m = {0};
    const cr_json *best = cr_json_get_kind(run->summary.root, "best", CR_JSON_OBJECT);
    bool good = cr_metrics_csv_read(&m, run->path, err);
    if (good)
        write(&m, cr_json_get_number(best, "epoch", 0), key, out);
    cr_metrics_csv_finish(&m);
    return good;
}

const cr_page_section cr_page_section_metrics = {.key = "metrics", .add = add};
