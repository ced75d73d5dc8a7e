#include "data/sample.h"

#include "base/memory.h"
#include "data/total_word.h"

#include <stdio.h>
#include <string.h>

enum {
    FEWEST = 64, /* rows, however many columns there are */
    LONGEST = 100
};

bool cr_sample_init(cr_sample *sample, size_t columns, size_t rows, size_t cells,
                    cr_error *err)
{
    size_t fit = columns > 0 ? cells / columns : 0;
    fit = fit > rows ? rows : fit < FEWEST ? FEWEST : fit;
    *sample = (cr_sample){.columns = columns, .capacity = fit - fit % 2, .stride = 1};
    size_t count = 0;
    if (!cr_memory_multiply(sample->capacity, columns, &count))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    sample->lines = cr_alloc_raw(sample->capacity, sizeof *sample->lines, err);
    sample->starts = cr_alloc_raw(count, sizeof *sample->starts, err);
    return sample->lines && sample->starts;
}

void cr_sample_finish(cr_sample *sample)
{
    cr_free(sample->lines);
    cr_free(sample->starts);
    cr_free(sample->text);
    *sample = (cr_sample){0};
}

/* Gives up every other row. */
static void thin_out(cr_sample *sample)
{
    size_t columns = sample->columns, used = 0;
    for (size_t i = 0; i < sample->rows / 2; i++) {
        size_t *from = sample->starts + 2 * i * columns,
               *to = sample->starts + i * columns;
        size_t begin = from[0], end = from[columns]; /* the row given up follows */
        memmove(sample->text + used, sample->text + begin, end - begin);
        for (size_t k = 0; k < columns; k++)
            to[k] = from[k] - begin + used;
        used += end - begin;
        sample->lines[i] = sample->lines[2 * i];
    }
    sample->rows /= 2;
    sample->used = used;
    sample->stride *= 2;
}

/* Whether the byte is one of a character in UTF-8, but not its first. */
static bool is_inside(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static void look_for_total(cr_sample *sample, const cr_csv_row *row)
{
    size_t at = cr_total_word_find(row);
    sample->last_is_total = at < row->count;
    sample->last_line = row->line;
    if (!sample->last_is_total)
        return;
    sample->totals++;
    snprintf(sample->total_word, sizeof sample->total_word, "%s", row->cells[at]);
}

bool cr_sample_take(cr_sample *sample, const cr_csv_row *row, cr_error *err)
{
    look_for_total(sample, row);
    if (sample->seen++ % sample->stride != 0)
        return true;
    if (sample->rows == sample->capacity)
        thin_out(sample); /* which keeps this row's turn: the capacity is even */
    size_t *starts = sample->starts + sample->rows * sample->columns;
    for (size_t i = 0; i < sample->columns; i++) {
        size_t length = i < row->count ? row->lengths[i] : 0;
        if (length > LONGEST) /* cut in front of a character */
            for (length = LONGEST; length > 0 && is_inside(row->cells[i][length]);)
                length--;
        if (!cr_reserve(&sample->text, &sample->text_capacity, sample->used + length + 1,
                        1, err))
            return false;
        if (length > 0)
            memcpy(sample->text + sample->used, row->cells[i], length);
        sample->text[sample->used + length] = '\0';
        starts[i] = sample->used;
        sample->used += length + 1;
    }
    sample->lines[sample->rows++] = row->line;
    return true;
}
