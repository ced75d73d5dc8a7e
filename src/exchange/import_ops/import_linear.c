/* Gemm and MatMul: the layer linear, or matmul of two that are computed. */
#include "exchange/import_affine.h"
#include "exchange/import_layers.h"
#include "exchange/import_ops/import_op.h"

#include "base/memory.h"

/* A matrix of weights as ONNX has it. */
typedef struct matrix {
    const cr_import_constant *constant;
    size_t rows, columns; /* of x W */
    bool transposed;
} matrix;

static bool read_matrix(cr_import_graph *graph, bool transposed, matrix *m, cr_error *err)
{
    m->constant = cr_import_graph_constant(graph, 1, err);
    if (!m->constant)
        return false;
    if (m->constant->rank != 2 || m->constant->count == 0)
        return cr_import_graph_fail(graph, err,
                                    "its weights have %zu dimensions, expected a matrix",
                                    m->constant->rank);
    m->transposed = transposed;
    m->rows = m->constant->dim[transposed ? 1 : 0];
    m->columns = m->constant->dim[transposed ? 0 : 1];
    return true;
}

/* Row of the matrix that value `place` of ours meets. */
static size_t row_of(const cr_import_computed *x, size_t place)
{
    const size_t size = cr_shape_size(&x->shape);
    const cr_import_constant numbers = {.rank = 1, .dim = {size}, .count = size};
    return cr_import_affine_place(&numbers, x, place);
}

static bool add_linear(cr_import_graph *graph, const matrix *m, double alpha,
                       const double *bias, cr_error *err)
{
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    char shape[CR_SHAPE_TEXT];
    if (!x)
        return false;
    if (x->axes != 1 || cr_shape_size(&x->shape) != m->rows)
        return cr_import_graph_fail(graph, err,
                                    "its input is %s an example, in %zu dimensions, and "
                                    "its weights are [%zu, %zu]; expected a flat example "
                                    "of %zu",
                                    cr_shape_format(&x->shape, shape), x->axes, m->rows,
                                    m->columns, m->rows);
    const cr_shape output = cr_shape_flat(m->columns);
    cr_json *object = cr_import_layers_add(graph, "linear", x, 1, &output, err);
    if (!object)
        return false;
    const cr_import_computed y = cr_import_layers_last(graph);
    double *weight =
        cr_import_layers_add_tensor(graph, y.layer, "weight", m->rows * m->columns, err);
    double *own = weight && bias ? cr_import_layers_add_tensor(graph, y.layer, "bias",
                                                               m->columns, err)
                                 : NULL;
    if (!weight || (bias && !own))
        return false;
    for (size_t i = 0; i < m->rows; i++) {
        const size_t row = row_of(x, i);
        for (size_t j = 0; j < m->columns; j++)
            weight[i * m->columns + j] =
                alpha *
                m->constant
                    ->values[m->transposed ? j * m->rows + row : row * m->columns + j];
    }
    for (size_t j = 0; bias && j < m->columns; j++)
        own[j] = bias[j];
    if (!cr_json_set_number(object, "units", (double)m->columns) ||
        !cr_json_set_bool(object, "bias", bias != NULL))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    return cr_import_graph_set_computed(graph, &y, err);
}

/* beta C, as a row. */
static bool read_bias(cr_import_graph *graph, const matrix *m, double *bias,
                      cr_error *err)
{
    const double beta = cr_import_graph_attribute_number(graph, "beta", 1);
    const cr_import_constant *c = cr_import_graph_constant(graph, 2, err);
    const cr_import_computed row = {.shape = cr_shape_flat(m->columns), .axes = 1};
    if (!c)
        return false;
    if (!cr_import_affine_fits(c, &row))
        return cr_import_graph_fail(
            graph, err,
            "its third input has %zu numbers, expected the bias of "
            "%zu units",
            c->count, m->columns);
    for (size_t j = 0; j < m->columns; j++)
        bias[j] = beta * c->values[cr_import_affine_place(c, &row, j)];
    return true;
}

bool cr_import_linear_gemm(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    (void)op;
    matrix m;
    if (cr_import_graph_attribute_number(graph, "transA", 0) != 0)
        return cr_import_graph_fail(graph, err,
                                    "it transposes the examples (transA); expected them "
                                    "row by row");
    if (!read_matrix(graph, cr_import_graph_attribute_number(graph, "transB", 0) != 0, &m,
                     err))
        return false;
    const double alpha = cr_import_graph_attribute_number(graph, "alpha", 1);
    if (!cr_import_graph_has(graph, 2))
        return add_linear(graph, &m, alpha, NULL, err);
    double *bias = cr_alloc(m.columns, sizeof *bias, err);
    bool good = bias && read_bias(graph, &m, bias, err) &&
                add_linear(graph, &m, alpha, bias, err);
    cr_free(bias);
    return good;
}

/* Two matrices of each example. */
static bool multiply_computed(cr_import_graph *graph, cr_error *err)
{
    cr_import_computed inputs[2];
    for (size_t i = 0; i < 2; i++)
        if (!cr_import_layers_plain(graph, i, &inputs[i], err))
            return false;
    const cr_shape *a = &inputs[0].shape, *b = &inputs[1].shape;
    if (a->rank != 2 || b->rank != 2 || a->dim[1] != b->dim[0])
        return cr_import_graph_fail(
            graph, err,
            "neither of its inputs is a constant, and they are not "
            "two matrices of each example that go together");
    const cr_shape output = cr_shape_matrix(a->dim[0], b->dim[1]);
    if (!cr_import_layers_add(graph, "matmul", inputs, 2, &output, err))
        return false;
    const cr_import_computed y = cr_import_layers_last(graph);
    return cr_import_graph_set_computed(graph, &y, err);
}

bool cr_import_linear_matmul(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    (void)op;
    matrix m;
    if (!cr_import_graph_is_constant(graph, 1) && !cr_import_graph_is_constant(graph, 0))
        return multiply_computed(graph, err);
    return read_matrix(graph, false, &m, err) && add_linear(graph, &m, 1, NULL, err);
}
