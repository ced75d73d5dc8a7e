#include "image/png.h"

#include "base/file.h"

#include <spng.h>
#include <string.h>

/* A chunk's bytes as they lie in the file, and those that all chunks beside the pixels
 * may take once they are unpacked: what is more is damage or an attack. */
enum { MAX_CHUNK = 16 << 20, MAX_CACHE = 16 << 20 };

bool cr_png_recognize(const uint8_t *bytes, size_t length)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    return length >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

static bool fail(int code, const char *path, cr_error *err)
{
    if (code == SPNG_EMEM || code == SPNG_EZLIB_INIT)
        return cr_fail(err, CR_E_MEMORY, "out of memory for the picture %s", path);
    bool truncated = code == SPNG_IO_EOF || code == SPNG_EOF;
    return cr_fail(err, CR_E_DATA, "%s: a damaged PNG: %s", path,
                   truncated ? "it ends too early" : spng_strerror(code));
}

/* Keeps the first of every three bytes: red of a grey picture is the grey. */
static void keep_red(cr_picture *picture)
{
    size_t pixels = picture->height * picture->width;
    for (size_t i = 0; i < pixels; i++)
        picture->bytes[i] = picture->bytes[3 * i];
    picture->channels = CR_PICTURE_GREY;
}

static bool decode(spng_ctx *png, const char *path, cr_picture *picture, cr_error *err)
{
    struct spng_ihdr head;
    int code = spng_get_ihdr(png, &head);
    if (code)
        return fail(code, path, err);
    bool grey = head.color_type == SPNG_COLOR_TYPE_GRAYSCALE ||
                head.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
    /* The library makes one byte a pixel of the plain kind of grey alone. */
    bool plain = head.color_type == SPNG_COLOR_TYPE_GRAYSCALE && head.bit_depth <= 8;
    size_t channels = plain ? CR_PICTURE_GREY : CR_PICTURE_COLOUR;
    if (!cr_picture_shape(picture, channels, head.height, head.width, path, err))
        return false;
    code = spng_decode_image(png, picture->bytes, channels * head.height * head.width,
                             plain ? SPNG_FMT_G8 : SPNG_FMT_RGB8, 0);
    if (code)
        return fail(code, path, err);
    if (grey && !plain)
        keep_red(picture);
    return true;
}

bool cr_png_decode(const uint8_t *bytes, size_t length, const char *path,
                   cr_picture *picture, cr_error *err)
{
    spng_ctx *png = spng_ctx_new(0);
    if (!png)
        return fail(SPNG_EMEM, path, err);
    int code = spng_set_chunk_limits(png, MAX_CHUNK, MAX_CACHE);
    code = code ? code : spng_set_png_buffer(png, bytes, length);
    bool good = code ? fail(code, path, err) : decode(png, path, picture, err);
    spng_ctx_free(png);
    return good;
}

bool cr_png_encode(const cr_picture *picture, const char *path, void **bytes,
                   size_t *length, cr_error *err)
{
    struct spng_ihdr head = {.width = (uint32_t)picture->width,
                             .height = (uint32_t)picture->height,
                             .bit_depth = 8,
                             .color_type = picture->channels == CR_PICTURE_GREY
                                               ? SPNG_COLOR_TYPE_GRAYSCALE
                                               : SPNG_COLOR_TYPE_TRUECOLOR};
    size_t size = picture->channels * picture->height * picture->width;
    spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);
    int code = png ? spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1) : SPNG_EMEM;
    code = code ? code : spng_set_ihdr(png, &head);
    code = code ? code
                : spng_encode_image(png, picture->bytes, size, SPNG_FMT_PNG,
                                    SPNG_ENCODE_FINALIZE);
    *bytes = code ? NULL : spng_get_png_buffer(png, length, &code);
    spng_ctx_free(png);
    return *bytes ||
           cr_fail(err, code == SPNG_EMEM ? CR_E_MEMORY : CR_E_IO,
                   "%s: cannot be written as a PNG: %s", path, spng_strerror(code));
}

void cr_png_free(void *bytes)
{
    free(bytes); /* the library's, by malloc */
}

bool cr_png_write(const char *path, const cr_picture *picture, cr_error *err)
{
    void *bytes = NULL;
    size_t length = 0;
    bool good = cr_png_encode(picture, path, &bytes, &length, err) &&
                cr_file_replace(path, bytes, length, err);
    cr_png_free(bytes);
    return good;
}
