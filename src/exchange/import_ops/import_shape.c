/* Operators that give the same values other dimensions. */
#include "exchange/import_layers.h"
#include "exchange/import_ops/import_op.h"

#include <math.h>
#include <string.h>

/* Dimensions of an example in ONNX. */
typedef struct dims {
    size_t rank, dim[CR_ONNX_DIMENSIONS];
} dims;

static dims dims_of(const cr_import_computed *x)
{
    dims d = {.rank = x->axes};
    const size_t rank = x->shape.rank;
    for (size_t k = 0; k < d.rank; k++)
        d.dim[k] = k >= rank ? 1 : x->shape.dim[x->last ? (k + 1) % rank : k];
    return d;
}

/* All but the 1s behind the first dimension. */
static size_t significant(const dims *d)
{
    size_t rank = d->rank;
    while (rank > 1 && d->dim[rank - 1] == 1)
        rank--;
    return rank;
}

static bool same_dims(const dims *a, const dims *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, a->rank * sizeof *a->dim) == 0;
}

static cr_shape shape_of(const dims *d)
{
    cr_shape shape = {.rank = d->rank > 0 ? d->rank : 1, .dim = {1}};
    for (size_t k = 0; k < d->rank && k < CR_DIMENSIONS; k++)
        shape.dim[k] = d->dim[k];
    return shape;
}

/* Examples that nothing has taken become images or lines themselves. */
static bool reshape_data(cr_import_graph *graph, cr_import_computed y, const dims *to,
                         cr_error *err)
{
    y.shape = graph->input = shape_of(to);
    y.axes = to->rank;
    return cr_import_graph_set_computed(graph, &y, err);
}

/* Flat, of an image or a line whose channels are last: its values are in another order
 * unless there is one channel, or one pixel. */
static bool flatten_last(cr_import_graph *graph, const cr_import_computed *x,
                         cr_error *err)
{
    cr_import_computed y = *x;
    const cr_shape flat = cr_shape_flat(cr_shape_size(&x->shape));
    const bool other = x->shape.dim[0] > 1 && cr_shape_plane(&x->shape) > 1;
    if (!cr_import_layers_reshape(graph, &y, &flat, err))
        return false;
    if (other)
        y.of_last = x->shape;
    return cr_import_graph_set_computed(graph, &y, err);
}

/* The dimensions in front of channels that are last, among which no value moves. */
static bool reshape_last(cr_import_graph *graph, const cr_import_computed *x,
                         const dims *to, cr_error *err)
{
    cr_import_computed y = *x;
    cr_shape shape = {.rank = to->rank};
    for (size_t k = 0; k < to->rank; k++)
        shape.dim[(k + 1) % to->rank] = to->dim[k];
    if (!cr_import_layers_reshape(graph, &y, &shape, err))
        return false;
    y.last = true;
    return cr_import_graph_set_computed(graph, &y, err);
}

/* The same values in the dimensions `to`, of as many values. */
static bool reshape(cr_import_graph *graph, const cr_import_computed *x, const dims *to,
                    cr_error *err)
{
    const dims from = dims_of(x);
    cr_import_computed y = *x;
    y.shared = y.shared || !cr_import_graph_is_alone(graph, 0);
    if (same_dims(&from, to))
        return cr_import_graph_set_computed(graph, &y, err);
    if (x->last && to->rank == 1)
        return flatten_last(graph, x, err);
    if (to->rank > CR_EXAMPLE_DIMENSIONS)
        return cr_import_graph_fail(
            graph, err,
            "it makes %zu dimensions of an example; layers are for "
            "at most %d: channels, height, width",
            to->rank, CR_EXAMPLE_DIMENSIONS);
    if (x->last && to->rank > 1 && to->dim[to->rank - 1] == x->shape.dim[0])
        return reshape_last(graph, x, to, err);
    if ((x->last || x->of_last.rank > 0) && (x->shape.dim[0] > 1 || x->of_last.rank > 0))
        return cr_import_graph_fail(
            graph, err,
            "it gives other dimensions to values whose channels "
            "are last, as TensorFlow has them; import knows it of "
            "one channel, or where it makes them flat");
    if (x->layer == CR_IMPORT_DATA && !graph->started && x->stage == graph->stage &&
        significant(to) > 1 && cr_import_graph_is_alone(graph, 0) && !x->shared)
        return reshape_data(graph, y, to, err);
    y.axes = to->rank;
    y.last = false;
    if (x->shape.rank == 1 && significant(to) <= 1) /* 1s come or go behind it */
        return cr_import_graph_set_computed(graph, &y, err);
    dims plain = *to;
    if (significant(to) <= 1 && to->rank > 0)
        plain.rank = 1;
    const cr_shape shape = shape_of(&plain);
    if (!cr_shape_is_same(&shape, &x->shape) &&
        !cr_import_layers_reshape(graph, &y, &shape, err))
        return false;
    y.axes = to->rank;
    return cr_import_graph_set_computed(graph, &y, err);
}

bool cr_import_shape_flatten(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    (void)op;
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    const double axis = cr_import_graph_attribute_number(graph, "axis", 1);
    if (!x)
        return false;
    if (axis != 1 && axis != -(double)x->axes)
        return cr_import_graph_fail(
            graph, err,
            "its axis is %g; expected 1, which keeps the examples "
            "apart",
            axis);
    const dims flat = {1, {cr_shape_size(&x->shape)}};
    return reshape(graph, x, &flat, err);
}

/* What is left for -1, and what 0 stands for. */
static bool resolve(cr_import_graph *graph, const cr_import_constant *wanted,
                    const cr_import_computed *x, dims *to, cr_error *err)
{
    const bool copies = cr_import_graph_attribute_number(graph, "allowzero", 0) == 0;
    const size_t size = cr_shape_size(&x->shape);
    const dims from = dims_of(x);
    size_t open = 0, product = 1;
    *to = (dims){.rank = wanted->count - 1};
    for (size_t k = 0; k < to->rank; k++) {
        const double n = wanted->values[k + 1];
        const bool copied = n == 0 && copies && k < from.rank;
        to->dim[k] = copied ? from.dim[k] : n >= 1 && n <= 1e9 ? (size_t)n : 0;
        if (n == -1)
            open = k + 1;
        else if (to->dim[k] == 0 || product > size)
            return cr_import_graph_fail(graph, err,
                                        "dimension %zu of the shape that it makes is %g; "
                                        "expected one of the example",
                                        k + 1, n);
        else
            product *= to->dim[k];
    }
    if (open > 0 && product > 0)
        product *= to->dim[open - 1] = size / product;
    const double batch = wanted->values[0];
    const bool kept =
        isnan(batch) || batch == -1 || (batch == 0 && copies) || batch == graph->batch;
    return (kept && product == size) ||
           cr_import_graph_fail(
               graph, err,
               "it mixes the values of several examples: it makes %zu of "
               "the %zu that one has; the first dimension has to stay the "
               "batch's",
               product, size);
}

bool cr_import_shape_reshape(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    (void)op;
    dims to;
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    const cr_import_constant *wanted = x ? cr_import_graph_constant(graph, 1, err) : NULL;
    if (!wanted)
        return false;
    if (wanted->rank != 1 || wanted->count < 1 || wanted->count > CR_ONNX_DIMENSIONS)
        return cr_import_graph_fail(graph, err,
                                    "its shape has %zu numbers, expected 1 to %d",
                                    wanted->count, CR_ONNX_DIMENSIONS);
    return resolve(graph, wanted, x, &to, err) && reshape(graph, x, &to, err);
}

/* The axes of an attribute, or of input 1, from 0 to rank (not included) into set[]: with
 * the batch's. False with err. */
static bool read_axes(cr_import_graph *graph, size_t rank, bool set[CR_ONNX_DIMENSIONS],
                      bool *given, cr_error *err)
{
    const cr_onnx_model_attribute *attribute = cr_import_graph_attribute(graph, "axes");
    const double *axes = attribute ? attribute->numbers.values : NULL;
    size_t count = attribute ? attribute->numbers.count : 0;
    memset(set, 0, CR_ONNX_DIMENSIONS * sizeof *set);
    if (cr_import_graph_has(graph, 1)) {
        const cr_import_constant *c = cr_import_graph_constant(graph, 1, err);
        if (!c)
            return false;
        axes = c->values;
        count = c->count;
    }
    *given = count > 0;
    for (size_t i = 0; i < count; i++) {
        const double axis = axes[i] < 0 ? axes[i] + (double)rank : axes[i];
        if (!(axis >= 0 && axis < (double)rank) || rank > CR_ONNX_DIMENSIONS)
            return cr_import_graph_fail(graph, err, "found the axis %g of %zu dimensions",
                                        axes[i], rank);
        set[(size_t)axis] = true;
    }
    return true;
}

/* Also Unsqueeze. */
bool cr_import_shape_squeeze(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    bool axes[CR_ONNX_DIMENSIONS], given = false;
    const bool adds = strcmp(op->name, "Unsqueeze") == 0;
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    size_t more = 0;
    if (!x)
        return false;
    const dims from = dims_of(x);
    dims to = {0};
    if (adds && cr_import_graph_is_constant(graph, 1)) {
        const cr_import_constant *c = cr_import_graph_constant(graph, 1, err);
        more = c ? c->count : 0;
    } else if (adds && cr_import_graph_attribute(graph, "axes"))
        more = cr_import_graph_attribute(graph, "axes")->numbers.count;
    const size_t rank = 1 + from.rank + more;
    if (rank > CR_ONNX_DIMENSIONS || !read_axes(graph, rank, axes, &given, err))
        return cr_import_graph_fail(graph, err, "it has too many dimensions");
    for (size_t k = 1, next = 0; k < rank; k++) {
        const size_t own = adds && axes[k] ? 1 : next < from.rank ? from.dim[next++] : 1;
        if (adds || !(given ? axes[k] : own == 1))
            to.dim[to.rank++] = own;
        else if (own != 1)
            return cr_import_graph_fail(graph, err,
                                        "it drops dimension %zu, of %zu values", k, own);
    }
    if (axes[0])
        return cr_import_graph_fail(graph, err, "its axes have the batch's, 0");
    return reshape(graph, x, &to, err);
}

/* Whether perm moves the last axis to the front, or the first to the end; with the batch's
 * where it is. */
static bool turns(const cr_wire_numbers *perm, size_t axes, bool to_front)
{
    if (perm->count != axes + 1 || perm->values[0] != 0)
        return false;
    for (size_t k = 0; k < axes; k++) {
        const size_t from = to_front ? (k + axes - 1) % axes : (k + 1) % axes;
        if (perm->values[k + 1] != (double)(from + 1))
            return false;
    }
    return true;
}

static bool is_identity(const cr_wire_numbers *perm)
{
    for (size_t k = 0; k < perm->count; k++)
        if (perm->values[k] != (double)k)
            return false;
    return perm->count > 0;
}

/* Between channels first and channels last, where nothing moves in memory of ours. */
bool cr_import_shape_transpose(cr_import_graph *graph, const cr_import_op *op,
                               cr_error *err)
{
    (void)op;
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    const cr_onnx_model_attribute *perm = cr_import_graph_attribute(graph, "perm");
    if (!x)
        return false;
    cr_import_computed y = *x;
    y.shared = y.shared || !cr_import_graph_is_alone(graph, 0);
    const bool images = x->axes >= 2 && x->shape.rank == x->axes;
    if (perm && images && turns(&perm->numbers, x->axes, true) && x->last)
        y.last = false;
    else if (perm && images && turns(&perm->numbers, x->axes, false) && !x->last)
        y.last = true;
    else if (!perm || !is_identity(&perm->numbers))
        return cr_import_graph_fail(graph, err,
                                    "it turns an example round; import knows it only "
                                    "between channels first ([n, c, h, w]) and channels "
                                    "last ([n, h, w, c])");
    return cr_import_graph_set_computed(graph, &y, err);
}
