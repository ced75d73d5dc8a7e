/* Shapes of tensors, row-major: of one example without the batch (up to three dimensions,
 * such as channels, height, width), and of parameters and stored tensors (up to four). */
#ifndef CHAINRULE_MATH_SHAPE_H
#define CHAINRULE_MATH_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { CR_DIMENSIONS = 4, CR_EXAMPLE_DIMENSIONS = 3 };

typedef struct cr_shape {
    size_t rank;               /* 1 to 4 */
    size_t dim[CR_DIMENSIONS]; /* dim[0..rank), each at least 1; 0 behind them */
} cr_shape;

static inline cr_shape cr_shape_flat(size_t size)
{
    return (cr_shape){1, {size}};
}

static inline cr_shape cr_shape_matrix(size_t rows, size_t columns)
{
    return (cr_shape){2, {rows, columns}};
}

/* The number of values. */
static inline size_t cr_shape_size(const cr_shape *shape)
{
    size_t size = 1;
    for (size_t i = 0; i < shape->rank; i++)
        size *= shape->dim[i];
    return size;
}

/* The number of values of one channel, the first dimension: 1 for a flat shape, whose values
 * are channels all. */
static inline size_t cr_shape_plane(const cr_shape *shape)
{
    return cr_shape_size(shape) / shape->dim[0];
}

/* The number of values into *size; false where it is more than a size_t holds. */
bool cr_shape_count(const cr_shape *shape, size_t *size);

bool cr_shape_is_same(const cr_shape *a, const cr_shape *b);

/* "1x28x28" into out; returns out. */
enum { CR_SHAPE_TEXT = 96 };
const char *cr_shape_format(const cr_shape *shape, char out[CR_SHAPE_TEXT]);

#endif
