/*
 * safetensors files: 8 bytes of header length (little-endian), a JSON header, the
 * tensors' bytes.
 *
 * What we write carries a checksum in its metadata: "crc32", 8 lower-case hexadecimal
 * digits of the CRC-32 of the whole file with those digits as 0. Files are untrusted:
 * everything is checked before it is used. Hosts are little-endian.
 */
#ifndef CHAINRULE_GRAPH_SAFETENSORS_H
#define CHAINRULE_GRAPH_SAFETENSORS_H

#include "base/flush.h"
#include "config/document.h"
#include "config/json.h"
#include "graph/network.h"

#include <stdint.h>

/* A tensor to write: a view, row-major. */
typedef struct cr_tensor {
    const char *name;
    cr_shape shape;
    const cr_real *data;
} cr_tensor;

/* Writes the file whole or not at all. behind: NULL, or the file is on the disk when this
 * returns, and comes into its place when this flush of another file is done ({0}: none).
 * metadata: an object of strings, which gets "crc32" added. */
CR_MUST_CHECK bool cr_safetensors_write(const char *path, const cr_tensor *tensors,
                                        size_t count, cr_json *metadata, cr_flush *behind,
                                        cr_error *err);

/* The same into memory, [*length] bytes, which the caller frees with cr_free. */
CR_MUST_CHECK bool cr_safetensors_write_bytes(const cr_tensor *tensors, size_t count,
                                              cr_json *metadata, void **bytes,
                                              size_t *length, cr_error *err);

typedef struct cr_safetensors {
    char *path;
    char *bytes; /* the whole file */
    size_t length;
    cr_document header;
    const cr_json *metadata; /* in the header; NULL when there is none */
    const char *data;        /* first byte behind the header */
    size_t data_length;
    uint32_t crc32; /* of the whole file */
} cr_safetensors;

/* Reads and checks a file: form, sizes, offsets without gaps or overlaps, and the
 * checksum if there is one. */
CR_MUST_CHECK bool cr_safetensors_read(cr_safetensors *file, const char *path,
                                       cr_error *err);

/* The same of bytes in memory, which are copied; messages call them `name`. */
CR_MUST_CHECK bool cr_safetensors_parse(cr_safetensors *file, const char *name,
                                        const void *bytes, size_t length, cr_error *err);
void cr_safetensors_finish(cr_safetensors *file); /* takes zeros */

/* Copies all tensors of the network out of the file. Every one must be there in its
 * shape, and no other (but PyTorch's counters "….num_batches_tracked"). On an error nothing
 * was copied. */
CR_MUST_CHECK bool cr_safetensors_load(const cr_safetensors *file, cr_network *network,
                                       cr_error *err);

/* Copies a tensor of one dimension and exactly `size` numbers of our own type. */
CR_MUST_CHECK bool cr_safetensors_copy(const cr_safetensors *file, const char *name,
                                       size_t size, cr_real *to, cr_error *err);

/* CRC-32 of the network's tensors, without padding: the same for the same bits. */
uint32_t cr_safetensors_crc32(const cr_network *network);

#endif
