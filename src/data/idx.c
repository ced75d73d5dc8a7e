#include "data/idx.h"

#include "base/memory.h"
#include "data/gzip.h"

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
