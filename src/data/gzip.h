/* Bytes of a file, decompressed when it is gzip (recognised by its content, not its
 * name). */
#ifndef CHAINRULE_DATA_GZIP_H
#define CHAINRULE_DATA_GZIP_H

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cr_gzip cr_gzip;

CR_MUST_CHECK cr_gzip *cr_gzip_open(const char *path, cr_error *err);

/* A stream that is open already, such as standard input, and stays so; `name` is what
 * messages call it. */
CR_MUST_CHECK cr_gzip *cr_gzip_open_stream(int stream, const char *name, cr_error *err);

/* Reads up to size bytes; *got is less only at the end. A damaged or truncated file is
 * CR_E_DATA. */
CR_MUST_CHECK bool cr_gzip_read(cr_gzip *file, void *bytes, size_t size, size_t *got,
                                cr_error *err);

/* Reads what there is, up to size bytes; *got is 0 only at the end. */
CR_MUST_CHECK bool cr_gzip_read_some(cr_gzip *file, void *bytes, size_t size, size_t *got,
                                     cr_error *err);

/* Before anything is read: the checksum goes on from that of files before this one. */
void cr_gzip_sum_on(cr_gzip *file, uint32_t crc32);

/* CRC-32 of what was read of the file as it lies on the disk: of all once its end was
 * reached. */
uint32_t cr_gzip_crc32(const cr_gzip *file);

void cr_gzip_close(cr_gzip *file); /* takes NULL */

/* A file's content. */
typedef struct cr_content {
    char *text; /* ended with a 0 that is not counted; the caller frees it */
    size_t length;
    uint32_t crc32; /* of the file's bytes as they lie on the disk */
} cr_content;

/* The whole content; decompressed by libdeflate, at two to three times the speed of the
 * stream above. More than `limit` bytes is CR_E_DATA, "more than the … bytes that
 * <limit_is>". */
CR_MUST_CHECK bool cr_gzip_read_all(const char *path, size_t limit, const char *limit_is,
                                    cr_content *content, cr_error *err);

/* Deflate data without a header into out; false where it is not `length` bytes, and
 * without memory. */
CR_MUST_CHECK bool cr_gzip_unpack(const void *packed, size_t packed_length, void *out,
                                  size_t length);

/* CRC-32 of some bytes. */
uint32_t cr_gzip_sum(const void *bytes, size_t length);

#endif
