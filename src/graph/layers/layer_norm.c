/*
 * Layer normalisation (Ba, Kiros, Hinton, 2016), over the values of an example:
 * y = γ x̂ + β, x̂ = (x − mean) / √(variance + ε), as torch.nn.LayerNorm.
 * dx = (g − mean(g) − x̂ mean(g x̂)) / √(variance + ε), g = γ dy.
 */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "graph/layers/norm.h"

#include <math.h>
#include <tgmath.h>

typedef struct options {
    double epsilon;
} options;

static const cr_option table[] = {
    {.key = "epsilon",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, epsilon),
     .fallback = "1e-5",
     .minimum = 1e-16,
     .maximum = 1,
     .help = "added to the variance"},
};

enum { GAIN, BIAS };

/* Kept: x̂, and 1 / √(variance + ε) behind it. */
static bool plan(cr_layer_plan *plan, cr_error *err)
{
    size_t n = cr_shape_size(&plan->inputs[0]);
    if (n < 2)
        return cr_fail(err, CR_E_CONFIG,
                       "an example of one value has no variance; there is nothing to "
                       "normalise");
    cr_layer_plan_parameter(plan, "weight", cr_shape_flat(n), false);
    cr_layer_plan_parameter(plan, "bias", cr_shape_flat(n), false);
    plan->output = plan->inputs[0];
    plan->kept = n + 1;
    plan->flops = 8.0 * (double)n;
    return true;
}

static void init(const cr_layer_io *io, cr_real *weights, uint64_t seed)
{
    (void)seed;
    const cr_segment *gain = &io->parameters[GAIN];
    for (size_t i = 0; i < gain->size; i++)
        weights[gain->offset + i] = 1;
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size;
    const double epsilon = ((const options *)io->options)->epsilon;
    const cr_real *restrict gain = cr_layer_parameter(io, GAIN), *restrict bias =
                                                                     cr_layer_parameter(
                                                                         io, BIAS);
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *restrict x = io->x[0] + row * n;
        cr_real *restrict y = io->y + row * n, *restrict kept = io->kept + row * (n + 1);
        double mean = 0, variance = 0;
        for (size_t i = 0; i < n; i++)
            mean += (double)x[i];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++)
            variance += ((double)x[i] - mean) * ((double)x[i] - mean);
        const cr_real scale = (cr_real)(1 / sqrt(variance / (double)n + epsilon));
        const cr_real middle = (cr_real)mean;
        for (size_t i = 0; i < n; i++) {
            kept[i] = (x[i] - middle) * scale;
            y[i] = gain[i] * kept[i] + bias[i];
        }
        kept[n] = scale;
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size;
    const cr_real *restrict gain = cr_layer_parameter(io, GAIN);
    for (size_t row = pass->first_row; io->dx[0] && row < pass->first_row + pass->rows;
         row++) {
        const cr_real *restrict dy = io->dy[0] + row * n, *restrict kept =
                                                              io->kept + row * (n + 1);
        cr_real *restrict dx = io->dx[0] + row * n;
        double mean = 0, along = 0;
        for (size_t i = 0; i < n; i++) {
            double g = (double)gain[i] * (double)dy[i];
            mean += g;
            along += g * (double)kept[i];
        }
        const cr_real m = (cr_real)(mean / (double)n), a = (cr_real)(along / (double)n);
        for (size_t i = 0; i < n; i++)
            dx[i] = (gain[i] * dy[i] - m - kept[i] * a) * kept[n];
    }
}

/* dγ = Σ dy x̂, dβ = Σ dy, over the rows. */
static void gradient(const cr_pass *pass, const cr_layer_io *io,
                     const cr_gradient_sink *sink)
{
    cr_norm_gradient(pass, io, sink, io->kept, io->output_size + 1);
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    const options *o = io->options;
    char epsilon[CR_CSOURCE_NUMBER];
    cr_layer_c_parameter(io, c, GAIN, out);
    cr_layer_c_parameter(io, c, BIAS, out);
    (void)cr_csource_math_add(out, CR_CSOURCE_SQRT);
    if (cr_csource_needs(out, "apply_layer_norm"))
        cr_text_add(&out->functions,
                    "static void apply_layer_norm(int n, float epsilon, const float *x, "
                    "const float *weight,\n"
                    "    const float *bias, float *y)\n"
                    "{\n"
                    "    float mean = 0, squares = 0, scale;\n"
                    "    int i;\n"
                    "    for (i = 0; i < n; i++)\n"
                    "        mean += x[i];\n"
                    "    mean /= (float)n;\n"
                    "    for (i = 0; i < n; i++)\n"
                    "        squares += (x[i] - mean) * (x[i] - mean);\n"
                    "    scale = 1 / square_root(squares / (float)n + epsilon);\n"
                    "    for (i = 0; i < n; i++)\n"
                    "        y[i] = (x[i] - mean) * scale * CR_READ(weight + i) + "
                    "CR_READ(bias + i);\n"
                    "}\n\n");
    cr_text_add(&out->statements,
                "    apply_layer_norm(%zu, %s, %s, %s_weight, %s_bias, %s);\n",
                io->output_size, cr_csource_number(o->epsilon, epsilon), c->x[0], c->name,
                c->name, c->y);
    return true;
}

/* The mean over an example [n, size]: [n, 1]. */
static const char *mean(const cr_layer_onnx *layer, const char *part, const char *x)
{
    return cr_layer_onnx_part(layer, part,
                              &(cr_onnx_node){.op = "ReduceMean",
                                              .in = {x},
                                              .attributes = {CR_ONNX_SET_AXES(1)}});
}

static const char *combine(const cr_layer_onnx *layer, const char *part, const char *op,
                           const char *a, const char *b)
{
    return cr_layer_onnx_part(layer, part, &(cr_onnx_node){.op = op, .in = {a, b}});
}

/* The operator LayerNormalization is of opset 17: this is what it does. */
static const char *onnx(const cr_layer_onnx *layer)
{
    const options *o = layer->plan->options;
    const char *x = cr_layer_onnx_flat(layer, 0);
    const char *centred = combine(layer, "centred", "Sub", x, mean(layer, "mean", x));
    const char *squares = combine(layer, "squares", "Mul", centred, centred);
    const char *variance =
        combine(layer, "variance", "Add", mean(layer, "square", squares),
                cr_layer_onnx_number(layer, "epsilon", o->epsilon));
    const char *deviation = cr_layer_onnx_part(
        layer, "deviation", &(cr_onnx_node){.op = "Sqrt", .in = {variance}});
    const char *normal = combine(layer, "normal", "Div", centred, deviation);
    const char *scaled =
        combine(layer, "scaled", "Mul", normal, cr_layer_onnx_parameter(layer, GAIN));
    const char *bias = cr_layer_onnx_parameter(layer, BIAS);
    return cr_layer_onnx_unflat(layer,
                                &(cr_onnx_node){.op = "Add", .in = {scaled, bias}});
}

const cr_layer_type cr_layer_layer_norm = {
    .name = "layer_norm",
    .summary =
        "an example's values to mean 0 and variance 1, then times weight plus bias",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .init = init,
    .forward = forward,
    .backward = backward,
    .gradient = gradient,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
