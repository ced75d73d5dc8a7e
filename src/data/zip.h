/* Zip archives (PKWARE's APPNOTE.TXT 6.3): members that are stored or deflated, with 64-bit
 * sizes where there are some. Files are untrusted: all that they say of places and sizes
 * is checked. */
#ifndef CHAINRULE_DATA_ZIP_H
#define CHAINRULE_DATA_ZIP_H

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cr_zip cr_zip;

/* A member, as the archive's directory describes it. */
typedef struct cr_zip_member {
    const char *name; /* not ended with a 0; the archive's */
    size_t name_length;
    unsigned method; /* 0: stored, 8: deflated; others are not read */
    bool encrypted;
    uint32_t crc32;        /* of its content */
    uint64_t packed, size; /* bytes, in the archive and outside of it */
    uint64_t offset;       /* of its own header in the archive */
} cr_zip_member;

/* The path is borrowed. NULL with CR_E_DATA for what is no whole archive. */
CR_MUST_CHECK cr_zip *cr_zip_open(const char *path, cr_error *err);
void cr_zip_close(cr_zip *archive); /* takes NULL */

/* The member that begins at *at of the directory, which moves on to the next; 0 is the
 * first. False behind the last, and where the directory is damaged. */
bool cr_zip_next(const cr_zip *archive, size_t *at, cr_zip_member *member);

/* The member's content, of which the first `most` bytes are wanted, or all; ended with a 0
 * that is not counted. The caller frees it; NULL with err. */
CR_MUST_CHECK char *cr_zip_read(const cr_zip *archive, const cr_zip_member *member,
                                size_t most, size_t *length, cr_error *err);

#endif
