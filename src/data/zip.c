#include "data/zip.h"

#include "base/memory.h"
#include "data/gzip.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    END = 22,     /* bytes of the record at the end, without its comment */
    END64 = 56,   /* of the one with 64-bit sizes */
    LOCATOR = 20, /* of what says where that one is; it stands in front of the end */
    MEMBER = 46,  /* of a member in the directory, without name, extra, comment */
    LOCAL = 30,   /* of a member's own header, without name and extra */
    MOST_COMMENT = 65535,
    MOST_RATIO = 1032 /* deflate packs no better */
};
#define UNKNOWN 0xFFFFFFFFu /* a number that stands elsewhere, with 64 bits */
#define LARGEST_DIRECTORY ((uint64_t)1 << 28) /* bytes */

struct cr_zip {
    const char *path;
    FILE *stream;
    uint64_t size; /* of the file */
    uint8_t *directory;
    size_t length; /* of the directory */
};

static uint64_t number(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value;
}

static bool is_signature(const uint8_t *bytes, const char *letters)
{
    return memcmp(bytes, "PK", 2) == 0 && memcmp(bytes + 2, letters, 2) == 0;
}

/* Whether the file has these bytes. */
static bool read_at(const cr_zip *archive, uint64_t offset, void *bytes, size_t length)
{
    return offset <= archive->size && length <= archive->size - offset &&
           fseeko(archive->stream, (off_t)offset, SEEK_SET) == 0 &&
           fread(bytes, 1, length, archive->stream) == length;
}

/* Where the record at the end begins; the size of the file where there is none. */
static uint64_t find_end(const cr_zip *archive, uint8_t *tail, size_t length)
{
    if (!read_at(archive, archive->size - length, tail, length))
        return archive->size;
    for (size_t at = length < END ? 0 : length - END + 1; at-- > 0;)
        if (is_signature(tail + at, "\5\6"))
            return archive->size - length + at;
    return archive->size;
}

/* Where the directory is and how long, also where that is said with 64 bits. */
static bool find_directory(const cr_zip *archive, uint64_t end, uint64_t *offset,
                           uint64_t *length)
{
    uint8_t record[END64];
    if (!read_at(archive, end, record, END))
        return false;
    *length = number(record + 12, 4);
    *offset = number(record + 16, 4);
    if (*length != UNKNOWN && *offset != UNKNOWN)
        return true;
    if (end < LOCATOR || !read_at(archive, end - LOCATOR, record, LOCATOR) ||
        !is_signature(record, "\6\7") ||
        !read_at(archive, number(record + 8, 8), record, END64) ||
        !is_signature(record, "\6\6"))
        return false;
    *length = number(record + 40, 8);
    *offset = number(record + 48, 8);
    return true;
}

static bool read_directory(cr_zip *archive, cr_error *err)
{
    size_t room = END + MOST_COMMENT;
    room = room < archive->size ? room : (size_t)archive->size;
    uint8_t *tail = cr_alloc_raw(room + 1, 1, err);
    if (!tail)
        return false;
    uint64_t offset = 0, length = 0;
    uint64_t end = find_end(archive, tail, room);
    bool found = find_directory(archive, end, &offset, &length) &&
                 length <= LARGEST_DIRECTORY && length <= archive->size;
    cr_free(tail);
    if (found)
        archive->directory = cr_alloc_raw((size_t)length + 1, 1, err);
    if (found && !archive->directory)
        return false;
    archive->length = (size_t)length;
    return (found && read_at(archive, offset, archive->directory, archive->length)) ||
           cr_fail(err, CR_E_DATA,
                   "%s: no zip archive, or not a whole one: its directory is missing",
                   archive->path);
}

cr_zip *cr_zip_open(const char *path, cr_error *err)
{
    cr_zip *archive = cr_alloc(1, sizeof *archive, err);
    if (!archive)
        return NULL;
    *archive = (cr_zip){.path = path, .stream = fopen(path, "rb")};
    bool good = archive->stream && fseeko(archive->stream, 0, SEEK_END) == 0;
    off_t size = good ? ftello(archive->stream) : -1;
    if (size < 0)
        cr_fail(err, CR_E_DATA, "%s: %s", path, strerror(errno));
    archive->size = size < 0 ? 0 : (uint64_t)size;
    if (size >= 0 && read_directory(archive, err))
        return archive;
    cr_zip_close(archive);
    return NULL;
}

void cr_zip_close(cr_zip *archive)
{
    if (!archive)
        return;
    if (archive->stream)
        fclose(archive->stream);
    cr_free(archive->directory);
    cr_free(archive);
}

/* The numbers that do not fit into 32 bits, in their order, from the field for them. */
static bool read_extra(cr_zip_member *member, const uint8_t *extra, size_t length)
{
    uint64_t *const numbers[] = {&member->size, &member->packed, &member->offset};
    while (length >= 4) {
        size_t size = (size_t)number(extra + 2, 2);
        if (size > length - 4)
            return false;
        const uint8_t *at = extra + 4, *end = at + size;
        for (size_t i = 0; number(extra, 2) == 1 && i < CR_COUNT(numbers); i++) {
            if (*numbers[i] != UNKNOWN)
                continue;
            if (end - at < 8)
                return false;
            *numbers[i] = number(at, 8);
            at += 8;
        }
        extra += 4 + size;
        length -= 4 + size;
    }
    return true;
}

bool cr_zip_next(const cr_zip *archive, size_t *at, cr_zip_member *member)
{
    const uint8_t *bytes = archive->directory + *at;
    size_t left = archive->length - *at;
    if (left < MEMBER || !is_signature(bytes, "\1\2"))
        return false;
    size_t name = (size_t)number(bytes + 28, 2), extra = (size_t)number(bytes + 30, 2);
    size_t whole = MEMBER + name + extra + (size_t)number(bytes + 32, 2);
    *member = (cr_zip_member){.name = (const char *)bytes + MEMBER,
                              .name_length = name,
                              .encrypted = bytes[8] & 1,
                              .method = (unsigned)number(bytes + 10, 2),
                              .crc32 = (uint32_t)number(bytes + 16, 4),
                              .packed = number(bytes + 20, 4),
                              .size = number(bytes + 24, 4),
                              .offset = number(bytes + 42, 4)};
    if (whole > left || !read_extra(member, bytes + MEMBER + name, extra))
        return false;
    *at += whole;
    return true;
}

/* Whether the member's data is in the file, and can become as much as is said. */
static bool find_data(const cr_zip *archive, const cr_zip_member *member,
                      uint64_t *offset)
{
    uint8_t header[LOCAL];
    if (!read_at(archive, member->offset, header, LOCAL) || !is_signature(header, "\3\4"))
        return false;
    *offset = member->offset + LOCAL + number(header + 26, 2) + number(header + 28, 2);
    return *offset <= archive->size && member->packed <= archive->size - *offset &&
           (member->method == 0 ? member->size == member->packed
                                : member->size / MOST_RATIO <= member->packed);
}

/* The member's data, unpacked; what is beyond `most` bytes may be missing. */
static bool read_data(const cr_zip *archive, const cr_zip_member *member, uint64_t offset,
                      size_t most, char *out, cr_error *err)
{
    size_t packed_length = (size_t)member->packed, size = (size_t)member->size;
    if (member->method == 0 && most < size)
        return read_at(archive, offset, out, most);
    char *packed = member->method == 0 ? out : cr_alloc_raw(packed_length + 1, 1, err);
    bool good = packed && read_at(archive, offset, packed, packed_length) &&
                (member->method == 0 || cr_gzip_unpack(packed, packed_length, out, size));
    if (packed != out)
        cr_free(packed);
    return good && cr_gzip_sum(out, size) == member->crc32;
}

char *cr_zip_read(const cr_zip *archive, const cr_zip_member *member, size_t most,
                  size_t *length, cr_error *err)
{
    uint64_t offset = 0;
    const char *name = member->name;
    int shown = member->name_length < 60 ? (int)member->name_length : 60;
    if (member->encrypted || (member->method != 0 && member->method != 8)) {
        cr_fail(err, CR_E_DATA, "%s: \"%.*s\" is %s, which is not read; pack it anew",
                archive->path, shown, name,
                member->encrypted ? "encrypted" : "packed in another way than deflate");
        return NULL;
    }
    bool found = find_data(archive, member, &offset) && member->size < SIZE_MAX / 2;
    char *out = found ? cr_alloc_raw((size_t)member->size + 1, 1, err) : NULL;
    if (found && !out)
        return NULL;
    if (!found || !read_data(archive, member, offset, most, out, err)) {
        cr_error_add(err, CR_E_DATA, "%s: the zip archive is damaged, at \"%.*s\"",
                     archive->path, shown, name);
        cr_free(out);
        return NULL;
    }
    *length = most < member->size ? most : (size_t)member->size;
    out[*length] = '\0';
    return out;
}
