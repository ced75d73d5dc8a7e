/*
 * Y = A B, example by example: A [m, k], B [k, n]. ∂L/∂A = ∂L/∂Y Bᵀ, ∂L/∂B = Aᵀ ∂L/∂Y.
 * A list of numbers counts as a row on the left and as a column on the right, and is one
 * in the result as well.
 */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"

/* Rows and columns of an operand; false for a shape of more than two dimensions. */
static bool matrix(const cr_shape *shape, bool left, size_t *rows, size_t *columns)
{
    bool list = shape->rank == 1;
    *rows = list ? (left ? 1 : shape->dim[0]) : shape->dim[0];
    *columns = list ? (left ? shape->dim[0] : 1) : shape->dim[1];
    return shape->rank <= 2;
}

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    const cr_shape *a = &plan->inputs[0], *b = &plan->inputs[1];
    size_t m = 0, k = 0, rows = 0, n = 0;
    bool good = matrix(a, true, &m, &k) && matrix(b, false, &rows, &n) && k == rows &&
                m <= CR_LARGEST_DIMENSION && k <= CR_LARGEST_DIMENSION &&
                n <= CR_LARGEST_DIMENSION;
    char left[CR_SHAPE_TEXT], right[CR_SHAPE_TEXT];
    if (!good)
        return cr_fail(err, CR_E_CONFIG,
                       "a matrix product of %s and %s does not exist: it takes two "
                       "matrices, the first "
                       "with as many columns as the second has rows",
                       cr_shape_format(a, left), cr_shape_format(b, right));
    if (a->rank == 2 && b->rank == 2)
        plan->output = cr_shape_matrix(m, n);
    else
        plan->output = cr_shape_flat(m * n);
    plan->flops = 2.0 * (double)m * (double)k * (double)n;
    plan->kept = 0;
    return true;
}

/* m, k and n of the product, from the sizes: m k, k n and m n. */
static void dimensions(const cr_layer_io *io, size_t *m, size_t *k, size_t *n)
{
    const cr_shape *a = &io->input_shapes[0], *b = &io->input_shapes[1];
    size_t rows = 0;
    matrix(a, true, m, k);
    matrix(b, false, &rows, n);
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t m = 0, k = 0, n = 0;
    dimensions(io, &m, &k, &n);
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        cr_product_multiply(io->kernels, &(cr_gemm){.m = m,
                                                    .n = n,
                                                    .k = k,
                                                    .alpha = 1,
                                                    .a = io->x[0] + row * m * k,
                                                    .lda = k,
                                                    .b = io->x[1] + row * k * n,
                                                    .ldb = n,
                                                    .c = io->y + row * m * n,
                                                    .ldc = n});
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t m = 0, k = 0, n = 0;
    dimensions(io, &m, &k, &n);
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *dy = io->dy[0] + row * m * n;
        if (io->dx[0])
            cr_product_multiply(io->kernels, &(cr_gemm){.trans_b = CR_TRANSPOSED,
                                                        .m = m,
                                                        .n = k,
                                                        .k = n,
                                                        .alpha = 1,
                                                        .a = dy,
                                                        .lda = n,
                                                        .b = io->x[1] + row * k * n,
                                                        .ldb = n,
                                                        .c = io->dx[0] + row * m * k,
                                                        .ldc = k});
        if (io->dx[1])
            cr_product_multiply(io->kernels, &(cr_gemm){.trans_a = CR_TRANSPOSED,
                                                        .m = k,
                                                        .n = n,
                                                        .k = m,
                                                        .alpha = 1,
                                                        .a = io->x[0] + row * m * k,
                                                        .lda = k,
                                                        .b = dy,
                                                        .ldb = n,
                                                        .c = io->dx[1] + row * k * n,
                                                        .ldc = n});
    }
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    size_t m = 0, k = 0, n = 0;
    dimensions(io, &m, &k, &n);
    if (cr_csource_needs(out, "apply_matmul"))
        cr_text_add(&out->functions,
                    "/* y [m, n] = a [m, k] b [k, n] */\n"
                    "static void apply_matmul(int m, int k, int n, const float *a, const "
                    "float *b,\n"
                    "    float *y)\n"
                    "{\n"
                    "    int i, j, l;\n"
                    "    for (i = 0; i < m; i++)\n"
                    "        for (j = 0; j < n; j++) {\n"
                    "            float sum = 0;\n"
                    "            for (l = 0; l < k; l++)\n"
                    "                sum += a[i * k + l] * b[l * n + j];\n"
                    "            y[i * n + j] = sum;\n"
                    "        }\n"
                    "}\n\n");
    cr_text_add(&out->statements, "    apply_matmul(%zu, %zu, %zu, %s, %s, %s);\n", m, k,
                n, c->x[0], c->x[1], c->y);
    out->multiply_adds += (double)m * (double)k * (double)n;
    return true;
}

/* An operand as a matrix; a list is one row, or one column. */
static const char *operand(const cr_layer_onnx *layer, size_t k, const char *part)
{
    const cr_shape *shape = &layer->plan->inputs[k];
    size_t rows = 0, columns = 0;
    matrix(shape, k == 0, &rows, &columns);
    const cr_shape as = cr_shape_matrix(rows, columns);
    return shape->rank == 2 ? layer->inputs[k]
                            : cr_layer_onnx_shaped(layer, part, layer->inputs[k], &as);
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const char *a = operand(layer, 0, "left"), *b = operand(layer, 1, "right");
    const cr_onnx_node node = {.op = "MatMul", .in = {a, b}};
    if (layer->plan->output.rank == 2)
        return cr_layer_onnx_output(layer, &node);
    const char *product = cr_layer_onnx_part(layer, "product", &node);
    return cr_layer_onnx_output(layer, &(cr_onnx_node){.op = "Flatten", .in = {product}});
}

const cr_layer_type cr_layer_matmul = {
    .name = "matmul",
    .summary = "Y = A B, the product of two matrices, example by example; a list of "
               "numbers is a "
               "row on the left and a column on the right",
    .symbol = "A&#183;B",
    .min_inputs = 2,
    .max_inputs = 2,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .onnx = onnx,
};
