/* y = Σ x_k: the distributor, which hands its upstream gradient to every input. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/broadcast.h"

#include <string.h>

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first), size = io->output_size;
    cr_real *restrict y = io->y + first;
    bool single = io->input_size[0] != size;
    const cr_real *restrict x = io->x[0] + (single ? pass->first_row : first);
    for (size_t k = 1; k < io->input_count; k++) {
        bool other_single = io->input_size[k] != size;
        const cr_real *restrict other =
            io->x[k] + (other_single ? pass->first_row : first);
        for (size_t i = 0; i < n; i++)
            y[i] = (k > 1    ? y[i]
                    : single ? x[i / size]
                             : x[i]) +
                   (other_single ? other[i / size] : other[i]);
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first), size = io->output_size;
    const cr_real *restrict dy = io->dy[0] + first;
    for (size_t k = 0; k < io->input_count; k++) {
        if (!io->dx[k])
            continue;
        bool single = io->input_size[k] != size;
        cr_real *restrict dx = io->dx[k] + (single ? pass->first_row : first);
        if (!single) {
            memcpy(dx, dy, n * sizeof *dx);
            continue;
        }
        memset(dx, 0, pass->rows * sizeof *dx);
        for (size_t i = 0; i < n; i++)
            dx[i / size] += dy[i];
    }
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_pairs(io, c, "add", "*a + *b", out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_broadcast_onnx(layer, "Add");
}

const cr_layer_type cr_layer_add = {
    .name = "add",
    .summary = "y = the sum of its inputs, element by element",
    .symbol = "+",
    .min_inputs = 2,
    .max_inputs = CR_ANY_NUMBER,
    .plan = cr_broadcast_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
