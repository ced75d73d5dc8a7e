#include "data/sources/npz.h"

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "data/zip.h"

#include <string.h>

enum { PIECE = 1 << 16 };

static const char suffix[] = ".npy"; /* of every member's name */

/* How long the member's name is without its end; 0: it is no array. */
static size_t name_length(const cr_zip_member *member)
{
    size_t end = sizeof suffix - 1, length = member->name_length;
    return length > end && memcmp(member->name + length - end, suffix, end) == 0
               ? length - end
               : 0;
}

/* The array of this name, or the only one where name is NULL; how many there are in
 * *arrays, and what they are called. */
static bool find_array(const cr_zip *archive, const char *name, cr_zip_member *found,
                       size_t *arrays, cr_text *names)
{
    enum { MOST_SHOWN = 300 };
    bool is_found = false;
    cr_zip_member member;
    *arrays = 0;
    for (size_t at = 0; cr_zip_next(archive, &at, &member);) {
        size_t length = name_length(&member);
        if (length == 0)
            continue;
        if (name ? length == strlen(name) && memcmp(member.name, name, length) == 0
                 : *arrays == 0) {
            *found = member;
            is_found = true;
        }
        if (names->length < MOST_SHOWN)
            cr_text_add(names, "%s\"%.*s\"", *arrays > 0 ? ", " : "", (int)length,
                        member.name);
        *arrays += 1;
    }
    return is_found && (name || *arrays == 1);
}

static bool read_archive(const cr_zip *archive, const char *file, const char *name,
                         size_t most, cr_content *content, cr_error *err)
{
    cr_zip_member member;
    cr_text names = {0};
    size_t arrays = 0;
    bool found = find_array(archive, name, &member, &arrays, &names);
    const char *list = names.failed || arrays == 0 ? "no arrays" : names.data;
    if (found)
        content->text = cr_zip_read(archive, &member, most, &content->length, err);
    else if (name)
        cr_fail(err, CR_E_DATA, "%s: it has no array \"%.60s\"; it has %s", file, name,
                list);
    else
        cr_fail(err, CR_E_DATA,
                "%s: it has %s; which of them is said behind a colon: \"%s:NAME\"", file,
                list, file);
    cr_text_finish(&names);
    return content->text != NULL;
}

/* CRC-32 of the whole archive. */
static bool sum(const char *file, uint32_t *crc32, cr_error *err)
{
    char piece[PIECE];
    size_t got = 1;
    cr_gzip *stream = cr_gzip_open(file, err);
    bool good = stream != NULL;
    while (good && got > 0)
        good = cr_gzip_read(stream, piece, sizeof piece, &got, err);
    *crc32 = good ? cr_gzip_crc32(stream) : 0;
    cr_gzip_close(stream);
    return good;
}

bool cr_npz_read(const char *path, size_t most, cr_content *content, cr_error *err)
{
    const char *name = cr_path_member(path);
    size_t length = name ? (size_t)(name - path) - 1 : strlen(path);
    char *file = cr_text_copy(path, length, err);
    *content = (cr_content){0};
    bool good = file && (most < SIZE_MAX || sum(file, &content->crc32, err));
    cr_zip *archive = good ? cr_zip_open(file, err) : NULL;
    good = archive && read_archive(archive, file, name, most, content, err);
    cr_zip_close(archive);
    cr_free(file);
    return good;
}
