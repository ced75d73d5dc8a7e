/* y = xᵖ; dy/dx = p xᵖ⁻¹. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

#include <tgmath.h>

typedef struct options {
    double exponent;
} options;

static const cr_option table[] = {
    {.key = "exponent",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, exponent),
     .fallback = CR_REQUIRED,
     .help = "the power"},
};

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    cr_real exponent = (cr_real)((const options *)io->options)->exponent;
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    for (size_t i = 0; i < n; i++)
        y[i] = pow(x[i], exponent);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    cr_real exponent = (cr_real)((const options *)io->options)->exponent;
    const cr_real *restrict x = io->x[0] + first;
    const cr_real *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = exponent == 0 ? 0 : dy[i] * exponent * pow(x[i], exponent - 1);
}

static void add_whole_power(cr_csource *out)
{
    if (cr_csource_needs(out, "whole_power"))
        cr_text_add(&out->functions, "static float whole_power(float x, float exponent)\n"
                                     "{\n"
                                     "    float y = 1;\n"
                                     "    int n;\n"
                                     "    for (n = (int)exponent; n > 0; n--)\n"
                                     "        y *= x;\n"
                                     "    for (; n < 0; n++)\n"
                                     "        y /= x;\n"
                                     "    return y;\n"
                                     "}\n\n");
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    const options *o = io->options;
    int whole = (int)fmin(fmax(o->exponent, -16), 16);
    bool by_libm = o->exponent != whole && o->exponent != 0.5;
    if (by_libm && out->no_libm)
        return cr_fail(err, CR_E_USAGE,
                       "\"exponent\" %g takes powf of <math.h>; leave --no-libm out",
                       o->exponent);
    out->uses_libm |= by_libm;
    if (o->exponent == 0.5) {
        (void)cr_csource_math_add(out, CR_CSOURCE_SQRT);
        cr_layer_c_elementwise(io, c, "root", "square_root(x[i])", NULL, out);
    } else if (by_libm) {
        cr_layer_c_elementwise(io, c, "power", "powf(x[i], a)", &o->exponent, out);
    } else {
        add_whole_power(out);
        cr_layer_c_elementwise(io, c, "whole_power", "whole_power(x[i], a)", &o->exponent,
                               out);
    }
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const options *o = layer->plan->options;
    const char *exponent = cr_layer_onnx_number(layer, "exponent", o->exponent);
    return cr_layer_onnx_output(
        layer, &(cr_onnx_node){.op = "Pow", .in = {layer->inputs[0], exponent}});
}

const cr_layer_type cr_layer_power = {
    .name = "power",
    .summary = "y = x to the power of exponent, element by element",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .symbol = "x^",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
