#include "data/data_rows.h"

#include "base/memory.h"
#include "base/spill.h"

/* The rows of a part, which are in the dataset's order, span a run of it. */
static cr_row_run span(const cr_part *part, size_t first, size_t last)
{
    if (first >= last)
        return (cr_row_run){0, 0};
    return (cr_row_run){cr_part_row(part, first), cr_part_row(part, last - 1) + 1};
}

/* Adds a run, which is joined with those that it touches. */
static size_t add_run(cr_row_run *runs, size_t count, cr_row_run run)
{
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        if (runs[i].first <= run.last && run.first <= runs[i].last) {
            run.first = runs[i].first < run.first ? runs[i].first : run.first;
            run.last = runs[i].last > run.last ? runs[i].last : run.last;
        } else {
            runs[kept++] = runs[i];
        }
    }
    while (at < kept && runs[at].first < run.first)
        at++;
    for (size_t i = kept; i > at; i--)
        runs[i] = runs[i - 1];
    runs[at] = run;
    return kept + 1;
}

size_t cr_data_rows_find(const cr_data *data, const cr_data_rows *rows, size_t dataset,
                         cr_row_run runs[CR_PARTS])
{
    size_t count = 0;
    for (size_t i = 0; i < CR_PARTS; i++) {
        const cr_part *part = &data->parts[i];
        const cr_row_run run = span(part, rows->first[i], rows->last[i]);
        if (part->dataset == &data->datasets[dataset] && run.last > run.first)
            count = add_run(runs, count, run);
    }
    return count;
}

/* An array of `rows` rows of `size` bytes, and how to forget a part of it. */
typedef struct array {
    void *bytes; /* NULL: there is none */
    size_t rows, size;
    void (*forget)(void *memory, size_t size);
} array;

static void keep(const array *a, const cr_row_run *runs, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; a->bytes && i <= count; i++) {
        size_t end = i < count ? runs[i].first : a->rows;
        a->forget((char *)a->bytes + at * a->size, (end - at) * a->size);
        at = i < count ? runs[i].last : at;
    }
}

void cr_data_rows_keep(cr_data *data, const cr_data_rows *rows)
{
    for (size_t i = 0; i < CR_PARTS; i++) {
        cr_dataset *set = &data->datasets[i];
        cr_row_run runs[CR_PARTS];
        size_t count = cr_data_rows_find(data, rows, i, runs), n = set->examples;
        bool whole = set->bytes == (const uint8_t *)set->content; /* no head before it */
        const array arrays[] = {
            {whole ? set->content : NULL, n, set->features, cr_memory_forget},
            {set->own, n, set->target_stride * sizeof(cr_real),
             set->spilled ? cr_spill_forget : cr_memory_forget},
            {set->labels, n, sizeof *set->labels, cr_memory_forget},
            {set->weights, n, sizeof *set->weights, cr_memory_forget}};
        for (size_t k = 0; k < CR_COUNT(arrays); k++)
            keep(&arrays[k], runs, count);
    }
}
