#include "exchange/import_affine.h"

#include "base/memory.h"
#include "exchange/import_layers.h"

#include <math.h>
#include <string.h>

/* Coordinates in ONNX, without the batch, of value `place` of ours. */
static void coordinates(const cr_import_computed *computed, size_t place,
                        size_t at[CR_ONNX_DIMENSIONS])
{
    const cr_shape *shape =
        computed->of_last.rank > 0 ? &computed->of_last : &computed->shape;
    size_t ours[CR_DIMENSIONS] = {0}, rank = shape->rank;
    for (size_t k = rank; k-- > 0; place /= shape->dim[k])
        ours[k] = place % shape->dim[k];
    memset(at, 0, CR_ONNX_DIMENSIONS * sizeof *at);
    if (computed->of_last.rank > 0) {
        size_t flat = 0;
        for (size_t k = 1; k < rank; k++)
            flat = flat * shape->dim[k] + ours[k];
        at[0] = flat * shape->dim[0] + ours[0];
        return;
    }
    for (size_t k = 0; k < rank; k++)
        at[computed->last ? (k + rank - 1) % rank : k] = ours[k];
}

/* The dimension k of it in ONNX, without the batch. */
static size_t dimension(const cr_import_computed *computed, size_t k)
{
    const size_t rank = computed->shape.rank;
    if (k >= rank)
        return 1;
    return computed->shape.dim[computed->last ? (k + 1) % rank : k];
}

bool cr_import_affine_fits(const cr_import_constant *constant,
                           const cr_import_computed *computed)
{
    if (constant->count == 1)
        return constant->rank <= computed->axes + 1;
    const size_t rank = constant->rank, axes = computed->axes;
    if (rank > axes + 1 || (rank == axes + 1 && constant->dim[0] != 1))
        return false;
    for (size_t back = 1; back <= rank && back <= axes; back++) {
        const size_t n = constant->dim[rank - back];
        if (n != 1 && n != dimension(computed, axes - back))
            return false;
    }
    return constant->count > 0;
}

size_t cr_import_affine_place(const cr_import_constant *constant,
                              const cr_import_computed *computed, size_t place)
{
    size_t at[CR_ONNX_DIMENSIONS], found = 0;
    if (constant->count == 1)
        return 0;
    coordinates(computed, place, at);
    for (size_t k = 0; k < constant->rank; k++) {
        const size_t back = constant->rank - k;
        const size_t own = back <= computed->axes ? at[computed->axes - back] : 0;
        found = found * constant->dim[k] + (constant->dim[k] > 1 ? own : 0);
    }
    return found;
}

static double factor_of(cr_affine affine, double c)
{
    return affine == CR_AFFINE_MULTIPLY ? c
           : affine == CR_AFFINE_DIVIDE ? 1 / c
           : affine == CR_AFFINE_FROM   ? -1
                                        : 1;
}

static double offset_of(cr_affine affine, double c)
{
    return affine == CR_AFFINE_SUBTRACT                          ? -c
           : affine == CR_AFFINE_ADD || affine == CR_AFFINE_FROM ? c
                                                                 : 0;
}

/* What is applied: to what, and how. */
typedef struct application {
    cr_import_graph *graph;
    cr_import_computed x, *y;
    cr_affine affine;
    const cr_import_constant *constant;
    cr_import_computed
        like; /* what the constant goes with: x, or a flat example where x is
                                one number for all of it */
} application;

static double constant_at(const application *a, size_t place)
{
    return a->constant->values[cr_import_affine_place(a->constant, &a->x, place)];
}

/* Whether examples are normalised by it: before a layer took them, and by what a config can
 * say, in which nothing is turned round. */
static bool normalizes(const application *a)
{
    enum { MOST_STAGES = 16 };
    const cr_import_graph *g = a->graph;
    bool good = a->x.layer == CR_IMPORT_DATA && !g->started && a->x.stage == g->stage &&
                g->stage < MOST_STAGES;
    for (size_t i = 0; good && i < a->constant->count; i++) {
        const double c = a->constant->values[i], factor = factor_of(a->affine, c);
        good = factor > 0 && isfinite(factor) && isfinite(c);
    }
    return good;
}

static bool normalize(const application *a, cr_error *err)
{
    cr_import_graph *g = a->graph;
    const size_t size = cr_shape_size(&g->input);
    if (!g->factor) {
        g->factor = cr_alloc(size, sizeof *g->factor, err);
        g->offset = cr_alloc(size, sizeof *g->offset, err);
        if (!g->factor || !g->offset)
            return false;
        for (size_t i = 0; i < size; i++)
            g->factor[i] = 1;
    }
    for (size_t i = 0; i < size; i++) {
        const double c = constant_at(a, i);
        g->factor[i] *= factor_of(a->affine, c);
        g->offset[i] = g->offset[i] * factor_of(a->affine, c) + offset_of(a->affine, c);
    }
    *a->y = a->x;
    a->y->stage = ++g->stage;
    return true;
}

/* Whether the constant is the same for all values of a channel, of which there are so
 * many. */
static bool is_of_channels(const application *a, size_t channels)
{
    const cr_import_constant *c = a->constant;
    const cr_import_computed *x = &a->x;
    if (c->count == 1 || x->shape.rank == 1)
        return c->count == 1 || channels == cr_shape_size(&x->shape);
    for (size_t k = 0; k < c->rank; k++) {
        const size_t back = c->rank - k; /* from the last dimension of both */
        if (c->dim[k] > 1 && back != (x->last ? 1 : x->axes))
            return false;
    }
    return channels == x->shape.dim[0];
}

/* The layer that puts x out, if the constant may go into its weights. */
static const cr_import_layer *foldable(const application *a)
{
    static const char *const types[] = {"linear", "conv1d", "conv2d", "conv_transpose2d"};
    const bool adds = a->affine == CR_AFFINE_ADD || a->affine == CR_AFFINE_SUBTRACT;
    if (a->x.layer == CR_IMPORT_DATA || a->x.shared)
        return NULL;
    const cr_import_layer *layer = &a->graph->layers[a->x.layer];
    const size_t last = CR_COUNT(types) - 1; /* its weights are in another order */
    for (size_t i = 0; i < (adds ? last + 1 : last); i++)
        if (strcmp(layer->type, types[i]) == 0)
            return is_of_channels(a, layer->output.dim[0]) ? layer : NULL;
    return NULL;
}

/* Weights are [inputs, units] or [filters, …]. */
static bool fold(const application *a, const cr_import_layer *layer, cr_error *err)
{
    cr_import_graph *g = a->graph;
    const size_t units = layer->output.dim[0], index = a->x.layer;
    const size_t plane = cr_shape_size(&layer->output) / units;
    const bool linear = strcmp(layer->type, "linear") == 0;
    cr_import_tensor *weight = cr_import_layers_tensor(g, index, "weight");
    cr_import_tensor *bias = cr_import_layers_tensor(g, index, "bias");
    if (!bias) {
        if (!cr_import_layers_add_tensor(g, index, "bias", units, err))
            return false;
        weight = cr_import_layers_tensor(g, index, "weight");
        bias = cr_import_layers_tensor(g, index, "bias");
        if (!cr_json_set_bool(layer->object, "bias", true))
            return cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < weight->count; i++) {
        const size_t unit = linear ? i % units : i / (weight->count / units);
        weight->values[i] *= factor_of(a->affine, constant_at(a, unit * plane));
    }
    for (size_t unit = 0; unit < units; unit++) {
        const double c = constant_at(a, unit * plane);
        bias->values[unit] =
            bias->values[unit] * factor_of(a->affine, c) + offset_of(a->affine, c);
    }
    *a->y = a->x;
    return true;
}

/* A layer with one number, where that changes anything. */
static bool add_scalar(cr_import_graph *g, cr_import_computed *y, const char *type,
                       double by, double neutral, cr_error *err)
{
    if (by == neutral)
        return true;
    cr_json *object = cr_import_layers_join(g, type, y, 1, y, err);
    if (!object)
        return false;
    return cr_json_set_number(object, "by", cr_import_graph_short_number(by)) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool by_scalars(const application *a, cr_error *err)
{
    const double c = a->constant->values[0];
    *a->y = a->x;
    return add_scalar(a->graph, a->y, "scale", factor_of(a->affine, c), 1, err) &&
           add_scalar(a->graph, a->y, "shift", offset_of(a->affine, c), 0, err);
}

/* One filter a channel, of one pixel. */
static bool by_filters(const application *a, cr_error *err)
{
    cr_import_graph *g = a->graph;
    cr_import_computed y = a->x;
    const size_t channels = y.shape.dim[0], plane = cr_shape_size(&y.shape) / channels;
    const char *type = y.shape.rank == 2 ? "conv1d" : "conv2d";
    cr_json *object = cr_import_layers_join(g, type, &y, 1, &y, err);
    if (!object)
        return false;
    if (!cr_json_set_number(object, "filters", (double)channels) ||
        !cr_json_set_number(object, "kernel", 1) ||
        !cr_json_set_number(object, "groups", (double)channels))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    double *weight = cr_import_layers_add_tensor(g, y.layer, "weight", channels, err);
    double *bias =
        weight ? cr_import_layers_add_tensor(g, y.layer, "bias", channels, err) : NULL;
    for (size_t i = 0; bias && i < channels; i++) {
        const double c = constant_at(a, i * plane);
        weight[i] = factor_of(a->affine, c);
        bias[i] = offset_of(a->affine, c);
    }
    *a->y = y;
    return bias != NULL;
}

/* The numbers of value: a list, or a list of rows. */
static bool add_numbers(cr_json *object, const cr_import_constant *constant,
                        const cr_import_computed *like)
{
    const cr_shape *shape = &like->shape;
    const size_t rows = shape->rank == 2 ? shape->dim[0] : 1;
    const size_t columns = cr_shape_size(shape) / rows;
    cr_json *list = cr_json_add(object, "value", CR_JSON_ARRAY), *row = list;
    bool good = list != NULL;
    for (size_t i = 0; good && i < rows * columns; i++) {
        if (shape->rank == 2 && i % columns == 0)
            row = cr_json_add(list, NULL, CR_JSON_ARRAY);
        const double c = constant->values[cr_import_affine_place(constant, like, i)];
        good = row && cr_json_set_number(row, NULL, cr_import_graph_short_number(c));
    }
    return good;
}

bool cr_import_affine_value(cr_import_graph *graph, const cr_import_constant *constant,
                            const cr_import_computed *like, cr_import_computed *value,
                            cr_error *err)
{
    const cr_shape one = cr_shape_flat(1);
    const bool single = constant->count == 1;
    if (!single && (like->shape.rank > 2 || !cr_import_affine_fits(constant, like)))
        return cr_import_graph_fail(
            graph, err,
            "its constant has %zu dimensions that the layer value "
            "cannot have; expected a number, one for each value "
            "of a flat example, or one for each channel",
            constant->rank);
    for (size_t i = 0; i < constant->count; i++)
        if (!isfinite(constant->values[i]))
            return cr_import_graph_fail(graph, err,
                                        "its constant has a number that is not finite");
    const cr_shape *shape = single ? &one : &like->shape;
    if (!cr_import_graph_may_hold(graph, cr_shape_size(shape), err))
        return false;
    cr_json *object = cr_import_layers_add(graph, "value", NULL, 0, shape, err);
    if (!object)
        return false;
    *value = cr_import_layers_last(graph);
    return (single ? cr_json_set_number(object, "value",
                                        cr_import_graph_short_number(constant->values[0]))
                   : add_numbers(object, constant, like)) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* A layer over x, which is turned round first where the constant is not. */
static bool by_values(const application *a, cr_error *err)
{
    const bool multiplies =
        a->affine == CR_AFFINE_MULTIPLY || a->affine == CR_AFFINE_DIVIDE;
    cr_import_graph *g = a->graph;
    cr_import_constant constant = *a->constant;
    constant.values = cr_alloc(constant.count, sizeof *constant.values, err);
    if (!constant.values)
        return false;
    for (size_t i = 0; i < constant.count; i++) {
        const double c = a->constant->values[i];
        constant.values[i] =
            multiplies ? factor_of(a->affine, c) : offset_of(a->affine, c);
    }
    cr_import_computed inputs[2] = {a->x};
    *a->y = a->like;
    bool good =
        cr_import_affine_value(g, &constant, &a->like, &inputs[1], err) &&
        (a->affine != CR_AFFINE_FROM || add_scalar(g, &inputs[0], "scale", -1, 1, err)) &&
        cr_import_layers_join(g, multiplies ? "mul" : "add", inputs, 2, a->y, err);
    cr_free(constant.values);
    return good;
}

static bool is_finite(const application *a)
{
    for (size_t i = 0; i < a->constant->count; i++) {
        const double c = a->constant->values[i];
        if (!isfinite(factor_of(a->affine, c)) || !isfinite(offset_of(a->affine, c)))
            return false;
    }
    return true;
}

bool cr_import_affine_apply(cr_import_graph *graph, const cr_import_computed *x,
                            cr_affine affine, const cr_import_constant *constant,
                            cr_import_computed *y, cr_error *err)
{
    application a = {graph, *x, y, affine, constant, *x};
    const bool spreads = cr_shape_size(&x->shape) == 1 && x->axes == 1 &&
                         constant->count > 1 && x->layer != CR_IMPORT_DATA;
    if (spreads)
        a.like.shape = cr_shape_flat(constant->count);
    if (!cr_import_affine_fits(constant, &a.like))
        return cr_import_graph_fail(graph, err,
                                    "its constant of %zu numbers in %zu dimensions does "
                                    "not go with each value of an example, which has %zu",
                                    constant->count, constant->rank,
                                    cr_shape_size(&x->shape));
    if (!is_finite(&a))
        return cr_import_graph_fail(graph, err,
                                    "its constant has numbers that are not finite, or "
                                    "divides by 0");
    if (spreads)
        return by_values(&a, err);
    if (normalizes(&a))
        return normalize(&a, err);
    const cr_import_layer *layer = foldable(&a);
    if (layer)
        return fold(&a, layer, err);
    if (constant->count == 1)
        return by_scalars(&a, err);
    if (x->shape.rank > 1 && is_of_channels(&a, x->shape.dim[0]))
        return by_filters(&a, err);
    return by_values(&a, err);
}

bool cr_import_affine_read(cr_import_graph *graph, size_t i, cr_affine affine,
                           const cr_import_constant *constant, cr_error *err)
{
    const cr_import_computed *computed = cr_import_graph_computed(graph, i, err);
    if (!computed)
        return false;
    cr_import_computed x = *computed, y;
    x.shared = !cr_import_graph_is_alone(graph, i);
    return cr_import_affine_apply(graph, &x, affine, constant, &y, err) &&
           cr_import_graph_set_computed(graph, &y, err);
}
