/* Bytes of a file, decompressed when it is gzip (recognised by its content, not its
 * name). */
#ifndef CHAINRULE_DATA_GZIP_H
#define CHAINRULE_DATA_GZIP_H

#include <chainrule/error.h>
#include <stddef.h>

typedef struct cr_gzip cr_gzip;

CR_MUST_CHECK cr_gzip *cr_gzip_open(const char *path, cr_error *err);

/* Reads up to size bytes; *got is less only at the end. A damaged or truncated file is
 * CR_E_DATA. */
CR_MUST_CHECK bool cr_gzip_read(cr_gzip *file, void *bytes, size_t size, size_t *got,
                                cr_error *err);
void cr_gzip_close(cr_gzip *file); /* takes NULL */

/* The whole content, ended with a 0 that is not counted; decompressed by libdeflate, at
 * two to three times the speed of the stream above. More than `limit` bytes is CR_E_DATA,
 * "more than the … bytes that <limit_is>". The caller frees *text. */
CR_MUST_CHECK bool cr_gzip_read_all(const char *path, size_t limit, const char *limit_is,
                                    char **text, size_t *length, cr_error *err);

#endif
