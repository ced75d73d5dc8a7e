/* Operators of two and of several inputs, element by element. */
#include "exchange/import_affine.h"
#include "exchange/import_layers.h"
#include "exchange/import_ops/import_op.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* The constant for one of two inputs. */
static bool with_constant(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    const size_t which = cr_import_graph_is_constant(graph, 1);
    const cr_import_constant *c = cr_import_graph_constant(graph, which, err);
    const cr_affine affine = strcmp(op->layer, "add") == 0   ? CR_AFFINE_ADD
                             : strcmp(op->layer, "mul") == 0 ? CR_AFFINE_MULTIPLY
                             : which == 1                    ? CR_AFFINE_SUBTRACT
                                                             : CR_AFFINE_FROM;
    return c && cr_import_affine_read(graph, 1 - which, affine, c, err);
}

/* Whether both are shaped alike, or one is a single number for each value of the other. */
static bool go_together(const cr_import_computed *a, const cr_import_computed *b)
{
    if (a->axes != b->axes)
        return false;
    if (cr_shape_size(&a->shape) == 1 || cr_shape_size(&b->shape) == 1)
        return true;
    return cr_shape_is_same(&a->shape, &b->shape) && a->last == b->last &&
           a->of_last.rank == b->of_last.rank &&
           (a->of_last.rank == 0 || cr_shape_is_same(&a->of_last, &b->of_last));
}

/* The largest of the inputs that are computed; NULL with err. */
static const cr_import_computed *largest(cr_import_graph *graph, cr_error *err)
{
    const cr_import_computed *most = NULL;
    for (size_t i = 0; i < graph->node->input_count; i++) {
        if (cr_import_graph_is_constant(graph, i))
            continue;
        const cr_import_computed *x = cr_import_graph_computed(graph, i, err);
        if (!x)
            return NULL;
        if (!most || cr_shape_size(&x->shape) > cr_shape_size(&most->shape))
            most = x;
    }
    if (!most)
        cr_import_graph_fail(graph, err, "all its inputs are constants");
    return most;
}

static bool find_input(cr_import_graph *graph, size_t i, const cr_import_computed *like,
                       cr_import_computed *input, cr_error *err)
{
    if (cr_import_graph_is_constant(graph, i)) {
        const cr_import_constant *c = cr_import_graph_constant(graph, i, err);
        return c && cr_import_affine_value(graph, c, like, input, err);
    }
    const cr_import_computed *x = cr_import_graph_computed(graph, i, err);
    if (!x)
        return false;
    *input = *x;
    char a[CR_SHAPE_TEXT], b[CR_SHAPE_TEXT];
    return go_together(x, like) ||
           cr_import_graph_fail(
               graph, err,
               "its inputs have the shapes %s and %s an example; "
               "expected equal ones, or a single number with one of them",
               cr_shape_format(&like->shape, a), cr_shape_format(&x->shape, b));
}

/* The layer of that type over the inputs. */
static bool join(cr_import_graph *graph, const char *type, cr_import_computed *inputs,
                 cr_import_computed y, cr_error *err)
{
    const size_t count = graph->node->input_count;
    for (size_t i = 0; i < count; i++)
        if (!find_input(graph, i, &y, &inputs[i], err))
            return false;
    return cr_import_layers_join(graph, type, inputs, count, &y, err) &&
           cr_import_graph_set_computed(graph, &y, err);
}

/* max(0, x) */
static bool is_relu(cr_import_graph *graph, const cr_import_op *op)
{
    double zero = 1;
    return strcmp(op->layer, "max") == 0 && graph->node->input_count == 2 &&
           cr_import_graph_is_constant(graph, 1) &&
           cr_import_graph_number(graph, 1, &zero, NULL) && zero == 0;
}

bool cr_import_arithmetic_read(cr_import_graph *graph, const cr_import_op *op,
                               cr_error *err)
{
    const size_t count = graph->node->input_count;
    if (count == 2 && strcmp(op->layer, "max") != 0 &&
        (cr_import_graph_is_constant(graph, 0) || cr_import_graph_is_constant(graph, 1)))
        return with_constant(graph, op, err);
    if (count == 1)
        return cr_import_unary_same(graph, op, err);
    const cr_import_op relu = {.layer = "relu"};
    if (is_relu(graph, op))
        return cr_import_unary_read(graph, &relu, err);
    const cr_import_computed *like = largest(graph, err);
    cr_import_computed *inputs = like ? cr_alloc(count, sizeof *inputs, err) : NULL;
    bool good = inputs && join(graph, op->layer, inputs, *like, err);
    cr_free(inputs);
    return good;
}

/* x / y is x times 1 / y. */
bool cr_import_arithmetic_divide(cr_import_graph *graph, const cr_import_op *op,
                                 cr_error *err)
{
    (void)op;
    if (cr_import_graph_is_constant(graph, 1)) {
        const cr_import_constant *c = cr_import_graph_constant(graph, 1, err);
        return c && cr_import_affine_read(graph, 0, CR_AFFINE_DIVIDE, c, err);
    }
    const cr_import_computed *y = cr_import_graph_computed(graph, 1, err);
    if (!y)
        return false;
    cr_import_computed inputs[2] = {{0}, *y}, like = *y;
    if (!cr_import_layers_join(graph, "reciprocal", &inputs[1], 1, &inputs[1], err))
        return false;
    if (!cr_import_graph_is_constant(graph, 0)) {
        const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
        if (!x)
            return false;
        if (cr_shape_size(&x->shape) > cr_shape_size(&like.shape))
            like = *x;
    }
    double one = 0;
    if (cr_import_graph_is_constant(graph, 0) &&
        cr_import_graph_number(graph, 0, &one, NULL) && one == 1)
        return cr_import_graph_set_computed(graph, &inputs[1], err);
    if (!find_input(graph, 0, &like, &inputs[0], err) ||
        (!go_together(&like, &inputs[1]) &&
         !find_input(graph, 1, &like, &inputs[1], err)))
        return false;
    return cr_import_layers_join(graph, "mul", inputs, 2, &like, err) &&
           cr_import_graph_set_computed(graph, &like, err);
}

bool cr_import_arithmetic_negate(cr_import_graph *graph, const cr_import_op *op,
                                 cr_error *err)
{
    (void)op;
    double minus = -1;
    const cr_import_constant constant = {.count = 1, .values = &minus};
    return cr_import_affine_read(graph, 0, CR_AFFINE_MULTIPLY, &constant, err);
}

/* Turned round: by -1. */
static bool turn(cr_import_graph *graph, cr_import_computed *y, cr_error *err)
{
    cr_json *object = cr_import_layers_join(graph, "scale", y, 1, y, err);
    if (!object)
        return false;
    return cr_json_set_number(object, "by", -1) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* max(y, low) */
static bool raise(cr_import_graph *graph, cr_import_computed *y, double low,
                  cr_error *err)
{
    const cr_import_constant constant = {.count = 1, .values = &low};
    cr_import_computed inputs[2] = {*y};
    if (low == 0)
        return cr_import_layers_join(graph, "relu", inputs, 1, y, err);
    return cr_import_affine_value(graph, &constant, y, &inputs[1], err) &&
           cr_import_layers_join(graph, "max", inputs, 2, y, err);
}

/* Between two bounds, as ReLU6 is: -max(-max(x, low), -high). */
bool cr_import_arithmetic_clip(cr_import_graph *graph, const cr_import_op *op,
                               cr_error *err)
{
    (void)op;
    const double most = 3.4e38; /* of float32: no bound */
    double low = cr_import_graph_attribute_number(graph, "min", -INFINITY);
    double high = cr_import_graph_attribute_number(graph, "max", INFINITY);
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    if (!x ||
        (cr_import_graph_has(graph, 1) && !cr_import_graph_number(graph, 1, &low, err)) ||
        (cr_import_graph_has(graph, 2) && !cr_import_graph_number(graph, 2, &high, err)))
        return false;
    if (!(low <= high))
        return cr_import_graph_fail(graph, err, "its bounds are %g and %g", low, high);
    cr_import_computed y = *x;
    if (low > -most && !raise(graph, &y, low, err))
        return false;
    if (high < most &&
        (!turn(graph, &y, err) || !raise(graph, &y, -high, err) || !turn(graph, &y, err)))
        return false;
    return cr_import_graph_set_computed(graph, &y, err);
}
