/*
 * Rows of numbers as a source reads them: doubles that are packed without loss
 * (packed.h), a block of rows at a time, so that they take little more memory than what
 * they are read for.
 */
#ifndef CHAINRULE_DATA_NUMBERS_H
#define CHAINRULE_DATA_NUMBERS_H

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cr_numbers {
    size_t width, rows; /* width: numbers of a row, at least 1 */
    size_t block_rows;  /* rows of a block, a power of two */
    struct cr_numbers_block *blocks;
    size_t block_count, block_capacity;
    bool spills;  /* blocks lie in files (base/spill.h); for the caller to set */
    double *open; /* [open_rows, width] the rows behind the blocks, as they are */
    size_t open_rows;
    size_t open_room; /* rows that open has room for, at most block_rows */
    double *column;   /* [block_rows] scratch, for packing; NULL before the first block */
    void (*read)(void *from, size_t first, size_t count,
                 double *rows); /* of rows that lie elsewhere; NULL: they are packed */
    void (*finish)(void *from);
    void *from;
    int32_t **places; /* [width] what a column's numbers stand for, or NULL: themselves;
                           NULL: no column has any */
} cr_numbers;

/* NULL with err. */
CR_MUST_CHECK cr_numbers *cr_numbers_create(size_t width, cr_error *err);
void cr_numbers_destroy(cr_numbers *numbers); /* takes NULL */

/* Rows that lie elsewhere and stay there: read copies `count` of them [width]. finish is
 * called with `from` when they are no longer needed; also after a failure. */
CR_MUST_CHECK cr_numbers *
cr_numbers_create_over(size_t width, size_t rows,
                       void (*read)(void *from, size_t first, size_t count, double *rows),
                       void (*finish)(void *from), void *from, cr_error *err);

/* Makes room where there is none: see cr_numbers_next. */
CR_MUST_CHECK bool cr_numbers_grow(cr_numbers *numbers, cr_error *err);

/* Room for the next row [width], for the caller to fill; NULL with err. It is a row once
 * it is added. */
static inline double *cr_numbers_next(cr_numbers *numbers, cr_error *err)
{
    if (numbers->open_rows == numbers->open_room && !cr_numbers_grow(numbers, err))
        return NULL;
    return numbers->open + numbers->open_rows * numbers->width;
}

static inline void cr_numbers_add(cr_numbers *numbers)
{
    numbers->open_rows++;
    numbers->rows++;
}

/* From now on a number n of the column (0, 1, …) reads as places[n], a negative place as
 * NaN. places is the numbers' afterwards, also after a failure. Once a column. */
CR_MUST_CHECK bool cr_numbers_translate(cr_numbers *numbers, size_t column,
                                        int32_t *places, cr_error *err);

/* Frees what rows before this one took, as far as it can; they are not read any more. */
void cr_numbers_release(cr_numbers *numbers, size_t row);

/* A look at rows, fast where they come in order. */
typedef struct cr_numbers_view {
    const cr_numbers *numbers; /* borrowed */
    double *rows;              /* [room, width] from row `first` on, of which there are
                                  `count` */
    size_t room, first, count;
    size_t block; /* that it read last, of those that lie in files */
} cr_numbers_view;

/* The caller finishes it, also after a failure. */
CR_MUST_CHECK bool cr_numbers_view_init(cr_numbers_view *view, const cr_numbers *numbers,
                                        cr_error *err);
void cr_numbers_view_finish(cr_numbers_view *view); /* also of an empty one: {0} */

/* Reads the rows from `row` on: see cr_numbers_row. */
void cr_numbers_view_move(cr_numbers_view *view, size_t row);

/* Row number `row` [width], valid until another is asked for. */
static inline const double *cr_numbers_row(cr_numbers_view *view, size_t row)
{
    if (row - view->first >= view->count)
        cr_numbers_view_move(view, row);
    return view->rows + (row - view->first) * view->numbers->width;
}

#endif
