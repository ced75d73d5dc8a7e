#include "data/sources/idx.h"

#include "data/gzip.h"

enum { MAGIC = 4 };

/* The elements of each type of the third byte; of size 0: there is no such type. */
static const cr_array types[] = {
    [0x08] = {.kind = CR_ARRAY_UNSIGNED, .size = 1},
    [0x09] = {.kind = CR_ARRAY_SIGNED, .size = 1},
    [0x0B] = {.kind = CR_ARRAY_SIGNED, .size = 2},
    [0x0C] = {.kind = CR_ARRAY_SIGNED, .size = 4},
    [0x0D] = {.kind = CR_ARRAY_REAL, .size = 4},
    [0x0E] = {.kind = CR_ARRAY_REAL, .size = 8},
};

static bool is_type(uint8_t code)
{
    return code < CR_COUNT(types) && types[code].size > 0;
}

static bool read_magic(cr_array *array, cr_gzip *file, const char *path, cr_error *err)
{
    uint8_t head[MAGIC] = {0};
    size_t got = 0;
    if (!cr_gzip_read(file, head, MAGIC, &got, err))
        return false;
    if (got == 0)
        return cr_fail(err, CR_E_DATA, "%s: the file is empty; an IDX file was expected",
                       path);
    if (got < MAGIC || head[0] != 0 || head[1] != 0)
        return cr_fail(
            err, CR_E_DATA,
            "%s: not an IDX file: it starts with bytes %02x %02x %02x %02x, expected "
            "00 00, a type from 08 to 0e and the number of dimensions",
            path, head[0], head[1], head[2], head[3]);
    if (!is_type(head[2]))
        return cr_fail(err, CR_E_DATA,
                       "%s: IDX data of type 0x%02x; there are 0x08 and 0x09 (bytes), "
                       "0x0b and 0x0c (whole numbers), 0x0d and 0x0e (other numbers)",
                       path, head[2]);
    *array = types[head[2]];
    array->path = path;
    array->big_endian = true;
    array->rank = head[3];
    return (array->rank >= 1 && array->rank <= CR_ARRAY_DIMENSIONS) ||
           cr_fail(err, CR_E_DATA, "%s: an IDX file with %u dimensions; expected 1 to 4",
                   path, head[3]);
}

static bool read_header(cr_array *array, cr_gzip *file, const char *path, cr_error *err)
{
    uint8_t head[4 * CR_ARRAY_DIMENSIONS];
    size_t got = 0;
    if (!read_magic(array, file, path, err) ||
        !cr_gzip_read(file, head, 4 * array->rank, &got, err))
        return false;
    if (got < 4 * array->rank)
        return cr_fail(err, CR_E_DATA, "%s: truncated: the IDX header is incomplete",
                       path);
    for (size_t i = 0; i < array->rank; i++) {
        const uint8_t *d = head + 4 * i;
        array->dim[i] =
            (size_t)d[0] << 24 | (size_t)d[1] << 16 | (size_t)d[2] << 8 | d[3];
        if (array->dim[i] == 0)
            return cr_fail(err, CR_E_DATA, "%s: dimension %zu is 0; there is no data",
                           path, i);
    }
    return true;
}

bool cr_idx_read(cr_array *array, const char *path, cr_error *err)
{
    *array = (cr_array){0};
    cr_gzip *file = cr_gzip_open(path, err);
    bool good = file && read_header(array, file, path, err);
    cr_gzip_close(file);
    good = good && cr_array_load(array, MAGIC + 4 * array->rank, err);
    if (!good)
        cr_array_finish(array);
    return good;
}

bool cr_idx_recognize(const char *path)
{
    uint8_t head[MAGIC] = {1};
    size_t got = 0;
    cr_gzip *file = cr_gzip_open(path, NULL);
    bool good = file && cr_gzip_read(file, head, MAGIC, &got, NULL) && got == MAGIC;
    cr_gzip_close(file);
    return good && head[0] == 0 && head[1] == 0 && is_type(head[2]) && head[3] >= 1 &&
           head[3] <= CR_ARRAY_DIMENSIONS;
}

static bool read_source(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                        cr_error *err)
{
    return cr_array_fill(opened, reading, cr_idx_read, raw, err);
}

static const cr_option options[] = {
    {.key = "images",
     .kind = CR_OPTION_PATH,
     .offset = offsetof(cr_source, path),
     .fallback = CR_REQUIRED,
     .no_effect = true, /* the path; the content is compared by its checksum */
     .help = "an IDX file of images"},
    {.key = "labels",
     .kind = CR_OPTION_PATH,
     .offset = offsetof(cr_source, targets),
     .fallback = CR_REQUIRED,
     .no_effect = true,
     .help = "an IDX file of labels"},
};

const cr_source_type cr_source_idx = {
    .name = "images",
    .content = "IDX images",
    .summary = "IDX images with labels, gzipped or not",
    .expected = "{\"images\": FILE, \"labels\": FILE}",
    .options = options,
    .option_count = CR_COUNT(options),
    .heading = "For images:",
    .has_target_file = true,
    .target_place = "in the labels file",
    .recognize = cr_idx_recognize,
    .read = read_source,
};
