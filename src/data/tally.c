#include "data/tally.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void cr_tally_finish(cr_tally *tally)
{
    cr_free(tally->values);
    cr_free(tally->codes);
    *tally = (cr_tally){0};
}

/* A cell while the column is sorted. */
typedef struct entry {
    const char *text;
    double value;
    size_t row;
} entry;

static int compare_texts(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->text, ((const entry *)b)->text);
}

static int compare_values(const void *a, const void *b)
{
    double x = ((const entry *)a)->value, y = ((const entry *)b)->value;
    return (x > y) - (x < y);
}

/* Gives alike cells one code. entries[present] are those that are there. */
static void number_alike(cr_tally *tally, entry *entries)
{
    int (*compare)(const void *, const void *) =
        tally->numeric ? compare_values : compare_texts;
    qsort(entries, tally->present, sizeof *entries, compare);
    for (size_t i = 0; i < tally->present; i++) {
        if (i == 0 || compare(&entries[i - 1], &entries[i]) != 0)
            tally->different++;
        tally->codes[entries[i].row] = (int32_t)tally->different - 1;
    }
}

static void add_cell(cr_tally *tally, const cr_column *column, const char *cell,
                     size_t row, entry *entries)
{
    cr_form form;
    cr_form_of(column, cell, strlen(cell), &form);
    if (tally->kinds[form.kind]++ == 0)
        tally->first[form.kind] = row;
    bool is_number = form.kind == CR_FORM_NUMBER;
    tally->whole += is_number && form.whole;
    tally->values[row] = is_number ? form.value : NAN;
    tally->codes[row] = -1;
    if (form.kind != CR_FORM_MISSING)
        entries[tally->present++] = (entry){cell, tally->values[row], row};
}

bool cr_tally_init(cr_tally *tally, const cr_sample *sample, size_t i,
                   const cr_column *column, cr_error *err)
{
    *tally = (cr_tally){.rows = sample->rows};
    tally->values = cr_alloc_raw(sample->rows, sizeof *tally->values, err);
    tally->codes = cr_alloc_raw(sample->rows, sizeof *tally->codes, err);
    entry *entries = cr_alloc_raw(sample->rows, sizeof *entries, err);
    bool good = tally->values && tally->codes && entries;
    for (size_t row = 0; good && row < sample->rows; row++)
        add_cell(tally, column, cr_sample_cell(sample, row, i), row, entries);
    tally->numeric = tally->present > 0 && tally->kinds[CR_FORM_NUMBER] == tally->present;
    if (good)
        number_alike(tally, entries);
    cr_free(entries);
    return good;
}
