/* The values of its inputs one after the other: of flat examples, or the channels of images
 * or lines of equal sides. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"

#include <stdint.h>
#include <string.h>

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    const cr_shape *first = &plan->inputs[0];
    const size_t most = SIZE_MAX / 2 / cr_shape_plane(first);
    size_t channels = 0; /* stops before it wraps: the network refuses so many values */
    for (size_t k = 0; k < plan->input_count && channels < most; k++) {
        const cr_shape *input = &plan->inputs[k];
        cr_shape fits = *first;
        fits.dim[0] = input->dim[0];
        char a[CR_SHAPE_TEXT], b[CR_SHAPE_TEXT];
        if (!cr_shape_is_same(&fits, input))
            return cr_fail(err, CR_E_CONFIG,
                           "its inputs have the shapes %s and %s; channels are joined, "
                           "so all but the first dimension must be equal; {\"type\": "
                           "\"flatten\"} makes an example flat",
                           cr_shape_format(first, a), cr_shape_format(input, b));
        channels += input->dim[0];
    }
    plan->output = *first;
    plan->output.dim[0] = channels;
    return true;
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        cr_real *y = io->y + row * io->output_size;
        for (size_t k = 0; k < io->input_count; y += io->input_size[k++])
            memcpy(y, io->x[k] + row * io->input_size[k], io->input_size[k] * sizeof *y);
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *dy = io->dy[0] + row * io->output_size;
        for (size_t k = 0; k < io->input_count; dy += io->input_size[k++])
            if (io->dx[k])
                memcpy(io->dx[k] + row * io->input_size[k], dy,
                       io->input_size[k] * sizeof *dy);
    }
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    size_t at = 0;
    cr_layer_c_add_copy(out);
    for (size_t k = 0; k < io->input_count; at += io->input_size[k++])
        cr_text_add(&out->statements, "    apply_copy(%zu, %s, %s + %zu);\n",
                    io->input_size[k], c->x[k], c->y, at);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_output(
        layer, &(cr_onnx_node){.op = "Concat",
                               .list = layer->inputs,
                               .list_count = layer->plan->input_count,
                               .attributes = {CR_ONNX_SET_INT("axis", 1)}});
}

const cr_layer_type cr_layer_concat = {
    .name = "concat",
    .summary = "the values of its inputs one after the other; of images and lines the "
               "channels",
    .min_inputs = 2,
    .max_inputs = CR_ANY_NUMBER,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .onnx = onnx,
};
