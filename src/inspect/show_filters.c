#include "inspect/show.h"

#include "base/memory.h"
#include "base/text.h"
#include "inspect/show_images.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Weights that are images: value i of filter f is weights[f * filter + i * value]. */
typedef struct filters {
    const cr_node *node;
    const cr_real *weights;
    size_t count, filter, value;
    size_t channels, height, width;
} filters;

/* Weights [filters, channels, height, width] over an image, or [pixels, units]. */
static bool take(filters *f, const cr_network *network, const cr_node *node,
                 const cr_encoding *encoding)
{
    const size_t *image = encoding->shape.dim;
    const cr_segment *weight = NULL;
    for (size_t k = 0; k < node->plan.parameter_count && !weight; k++)
        if (strcmp(node->plan.parameters[k].name, "weight") == 0)
            weight = &node->plan.parameters[k];
    if (!weight)
        return false;
    const size_t *dim = weight->shape.dim;
    *f = (filters){.node = node, .weights = network->parameters + weight->offset};
    if (weight->shape.rank == 4 && image[0] % dim[1] == 0) {
        f->count = dim[0];
        f->filter = dim[1] * dim[2] * dim[3];
        f->value = 1;
        f->channels = dim[1];
        f->height = dim[2];
        f->width = dim[3];
        return true;
    }
    f->count = dim[1];
    f->filter = 1;
    f->value = dim[1];
    f->channels = image[0];
    f->height = image[1];
    f->width = image[2];
    return weight->shape.rank == 2 && dim[0] == encoding->features;
}

static bool find(filters *f, const cr_model *model, cr_error *err)
{
    const cr_network *network = model->network;
    if (!cr_show_images_check(model->encoding, err))
        return false;
    for (size_t i = 0; i < network->node_count; i++)
        if (take(f, network, &network->nodes[i], model->encoding))
            return true;
    return cr_fail(err, CR_E_USAGE,
                   "no layer of this network has weights that are images: those of a "
                   "convolution of the image, or of a linear layer of all its pixels");
}

/* The weights of a unit of the last layer are its class's template. */
static const char *name(const filters *f, const cr_model *model, size_t i, char out[24])
{
    const cr_names *classes = &model->encoding->classes;
    snprintf(out, 24, "%zu", i);
    return f->node->output == model->network->output && classes->count == f->count
               ? classes->items[i]
               : out;
}

static bool add(cr_sheet *sheet, const filters *f, const cr_model *model, size_t i,
                cr_error *err)
{
    char number[24];
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
        {name(f, model, i, number), NULL, CR_SHEET_BLACK}};
    bool good = cr_sheet_add(sheet, values, f->channels, f->height, f->width, -most, most,
                             captions, err);
    cr_free(values);
    return good;
}

bool cr_show_filters(cr_sheet *sheet, const cr_model *model, size_t most, cr_error *err)
{
    filters f = {0};
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
