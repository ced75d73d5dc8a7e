/* The shape of one example, without the batch: up to three dimensions, (channels, height,
 * width). */
#ifndef CHAINRULE_MATH_SHAPE_H
#define CHAINRULE_MATH_SHAPE_H

#include <stddef.h>

enum { CR_DIMENSIONS = 3 };

typedef struct cr_shape {
    size_t rank;               /* 1 to 3 */
    size_t dim[CR_DIMENSIONS]; /* each at least 1 */
} cr_shape;

static inline cr_shape cr_shape_flat(size_t size)
{
    return (cr_shape){1, {size}};
}

/* The number of values. */
static inline size_t cr_shape_size(const cr_shape *shape)
{
    size_t size = 1;
    for (size_t i = 0; i < shape->rank; i++)
        size *= shape->dim[i];
    return size;
}

/* "1x28x28" into out; returns out. */
enum { CR_SHAPE_TEXT = 72 };
const char *cr_shape_format(const cr_shape *shape, char out[CR_SHAPE_TEXT]);

#endif
