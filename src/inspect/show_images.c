#include "inspect/show_images.h"

#include "base/memory.h"
#include "math/shape.h"

#include <math.h>
#include <string.h>

bool cr_show_images_check(const cr_encoding *encoding, cr_error *err)
{
    char text[CR_SHAPE_TEXT];
    if (encoding->shape.rank == 3)
        return true;
    if (encoding->shape.rank == 1)
        return cr_fail(
            err, CR_E_USAGE,
            "only images can be shown, but an example of this data is a flat "
            "row of %zu numbers; say \"shape\" in \"data\" if they are pixels, "
            "such as [1, 8, 8]",
            encoding->features);
    return cr_fail(err, CR_E_USAGE,
                   "only images can be shown, which have channels, height and width, but "
                   "an example of this data is %s",
                   cr_shape_format(&encoding->shape, text));
}

bool cr_show_images_init(cr_show_images *images, const cr_encoding *encoding,
                         const cr_dataset *dataset, const cr_real *x, size_t count,
                         cr_error *err)
{
    size_t n = encoding->features;
    *images = (cr_show_images){.encoding = encoding, .dataset = dataset, .count = count};
    images->values = cr_alloc(count, n * sizeof *images->values, err);
    for (size_t i = 0; images->values && i < count * n; i++) {
        size_t j = i % n;
        images->values[i] = encoding->shift
                                ? (double)x[i] / encoding->scale[j] + encoding->shift[j]
                                : (double)x[i];
        images->black = fmin(images->black, images->values[i]);
        images->white = fmax(images->white, images->values[i]);
    }
    if (dataset->bytes) {
        images->black = 0;
        images->white = 255;
    }
    return images->values != NULL;
}

void cr_show_images_finish(cr_show_images *images)
{
    cr_free(images->values);
    *images = (cr_show_images){0};
}

bool cr_show_images_add(const cr_show_images *images, cr_sheet *sheet, size_t i,
                        const cr_sheet_caption captions[CR_SHEET_LINES], cr_error *err)
{
    const size_t n = images->encoding->features, *dim = images->encoding->shape.dim;
    return cr_sheet_add(sheet, images->values + i * n, dim[0], dim[1], dim[2],
                        images->black, images->white, captions, err);
}

bool cr_show_images_picture(const cr_show_images *images, size_t i, cr_picture *picture,
                            cr_error *err)
{
    const size_t n = images->encoding->features, *dim = images->encoding->shape.dim;
    return cr_picture_from_values(picture, images->values + i * n, dim[0], dim[1], dim[2],
                                  images->black, images->white, err);
}

const char *cr_show_images_file(const cr_dataset *dataset, size_t row)
{
    const char *path = row < dataset->names.count ? dataset->names.items[row] : NULL;
    const char *name = path ? path + strlen(path) : NULL;
    for (int slashes = 0; path && name > path; name--)
        if (name[-1] == '/' && ++slashes == 2)
            break;
    return name;
}

void cr_show_images_target(const cr_encoding *encoding, const cr_dataset *dataset,
                           size_t row, bool labels, cr_text *out)
{
    if (dataset->labels) {
        cr_text_add(out, "%s", encoding->classes.items[dataset->labels[row]]);
        return;
    }
    const char *between = "";
    for (size_t j = 0; j < dataset->target_count; j++) {
        double value =
            (double)cr_dataset_target(dataset, row * dataset->target_count + j);
        if (!labels)
            cr_text_add(out, "%s%.4g", between,
                        cr_encoding_restore_target(encoding, j, value));
        else if (value > 0.5 && j < encoding->targets.count)
            cr_text_add(out, "%s%s", between, encoding->targets.items[j]);
        else if (value > 0.5)
            cr_text_add(out, "%s%zu", between, j);
        else
            continue;
        between = ", ";
    }
    if (out->length == 0)
        cr_text_add(out, "none");
}
