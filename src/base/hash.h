/* Hashes of content, 128 bits: two different things meet in one with a chance of 2⁻¹²⁸.
 */
#ifndef CHAINRULE_BASE_HASH_H
#define CHAINRULE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct cr_hash {
    uint64_t low, high;
} cr_hash;

enum { CR_HASH_TEXT = 33 };

/* The hash of bytes[0..length), mixed with `before` (zeros for a beginning). */
cr_hash cr_hash_bytes(cr_hash before, const void *bytes, size_t length);

/* Continues a hash with the characters of a text, without its final 0. */
cr_hash cr_hash_text(cr_hash before, const char *text);

/* Writes the hash as 32 lower-case hexadecimal digits. Returns out. */
const char *cr_hash_format(cr_hash hash, char out[CR_HASH_TEXT]);

/* Below, equal or above 0, for any fixed order. */
int cr_hash_compare(cr_hash a, cr_hash b);

#endif
