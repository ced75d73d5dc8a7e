/* IDX, the format of the MNIST files: unsigned bytes with a big-endian header; also
 * gzipped. */
#ifndef CHAINRULE_DATA_SOURCES_IDX_H
#define CHAINRULE_DATA_SOURCES_IDX_H

#include "data/gzip.h"

#include <stddef.h>
#include <stdint.h>

enum { CR_IDX_DIMENSIONS = 4 };

typedef struct cr_idx {
    size_t rank;                   /* 1 for labels, 3 or 4 for images */
    size_t dim[CR_IDX_DIMENSIONS]; /* dim[0] is the number of examples */
    const uint8_t *bytes;          /* their product, row-major; lies in content */
    cr_content content;            /* the whole file */
} cr_idx;

/* Reads the file whole. What its header announces bounds what is read. */
CR_MUST_CHECK bool cr_idx_read(cr_idx *idx, const char *path, cr_error *err);
void cr_idx_finish(cr_idx *idx);

/* Whether a file's first bytes look like IDX rather than text. False also for a file that
 * cannot be read. */
bool cr_idx_recognize(const char *path);

#endif
