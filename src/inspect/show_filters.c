#include "inspect/show.h"

#include "base/memory.h"
#include "base/text.h"
#include "inspect/filters.h"
#include "inspect/show_images.h"

#include <math.h>
#include <stdio.h>

static bool find(cr_filters *f, const cr_model *model, cr_error *err)
{
    return cr_show_images_check(model->encoding, err) &&
           (cr_filters_find(f, model) ||
            cr_fail(err, CR_E_USAGE,
                    "no layer of this network has weights that are images: those of a "
                    "convolution of the image, or of a linear layer of all its pixels"));
}

static bool add(cr_sheet *sheet, const cr_filters *f, const cr_model *model, size_t i,
                cr_error *err)
{
    char number[CR_FILTERS_NUMBER];
    size_t n = f->channels * f->height * f->width;
    double *values = cr_alloc(n, sizeof *values, err), most = 0;
    if (!values)
        return false;
    for (size_t j = 0; j < n; j++) {
        values[j] = (double)f->weights[i * f->filter + j * f->value];
        most = fmax(most, fabs(values[j]));
    }
    most = most > 0 ? most : 1;
    const cr_sheet_caption captions[CR_SHEET_LINES] = {
        {cr_filters_name(f, model, i, number), NULL, CR_SHEET_BLACK}};
    bool good = cr_sheet_add(sheet, values, f->channels, f->height, f->width, -most, most,
                             captions, err);
    cr_free(values);
    return good;
}

bool cr_show_filters(cr_sheet *sheet, const cr_model *model, size_t most, cr_error *err)
{
    cr_filters f = {0};
    char heading[120];
    cr_text note = {0};
    if (!find(&f, model, err))
        return false;
    size_t count = f.count < most ? f.count : most;
    snprintf(heading, sizeof heading, "Weights of %.80s", f.node->name);
    const char *what = f.value == 1 ? "filters" : "templates";
    if (count < f.count)
        cr_text_add(&note, "The first %zu of %zu %s", count, f.count, what);
    else
        cr_text_add(&note, "%zu %s", f.count, what);
    cr_text_add(&note,
                " of %zux%zu. Grey: a weight of 0; darker: below it; lighter: above it.",
                f.height, f.width);
    bool good = !note.failed ? cr_sheet_begin(sheet, heading, note.data, err)
                             : cr_fail(err, CR_E_MEMORY, "out of memory");
    for (size_t i = 0; good && i < count; i++)
        good = add(sheet, &f, model, i, err);
    cr_text_finish(&note);
    return good;
}
