/* Batch and layer normalization, and the scaler of scikit-learn. */
#include "exchange/import_affine.h"
#include "exchange/import_layers.h"
#include "exchange/import_ops/import_op.h"

#include "base/memory.h"

#include <string.h>

/* Input i as a tensor of the layer, of so many numbers. */
static bool add_tensor(cr_import_graph *graph, size_t i, const char *name, size_t count,
                       cr_error *err)
{
    const cr_import_constant *c = cr_import_graph_constant(graph, i, err);
    if (!c)
        return false;
    if (c->count != count)
        return cr_import_graph_fail(
            graph, err,
            "its input %zu has %zu numbers, expected %zu: one for "
            "each channel, or each value",
            i, c->count, count);
    double *values =
        cr_import_layers_add_tensor(graph, graph->layer_count - 1, name, count, err);
    if (values)
        memcpy(values, c->values, count * sizeof *values);
    return values != NULL;
}

/* "epsilon", within what layers take. */
static bool set_epsilon(cr_import_graph *graph, cr_json *object, cr_error *err)
{
    const double epsilon = cr_import_graph_short_number(
        cr_import_graph_attribute_number(graph, "epsilon", 1e-5));
    if (!(epsilon >= 1e-16 && epsilon <= 1))
        return cr_import_graph_fail(
            graph, err, "its epsilon is %g, expected one from 1e-16 to 1", epsilon);
    return cr_json_set_number(object, "epsilon", epsilon) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

bool cr_import_norm_batch(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    cr_import_computed x;
    static const char *const names[] = {"weight", "bias", "running_mean", "running_var"};
    const double momentum = cr_import_graph_attribute_number(graph, "momentum", 0.9);
    if (!cr_import_layers_plain(graph, 0, &x, err))
        return false;
    if (cr_import_graph_attribute_number(graph, "training_mode", 0) != 0 ||
        cr_import_graph_attribute_number(graph, "spatial", 1) != 1)
        return cr_import_graph_fail(graph, err,
                                    "it is for training, or not by channels; export the "
                                    "model for inference: model.eval()");
    cr_json *object = cr_import_layers_join(graph, op->layer, &x, 1, &x, err);
    if (!object || !set_epsilon(graph, object, err))
        return false;
    const double own = cr_import_graph_short_number(1 - momentum);
    if (own > 0 && own <= 1 && !cr_json_set_number(object, "momentum", own))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    for (size_t i = 0; i < CR_COUNT(names); i++)
        if (!add_tensor(graph, i + 1, names[i], x.shape.dim[0], err))
            return false;
    return cr_import_graph_set_computed(graph, &x, err);
}

bool cr_import_norm_layer(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    cr_import_computed x;
    if (!cr_import_layers_plain(graph, 0, &x, err))
        return false;
    const double axis = cr_import_graph_attribute_number(graph, "axis", -1);
    if (axis != 1 && axis != -(double)x.axes)
        return cr_import_graph_fail(graph, err,
                                    "it is taken from axis %g on, of an example of %zu "
                                    "dimensions; the layer layer_norm is over all of it",
                                    axis, x.axes);
    cr_json *object = cr_import_layers_join(graph, op->layer, &x, 1, &x, err);
    if (!object || !set_epsilon(graph, object, err))
        return false;
    const size_t size = cr_shape_size(&x.shape);
    if (!add_tensor(graph, 1, "weight", size, err))
        return false;
    if (cr_import_graph_has(graph, 2)
            ? !add_tensor(graph, 2, "bias", size, err)
            : !cr_import_layers_add_tensor(graph, x.layer, "bias", size, err))
        return false;
    return cr_import_graph_set_computed(graph, &x, err);
}

/* A list of an attribute as a constant, which borrows it. */
static cr_import_constant list_of(const cr_import_graph *graph, const char *name)
{
    const cr_onnx_model_attribute *a = cr_import_graph_attribute(graph, name);
    const size_t count = a ? a->numbers.count : 0;
    return (cr_import_constant){.rank = 1,
                                .dim = {count},
                                .count = count,
                                .values = a ? a->numbers.values : NULL};
}

/* (x - offset) * scale. */
bool cr_import_norm_scaler(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    (void)op;
    const cr_import_constant offset = list_of(graph, "offset"),
                             scale = list_of(graph, "scale");
    if (offset.count == 0 || scale.count == 0)
        return cr_import_graph_fail(graph, err, "it has no offset, or no scale");
    const cr_import_computed *computed = cr_import_graph_computed(graph, 0, err);
    if (!computed)
        return false;
    cr_import_computed x = *computed, shifted, y;
    x.shared = !cr_import_graph_is_alone(graph, 0);
    return cr_import_affine_apply(graph, &x, CR_AFFINE_SUBTRACT, &offset, &shifted,
                                  err) &&
           cr_import_affine_apply(graph, &shifted, CR_AFFINE_MULTIPLY, &scale, &y, err) &&
           cr_import_graph_set_computed(graph, &y, err);
}
