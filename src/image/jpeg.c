#include "image/jpeg.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

/* A picture may be sent in ever finer scans, each of which costs the time of a whole
 * picture; real ones have about ten. */
enum { MAX_SCANS = 64 };

/* The library leaves an error by error_exit, which may not return: it jumps back to where
 * the library was called from. */
struct cr_jpeg {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr manager;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    bool out_of_memory;
    char text[JMSG_LENGTH_MAX]; /* why it jumped */
};

bool cr_jpeg_recognize(const uint8_t *bytes, size_t length)
{
    return length >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

static void leave(j_common_ptr info)
{
    cr_jpeg *jpeg = info->client_data;
    jpeg->manager.format_message(info, jpeg->text);
    jpeg->out_of_memory = jpeg->manager.msg_code == JERR_OUT_OF_MEMORY;
    longjmp(jpeg->back, 1);
}

/* The library goes on after damage, with grey in place of what is lost; that is no
 * picture to learn from. Other warnings are about what changes no pixel. */
static void on_message(j_common_ptr info, int level)
{
    int code = info->err->msg_code;
    if (level < 0 && (code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
                      code == JWRN_ARITH_BAD_CODE || code == JWRN_MUST_RESYNC ||
                      code == JWRN_JPEG_EOF))
        leave(info);
}

static void on_progress(j_common_ptr info)
{
    cr_jpeg *jpeg = info->client_data;
    if (jpeg->info.input_scan_number <= MAX_SCANS)
        return;
    snprintf(jpeg->text, sizeof jpeg->text, "more than %d scans", MAX_SCANS);
    longjmp(jpeg->back, 1);
}

cr_jpeg *cr_jpeg_create(cr_error *err)
{
    cr_jpeg *jpeg = cr_alloc(1, sizeof *jpeg, err);
    if (!jpeg)
        return NULL;
    jpeg->info.err = jpeg_std_error(&jpeg->manager);
    jpeg->manager.error_exit = leave;
    jpeg->manager.emit_message = on_message;
    jpeg->info.client_data = jpeg;
    if (setjmp(jpeg->back)) {
        cr_fail(err, CR_E_MEMORY, "out of memory: %s", jpeg->text);
        cr_jpeg_destroy(jpeg);
        return NULL;
    }
    jpeg_create_decompress(&jpeg->info);
    jpeg->progress.progress_monitor = on_progress;
    jpeg->info.progress = &jpeg->progress;
    return jpeg;
}

void cr_jpeg_destroy(cr_jpeg *jpeg)
{
    if (!jpeg)
        return;
    jpeg_destroy_decompress(&jpeg->info);
    cr_free(jpeg);
}

/* A row of cyan, magenta, yellow and black, 0 for none: what of the light each colour
 * leaves is a product of two. With an Adobe marker, and that is all there are, the file
 * has 255 less the ink. */
static void to_rgb(const uint8_t *cmyk, size_t width, bool inverted, uint8_t *rgb)
{
    for (size_t i = 0; i < width; i++, cmyk += 4, rgb += 3) {
        unsigned light = inverted ? cmyk[3] : 255u - cmyk[3];
        for (size_t c = 0; c < 3; c++) {
            unsigned ink = inverted ? 255u - cmyk[c] : cmyk[c];
            rgb[c] = (uint8_t)(((255u - ink) * light + 127u) / 255u);
        }
    }
}

static void read_rows(struct jpeg_decompress_struct *info, cr_picture *picture)
{
    size_t step = picture->width * picture->channels;
    bool printed = info->out_color_space == JCS_CMYK;
    JSAMPROW inks = NULL;
    if (printed)
        inks = info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE,
                                       4 * info->output_width, 1)[0];
    while (info->output_scanline < info->output_height) {
        uint8_t *row = picture->bytes + info->output_scanline * step;
        JSAMPROW to = printed ? inks : row;
        jpeg_read_scanlines(info, &to, 1);
        if (printed)
            to_rgb(inks, picture->width, info->saw_Adobe_marker, row);
    }
}

static bool decode(struct jpeg_decompress_struct *info, const uint8_t *bytes,
                   size_t length, const char *path, cr_picture *picture, cr_error *err)
{
    jpeg_mem_src(info, bytes, (unsigned long)length);
    jpeg_read_header(info, TRUE);
    bool grey = info->jpeg_color_space == JCS_GRAYSCALE;
    if (!cr_picture_shape(picture, grey ? CR_PICTURE_GREY : CR_PICTURE_COLOUR,
                          info->image_height, info->image_width, path, err))
        return false;
    bool printed =
        info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
    info->out_color_space = grey ? JCS_GRAYSCALE : printed ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(info);
    read_rows(info, picture);
    return true;
}

bool cr_jpeg_decode(cr_jpeg *jpeg, const uint8_t *bytes, size_t length, const char *path,
                    cr_picture *picture, cr_error *err)
{
    volatile bool good = false; /* what longjmp leaves of another is not defined */
    jpeg->out_of_memory = false;
    if (setjmp(jpeg->back) == 0)
        good = decode(&jpeg->info, bytes, length, path, picture, err);
    else if (jpeg->out_of_memory)
        cr_fail(err, CR_E_MEMORY, "out of memory for the picture %s", path);
    else
        cr_fail(err, CR_E_DATA, "%s: a damaged JPEG: %s", path, jpeg->text);
    jpeg_abort_decompress(&jpeg->info);
    return good;
}
