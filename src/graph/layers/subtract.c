/* y = x_0 − x_1. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/broadcast.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        for (size_t i = 0; i < io->output_size; i++)
            io->y[row * io->output_size + i] =
                io->x[0][cr_broadcast_index(io, 0, row, i)] -
                io->x[1][cr_broadcast_index(io, 1, row, i)];
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    cr_broadcast_clear(pass, io);
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        for (size_t i = 0; i < io->output_size; i++) {
            cr_real dy = io->dy[0][row * io->output_size + i];
            if (io->dx[0])
                cr_broadcast_add(io, 0, row, i, dy);
            if (io->dx[1])
                cr_broadcast_add(io, 1, row, i, -dy);
        }
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_pairs(io, c, "subtract", "*a - *b", out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_broadcast_onnx(layer, "Sub");
}

const cr_layer_type cr_layer_subtract = {
    .name = "subtract",
    .summary = "y = the first input minus the second, element by element",
    .symbol = "&#8722;",
    .min_inputs = 2,
    .max_inputs = 2,
    .plan = cr_broadcast_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
