#include "data/sources/npz.h"

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <zip.h>

enum { MOST_RATIO = 1032, PIECE = 1 << 16 }; /* deflate packs no better */

/* "x_train", "y_train" */
static void list_arrays(zip_t *archive, cr_text *out)
{
    zip_int64_t count = zip_get_num_entries(archive, 0);
    for (zip_int64_t i = 0; i < count && out->length < 300; i++) {
        const char *name = zip_get_name(archive, (zip_uint64_t)i, 0);
        size_t length = name ? strlen(name) : 0;
        if (length > 4 && strcmp(name + length - 4, ".npy") == 0)
            cr_text_add(out, "%s\"%.*s\"", out->length > 0 ? ", " : "", (int)length - 4,
                        name);
    }
}

/* The member's place; -1 with err. */
static zip_int64_t find_member(zip_t *archive, const char *file, const char *name,
                               cr_error *err)
{
    char with_end[256];
    zip_int64_t place = -1;
    if (name) {
        snprintf(with_end, sizeof with_end, "%s.npy", name);
        place = zip_name_locate(archive, with_end, 0);
    } else if (zip_get_num_entries(archive, 0) == 1) {
        return 0;
    }
    if (place >= 0)
        return place;
    cr_text names = {0};
    list_arrays(archive, &names);
    const char *list = names.failed || !names.data ? "no arrays" : names.data;
    if (name)
        cr_fail(err, CR_E_DATA, "%s: it has no array \"%.60s\"; it has %s", file, name,
                list);
    else
        cr_fail(err, CR_E_DATA,
                "%s: it has %s; which of them is said behind a colon: \"%s:NAME\"", file,
                list, file);
    cr_text_finish(&names);
    return -1;
}

/* The member's length, as far as it can be. */
static bool find_length(zip_t *archive, zip_uint64_t place, const char *path,
                        size_t *length, cr_error *err)
{
    struct zip_stat status;
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    if (zip_stat_index(archive, place, 0, &status) != 0 ||
        (status.valid & needed) != needed || status.size > SIZE_MAX - 1 ||
        status.size / MOST_RATIO > status.comp_size)
        return cr_fail(err, CR_E_DATA, "%s: the zip archive is damaged", path);
    *length = (size_t)status.size;
    return true;
}

static bool read_bytes(zip_file_t *member, const char *path, cr_content *content,
                       size_t length, cr_error *err)
{
    content->text = cr_alloc_raw(length + 1, 1, err);
    if (!content->text)
        return false;
    zip_int64_t got = 1;
    while (got > 0 && content->length < length) {
        got =
            zip_fread(member, content->text + content->length, length - content->length);
        content->length += got > 0 ? (size_t)got : 0;
    }
    /* the checksum is looked at when the end is reached */
    char beyond;
    if (got >= 0 && content->length == length)
        got = zip_fread(member, &beyond, 1) < 0 ? -1 : 1;
    content->text[content->length] = '\0';
    return (got > 0 && content->length == length) ||
           cr_fail(err, CR_E_DATA, "%s: the zip archive is damaged (%s)", path,
                   got < 0 ? zip_file_strerror(member) : "a member ends too early");
}

static bool read_member(zip_t *archive, zip_uint64_t place, const char *path, size_t most,
                        cr_content *content, cr_error *err)
{
    size_t length = 0;
    if (!find_length(archive, place, path, &length, err))
        return false;
    zip_file_t *member = zip_fopen_index(archive, place, 0);
    if (!member)
        return cr_fail(err, CR_E_DATA, "%s: cannot read the array (%s)", path,
                       zip_strerror(archive));
    bool good = read_bytes(member, path, content, length < most ? length : most, err);
    zip_fclose(member);
    return good;
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

static bool read_file(const char *file, const char *path, const char *name, size_t most,
                      cr_content *content, cr_error *err)
{
    int code = 0;
    if (most == SIZE_MAX && !sum(file, &content->crc32, err))
        return false;
    zip_t *archive = zip_open(file, ZIP_RDONLY, &code);
    if (!archive) {
        zip_error_t why;
        zip_error_init_with_code(&why, code);
        cr_fail(err, CR_E_DATA, "%s: not a whole zip archive, as .npz files are (%s)",
                file, zip_error_strerror(&why));
        zip_error_fini(&why);
        return false;
    }
    zip_int64_t place = find_member(archive, file, name, err);
    bool good =
        place >= 0 && read_member(archive, (zip_uint64_t)place, path, most, content, err);
    zip_discard(archive);
    return good;
}

bool cr_npz_read(const char *path, size_t most, cr_content *content, cr_error *err)
{
    const char *name = cr_path_member(path);
    size_t length = name ? (size_t)(name - path) - 1 : strlen(path);
    char *file = cr_text_copy(path, length, err);
    *content = (cr_content){0};
    bool good = file && read_file(file, path, name, most, content, err);
    cr_free(file);
    if (!good)
        cr_free(content->text);
    return good;
}
