#include "image/decoder.h"

#include "base/memory.h"
#include "image/png.h"
#include "image/pnm.h"

#include <string.h>

/* Other kinds of pictures, so that a message can name them. */
static const struct {
    size_t offset, length;
    const char *bytes, *name;
} others[] = {
    {0, 4, "GIF8", "a GIF"},           {0, 2, "BM", "a BMP"},
    {0, 4, "II*\0", "a TIFF"},         {0, 4, "MM\0*", "a TIFF"},
    {8, 4, "WEBP", "a WebP file"},     {4, 8, "ftypavif", "an AVIF file"},
    {4, 7, "ftyphei", "an HEIC file"},
};

static bool refuse(const uint8_t *bytes, size_t length, const char *path, cr_error *err)
{
    if (length == 0)
        return cr_fail(err, CR_E_DATA, "%s: the file is empty; a picture was expected",
                       path);
    const char *kind = "no picture";
    for (size_t i = 0; i < CR_COUNT(others); i++)
        if (length >= others[i].offset + others[i].length &&
            memcmp(bytes + others[i].offset, others[i].bytes, others[i].length) == 0)
            kind = others[i].name;
    return cr_fail(err, CR_E_DATA,
                   "%s: %s by its content; expected PNG, JPEG, PGM or PPM", path, kind);
}

bool cr_decoder_recognize(const uint8_t *bytes, size_t length)
{
    return cr_jpeg_recognize(bytes, length) || cr_png_recognize(bytes, length) ||
           cr_pnm_recognize(bytes, length);
}

bool cr_decoder_run(cr_decoder *decoder, const uint8_t *bytes, size_t length,
                    const char *path, cr_picture *picture, cr_error *err)
{
    if (cr_png_recognize(bytes, length))
        return cr_png_decode(bytes, length, path, picture, err);
    if (cr_pnm_recognize(bytes, length))
        return cr_pnm_decode(bytes, length, path, picture, err);
    if (!cr_jpeg_recognize(bytes, length))
        return refuse(bytes, length, path, err);
    if (!decoder->jpeg)
        decoder->jpeg = cr_jpeg_create(err);
    return decoder->jpeg &&
           cr_jpeg_decode(decoder->jpeg, bytes, length, path, picture, err);
}

void cr_decoder_finish(cr_decoder *decoder)
{
    cr_jpeg_destroy(decoder->jpeg);
    *decoder = (cr_decoder){0};
}
