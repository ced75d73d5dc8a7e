#include "base/byte_stream.h"

#include "base/memory.h"

#include <string.h>

enum { LONGEST_TEXT = 1 << 26 };

bool cr_byte_stream_fail(cr_error *err)
{
    return cr_fail(err, CR_E_IO, "what came from another process is damaged");
}

bool cr_byte_stream_put(cr_byte_stream *s, const void *bytes, size_t length,
                        cr_error *err)
{
    s->hash = cr_hash_bytes(s->hash, bytes, length);
    return s->move(s->user, (void *)bytes, length, err);
}

bool cr_byte_stream_put_whole(cr_byte_stream *s, uint64_t number, cr_error *err)
{
    return cr_byte_stream_put(s, &number, sizeof number, err);
}

bool cr_byte_stream_put_text(cr_byte_stream *s, const char *text, cr_error *err)
{
    size_t length = strlen(text);
    return cr_byte_stream_put_whole(s, length, err) &&
           cr_byte_stream_put(s, text, length, err);
}

bool cr_byte_stream_put_array(cr_byte_stream *s, const void *array, size_t count,
                              size_t size, cr_error *err)
{
    return cr_byte_stream_put_whole(s, array != NULL, err) &&
           (!array || (cr_byte_stream_put_whole(s, count, err) &&
                       cr_byte_stream_put(s, array, count * size, err)));
}

bool cr_byte_stream_put_end(cr_byte_stream *s, cr_error *err)
{
    const cr_hash hash = s->hash;
    return cr_byte_stream_put(s, &hash, sizeof hash, err);
}

bool cr_byte_stream_get(cr_byte_stream *s, void *bytes, size_t length, cr_error *err)
{
    bool good = s->move(s->user, bytes, length, err);
    if (good)
        s->hash = cr_hash_bytes(s->hash, bytes, length);
    return good;
}

bool cr_byte_stream_get_whole(cr_byte_stream *s, uint64_t *number, cr_error *err)
{
    return cr_byte_stream_get(s, number, sizeof *number, err);
}

bool cr_byte_stream_get_count(cr_byte_stream *s, uint64_t most, size_t *count,
                              cr_error *err)
{
    uint64_t number = 0;
    if (!cr_byte_stream_get_whole(s, &number, err))
        return false;
    *count = (size_t)number;
    return number <= most || cr_byte_stream_fail(err);
}

char *cr_byte_stream_get_text(cr_byte_stream *s, cr_error *err)
{
    size_t length = 0;
    if (!cr_byte_stream_get_count(s, LONGEST_TEXT, &length, err))
        return NULL;
    char *text = cr_alloc_raw(length + 1, 1, err);
    if (text && !cr_byte_stream_get(s, text, length, err)) {
        cr_free(text);
        return NULL;
    }
    if (text)
        text[length] = '\0';
    return text;
}

/* What a damaged stream says of its length is not believed: memory grows with what comes. */
enum { FIRST_BYTES = 1 << 26 };

static void *get_block(cr_byte_stream *s, size_t bytes, cr_error *err)
{
    size_t room = bytes < FIRST_BYTES ? bytes : FIRST_BYTES, have = 0;
    char *memory = cr_alloc_raw(room, 1, err);
    while (memory && cr_byte_stream_get(s, memory + have, room - have, err)) {
        if (room == bytes)
            return memory;
        have = room;
        room = bytes - room < room ? bytes : 2 * room;
        char *larger = cr_alloc_raw(room, 1, err);
        if (larger)
            memcpy(larger, memory, have);
        cr_free(memory);
        memory = larger;
    }
    cr_free(memory);
    return NULL;
}

bool cr_byte_stream_get_array(cr_byte_stream *s, void *array, size_t count, size_t size,
                              cr_error *err)
{
    size_t present = 0, sent = 0, bytes = 0;
    void *memory = NULL;
    bool good = cr_byte_stream_get_count(s, 1, &present, err);
    if (good && present) {
        good = cr_byte_stream_get_count(s, count, &sent, err) &&
               ((sent == count && cr_memory_multiply(count, size, &bytes)) ||
                cr_byte_stream_fail(err));
        memory = good ? get_block(s, bytes, err) : NULL;
        good = memory != NULL;
    }
    memcpy(array, &memory, sizeof memory);
    return good;
}

bool cr_byte_stream_get_end(cr_byte_stream *s, cr_error *err)
{
    const cr_hash expected = s->hash;
    cr_hash hash;
    return cr_byte_stream_get(s, &hash, sizeof hash, err) &&
           (cr_hash_compare(hash, expected) == 0 || cr_byte_stream_fail(err));
}
