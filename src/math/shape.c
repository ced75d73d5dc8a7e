#include "math/shape.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

bool cr_shape_count(const cr_shape *shape, size_t *size)
{
    *size = 1;
    for (size_t i = 0; i < shape->rank; i++) {
        if (shape->dim[i] != 0 && *size > SIZE_MAX / shape->dim[i])
            return false;
        *size *= shape->dim[i];
    }
    return true;
}

bool cr_shape_is_same(const cr_shape *a, const cr_shape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, a->rank * sizeof *a->dim) == 0;
}

const char *cr_shape_format(const cr_shape *shape, char out[CR_SHAPE_TEXT])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < shape->rank; i++)
        used += (size_t)snprintf(out + used, CR_SHAPE_TEXT - used, "%s%zu", i ? "x" : "",
                                 shape->dim[i]);
    return out;
}
