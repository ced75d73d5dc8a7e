/* NumPy's files of arrays: .npy (one array, also gzipped) and .npz (a zip archive of
 * them), of which "FILE.npz:NAME" is the path of one. */
#ifndef CHAINRULE_DATA_SOURCES_NPY_H
#define CHAINRULE_DATA_SOURCES_NPY_H

#include "data/sources/array.h"

/* Reads the file whole, and arrays in Fortran's order as if they were in C's. What its
 * header announces bounds what is read. The path is borrowed; the caller finishes the
 * array, which is empty after a failure. */
CR_MUST_CHECK bool cr_npy_read(cr_array *array, const char *path, cr_error *err);

/* Reads all but the data. */
CR_MUST_CHECK bool cr_npy_peek(cr_array *array, const char *path, cr_error *err);

/* Whether a file's first bytes are those of .npy, or of .npz. False also for a file that
 * cannot be read. */
bool cr_npy_recognize(const char *path);

#endif
