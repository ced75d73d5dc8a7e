/* Values as bytes, sent and received in the same order, between processes of one program
 * on machines of one kind: numbers are as the machine has them. */
#ifndef CHAINRULE_BASE_BYTE_STREAM_H
#define CHAINRULE_BASE_BYTE_STREAM_H

#include "base/hash.h"

#include <chainrule/error.h>

/* One direction. */
typedef struct cr_byte_stream {
    /* Sends, or fills, all of bytes[0..length). */
    bool (*move)(void *user, void *bytes, size_t length, cr_error *err);
    void *user;
    cr_hash hash; /* of what went by; starts as zeros */
} cr_byte_stream;

/* Sending. An array may be NULL; a text may not. */
CR_MUST_CHECK bool cr_byte_stream_put(cr_byte_stream *s, const void *bytes, size_t length,
                                      cr_error *err);
CR_MUST_CHECK bool cr_byte_stream_put_whole(cr_byte_stream *s, uint64_t number,
                                            cr_error *err);
CR_MUST_CHECK bool cr_byte_stream_put_text(cr_byte_stream *s, const char *text,
                                           cr_error *err);
CR_MUST_CHECK bool cr_byte_stream_put_array(cr_byte_stream *s, const void *array,
                                            size_t count, size_t size, cr_error *err);
/* The hash of all before it. */
CR_MUST_CHECK bool cr_byte_stream_put_end(cr_byte_stream *s, cr_error *err);

/* Receiving. */
CR_MUST_CHECK bool cr_byte_stream_get(cr_byte_stream *s, void *bytes, size_t length,
                                      cr_error *err);
CR_MUST_CHECK bool cr_byte_stream_get_whole(cr_byte_stream *s, uint64_t *number,
                                            cr_error *err);
/* At most `most`; what is more is damage. */
CR_MUST_CHECK bool cr_byte_stream_get_count(cr_byte_stream *s, uint64_t most,
                                            size_t *count, cr_error *err);
/* Of at most 64 MiB, which the caller frees; NULL with err. */
CR_MUST_CHECK char *cr_byte_stream_get_text(cr_byte_stream *s, cr_error *err);
/* *array[count], which the caller frees, or NULL. Another count is damage. */
CR_MUST_CHECK bool cr_byte_stream_get_array(cr_byte_stream *s, void *array, size_t count,
                                            size_t size, cr_error *err);
CR_MUST_CHECK bool cr_byte_stream_get_end(cr_byte_stream *s, cr_error *err);

/* Reports damage. Returns false. */
bool cr_byte_stream_fail(cr_error *err);

#endif
