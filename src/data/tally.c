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

/* Gives alike cells one code where they are whole numbers, near one another, without
 * sorting them. False where they are not. */
static bool number_whole(cr_tally *tally)
{
    enum { WIDEST = 1024 };
    int32_t codes[WIDEST] = {0};
    double least = INFINITY, most = -INFINITY;
    if (!tally->numeric || tally->whole < tally->present)
        return false;
    for (size_t i = 0; i < tally->rows; i++) {
        least = tally->values[i] < least ? tally->values[i] : least;
        most = tally->values[i] > most ? tally->values[i] : most;
    }
    if (!(most - least < WIDEST))
        return false;
    for (size_t i = 0; i < tally->rows; i++)
        if (!isnan(tally->values[i]))
            codes[(size_t)(tally->values[i] - least)] = 1;
    for (size_t k = 0; k < WIDEST; k++)
        if (codes[k] > 0)
            codes[k] = (int32_t)tally->different++;
    for (size_t i = 0; i < tally->rows; i++)
        if (!isnan(tally->values[i]))
            tally->codes[i] = codes[(size_t)(tally->values[i] - least)];
    return true;
}

/* Gives alike cells one code. entries[present] are those that are there. */
static void number_alike(cr_tally *tally, entry *entries)
{
    if (number_whole(tally))
        return;
    int (*compare)(const void *, const void *) =
        tally->numeric ? compare_values : compare_texts;
    qsort(entries, tally->present, sizeof *entries, compare);
    for (size_t i = 0; i < tally->present; i++) {
        if (i == 0 || compare(&entries[i - 1], &entries[i]) != 0)
            tally->different++;
        tally->codes[entries[i].row] = (int32_t)tally->different - 1;
    }
}

static void add(cr_tally *tally, const cr_form *form, const char *cell, size_t row,
                entry *entries)
{
    if (tally->kinds[form->kind]++ == 0)
        tally->first[form->kind] = row;
    bool is_number = form->kind == CR_FORM_NUMBER;
    tally->whole += is_number && form->whole;
    tally->values[row] = is_number ? form->value : (double)NAN;
    tally->codes[row] = -1;
    if (cell)
        entries[tally->present++] = (entry){cell, tally->values[row], row};
}

/* Room for so many rows; their entries, which the caller frees; NULL when out of memory. */
static entry *allocate(cr_tally *tally, size_t rows, cr_error *err)
{
    *tally = (cr_tally){.rows = rows};
    tally->values = cr_alloc_raw(rows, sizeof *tally->values, err);
    tally->codes = cr_alloc_raw(rows, sizeof *tally->codes, err);
    return tally->values && tally->codes ? cr_alloc_raw(rows, sizeof(entry), err) : NULL;
}

/* With all cells added. entries: freed. */
static bool complete(cr_tally *tally, entry *entries)
{
    size_t numbers = tally->kinds[CR_FORM_NUMBER];
    tally->numeric = tally->present > 0 && numbers == tally->present;
    if (entries)
        number_alike(tally, entries);
    cr_free(entries);
    return entries != NULL;
}

bool cr_tally_init(cr_tally *tally, const cr_sample *sample, size_t i,
                   const cr_column *column, bool strict, cr_error *err)
{
    entry *entries = allocate(tally, sample->rows, err);
    for (size_t row = 0; entries && row < sample->rows; row++) {
        const char *cell = cr_sample_cell(sample, row, i);
        cr_form form;
        cr_form_of(column, cell, strlen(cell), &form);
        bool present =
            strict ? form.kind == CR_FORM_NUMBER : form.kind != CR_FORM_MISSING;
        add(tally, &form, present ? cell : NULL, row, entries);
    }
    return complete(tally, entries);
}

bool cr_tally_init_numbers(cr_tally *tally, const double *numbers, size_t rows,
                           cr_error *err)
{
    entry *entries = allocate(tally, rows, err);
    for (size_t row = 0; entries && row < rows; row++) {
        const cr_form form = {.kind =
                                  isnan(numbers[row]) ? CR_FORM_MISSING : CR_FORM_NUMBER,
                              .value = numbers[row],
                              .whole = floor(numbers[row]) == numbers[row]};
        add(tally, &form, form.kind == CR_FORM_NUMBER ? "" : NULL, row, entries);
    }
    return complete(tally, entries);
}
