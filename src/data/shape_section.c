#include "data/shape_section.h"

#include "data/json_lists.h"

#include <stdio.h>

#define MOST_INPUTS 1e9 /* of an example: see encoding_metadata.c */

void cr_shape_section_read(cr_reader *reader, const cr_json *list, cr_shape *shape)
{
    size_t count = cr_json_count(list), size = 1;
    cr_shape read = {0};
    bool good = count >= 1 && count <= CR_EXAMPLE_DIMENSIONS;
    for (const cr_json *i = cr_json_first(list); good && i; i = cr_json_next(i)) {
        good = cr_json_lists_is_count(i, MOST_INPUTS) && cr_json_number(i) >= 1;
        if (good)
            read.dim[read.rank++] = (size_t)cr_json_number(i);
    }
    good = good && cr_shape_count(&read, &size) && (double)size <= MOST_INPUTS;
    char found[CR_JSON_SHOWN];
    if (good)
        *shape = read;
    else
        cr_reader_error(
            reader, "data.shape",
            "found %s, expected one to three whole numbers of at least 1: [channels, "
            "height, width] of pictures, such as [1, 8, 8]",
            cr_json_show(list, found));
}

/* The s for which s² = area; 0: there is none. */
static size_t side(size_t area)
{
    size_t s = 1;
    while (s * s < area)
        s++;
    return s * s == area ? s : 0;
}

/* A shape for so many inputs, as close to the wanted one as there is: with its channels
 * as squares, or with its channels and height, or as squares of one. */
static cr_shape propose(const cr_shape *wanted, size_t inputs)
{
    const size_t *dim = wanted->dim;
    if (wanted->rank == 3 && inputs % dim[0] == 0 && side(inputs / dim[0]) > 0)
        return (cr_shape){3, {dim[0], side(inputs / dim[0]), side(inputs / dim[0])}};
    if (wanted->rank == 3 && inputs % (dim[0] * dim[1]) == 0)
        return (cr_shape){3, {dim[0], dim[1], inputs / (dim[0] * dim[1])}};
    if (wanted->rank == 3 && side(inputs) > 0)
        return (cr_shape){3, {1, side(inputs), side(inputs)}};
    if (wanted->rank == 2 && inputs % dim[0] == 0)
        return cr_shape_matrix(dim[0], inputs / dim[0]);
    return cr_shape_flat(inputs);
}

/* "[1, 8, 8]" */
static const char *format_list(const cr_shape *shape, char out[CR_SHAPE_TEXT])
{
    size_t used = 0;
    for (size_t i = 0; i < shape->rank; i++)
        used += (size_t)snprintf(out + used, CR_SHAPE_TEXT - used, "%s%zu",
                                 i > 0 ? ", " : "[", shape->dim[i]);
    snprintf(out + used, CR_SHAPE_TEXT - used, "]");
    return out;
}

bool cr_shape_section_apply(const cr_shape *shape, cr_reader *reader,
                            cr_encoding *encoding)
{
    char wanted[CR_SHAPE_TEXT], found[CR_SHAPE_TEXT];
    if (shape->rank == 0 || cr_shape_is_same(shape, &encoding->shape))
        return true;
    format_list(shape, wanted);
    if (encoding->shape.rank > 1) {
        cr_reader_error(reader, "data.shape",
                        "found %s, but the data is pictures of %s; write that, or remove "
                        "this key",
                        wanted, format_list(&encoding->shape, found));
        return false;
    }
    if (cr_shape_size(shape) != encoding->features) {
        const cr_shape other = propose(shape, encoding->features);
        cr_reader_error(reader, "data.shape",
                        "%s is %zu numbers, but an example has %zu inputs; %s fits (or "
                        "\"columns\" and \"ignore\" choose other inputs)",
                        wanted, cr_shape_size(shape), encoding->features,
                        format_list(&other, found));
        return false;
    }
    encoding->shape = *shape;
    return true;
}
