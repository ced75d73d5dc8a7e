/* y = c x; dy/dx = c. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

typedef struct options {
    double by;
} options;

static const cr_option table[] = {
    {.key = "by",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, by),
     .fallback = CR_REQUIRED,
     .help = "the factor"},
};

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    cr_real by = (cr_real)((const options *)io->options)->by;
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    for (size_t i = 0; i < n; i++)
        y[i] = by * x[i];
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    cr_real by = (cr_real)((const options *)io->options)->by;
    const cr_real *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = by * dy[i];
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    const options *o = io->options;
    cr_layer_c_elementwise(io, c, "scale", "a * x[i]", &o->by, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const options *o = layer->plan->options;
    const char *by = cr_layer_onnx_number(layer, "by", o->by);
    return cr_layer_onnx_output(
        layer, &(cr_onnx_node){.op = "Mul", .in = {layer->inputs[0], by}});
}

const cr_layer_type cr_layer_scale = {
    .name = "scale",
    .summary = "y = by * x, element by element",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .symbol = "&#215;",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
