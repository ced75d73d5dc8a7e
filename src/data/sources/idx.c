#include "data/sources/idx.h"

#include "base/memory.h"
#include "data/raw.h"

#include <stdio.h>

enum { UNSIGNED_BYTE = 8, MAGIC = 4 };

static bool read_header(cr_idx *idx, cr_gzip *file, const char *path, cr_error *err)
{
    uint8_t head[MAGIC + 4 * CR_IDX_DIMENSIONS] = {0};
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
            "00 00 08 and the number of dimensions",
            path, head[0], head[1], head[2], head[3]);
    if (head[2] != UNSIGNED_BYTE)
        return cr_fail(err, CR_E_DATA,
                       "%s: IDX data of type 0x%02x; only 0x08, unsigned bytes, is "
                       "supported",
                       path, head[2]);
    idx->rank = head[3];
    if (idx->rank < 1 || idx->rank > CR_IDX_DIMENSIONS)
        return cr_fail(err, CR_E_DATA,
                       "%s: an IDX file with %u dimensions; expected 1 to 4", path,
                       head[3]);
    if (!cr_gzip_read(file, head + MAGIC, 4 * idx->rank, &got, err))
        return false;
    if (got < 4 * idx->rank)
        return cr_fail(err, CR_E_DATA, "%s: truncated: the IDX header is incomplete",
                       path);
    for (size_t i = 0; i < idx->rank; i++) {
        const uint8_t *d = head + MAGIC + 4 * i;
        idx->dim[i] = (size_t)d[0] << 24 | (size_t)d[1] << 16 | (size_t)d[2] << 8 | d[3];
        if (idx->dim[i] == 0)
            return cr_fail(err, CR_E_DATA, "%s: dimension %zu is 0; there is no data",
                           path, i);
    }
    return true;
}

static bool read_body(cr_idx *idx, const char *path, cr_error *err)
{
    size_t head = MAGIC + 4 * idx->rank, size = 1;
    for (size_t i = 0; i < idx->rank; i++)
        if (!cr_memory_multiply(size, idx->dim[i], &size) || size > SIZE_MAX - head)
            return cr_fail(err, CR_E_DATA,
                           "%s: the header announces more bytes than exist", path);
    if (!cr_gzip_read_all(path, head + size, "its header announces", &idx->content, err))
        return false;
    size_t length = idx->content.length;
    if (length < head + size)
        return cr_fail(err, CR_E_DATA,
                       "%s: truncated: %zu of the %zu bytes that its header announces",
                       path, length, head + size);
    idx->bytes = (const uint8_t *)idx->content.text + head;
    return true;
}

bool cr_idx_read(cr_idx *idx, const char *path, cr_error *err)
{
    *idx = (cr_idx){0};
    cr_gzip *file = cr_gzip_open(path, err);
    bool good = file && read_header(idx, file, path, err);
    cr_gzip_close(file);
    good = good && read_body(idx, path, err);
    if (!good)
        cr_idx_finish(idx);
    return good;
}

void cr_idx_finish(cr_idx *idx)
{
    cr_free(idx->content.text);
    *idx = (cr_idx){0};
}

bool cr_idx_recognize(const char *path)
{
    uint8_t head[MAGIC] = {1};
    size_t got = 0;
    cr_gzip *file = cr_gzip_open(path, NULL);
    bool good = file && cr_gzip_read(file, head, MAGIC, &got, NULL) && got == MAGIC;
    cr_gzip_close(file);
    return good && head[0] == 0 && head[1] == 0;
}

/* [channels, height, width]; images without channels have one. */
static bool take_images(cr_raw *raw, cr_idx *idx, cr_error *err)
{
    if (idx->rank < 2)
        return cr_fail(err, CR_E_DATA,
                       "%s: one dimension only: these are labels; images were "
                       "expected",
                       raw->source->path);
    if (idx->rank == 3)
        raw->shape = (cr_shape){3, {1, idx->dim[1], idx->dim[2]}};
    else
        raw->shape.rank = idx->rank - 1;
    for (size_t i = 0; i < raw->shape.rank && idx->rank != 3; i++)
        raw->shape.dim[i] = idx->dim[i + 1];
    raw->rows = idx->dim[0];
    raw->bytes = idx->bytes;
    raw->content = idx->content.text;
    idx->content.text = NULL;
    raw->files[raw->file_count++] = (cr_checksum){"images", idx->content.crc32};
    return true;
}

static bool read_images(cr_raw *raw, cr_error *err)
{
    cr_idx idx = {0};
    bool good = cr_idx_read(&idx, raw->source->path, err) && take_images(raw, &idx, err);
    cr_idx_finish(&idx);
    return good;
}

/* Labels as classes called "0", "1", … */
static bool take_classes(cr_raw *raw, const uint8_t *labels, cr_error *err)
{
    int32_t codes[UINT8_MAX + 1];
    char name[8];
    for (size_t i = 0; i <= UINT8_MAX; i++)
        codes[i] = -1;
    raw->counted = true;
    raw->codes = cr_alloc_raw(raw->rows, sizeof *raw->codes, err);
    for (size_t i = 0; raw->codes && i < raw->rows; i++) {
        int32_t *code = &codes[labels[i]];
        if (*code < 0) {
            snprintf(name, sizeof name, "%u", labels[i]);
            if (!cr_words_number(&raw->classes, name, i, code, err))
                return false;
        }
        raw->codes[i] = *code;
    }
    return raw->codes != NULL;
}

/* Labels as numbers, for a regression on them. */
static bool take_numbers(cr_raw *raw, const uint8_t *labels, cr_error *err)
{
    raw->width = raw->target_count = 1;
    raw->numbers = cr_numbers_create(1, err);
    bool good = raw->numbers != NULL;
    for (size_t i = 0; good && i < raw->rows; i++) {
        double *row = cr_numbers_next(raw->numbers, err);
        good = row != NULL;
        if (good) {
            *row = (double)labels[i];
            cr_numbers_add(raw->numbers);
        }
    }
    return good;
}

static bool read_labels(cr_raw *raw, bool classify, cr_error *err)
{
    const char *path = raw->source->targets;
    cr_idx labels = {0};
    if (!cr_idx_read(&labels, path, err))
        return false;
    bool good = false;
    if (labels.rank != 1)
        cr_fail(err, CR_E_DATA,
                "%s: %zu dimensions: these are images; labels (one dimension) were "
                "expected",
                path, labels.rank);
    else if (labels.dim[0] != raw->rows)
        cr_fail(err, CR_E_DATA,
                "%s: %zu labels, but %s has %zu images; the two belong to different sets",
                path, labels.dim[0], raw->source->path, raw->rows);
    else
        good = classify ? take_classes(raw, labels.bytes, err)
                        : take_numbers(raw, labels.bytes, err);
    raw->files[raw->file_count++] = (cr_checksum){"labels", labels.content.crc32};
    cr_idx_finish(&labels);
    return good;
}

static bool read_source(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                        cr_error *err)
{
    (void)opened; /* nothing is known of it but its paths, which raw has */
    return read_images(raw, err) &&
           (reading->targets == 0 || read_labels(raw, reading->classify, err));
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
    .summary = "IDX images with labels; either may be gzipped",
    .expected = "{\"images\": FILE, \"labels\": FILE}",
    .options = options,
    .option_count = CR_COUNT(options),
    .heading = "For images:",
    .has_target_file = true,
    .target_place = "in the labels file",
    .recognize = cr_idx_recognize,
    .read = read_source,
};
