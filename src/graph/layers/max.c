/* y = max x_k: the router, which hands its upstream gradient to the largest input; of
 * equal ones, to the first. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/broadcast.h"

static size_t largest(const cr_layer_io *io, size_t row, size_t i)
{
    size_t found = 0;
    for (size_t k = 1; k < io->input_count; k++)
        if (io->x[k][cr_broadcast_index(io, k, row, i)] >
            io->x[found][cr_broadcast_index(io, found, row, i)])
            found = k;
    return found;
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        for (size_t i = 0; i < io->output_size; i++) {
            size_t k = largest(io, row, i);
            io->y[row * io->output_size + i] =
                io->x[k][cr_broadcast_index(io, k, row, i)];
        }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    cr_broadcast_clear(pass, io);
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        for (size_t i = 0; i < io->output_size; i++) {
            size_t k = largest(io, row, i);
            if (io->dx[k])
                cr_broadcast_add(io, k, row, i, io->dy[0][row * io->output_size + i]);
        }
}

static uint64_t branches(const cr_pass *pass, const cr_layer_io *io, uint64_t hash)
{
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        for (size_t i = 0; i < io->output_size; i++)
            for (size_t k = 0, route = largest(io, row, i); k < io->input_count; k++)
                hash = cr_branch_hash(hash, k == route);
    return hash;
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_pairs(io, c, "max", "*b > *a ? *b : *a", out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_broadcast_onnx(layer, "Max");
}

const cr_layer_type cr_layer_max = {
    .name = "max",
    .summary =
        "y = the largest of its inputs, element by element; of equal ones, the gradient "
        "goes to the first",
    .min_inputs = 2,
    .max_inputs = CR_ANY_NUMBER,
    .plan = cr_broadcast_plan,
    .forward = forward,
    .backward = backward,
    .branches = branches,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
