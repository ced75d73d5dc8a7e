/* y = max(0, x). At x = 0 the gradient is 0. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    if (io->forward_done)
        return;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0 : x[i]; /* written so that NaN stays NaN */
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0] || io->backward_done)
        return;
    const cr_real *restrict y = io->y + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : 0;
}

static uint64_t branches(const cr_pass *pass, const cr_layer_io *io, uint64_t hash)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    for (size_t i = 0; i < n; i++)
        hash = cr_branch_hash(hash, io->x[0][first + i] > 0);
    return hash;
}

/* The share of the units that let nothing through, for no row. */
static double dead(size_t rows, size_t size, const cr_real *y)
{
    size_t count = 0;
    for (size_t j = 0; j < size; j++) {
        size_t row = 0;
        while (row < rows && !(y[row * size + j] > 0))
            row++;
        count += row == rows;
    }
    return (double)count / (double)size;
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_elementwise(io, c, "relu", "x[i] < 0 ? 0 : x[i]", NULL, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_apply(layer, "Relu");
}

const cr_layer_type cr_layer_relu = {
    .name = "relu",
    .summary = "y = max(0, x), element by element",
    .min_inputs = 1,
    .max_inputs = 1,
    .activation = true,
    .rectifies = true,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .branches = branches,
    .health_name = "dead",
    .health = dead,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
