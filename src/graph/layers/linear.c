/*
 * Y = X W + b, with X [rows, inputs], W [inputs, units], b [units].
 * ∂L/∂X = ∂L/∂Y Wᵀ, ∂L/∂W = Xᵀ ∂L/∂Y, ∂L/∂b = Σ over rows of ∂L/∂Y.
 */
#include "base/random.h"
#include "graph/initializer.h"
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "math/kernel.h"

typedef struct options {
    int64_t units; /* 0: left out */
    bool bias;
    const cr_json *init;
    cr_initializer initializer;
} options;

static const cr_option table[] = {
    {.key = "units",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(options, units),
     .fallback = CR_OPTIONAL,
     .minimum = 1,
     .maximum = CR_LARGEST_DIMENSION,
     .help = "outputs; the last linear layer may leave it out and takes what the target "
             "needs"},
    {.key = "bias",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(options, bias),
     .fallback = "true",
     .help = "whether to add a bias"},
    {.key = "init",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(options, init),
     .fallback = "\"he\"",
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_OBJECT,
     .expects = CR_INITIALIZER_EXPECTS,
     .help =
         "first values of the weights: normal with variance 2 / inputs (he), 2 / "
         "(inputs + units) (xavier) or 1 / inputs (lecun), orthonormal rows or columns "
         "(Saxe et al., 2014), or as given; biases start at 0"},
};

enum { WEIGHT, BIAS };

static void read(cr_reader *reader, const char *path, void *fields)
{
    options *o = fields;
    char where[CR_WHERE];
    if (o->init)
        cr_initializer_read(reader, cr_json_path(path, "init", where), o->init,
                            &o->initializer);
}

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    const options *o = plan->options;
    size_t inputs = cr_shape_size(&plan->inputs[0]), units = (size_t)o->units;
    if (units == 0)
        return cr_fail(
            err, CR_E_CONFIG,
            "\"units\" is missing: only the last layer, if it is linear, may "
            "leave it out (losses take its scores as they are, without a sigmoid "
            "or softmax behind it)");
    if (inputs > CR_LARGEST_DIMENSION)
        return cr_fail(err, CR_E_CONFIG, "%zu inputs are too many for a matrix product",
                       inputs);
    cr_layer_plan_parameter(plan, "weight", cr_shape_matrix(inputs, units), true);
    if (o->bias)
        cr_layer_plan_parameter(plan, "bias", cr_shape_flat(units), false);
    plan->output = cr_shape_flat(units);
    plan->flops = 2.0 * (double)inputs * (double)units;
    return true;
}

static void init(const cr_layer_io *io, cr_real *weights, uint64_t seed)
{
    const options *o = io->options;
    const cr_segment *w = &io->parameters[WEIGHT];
    size_t inputs = w->shape.dim[0], units = w->shape.dim[1];
    const cr_initializer_matrix matrix = {inputs, units, inputs, units};
    const cr_initializer_draws draws = {seed, cr_random_stream(w->full_name), io->draws};
    cr_initializer_fill(&o->initializer, &draws, &matrix, weights + w->offset);
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    const options *o = io->options;
    size_t inputs = io->input_size[0], units = io->output_size;
    cr_product_multiply(io->kernels,
                        &(cr_gemm){.m = pass->rows,
                                   .n = units,
                                   .k = inputs,
                                   .alpha = 1,
                                   .a = io->x[0] + pass->first_row * inputs,
                                   .lda = inputs,
                                   .b = cr_layer_parameter(io, WEIGHT),
                                   .ldb = units,
                                   .c = io->y + pass->first_row * units,
                                   .ldc = units,
                                   .bias = o->bias ? cr_layer_parameter(io, BIAS) : NULL,
                                   .rectify = io->rectify});
}

/* dX = dY Wᵀ */
static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t inputs = io->input_size[0], units = io->output_size;
    const cr_real *x = io->x[0] + pass->first_row * inputs;
    if (!io->dx[0])
        return;
    cr_product_multiply(io->kernels, &(cr_gemm){.trans_b = CR_TRANSPOSED,
                                                .m = pass->rows,
                                                .n = inputs,
                                                .k = units,
                                                .alpha = 1,
                                                .a = io->dy[0] + pass->first_row * units,
                                                .lda = units,
                                                .b = cr_layer_parameter(io, WEIGHT),
                                                .ldb = units,
                                                .c = io->dx[0] + pass->first_row * inputs,
                                                .ldc = inputs,
                                                .where = io->where_positive ? x : NULL});
}

/* A share is some rows of the weight matrix, from a multiple of 16 on: a product is not
 * split elsewhere without a change of bits. The bias goes with the last share. */
static void gradient(const cr_pass *pass, const cr_layer_io *io,
                     const cr_gradient_sink *sink)
{
    const options *o = io->options;
    size_t inputs = io->input_size[0], units = io->output_size;
    size_t blocks = (inputs + 15) / 16;
    size_t first = blocks * pass->share / pass->shares * 16;
    size_t last = blocks * (pass->share + 1) / pass->shares * 16;
    if (last > inputs)
        last = inputs;
    const cr_segment *w = &io->parameters[WEIGHT];
    if (last > first)
        cr_product_multiply(io->kernels,
                            &(cr_gemm){.trans_a = CR_TRANSPOSED,
                                       .m = last - first,
                                       .n = units,
                                       .k = pass->batch_rows,
                                       .alpha = sink->alpha,
                                       .a = io->x[0] + first,
                                       .lda = inputs,
                                       .b = io->dy[0],
                                       .ldb = units,
                                       .beta = cr_sink_beta(sink, w),
                                       .c = sink->block + w->offset + first * units,
                                       .ldc = units});
    if (o->bias && pass->share + 1 == pass->shares) {
        const cr_segment *b = &io->parameters[BIAS];
        cr_kernel_sum_rows(pass->batch_rows, units, sink->alpha, io->dy[0],
                           cr_sink_beta(sink, b), sink->block + b->offset);
    }
}

static size_t products(const cr_layer_plan *plan, const cr_product_needs *needs,
                       cr_product products[CR_LAYER_PRODUCTS])
{
    const cr_shape *weight = &plan->parameters[WEIGHT].shape;
    size_t rows = needs->rows, inputs = weight->dim[0], units = weight->dim[1], count = 0;
    products[count++] = (cr_product){.m = rows, .n = units, .k = inputs, .times = 1};
    if (needs->dx)
        products[count++] = (cr_product){
            .trans_b = CR_TRANSPOSED, .m = rows, .n = inputs, .k = units, .times = 1};
    if (needs->dw)
        products[count++] = (cr_product){
            .trans_a = CR_TRANSPOSED, .m = inputs, .n = units, .k = rows, .times = 1};
    return count;
}

static size_t channel_of(const cr_layer_io *io, size_t i)
{
    return i % io->output_size;
}

/* Four units at a time, whose sums stay in registers. */
static const char apply_linear[] =
    "/* y = b + the sum of x[i] w[i], a row of w for each input */\n"
    "static void apply_linear(int inputs, int units, const float *x, const float *w,\n"
    "    const float *b, float *y)\n"
    "{\n"
    "    int i, j;\n"
    "    for (j = 0; j + 4 <= units; j += 4) {\n"
    "        const float *row = w + j;\n"
    "        float s0 = CR_READ(b + j), s1 = CR_READ(b + j + 1);\n"
    "        float s2 = CR_READ(b + j + 2), s3 = CR_READ(b + j + 3);\n"
    "        for (i = 0; i < inputs; i++, row += units) {\n"
    "            const float v = x[i];\n"
    "            s0 += v * CR_READ(row);\n"
    "            s1 += v * CR_READ(row + 1);\n"
    "            s2 += v * CR_READ(row + 2);\n"
    "            s3 += v * CR_READ(row + 3);\n"
    "        }\n"
    "        y[j] = s0;\n"
    "        y[j + 1] = s1;\n"
    "        y[j + 2] = s2;\n"
    "        y[j + 3] = s3;\n"
    "    }\n"
    "    for (; j < units; j++) {\n"
    "        float sum = CR_READ(b + j);\n"
    "        for (i = 0; i < inputs; i++)\n"
    "            sum += x[i] * CR_READ(w + i * units + j);\n"
    "        y[j] = sum;\n"
    "    }\n"
    "}\n\n";

static const char apply_linear_bytes[] =
    "static void apply_linear_bytes(int inputs, int units, const int8_t *x, const int8_t "
    "*w,\n"
    "    const float *affine, float *y)\n"
    "{\n"
    "    int i, j;\n"
    "    for (j = 0; j < units; j++, affine += 2) {\n"
    "        int32_t sum = 0;\n"
    "        for (i = 0; i < inputs; i++)\n"
    "            sum += x[i] * (int8_t)CR_READ_BYTE(w++);\n"
    "        y[j] = (float)sum * CR_READ(affine) + CR_READ(affine + 1);\n"
    "    }\n"
    "}\n\n";

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    size_t inputs = io->input_size[0], units = io->output_size;
    bool bytes = c->weights->bytes != NULL;
    cr_layer_c_weights(io, c, true, out);
    if (cr_csource_needs(out, bytes ? "apply_linear_bytes" : "apply_linear"))
        cr_text_add(&out->functions, "%s", bytes ? apply_linear_bytes : apply_linear);
    if (bytes)
        cr_text_add(&out->statements,
                    "    apply_linear_bytes(%zu, %zu, (int8_t *)(%s), %s_weight, "
                    "%s_affine, %s);\n",
                    inputs, units, c->bytes, c->name, c->name, c->y);
    else
        cr_text_add(&out->statements,
                    "    apply_linear(%zu, %zu, %s, %s_weight, %s_bias, %s);\n", inputs,
                    units, c->x[0], c->name, c->name, c->y);
    out->multiply_adds += (double)inputs * (double)units;
    return true;
}

/* Gemm takes weights either way; OpenCV only as [outputs, inputs]. */
static const char *onnx(const cr_layer_onnx *layer)
{
    const char *x = cr_layer_onnx_flat(layer, 0);
    if (layer->plan->parameter_count == 1 && !layer->weights)
        return cr_layer_onnx_output(
            layer, &(cr_onnx_node){.op = "MatMul",
                                   .in = {x, cr_layer_onnx_parameter(layer, WEIGHT)}});
    const cr_layer_onnx_operands o = cr_layer_onnx_weights_take(layer, x, true);
    return cr_layer_onnx_output(
        layer, &(cr_onnx_node){.op = "Gemm",
                               .in = {o.x, o.weight, o.bias},
                               .attributes = {CR_ONNX_SET_INT("transB", 1)}});
}

const cr_layer_type cr_layer_linear = {
    .name = "linear",
    .summary = "y = x W + b; an example of any shape is taken as a flat one",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .read = read,
    .init = init,
    .forward = forward,
    .backward = backward,
    .gradient = gradient,
    .joins = true,
    .affine = true,
    .products = products,
    .c_source = c_source,
    .channel_of = channel_of,
    .flat = true,
    .in_bytes = true,
    .onnx = onnx,
};
