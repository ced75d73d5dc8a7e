#include "data/numbers.h"

#include "base/memory.h"
#include "base/spill.h"
#include "data/packed.h"

#include <math.h>
#include <string.h>

enum {
    BLOCK_NUMBERS = 1 << 18, /* of a block, about */
    FEWEST_ROWS = 64,        /* of a block */
    FIRST_ROWS = 64,         /* that there is room for at first */
    VIEW_NUMBERS = 1 << 12   /* that a view unpacks at once, about */
};

/* block_rows rows, column by column. */
typedef struct cr_numbers_block {
    struct part {
        size_t offset; /* bytes */
        cr_packing packing;
    } * parts;    /* [width] */
    void *packed; /* [size]; NULL once it is released */
    size_t size;  /* bytes */
} block;

cr_numbers *cr_numbers_create(size_t width, cr_error *err)
{
    cr_numbers *numbers = cr_alloc(1, sizeof *numbers, err);
    if (!numbers)
        return NULL;
    numbers->width = width;
    numbers->block_rows = FEWEST_ROWS;
    while (numbers->block_rows * width * 2 <= BLOCK_NUMBERS)
        numbers->block_rows *= 2;
    return numbers;
}

cr_numbers *cr_numbers_create_over(size_t width, size_t rows,
                                   void (*read)(void *from, size_t first, size_t count,
                                                double *rows),
                                   void (*finish)(void *from), void *from, cr_error *err)
{
    cr_numbers *numbers = cr_numbers_create(width, err);
    if (!numbers) {
        finish(from);
        return NULL;
    }
    numbers->rows = rows;
    numbers->read = read;
    numbers->finish = finish;
    numbers->from = from;
    return numbers;
}

static void finish_block(block *b)
{
    cr_memory_unmap(b->packed, b->size);
    cr_free(b->parts);
    *b = (block){0};
}

void cr_numbers_destroy(cr_numbers *numbers)
{
    if (!numbers)
        return;
    for (size_t i = 0; i < numbers->block_count; i++)
        finish_block(&numbers->blocks[i]);
    for (size_t i = 0; numbers->places && i < numbers->width; i++)
        cr_free(numbers->places[i]);
    if (numbers->finish)
        numbers->finish(numbers->from);
    cr_free(numbers->blocks);
    cr_free(numbers->open);
    cr_free(numbers->column);
    cr_free(numbers->places);
    cr_free(numbers);
}

static const double *gather(const cr_numbers *numbers, size_t column)
{
    for (size_t i = 0; i < numbers->open_rows; i++)
        numbers->column[i] = numbers->open[i * numbers->width + column];
    return numbers->column;
}

/* Where each column goes, and as what. */
static void plan_block(const cr_numbers *numbers, block *b)
{
    for (size_t j = 0; j < numbers->width; j++) {
        cr_packing packing = cr_packed_choose(gather(numbers, j), numbers->block_rows);
        b->parts[j] = (struct part){b->size, packing};
        b->size += numbers->block_rows * cr_packed_size(packing);
    }
}

/* The open rows, which are as many as a block has, as one. */
static bool pack(cr_numbers *numbers, cr_error *err)
{
    if (!cr_reserve(&numbers->blocks, &numbers->block_capacity, numbers->block_count + 1,
                    sizeof *numbers->blocks, err))
        return false;
    if (!numbers->column)
        numbers->column = cr_alloc_raw(numbers->block_rows, sizeof *numbers->column, err);
    block b = {.parts = cr_alloc(numbers->width, sizeof *b.parts, err)};
    if (!numbers->column || !b.parts) {
        cr_free(b.parts);
        return false;
    }
    plan_block(numbers, &b);
    b.packed =
        numbers->spills ? cr_spill_create(b.size, err) : cr_memory_map(b.size, err);
    if (!b.packed) {
        cr_free(b.parts);
        return false;
    }
    for (size_t j = 0; j < numbers->width; j++)
        cr_packed_write(b.parts[j].packing, gather(numbers, j), numbers->block_rows,
                        (char *)b.packed + b.parts[j].offset);
    if (numbers->spills)
        cr_spill_rest(b.packed, b.size);
    numbers->blocks[numbers->block_count++] = b;
    numbers->open_rows = 0;
    return true;
}

bool cr_numbers_grow(cr_numbers *numbers, cr_error *err)
{
    if (numbers->open_room == numbers->block_rows)
        return pack(numbers, err);
    size_t room = numbers->open_room * 2;
    room = room < FIRST_ROWS ? FIRST_ROWS : room;
    size_t had = numbers->open_room * numbers->width, wanted = 0;
    if (!cr_memory_multiply(room, numbers->width, &wanted) ||
        !cr_reserve(&numbers->open, &had, wanted, sizeof *numbers->open, err))
        return false;
    numbers->open_room = room;
    return true;
}

bool cr_numbers_translate(cr_numbers *numbers, size_t column, int32_t *places,
                          cr_error *err)
{
    if (!numbers->places)
        numbers->places = cr_alloc(numbers->width, sizeof *numbers->places, err);
    if (!numbers->places) {
        cr_free(places);
        return false;
    }
    numbers->places[column] = places;
    return true;
}

void cr_numbers_release(cr_numbers *numbers, size_t row)
{
    if (numbers->read)
        return;
    for (size_t i = row / numbers->block_rows; i-- > 0 && numbers->blocks[i].packed;)
        finish_block(&numbers->blocks[i]);
}

bool cr_numbers_view_init(cr_numbers_view *view, const cr_numbers *numbers, cr_error *err)
{
    size_t room = numbers->block_rows;
    *view = (cr_numbers_view){.numbers = numbers};
    while (room > 1 && room * numbers->width > VIEW_NUMBERS)
        room /= 2;
    view->room = room;
    view->rows = cr_alloc_raw(room * numbers->width, sizeof *view->rows, err);
    return view->rows != NULL;
}

void cr_numbers_view_finish(cr_numbers_view *view)
{
    cr_free(view->rows);
    *view = (cr_numbers_view){0};
}

static void put_places(cr_numbers_view *view, size_t column)
{
    size_t width = view->numbers->width;
    const int32_t *places = view->numbers->places[column];
    for (size_t i = 0; i < view->count; i++) {
        double *value = &view->rows[i * width + column];
        int32_t place = *value >= 0 ? places[(size_t)*value] : -1; /* NaN stays NaN */
        *value = place >= 0 ? (double)place : NAN;
    }
}

/* Rows come in order, block by block: what the view has left need not stay in memory. */
static const block *enter_block(cr_numbers_view *view, size_t i)
{
    const cr_numbers *numbers = view->numbers;
    const block *left = &numbers->blocks[view->block];
    if (numbers->spills && i != view->block && left->packed)
        cr_spill_rest(left->packed, left->size);
    view->block = i;
    return &numbers->blocks[i];
}

void cr_numbers_view_move(cr_numbers_view *view, size_t row)
{
    const cr_numbers *numbers = view->numbers;
    size_t packed = numbers->block_count * numbers->block_rows, width = numbers->width;
    view->first = row / view->room * view->room; /* blocks are multiples of that */
    view->count = numbers->rows - view->first;
    view->count = view->count < view->room ? view->count : view->room;
    if (numbers->read) {
        numbers->read(numbers->from, view->first, view->count, view->rows);
    } else if (view->first >= packed) {
        memcpy(view->rows, numbers->open + (view->first - packed) * width,
               view->count * width * sizeof *view->rows);
    } else {
        const block *b = enter_block(view, view->first / numbers->block_rows);
        size_t at = view->first % numbers->block_rows;
        for (size_t j = 0; j < width; j++)
            cr_packed_read(b->parts[j].packing, (char *)b->packed + b->parts[j].offset,
                           at, view->count, view->rows + j, width);
    }
    for (size_t j = 0; numbers->places && j < width; j++)
        if (numbers->places[j])
            put_places(view, j);
}
