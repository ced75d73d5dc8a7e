#include "exchange/import_layers.h"

#include "base/memory.h"
#include "data/json_lists.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* "inputs", where they are not the layer before. */
static bool name_inputs(cr_import_graph *graph, cr_json *object,
                        const cr_import_computed *inputs, size_t count)
{
    const size_t before =
        graph->layer_count > 0 ? graph->layer_count - 1 : CR_IMPORT_DATA;
    if (count == 0 || (count == 1 && inputs[0].layer == before))
        return true;
    cr_json *names = cr_json_add(object, "inputs", CR_JSON_ARRAY);
    bool good = names != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = cr_json_set_string(names, NULL,
                                  inputs[i].layer == CR_IMPORT_DATA
                                      ? "data"
                                      : graph->layers[inputs[i].layer].name);
    return good;
}

/* Examples are taken as they are at the end of their normalisation. */
static bool check_stages(cr_import_graph *graph, const cr_import_computed *inputs,
                         size_t count, cr_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (inputs[i].layer != CR_IMPORT_DATA)
            continue;
        if (inputs[i].stage != graph->stage)
            return cr_import_graph_fail(graph, err,
                                        "it takes the graph's input as it is, and other "
                                        "nodes take it normalised; expected one of both");
        graph->started = true;
    }
    return true;
}

cr_json *cr_import_layers_add(cr_import_graph *graph, const char *type,
                              const cr_import_computed *inputs, size_t count,
                              const cr_shape *output, cr_error *err)
{
    enum { MOST_LAYERS = 2048 }; /* as of a config */
    size_t ordinal = 1, values = 0;
    if (!check_stages(graph, inputs, count, err))
        return NULL;
    if (graph->layer_count == MOST_LAYERS) {
        cr_import_graph_fail(graph, err, "it would be layer %d; the most is %d",
                             MOST_LAYERS + 1, MOST_LAYERS);
        return NULL;
    }
    if (!cr_shape_count(output, &values) || values > INT32_MAX) {
        cr_import_graph_fail(graph, err, "it puts out more values than memory can hold");
        return NULL;
    }
    if (!cr_reserve(&graph->layers, &graph->layer_capacity, graph->layer_count + 1,
                    sizeof *graph->layers, err))
        return NULL;
    for (size_t i = 0; i < graph->layer_count; i++)
        ordinal += strcmp(graph->layers[i].type, type) == 0;
    cr_json *object = cr_json_add(graph->list, NULL, CR_JSON_OBJECT);
    cr_import_layer *layer = &graph->layers[graph->layer_count];
    *layer = (cr_import_layer){.object = object, .type = type, .output = *output};
    snprintf(layer->name, sizeof layer->name, "%s%zu", type, ordinal);
    if (!object || !cr_json_set_string(object, "type", type) ||
        !cr_json_set_string(object, "name", layer->name) ||
        !name_inputs(graph, object, inputs, count)) {
        cr_fail(err, CR_E_MEMORY, "out of memory");
        return NULL;
    }
    graph->layer_count++;
    return object;
}

cr_json *cr_import_layers_join(cr_import_graph *graph, const char *type,
                               const cr_import_computed *inputs, size_t count,
                               cr_import_computed *y, cr_error *err)
{
    cr_json *object = cr_import_layers_add(graph, type, inputs, count, &y->shape, err);
    if (!object)
        return NULL;
    y->layer = graph->layer_count - 1;
    y->shared = false;
    return object;
}

cr_import_computed cr_import_layers_last(const cr_import_graph *graph)
{
    const size_t last = graph->layer_count - 1;
    return (cr_import_computed){.layer = last,
                                .shape = graph->layers[last].output,
                                .axes = graph->layers[last].output.rank};
}

double *cr_import_layers_add_tensor(cr_import_graph *graph, size_t layer,
                                    const char *name, size_t count, cr_error *err)
{
    if (!cr_import_graph_may_hold(graph, count, err) ||
        !cr_reserve(&graph->tensors, &graph->tensor_capacity, graph->tensor_count + 1,
                    sizeof *graph->tensors, err))
        return NULL;
    double *values = cr_alloc(count, sizeof *values, err);
    if (values)
        graph->tensors[graph->tensor_count++] =
            (cr_import_tensor){layer, count, name, values};
    return values;
}

cr_import_tensor *cr_import_layers_tensor(const cr_import_graph *graph, size_t layer,
                                          const char *name)
{
    for (size_t i = graph->tensor_count; i-- > 0;)
        if (graph->tensors[i].layer == layer && strcmp(graph->tensors[i].name, name) == 0)
            return &graph->tensors[i];
    return NULL;
}

bool cr_import_layers_reshape(cr_import_graph *graph, cr_import_computed *computed,
                              const cr_shape *shape, cr_error *err)
{
    const bool flat = shape->rank == 1;
    cr_json *object = cr_import_layers_add(graph, flat ? "flatten" : "reshape", computed,
                                           1, shape, err);
    if (!object)
        return false;
    *computed = cr_import_layers_last(graph);
    return flat ||
           cr_json_lists_write_numbers(object, "shape", shape->dim, shape->rank) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

bool cr_import_layers_plain(cr_import_graph *graph, size_t i, cr_import_computed *plain,
                            cr_error *err)
{
    const cr_import_computed *computed = cr_import_graph_computed(graph, i, err);
    if (!computed)
        return false;
    *plain = *computed;
    if (plain->last || plain->of_last.rank > 0)
        return cr_import_graph_fail(graph, err,
                                    "the channels of its input are last, as TensorFlow "
                                    "has them; import knows this operator with channels "
                                    "first");
    if (plain->axes <= plain->shape.rank)
        return true;
    cr_shape shape = {.rank = plain->axes};
    for (size_t k = 0; k < shape.rank; k++)
        shape.dim[k] = k < plain->shape.rank ? plain->shape.dim[k] : 1;
    return cr_import_layers_reshape(graph, plain, &shape, err);
}
