#include "math/shape.h"

#include <stdio.h>

const char *cr_shape_format(const cr_shape *shape, char out[CR_SHAPE_TEXT])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < shape->rank; i++)
        used += (size_t)snprintf(out + used, CR_SHAPE_TEXT - used, "%s%zu", i ? "x" : "",
                                 shape->dim[i]);
    return out;
}
