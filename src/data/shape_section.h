/* The config's "shape" in "data": inputs as pictures. */
#ifndef CHAINRULE_DATA_SHAPE_SECTION_H
#define CHAINRULE_DATA_SHAPE_SECTION_H

#include "config/reader.h"
#include "data/encoding.h"

/* Reads data.shape, a list of one to three whole numbers; errors go to the reader, and
 * then the shape has rank 0. */
void cr_shape_section_read(cr_reader *reader, const cr_json *list, cr_shape *shape);

/* Gives the encoding's examples the shape, of rank 0: nothing is changed. False with an
 * error for another number of inputs, and for pictures of another shape. */
CR_MUST_CHECK bool cr_shape_section_apply(const cr_shape *shape, cr_reader *reader,
                                          cr_encoding *encoding);

#endif
