/* The header of an .npy file: a Python dictionary with the type of the elements, the order
 * of the dimensions and the shape, behind a magic number, the version and its length. */
#ifndef CHAINRULE_DATA_SOURCES_NPY_HEADER_H
#define CHAINRULE_DATA_SOURCES_NPY_HEADER_H

#include "data/sources/array.h"

/* The most bytes of a header, with what stands before it. */
enum { CR_NPY_HEADER_BYTES = 1 << 14 };

extern const char cr_npy_header_magic[6];

/* The header at the beginning of a file, of which `bytes` has as many bytes as there are,
 * up to CR_NPY_HEADER_BYTES. Fills all of the array but its data; *head is the length of
 * it all, *fortran whether the first dimension is the one that changes fastest. The path
 * is borrowed. */
CR_MUST_CHECK bool cr_npy_header_read(cr_array *array, const char *path,
                                      const uint8_t *bytes, size_t length, size_t *head,
                                      bool *fortran, cr_error *err);

#endif
