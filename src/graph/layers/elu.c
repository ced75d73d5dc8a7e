/* y = x for x > 0, else α (exp(x) − 1); dy/dx = 1, or y + α (Clevert et al., ICLR 2016).
 */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"
#include "math/kernel.h"

#include <math.h>

typedef struct options {
    double alpha;
} options;

static const cr_option table[] = {
    {.key = "alpha",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, alpha),
     .fallback = "1",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "minus what y comes to far below 0"},
};

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    cr_real alpha = (cr_real)((const options *)io->options)->alpha;
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    cr_kernel_expm1(n, x, y);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : alpha * y[i];
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    cr_real alpha = (cr_real)((const options *)io->options)->alpha;
    const cr_real *restrict y = io->y + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : dy[i] * (y[i] + alpha);
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
    (void)cr_csource_math_add(out, CR_CSOURCE_EXPM1);
    const options *o = io->options;
    cr_layer_c_elementwise(io, c, "elu", "x[i] > 0 ? x[i] : a * exponential_less_1(x[i])",
                           &o->alpha, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const options *o = layer->plan->options;
    return cr_layer_onnx_output(
        layer, &(cr_onnx_node){.op = "Elu",
                               .in = {layer->inputs[0]},
                               .attributes = {CR_ONNX_SET_FLOAT("alpha", o->alpha)}});
}

const cr_layer_type cr_layer_elu = {
    .name = "elu",
    .summary = "y = x where x > 0, else alpha * (exp(x) - 1)",
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
