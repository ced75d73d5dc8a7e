#include "data/sources/npy.h"

#include "base/memory.h"
#include "base/path.h"
#include "data/sources/npy_header.h"
#include "data/sources/npz.h"

#include <string.h>

/* Where a file's beginning says that it is a zip archive whose first member is an
 * array. */
static bool is_npz(const uint8_t *bytes, size_t length)
{
    enum { LENGTH_AT = 26, NAME_AT = 30 };
    if (length < NAME_AT || memcmp(bytes, "PK\3\4", 4) != 0)
        return false;
    size_t name = (size_t)bytes[LENGTH_AT] | (size_t)bytes[LENGTH_AT + 1] << 8;
    return name > 4 && NAME_AT + name <= length &&
           memcmp(bytes + NAME_AT + name - 4, ".npy", 4) == 0;
}

/* Up to CR_NPY_HEADER_BYTES of the file, decompressed where it is gzip. */
static bool read_beginning(const char *path, uint8_t *bytes, size_t *length,
                           cr_error *err)
{
    cr_gzip *file = cr_gzip_open(path, err);
    bool good = file && cr_gzip_read(file, bytes, CR_NPY_HEADER_BYTES, length, err);
    cr_gzip_close(file);
    return good;
}

bool cr_npy_recognize(const char *path)
{
    uint8_t bytes[CR_NPY_HEADER_BYTES];
    size_t length = 0;
    if (cr_path_member(path))
        return true;
    return read_beginning(path, bytes, &length, NULL) &&
           (is_npz(bytes, length) ||
            (length > sizeof cr_npy_header_magic &&
             memcmp(bytes, cr_npy_header_magic, sizeof cr_npy_header_magic) == 0));
}

/* Elements of which the first dimension changes fastest, as if the last did. */
static bool reorder(cr_array *array, cr_error *err)
{
    size_t count = 1, at[CR_ARRAY_DIMENSIONS] = {0}, steps[CR_ARRAY_DIMENSIONS];
    for (size_t k = 0; k < array->rank; k++) {
        steps[k] = count * array->size;
        count *= array->dim[k];
    }
    char *ordered = cr_alloc_raw(count, array->size, err), *to = ordered;
    const uint8_t *from = array->data;
    for (size_t i = 0; ordered && i < count; i++, to += array->size) {
        memcpy(to, from, array->size);
        size_t k = array->rank;
        while (k-- > 0) {
            from += steps[k];
            if (++at[k] < array->dim[k])
                break;
            from -= steps[k] * at[k];
            at[k] = 0;
        }
    }
    cr_free(array->content);
    array->content = ordered;
    array->data = (const uint8_t *)ordered;
    return ordered != NULL;
}

/* An array of an archive: the data is that which was read, or (peek) not there. */
static bool read_packed(cr_array *array, const char *path, bool peek, bool *fortran,
                        cr_error *err)
{
    cr_content content;
    size_t head = 0, size = 0;
    if (!cr_npz_read(path, peek ? CR_NPY_HEADER_BYTES : SIZE_MAX, &content, err))
        return false;
    bool good = cr_npy_header_read(array, path, (const uint8_t *)content.text,
                                   content.length, &head, fortran, err);
    array->content = content.text;
    array->crc32 = content.crc32;
    if (!good || peek)
        return good;
    array->data = (const uint8_t *)content.text + head;
    return (cr_array_count_bytes(array, &size) && content.length - head == size) ||
           cr_fail(err, CR_E_DATA,
                   "%s: %zu bytes of data, which are not those that its header announces",
                   path, content.length - head);
}

/* Also an array of which the data is not wanted. */
static bool read_array(cr_array *array, const char *path, bool peek, cr_error *err)
{
    uint8_t bytes[CR_NPY_HEADER_BYTES];
    size_t length = 0, head = 0;
    bool fortran = false, packed = cr_path_member(path) != NULL;
    *array = (cr_array){0};
    bool good = packed || read_beginning(path, bytes, &length, err);
    packed = packed || is_npz(bytes, length);
    if (good && packed)
        good = read_packed(array, path, peek, &fortran, err);
    else if (good)
        good = cr_npy_header_read(array, path, bytes, length, &head, &fortran, err) &&
               (peek || cr_array_load(array, head, err));
    good = good && (!fortran || peek || reorder(array, err));
    if (!good || peek) {
        cr_free(array->content);
        array->content = NULL;
        array->data = NULL;
    }
    return good;
}

bool cr_npy_read(cr_array *array, const char *path, cr_error *err)
{
    bool good = read_array(array, path, false, err);
    if (!good)
        cr_array_finish(array);
    return good;
}

bool cr_npy_peek(cr_array *array, const char *path, cr_error *err)
{
    return read_array(array, path, true, err);
}

/* Several targets of an example are known before the values are read. */
static bool open_arrays(cr_opened *opened, cr_error *err)
{
    cr_array targets;
    if (!opened->source->targets)
        return true;
    if (!cr_npy_peek(&targets, opened->source->targets, err))
        return false;
    opened->targets = targets.rank == 2 ? targets.dim[1] : 1;
    return true;
}

static bool read_source(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                        cr_error *err)
{
    return cr_array_fill(opened, reading, cr_npy_read, raw, err);
}

static const cr_option options[] = {
    {.key = "inputs",
     .kind = CR_OPTION_PATH,
     .offset = offsetof(cr_source, path),
     .fallback = CR_REQUIRED,
     .no_effect = true, /* the path; the content is compared by its checksum */
     .help = "an .npy file of examples: [n, features], [n, height, width] or [n, "
             "channels, height, width]; an array of an .npz file is \"FILE.npz:NAME\""},
    {.key = "targets",
     .kind = CR_OPTION_PATH,
     .offset = offsetof(cr_source, targets),
     .fallback = CR_REQUIRED,
     .no_effect = true,
     .help = "an .npy file, or an array of an .npz file: [n] classes (whole numbers or "
             "texts) or numbers, or [n, k] of k targets"},
};

const cr_source_type cr_source_npy = {
    .name = "arrays",
    .content = "a NumPy array",
    .summary = "NumPy arrays of inputs and targets",
    .expected = "{\"inputs\": FILE, \"targets\": FILE}",
    .options = options,
    .option_count = CR_COUNT(options),
    .heading = "For NumPy arrays:",
    .has_target_file = true,
    .target_place = "in the array of targets",
    .recognize = cr_npy_recognize,
    .open = open_arrays,
    .read = read_source,
};
