/* Constants, and operators that are applied to them: weights that are turned round, and the
 * shapes that exporters compute, in which NaN stands for the size of the batch. */
#include "exchange/import_layers.h"
#include "exchange/import_ops/import_op.h"

#include "base/memory.h"
#include "onnx/fields.h"

#include <math.h>
#include <string.h>

/* A constant of these dimensions, whose values are to be set; they are NULL with err. */
static cr_import_constant make(cr_import_graph *graph, size_t rank, const size_t *dim,
                               cr_error *err)
{
    cr_import_constant c = {.rank = rank, .count = 1};
    bool good = rank <= CR_ONNX_DIMENSIONS;
    for (size_t k = 0; good && k < rank; k++) {
        c.dim[k] = dim[k];
        good = cr_memory_multiply(c.count, dim[k], &c.count);
    }
    if (!good)
        cr_import_graph_fail(graph, err, "it makes a constant of too many dimensions");
    else if (cr_import_graph_may_hold(graph, c.count, err))
        c.values = cr_alloc(c.count, sizeof *c.values, err);
    return c;
}

static bool set_list(cr_import_graph *graph, const double *numbers, size_t count,
                     bool scalar, cr_error *err)
{
    cr_import_constant c = make(graph, !scalar, &count, err);
    for (size_t i = 0; c.values && i < c.count; i++)
        c.values[i] = numbers[i];
    return c.values && cr_import_graph_set_constant(graph, &c, err);
}

bool cr_import_fold_constant(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    (void)op;
    if (graph->node->attribute_count != 1)
        return cr_import_graph_fail(graph, err, "it has %zu values, expected one",
                                    graph->node->attribute_count);
    const cr_onnx_model_attribute *a = &graph->node->attributes[0];
    if (a->type == CR_ONNX_IS_FLOAT || a->type == CR_ONNX_IS_INT)
        return set_list(graph, &a->number, 1, true, err);
    if (a->type == CR_ONNX_IS_FLOATS || a->type == CR_ONNX_IS_INTS)
        return set_list(graph, a->numbers.values, a->numbers.count, false, err);
    cr_import_constant c = {.rank = a->tensor.rank, .count = a->tensor.count};
    memcpy(c.dim, a->tensor.dim, sizeof c.dim);
    if (a->type != CR_ONNX_IS_TENSOR || !a->tensor.message.data)
        return cr_import_graph_fail(graph, err, "it has no value");
    c.values = cr_onnx_tensor_numbers(&graph->model->whole, &a->tensor, err);
    return c.values && cr_import_graph_set_constant(graph, &c, err);
}

bool cr_import_fold_same(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    const cr_import_constant *from = cr_import_graph_constant(graph, 0, err);
    cr_import_constant c =
        from ? make(graph, from->rank, from->dim, err) : (cr_import_constant){0};
    if (!c.values)
        return false;
    const double to = cr_import_graph_attribute_number(graph, "to", CR_ONNX_FLOAT);
    const bool whole = to == CR_ONNX_INT64 || to == CR_ONNX_INT32;
    for (size_t i = 0; i < c.count; i++)
        c.values[i] = whole && *op->attributes ? trunc(from->values[i]) : from->values[i];
    return cr_import_graph_set_constant(graph, &c, err);
}

/* An index from the end on as one from the start, within 0 and most. */
static size_t clamp(double index, size_t most)
{
    const double at = index < 0 ? index + (double)most : index;
    return at > (double)most ? most : at > 0 ? (size_t)at : 0;
}

/* The dimensions in ONNX, the batch's as NaN, or as the file fixes it. */
bool cr_import_fold_shape(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    (void)op;
    double dims[CR_ONNX_DIMENSIONS + 1];
    size_t rank = 0;
    if (cr_import_graph_is_constant(graph, 0)) {
        const cr_import_constant *c = cr_import_graph_constant(graph, 0, err);
        if (!c)
            return false;
        for (rank = 0; rank < c->rank; rank++)
            dims[rank] = (double)c->dim[rank];
    } else {
        const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
        if (!x)
            return false;
        dims[rank++] = graph->batch;
        for (size_t k = 0, n = x->shape.rank; k < x->axes; k++)
            dims[rank++] = k >= n ? 1 : (double)x->shape.dim[x->last ? (k + 1) % n : k];
    }
    const double end = cr_import_graph_attribute_number(graph, "end", (double)rank);
    const size_t from = clamp(cr_import_graph_attribute_number(graph, "start", 0), rank);
    const size_t to = clamp(end, rank);
    return set_list(graph, dims + from, to > from ? to - from : 0, false, err);
}

/* Of a list of numbers. */
bool cr_import_fold_gather(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    (void)op;
    const cr_import_constant *list = cr_import_graph_constant(graph, 0, err);
    const cr_import_constant *at = list ? cr_import_graph_constant(graph, 1, err) : NULL;
    if (!at)
        return false;
    if (list->rank != 1 || at->rank > 1)
        return cr_import_graph_fail(graph, err,
                                    "it takes from a constant of %zu dimensions; import "
                                    "knows it of lists alone",
                                    list->rank);
    cr_import_constant c = make(graph, at->rank, at->dim, err);
    for (size_t i = 0; c.values && i < c.count; i++) {
        const double index =
            at->values[i] < 0 ? at->values[i] + (double)list->count : at->values[i];
        if (!(index >= 0 && index < (double)list->count)) {
            cr_free(c.values);
            return cr_import_graph_fail(graph, err, "it takes number %g of a list of %zu",
                                        at->values[i], list->count);
        }
        c.values[i] = list->values[(size_t)index];
    }
    return c.values && cr_import_graph_set_constant(graph, &c, err);
}

/* The one number of an attribute's list, or of an input; the fallback where there is
 * neither. */
static bool one_of(cr_import_graph *graph, const char *name, size_t i, double *number,
                   cr_error *err)
{
    const cr_onnx_model_attribute *a = cr_import_graph_attribute(graph, name);
    if (cr_import_graph_has(graph, i))
        return cr_import_graph_number(graph, i, number, err);
    if (a && a->numbers.count == 1)
        *number = a->numbers.values[0];
    return !a || a->numbers.count == 1 ||
           cr_import_graph_fail(graph, err, "it cuts along several axes");
}

bool cr_import_fold_slice(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    (void)op;
    double start = 0, end = INFINITY, axis = 0, step = 1;
    const cr_import_constant *list = cr_import_graph_constant(graph, 0, err);
    if (!list || !one_of(graph, "starts", 1, &start, err) ||
        !one_of(graph, "ends", 2, &end, err) || !one_of(graph, "axes", 3, &axis, err) ||
        !one_of(graph, "steps", 4, &step, err))
        return false;
    if (list->rank != 1 || step != 1 || isnan(start) || isnan(end))
        return cr_import_graph_fail(graph, err,
                                    "it cuts a constant of %zu dimensions, with steps of "
                                    "%g; import knows it of lists alone, with steps of 1",
                                    list->rank, step);
    const size_t from = clamp(start, list->count), to = clamp(end, list->count);
    return set_list(graph, list->values + from, to > from ? to - from : 0, false, err);
}

/* Of lists. */
bool cr_import_fold_concat(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    (void)op;
    const size_t inputs = graph->node->input_count;
    size_t count = 0, at = 0;
    for (size_t i = 0; i < inputs; i++) {
        const cr_import_constant *c = cr_import_graph_constant(graph, i, err);
        if (!c)
            return false;
        if (c->rank != 1)
            return cr_import_graph_fail(graph, err,
                                        "it joins constants of %zu dimensions; import "
                                        "knows it of lists alone",
                                        c->rank);
        count += c->count;
    }
    cr_import_constant joined = make(graph, 1, &count, err);
    for (size_t i = 0; joined.values && i < inputs; i++) {
        const cr_import_constant *c = cr_import_graph_constant(graph, i, err);
        for (size_t k = 0; c && k < c->count; k++)
            joined.values[at++] = c->values[k];
    }
    return joined.values && cr_import_graph_set_constant(graph, &joined, err);
}

/* A list's or a number's other dimensions: Squeeze and Unsqueeze of what exporters make of a
 * shape; and Reshape of any constant. */
bool cr_import_fold_reshape(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    const cr_import_constant *from = cr_import_graph_constant(graph, 0, err);
    size_t dim[CR_ONNX_DIMENSIONS] = {0}, rank = 0, open = CR_ONNX_DIMENSIONS,
           product = 1;
    if (!from)
        return false;
    if (strcmp(op->name, "Reshape") != 0) {
        rank = strcmp(op->name, "Unsqueeze") == 0;
        dim[0] = from->count;
        if (from->rank > 1 || (rank == 0 && from->count != 1))
            return cr_import_graph_fail(graph, err,
                                        "it is applied to a constant of %zu dimensions; "
                                        "import knows it of one number alone",
                                        from->rank);
    } else {
        const cr_import_constant *to = cr_import_graph_constant(graph, 1, err);
        if (!to)
            return false;
        for (rank = 0; rank < to->count && rank < CR_ONNX_DIMENSIONS; rank++) {
            const double n = to->values[rank];
            dim[rank] = n == 0 && rank < from->rank ? from->dim[rank]
                        : n >= 1 && n <= 1e15       ? (size_t)n
                                                    : 1;
            if (n == -1)
                open = rank;
            if (!cr_memory_multiply(product, dim[rank], &product))
                product = 0;
        }
        if (open < CR_ONNX_DIMENSIONS && product > 0)
            dim[open] = from->count / product;
    }
    cr_import_constant c = make(graph, rank, dim, err);
    if (c.values && c.count != from->count) {
        cr_free(c.values);
        return cr_import_graph_fail(graph, err, "it makes %zu numbers of %zu", c.count,
                                    from->count);
    }
    if (c.values)
        memcpy(c.values, from->values, c.count * sizeof *c.values);
    return c.values && cr_import_graph_set_constant(graph, &c, err);
}

bool cr_import_fold_transpose(cr_import_graph *graph, const cr_import_op *op,
                              cr_error *err)
{
    (void)op;
    const cr_import_constant *from = cr_import_graph_constant(graph, 0, err);
    const cr_onnx_model_attribute *a = cr_import_graph_attribute(graph, "perm");
    size_t perm[CR_ONNX_DIMENSIONS], dim[CR_ONNX_DIMENSIONS];
    unsigned seen = 0;
    if (!from)
        return false;
    const size_t rank = from->rank;
    for (size_t k = 0; k < rank; k++) {
        const double p = !a                     ? (double)(rank - 1 - k)
                         : k < a->numbers.count ? a->numbers.values[k]
                                                : -1;
        perm[k] = p >= 0 && p < (double)rank ? (size_t)p : 0;
        seen |= p >= 0 ? 1u << perm[k] : 0;
        dim[k] = from->dim[perm[k]];
    }
    if (seen != (1u << rank) - 1)
        return cr_import_graph_fail(graph, err, "its perm does not have each dimension");
    cr_import_constant c = make(graph, rank, dim, err);
    size_t at[CR_ONNX_DIMENSIONS + 1] = {0};
    for (size_t i = 0; c.values && i < c.count; i++) {
        size_t place = 0;
        for (size_t d = 0; d < rank; d++) {
            size_t own = 0; /* coordinate along dimension d of `from` */
            for (size_t k = 0; k < rank; k++)
                own = perm[k] == d ? at[k] : own;
            place = place * from->dim[d] + own;
        }
        c.values[i] = from->values[place];
        for (size_t k = rank; k-- > 0;) {
            if (++at[k] < dim[k])
                break;
            at[k] = 0;
        }
    }
    return c.values && cr_import_graph_set_constant(graph, &c, err);
}

static double compute(const char *name, double a, double b)
{
    return strcmp(name, "Add") == 0   ? a + b
           : strcmp(name, "Sub") == 0 ? a - b
           : strcmp(name, "Mul") == 0 ? a * b
                                      : a / b;
}

/* Of two constants of the same dimensions, or one number with all. */
bool cr_import_fold_arithmetic(cr_import_graph *graph, const cr_import_op *op,
                               cr_error *err)
{
    const cr_import_constant *a = cr_import_graph_constant(graph, 0, err);
    const cr_import_constant *b = a ? cr_import_graph_constant(graph, 1, err) : NULL;
    if (!b)
        return false;
    if (a->count != b->count && a->count != 1 && b->count != 1)
        return cr_import_graph_fail(graph, err,
                                    "it joins constants of %zu and %zu numbers; import "
                                    "knows it of as many, or of one with all",
                                    a->count, b->count);
    const cr_import_constant *like = b->count > 1 || b->rank > a->rank ? b : a;
    cr_import_constant c = make(graph, like->rank, like->dim, err);
    for (size_t i = 0; c.values && i < c.count; i++)
        c.values[i] = compute(op->name, a->values[a->count > 1 ? i : 0],
                              b->values[b->count > 1 ? i : 0]);
    return c.values && cr_import_graph_set_constant(graph, &c, err);
}
