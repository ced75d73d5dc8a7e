/* A table as data to learn from, without a config. */
#ifndef CHAINRULE_TESTS_TABLES_H
#define CHAINRULE_TESTS_TABLES_H

#include "base/memory.h"
#include "data/dataset.h"
#include "data/learn.h"
#include "data/normalize.h"
#include "data/reading.h"

#include <string.h>

/* What a test says of the table's columns. */
typedef struct tables_plan {
    const size_t *targets; /* [target_count] columns */
    size_t target_count;
    const cr_column_kind *kinds; /* [columns of the file]; NULL: guess all */
    bool classify;
    cr_missing missing;
    const cr_lags *lags; /* NULL: none */
} tables_plan;

static inline cr_source tables_source(const char *path, int header)
{
    return (cr_source){.type = &cr_source_table,
                       .path = path,
                       .max_bytes = CR_SOURCE_MAX_BYTES,
                       .header = header,
                       .format = cr_table_format_default};
}

static inline bool tables_choose(cr_reading *reading, const cr_opened *file,
                                 const tables_plan *plan, cr_error *err)
{
    const cr_source *source = file->source;
    reading->has_header = source->header >= 0 ? source->header : file->has_header;
    reading->missing = plan->missing;
    if (!cr_reading_allocate(reading, file, err))
        return false;
    for (size_t i = 0; i < file->columns; i++)
        reading->columns[i].kind = plan->kinds ? plan->kinds[i] : CR_COLUMN_GUESS;
    for (size_t i = 0; i < plan->target_count; i++)
        reading->columns[plan->targets[i]].kind =
            plan->classify ? CR_COLUMN_CLASS : CR_COLUMN_TARGET;
    if (plan->lags && !cr_lags_copy(&reading->lags, plan->lags, err))
        return false;
    return cr_reading_place(reading, file, err);
}

/* Reads the table, learns its encoding, and leaves it translated. The caller finishes
 * both, whether or not it worked. */
static inline bool tables_learn(const cr_source *source, const tables_plan *plan,
                                cr_raw *raw, cr_encoding *encoding, cr_error *err)
{
    cr_opened file;
    cr_reading reading = {0};
    *raw = (cr_raw){0};
    *encoding = (cr_encoding){0};
    if (!cr_source_open(&file, source, err))
        return false;
    bool good = tables_choose(&reading, &file, plan, err) &&
                cr_source_read(&file, &reading, raw, err) &&
                cr_learn_encoding(encoding, &file, &reading, raw, err) &&
                cr_raw_translate(raw, encoding, err);
    cr_reading_finish(&reading);
    cr_source_close(&file);
    return good;
}

/* Whether the raw numbers are these [rows, width], to the bit. */
static inline bool tables_have_numbers(const cr_raw *raw, const double *expected)
{
    cr_numbers_view view;
    bool same = cr_numbers_view_init(&view, raw->numbers, NULL);
    for (size_t i = 0; same && i < raw->rows; i++)
        same = memcmp(cr_numbers_row(&view, i), expected + i * raw->width,
                      raw->width * sizeof *expected) == 0;
    cr_numbers_view_finish(&view);
    return same;
}

#endif
