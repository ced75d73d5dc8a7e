/* The values of its inputs one after the other, as a flat example. */
#include "graph/layers/layers.h"

#include <stdint.h>
#include <string.h>

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    size_t size = 0; /* stops before it wraps: the network refuses so many values */
    for (size_t k = 0; k < plan->input_count && size < SIZE_MAX / 2; k++)
        size += cr_shape_size(&plan->inputs[k]);
    plan->output = cr_shape_flat(size);
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

const cr_layer_type cr_layer_concat = {
    .name = "concat",
    .summary = "the values of its inputs one after the other, as a flat example",
    .min_inputs = 2,
    .max_inputs = CR_ANY_NUMBER,
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
