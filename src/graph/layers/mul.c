/* y = Π x_k: the switcher, which scales its upstream gradient by the other inputs. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/broadcast.h"

/* The product of all inputs but one (`without` = input_count: of all). Multiplied anew
 * for each, since a division would fail at 0. */
static cr_real product(const cr_layer_io *io, size_t row, size_t i, size_t without)
{
    cr_real value = 1;
    for (size_t k = 0; k < io->input_count; k++)
        if (k != without)
            value *= io->x[k][cr_broadcast_index(io, k, row, i)];
    return value;
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        for (size_t i = 0; i < io->output_size; i++)
            io->y[row * io->output_size + i] = product(io, row, i, io->input_count);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    cr_broadcast_clear(pass, io);
    for (size_t k = 0; k < io->input_count; k++)
        for (size_t row = pass->first_row;
             io->dx[k] && row < pass->first_row + pass->rows; row++)
            for (size_t i = 0; i < io->output_size; i++)
                cr_broadcast_add(io, k, row, i,
                                 io->dy[0][row * io->output_size + i] *
                                     product(io, row, i, k));
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_pairs(io, c, "mul", "*a * *b", out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_broadcast_onnx(layer, "Mul");
}

const cr_layer_type cr_layer_mul = {
    .name = "mul",
    .summary = "y = the product of its inputs, element by element",
    .symbol = "&#215;",
    .min_inputs = 2,
    .max_inputs = CR_ANY_NUMBER,
    .plan = cr_broadcast_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
