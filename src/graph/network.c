#include "graph/network.h"

#include "base/memory.h"
#include "base/size.h"
#include "base/text.h"
#include "graph/wiring.h"
#include "math/kernel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LARGEST_BLOCK ((size_t)1 << 48) /* values: more is a mistake in the config */

/* While a network is built: which value the next consumer of a layer's output (or of the
 * batch) takes. */
typedef struct builder {
    cr_network *network;
    cr_reader *reader;
    cr_model_section *model;
    cr_wiring wiring;
    size_t *next; /* [layers + 1]; the last: the batch */
    bool all_gradients;
} builder;

static cr_value *add_value(cr_network *network, const cr_shape *shape)
{
    size_t index = network->value_count++;
    cr_value *value = &network->values[index];
    *value = (cr_value){.shape = *shape,
                        .size = cr_shape_size(shape),
                        .alias_of = index,
                        .values_of = index,
                        .gradient_of = index};
    return value;
}

static bool allocate_lists(cr_node *node, size_t inputs, cr_error *err)
{
    node->plan.input_count = inputs;
    node->inputs = cr_alloc(inputs, sizeof *node->inputs, err);
    node->input_shapes = cr_alloc(inputs, sizeof *node->input_shapes, err);
    node->input_sizes = cr_alloc(inputs, sizeof *node->input_sizes, err);
    return node->inputs && node->input_shapes && node->input_sizes;
}

static void set_input(const cr_network *network, cr_node *node, size_t k, size_t value)
{
    node->inputs[k] = value;
    node->input_shapes[k] = network->values[value].shape;
    node->input_sizes[k] = network->values[value].size;
}

/* A value with several consumers gets a copy node, which puts out an alias for each. */
static bool add_copy(builder *b, size_t value, size_t consumers)
{
    cr_network *network = b->network;
    cr_node *node = &network->nodes[network->node_count++];
    *node = (cr_node){.type = &cr_layer_copy, .name = "", .spec = CR_NO_SPEC};
    if (!allocate_lists(node, 1, b->reader->err))
        return false;
    set_input(network, node, 0, value);
    node->plan.inputs = node->input_shapes;
    node->plan.output = network->values[value].shape;
    node->output = network->value_count;
    node->output_count = consumers;
    for (size_t i = 0; i < consumers; i++) {
        cr_value *end = add_value(network, &network->values[value].shape);
        end->alias_of = network->values[value].alias_of;
        end->values_of = network->values[value].values_of;
    }
    return true;
}

/* Which value the next consumer of `source` takes, where source is a layer or the batch.
 */
static size_t take_value(builder *b, size_t source)
{
    size_t index = source == CR_DATA ? b->wiring.count : source;
    return b->wiring.consumers[index] > 1 ? b->next[index]++ : b->next[index];
}

/* Makes `value` the output of `source`: consumers take it, or the copies of it. */
static bool publish_value(builder *b, size_t source, size_t value)
{
    size_t index = source == CR_DATA ? b->wiring.count : source;
    b->next[index] = value;
    if (b->wiring.consumers[index] < 2)
        return true;
    b->next[index] = b->network->value_count;
    return add_copy(b, value, b->wiring.consumers[index]);
}

static bool plan_node(builder *b, cr_node *node, const cr_layer_spec *layer)
{
    node->plan.options = node->options;
    node->plan.inputs = node->input_shapes;
    cr_error why = CR_ERROR_INIT;
    if (!node->type->plan(&node->plan, &why)) {
        cr_reader_error(b->reader, layer->path, "\"%s\" (%s): %s", layer->name,
                        node->type->name, why.text);
        return false;
    }
    if (cr_shape_size(&node->plan.output) > LARGEST_BLOCK) {
        cr_reader_error(b->reader, layer->path,
                        "\"%s\" puts out too many values for an example", layer->name);
        return false;
    }
    for (size_t i = 0; i < node->plan.parameter_count; i++)
        node->plan.parameters[i].trainable = layer->trainable;
    node->trainable = layer->trainable && node->plan.parameter_count > 0;
    return true;
}

static bool add_layer(builder *b, size_t index)
{
    cr_network *network = b->network;
    cr_layer_spec *layer = &b->model->layers[index];
    cr_error *err = b->reader->err;
    cr_node *node = &network->nodes[network->node_count++];
    *node = (cr_node){.type = layer->type, .spec = index, .output_count = 1};
    node->name = cr_text_copy(layer->name, strlen(layer->name), err);
    if (layer->options) {
        node->options = cr_alloc(1, layer->type->options_size, err);
        if (node->options)
            memcpy(node->options, layer->options, layer->type->options_size);
    }
    size_t inputs = b->wiring.input_count[index];
    if (!node->name || !node->options != !layer->options ||
        !allocate_lists(node, inputs, err))
        return false;
    for (size_t k = 0; k < inputs; k++)
        set_input(network, node, k, take_value(b, b->wiring.inputs[index][k]));
    if (!plan_node(b, node, layer))
        return false;
    node->output = network->value_count;
    cr_value *output = add_value(network, &node->plan.output);
    if (node->type->reshapes) {
        output->values_of = network->values[node->inputs[0]].values_of;
        output->gradient_of = network->values[node->inputs[0]].gradient_of;
    }
    return publish_value(b, index, node->output);
}

static bool check_output(builder *b, size_t output_size)
{
    cr_network *network = b->network;
    const cr_layer_spec *last = &b->model->layers[b->wiring.output];
    network->output = b->next[b->wiring.output];
    size_t size = network->values[network->output].size;
    if (output_size == 0 || size == output_size)
        return true;
    cr_reader_error(
        b->reader, last->path,
        "\"%s\" puts out %zu values for an example, but the target takes %zu: end the "
        "network with {\"type\": \"linear\"}, which takes what the target needs",
        last->name, size, output_size);
    return false;
}

static void mark_gradients(cr_network *network, bool all)
{
    network->values[0].has_gradient = all;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        bool has = all || node->trainable;
        for (size_t k = 0; k < node->plan.input_count; k++)
            has |= network->values[node->inputs[k]].has_gradient;
        for (size_t k = 0; k < node->output_count; k++)
            network->values[node->output + k].has_gradient = has;
    }
    network->values[network->output].has_gradient = true; /* the loss leaves it there */
}

/* Gives segments their places in a block, and their full names. */
static bool place_segments(builder *b, const cr_node *node, cr_segment *segments,
                           size_t count, size_t *block)
{
    for (size_t i = 0; i < count; i++) {
        cr_segment *segment = &segments[i];
        cr_text name = {0};
        cr_text_add(&name, "%s.%s", node->name, segment->name);
        if (name.failed) {
            cr_text_finish(&name);
            return cr_fail(b->reader->err, CR_E_MEMORY, "out of memory");
        }
        segment->full_name = name.data;
        if (!cr_shape_count(&segment->shape, &segment->size) ||
            segment->size > LARGEST_BLOCK - *block)
            return cr_fail(b->reader->err, CR_E_CONFIG,
                           "layer \"%s\" needs too many parameters", node->name);
        segment->offset = *block;
        *block = cr_size_of_lines(*block + segment->size);
    }
    return true;
}

static bool allocate_blocks(builder *b)
{
    cr_network *network = b->network;
    for (size_t i = 0; i < network->node_count; i++) {
        cr_node *node = &network->nodes[i];
        if (!place_segments(b, node, node->plan.parameters, node->plan.parameter_count,
                            &network->parameter_size) ||
            !place_segments(b, node, node->plan.buffers, node->plan.buffer_count,
                            &network->buffer_size))
            return false;
        for (size_t k = 0; k < node->plan.parameter_count; k++)
            network->parameter_count += node->plan.parameters[k].size;
    }
    network->parameters =
        cr_alloc(network->parameter_size, sizeof(cr_real), b->reader->err);
    network->buffers = cr_alloc(network->buffer_size, sizeof(cr_real), b->reader->err);
    return network->parameters && network->buffers;
}

static bool build(builder *b, const cr_shape *input, size_t output_size)
{
    cr_network *network = b->network;
    cr_error *err = b->reader->err;
    size_t layers = b->model->layer_count, edges = 0;
    for (size_t i = 0; i <= layers; i++)
        edges += b->wiring.consumers[i];
    network->nodes = cr_alloc(2 * layers + 1, sizeof *network->nodes, err);
    network->values = cr_alloc(1 + layers + edges, sizeof *network->values, err);
    b->next = cr_alloc(layers + 1, sizeof *b->next, err);
    if (!network->nodes || !network->values || !b->next)
        return false;
    if (output_size > 0)
        cr_model_section_set_units(&b->model->layers[b->wiring.output], output_size);
    const cr_shape none = {1, {0}};
    add_value(network, input ? input : &none);
    if (!publish_value(b, CR_DATA, 0))
        return false;
    for (size_t i = 0; i < layers; i++)
        if (!add_layer(b, b->wiring.order[i]))
            return false;
    if (!check_output(b, output_size))
        return false;
    mark_gradients(network, b->all_gradients);
    return allocate_blocks(b);
}

cr_network *cr_network_create(cr_reader *reader, cr_model_section *model,
                              const cr_shape *input, size_t output_size,
                              bool all_gradients)
{
    builder b = {.reader = reader, .model = model, .all_gradients = all_gradients};
    b.network = cr_alloc(1, sizeof *b.network, reader->err);
    bool good = b.network && cr_wiring_create(&b.wiring, reader, model, input != NULL);
    good = good && build(&b, input, output_size);
    if (good)
        b.network->kernels = model->kernels;
    cr_wiring_finish(&b.wiring);
    cr_free(b.next);
    if (good)
        return b.network;
    cr_network_destroy(b.network);
    return NULL;
}

static void finish_node(cr_node *node)
{
    for (size_t i = 0; i < node->plan.parameter_count; i++)
        cr_free(node->plan.parameters[i].full_name);
    for (size_t i = 0; i < node->plan.buffer_count; i++)
        cr_free(node->plan.buffers[i].full_name);
    if (node->spec != CR_NO_SPEC)
        cr_free((char *)node->name);
    cr_free(node->options);
    cr_free(node->inputs);
    cr_free(node->input_shapes);
    cr_free(node->input_sizes);
}

void cr_network_destroy(cr_network *network)
{
    if (!network)
        return;
    for (size_t i = 0; i < network->node_count; i++)
        finish_node(&network->nodes[i]);
    cr_free(network->nodes);
    cr_free(network->values);
    cr_free(network->parameters);
    cr_free(network->buffers);
    cr_free(network);
}

void cr_network_init(cr_network *network, uint64_t seed, cr_kept_draws *draws)
{
    memset(network->parameters, 0, network->parameter_size * sizeof(cr_real));
    memset(network->buffers, 0, network->buffer_size * sizeof(cr_real));
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        cr_layer_io io = {.options = node->options,
                          .parameters = node->plan.parameters,
                          .buffer_segments = node->plan.buffers,
                          .draws = draws};
        if (node->type->init)
            node->type->init(&io, network->parameters, seed);
        if (node->type->init_buffers)
            node->type->init_buffers(&io, network->buffers);
    }
}

void cr_network_visit(const cr_network *network, cr_segment_visitor visit, void *user)
{
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.parameter_count; k++)
            visit(user, &network->nodes[i].plan.parameters[k], network->parameters);
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.buffer_count; k++)
            visit(user, &network->nodes[i].plan.buffers[k], network->buffers);
}

bool cr_network_is_trained(const cr_network *network)
{
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].trainable)
            return true;
    return false;
}

double cr_network_squared_weights(const cr_network *network)
{
    double sum = 0;
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.parameter_count; k++) {
            const cr_segment *segment = &network->nodes[i].plan.parameters[k];
            if (segment->regularized)
                sum += cr_kernel_sum_squares(segment->size,
                                             network->parameters + segment->offset);
        }
    return sum;
}

double cr_network_absolute_weights(const cr_network *network)
{
    double sum = 0;
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.parameter_count; k++) {
            const cr_segment *segment = &network->nodes[i].plan.parameters[k];
            const cr_real *w = network->parameters + segment->offset;
            for (size_t j = 0; segment->regularized && j < segment->size; j++)
                sum += fabs((double)w[j]);
        }
    return sum;
}

double cr_network_flops(const cr_network *network, bool training)
{
    double flops = 0;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        flops += node->plan.flops;
        if (!training)
            continue;
        bool input_gradient = false;
        for (size_t k = 0; k < node->plan.input_count; k++)
            input_gradient |= network->values[node->inputs[k]].has_gradient;
        flops += node->plan.flops * (input_gradient + (node->trainable != false));
    }
    return flops;
}
