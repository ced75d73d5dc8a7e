/* y = x for x > 0, else slope · x. At x = 0 the gradient is that of the left. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

typedef struct options {
    double negative_slope;
} options;

static const cr_option table[] = {
    {.key = "negative_slope",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, negative_slope),
     .fallback = "0.01",
     .help = "the slope for x below 0"},
};

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    cr_real slope = (cr_real)((const options *)io->options)->negative_slope;
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    cr_real slope = (cr_real)((const options *)io->options)->negative_slope;
    const cr_real *restrict x = io->x[0] + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
}

static uint64_t branches(const cr_pass *pass, const cr_layer_io *io, uint64_t hash)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    for (size_t i = 0; i < n; i++)
        hash = cr_branch_hash(hash, io->x[0][first + i] > 0);
    return hash;
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    const options *o = io->options;
    cr_layer_c_elementwise(io, c, "leaky_relu", "x[i] > 0 ? x[i] : a * x[i]",
                           &o->negative_slope, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const options *o = layer->plan->options;
    return cr_layer_onnx_output(
        layer,
        &(cr_onnx_node){.op = "LeakyRelu",
                        .in = {layer->inputs[0]},
                        .attributes = {CR_ONNX_SET_FLOAT("alpha", o->negative_slope)}});
}

const cr_layer_type cr_layer_leaky_relu = {
    .name = "leaky_relu",
    .summary = "y = x where x > 0, else negative_slope * x",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .activation = true,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .branches = branches,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
