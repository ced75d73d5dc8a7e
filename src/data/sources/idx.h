/* IDX, the format of the MNIST files: numbers of one type with a big-endian header; also
 * gzipped. */
#ifndef CHAINRULE_DATA_SOURCES_IDX_H
#define CHAINRULE_DATA_SOURCES_IDX_H

#include "data/sources/array.h"

/* Reads the file whole. What its header announces bounds what is read. The path is
 * borrowed; the caller finishes the array, which is empty after a failure. */
CR_MUST_CHECK bool cr_idx_read(cr_array *array, const char *path, cr_error *err);

/* Whether a file's first bytes look like IDX rather than text. False also for a file that
 * cannot be read. */
bool cr_idx_recognize(const char *path);

#endif
