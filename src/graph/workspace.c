#include "graph/workspace.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/size.h"
#include "math/kernel.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Where rows × size values lie in the workspace's block, once there is one, behind all that
 * have been placed (*at values), and counts their bytes. *at is SIZE_MAX when there are more
 * than can be counted. */
static cr_real *place(const cr_workspace *workspace, size_t rows, size_t size, size_t *at,
                      size_t *bytes)
{
    const size_t most = SIZE_MAX / 64;
    cr_real *here = workspace->block ? workspace->block + *at : NULL;
    size_t values = 0;
    if (!cr_memory_multiply(rows, size, &values) || values > most || *at > most) {
        *at = SIZE_MAX;
        return NULL;
    }
    *at += cr_size_of_lines(values);
    *bytes += cr_size_of_lines(values) * sizeof(cr_real);
    return here;
}

/* First and last step of laying out the block: where everything lies, once block is
 * there. Returns values needed, SIZE_MAX when they cannot be counted. */
static size_t lay_out(cr_workspace *workspace, bool with_gradients)
{
    const cr_network *network = workspace->network;
    size_t at = 0, rows = workspace->rows;
    cr_workspace_bytes *of = &workspace->of;
    *of = (cr_workspace_bytes){0};
    for (size_t i = 0; i < network->value_count; i++) {
        const cr_value *value = &network->values[i];
        const cr_value *before = &network->values[value->gradient_of];
        workspace->values[i] = value->values_of == i
                                   ? place(workspace, rows, value->size, &at, &of->values)
                                   : workspace->values[value->values_of];
        if (!with_gradients || !value->has_gradient)
            continue;
        bool shared = before != value && before->has_gradient;
        workspace->gradients[i] =
            shared ? workspace->gradients[value->gradient_of]
                   : place(workspace, rows, value->size, &at, &of->gradients);
    }
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_layer_plan *plan = &network->nodes[i].plan;
        cr_layer_io *io = &workspace->io[i];
        io->kept = place(workspace, rows, plan->kept, &at, &of->kept);
        io->scratch_stride = cr_size_of_lines(plan->scratch);
        io->scratch =
            place(workspace, workspace->shares, io->scratch_stride, &at, &of->scratch);
    }
    return at;
}

/* The pointer lists of every node: inputs, their gradients, and the upstream gradients
 * ended with NULL. */
static void connect(cr_workspace *workspace, bool with_gradients)
{
    const cr_network *network = workspace->network;
    cr_real **list = workspace->lists;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        cr_layer_io *io = &workspace->io[i];
        size_t inputs = node->plan.input_count;
        io->options = node->options;
        io->input_count = inputs;
        io->input_shapes = node->input_shapes;
        io->input_size = node->input_sizes;
        io->output_size = network->values[node->output].size;
        io->x = (const cr_real *const *)list;
        for (size_t k = 0; k < inputs; k++)
            *list++ = workspace->values[node->inputs[k]];
        io->dx = list;
        for (size_t k = 0; k < inputs; k++)
            *list++ = workspace->gradients[node->inputs[k]];
        io->dy = (const cr_real *const *)list;
        for (size_t k = 0; k < node->output_count; k++)
            *list++ = workspace->gradients[node->output + k];
        *list++ = NULL;
        io->y = workspace->values[node->output];
        io->parameters = node->plan.parameters;
        io->weights = network->parameters;
        io->buffer_segments = node->plan.buffers;
        io->buffers = network->buffers;
        io->stream = cr_random_stream(node->name);
        io->trained = with_gradients && node->trainable;
        io->kernels = network->kernels;
    }
}

/* A workspace without its block, whose values are counted: *size. NULL with err. */
static cr_workspace *plan(const cr_network *network, size_t rows, size_t shares,
                          bool with_gradients, size_t *size, cr_error *err)
{
    cr_workspace *workspace = cr_alloc(1, sizeof *workspace, err);
    if (!workspace)
        return NULL;
    workspace->network = network;
    workspace->rows = rows;
    workspace->shares = shares;
    size_t pointers = 0;
    for (size_t i = 0; i < network->node_count; i++)
        pointers +=
            2 * network->nodes[i].plan.input_count + network->nodes[i].output_count + 1;
    workspace->values = cr_alloc(network->value_count, sizeof(cr_real *), err);
    workspace->gradients = cr_alloc(network->value_count, sizeof(cr_real *), err);
    workspace->io = cr_alloc(network->node_count, sizeof *workspace->io, err);
    workspace->lists = cr_alloc(pointers, sizeof(cr_real *), err);
    if (!workspace->values || !workspace->gradients || !workspace->io ||
        !workspace->lists) {
        cr_workspace_destroy(workspace);
        return NULL;
    }
    *size = lay_out(workspace, with_gradients);
    return workspace;
}

bool cr_workspace_count(const cr_network *network, size_t rows, size_t shares,
                        bool with_gradients, cr_workspace_bytes *of, cr_error *err)
{
    size_t size = 0;
    cr_workspace *workspace = plan(network, rows, shares, with_gradients, &size, err);
    if (!workspace)
        return false;
    *of = workspace->of;
    cr_workspace_destroy(workspace);
    return size < SIZE_MAX ||
           cr_fail(err, CR_E_MEMORY,
                   "a pass over %zu examples takes more bytes than can be counted", rows);
}

cr_workspace *cr_workspace_create(const cr_network *network, size_t rows, size_t shares,
                                  bool with_gradients, cr_error *err)
{
    size_t size = 0;
    cr_workspace *workspace = plan(network, rows, shares, with_gradients, &size, err);
    if (!workspace)
        return NULL;
    workspace->block = cr_alloc(size, sizeof(cr_real), err);
    workspace->bytes = size * sizeof(cr_real);
    if (!workspace->block) {
        cr_workspace_destroy(workspace);
        return NULL;
    }
    lay_out(workspace, with_gradients);
    connect(workspace, with_gradients);
    return workspace;
}

void cr_workspace_destroy(cr_workspace *workspace)
{
    if (!workspace)
        return;
    cr_free(workspace->block);
    cr_free(workspace->values);
    cr_free(workspace->gradients);
    cr_free(workspace->io);
    cr_free(workspace->lists);
    cr_free(workspace);
}

/* The node that puts a value out; NULL for the batch. */
static const cr_node *producer(const cr_network *network, size_t value)
{
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].output == value)
            return &network->nodes[i];
    return NULL;
}

/* The node that takes a value, if it is not the output; a copy where there are several. */
static const cr_node *consumer(const cr_network *network, size_t value)
{
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.input_count; k++)
            if (network->nodes[i].inputs[k] == value)
                return &network->nodes[i];
    return NULL;
}

void cr_workspace_join(cr_workspace *workspace)
{
    const cr_network *network = workspace->network;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        if (!node->type->rectifies)
            continue;
        const cr_node *before = producer(network, node->inputs[0]);
        const cr_node *after = consumer(network, node->output);
        if (!before || !before->type->joins)
            continue;
        cr_layer_io *from = &workspace->io[before - network->nodes];
        cr_layer_io *io = &workspace->io[i];
        from->rectify = io->forward_done = true;
        from->y = io->y;
        if (!io->dx[0] || !after || !after->type->joins)
            continue;
        workspace->io[after - network->nodes].where_positive = io->backward_done = true;
        *(const cr_real **)from->dy = io->dy[0];
    }
}

void cr_workspace_forward(const cr_pass *pass, cr_workspace *workspace)
{
    const cr_network *network = workspace->network;
    for (size_t i = 0; i < network->node_count; i++)
        network->nodes[i].type->forward(pass, &workspace->io[i]);
}

void cr_workspace_backward(const cr_pass *pass, cr_workspace *workspace)
{
    const cr_network *network = workspace->network;
    for (size_t i = network->node_count; i-- > 0;)
        if (workspace->gradients[network->nodes[i].output])
            network->nodes[i].type->backward(pass, &workspace->io[i]);
}

void cr_workspace_gradient(const cr_pass *pass, cr_workspace *workspace,
                           const cr_gradient_sink *sink)
{
    const cr_network *network = workspace->network;
    for (size_t i = network->node_count; i-- > 0;)
        if (network->nodes[i].trainable)
            network->nodes[i].type->gradient(pass, &workspace->io[i], sink);
}

void cr_workspace_backward_whole(const cr_pass *pass, cr_workspace *workspace,
                                 const cr_gradient_sink *sink,
                                 const cr_workspace_watch *watch)
{
    const cr_network *network = workspace->network;
    for (size_t i = network->node_count; i-- > 0;) {
        const cr_node *node = &network->nodes[i];
        if (workspace->gradients[node->output])
            node->type->backward(pass, &workspace->io[i]);
        if (node->trainable)
            node->type->gradient(pass, &workspace->io[i], sink);
        if (watch)
            watch->on_node(watch->user, i);
    }
}

uint64_t cr_workspace_branches(const cr_pass *pass, const cr_workspace *workspace,
                               uint64_t hash)
{
    const cr_network *network = workspace->network;
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].type->branches)
            hash = network->nodes[i].type->branches(pass, &workspace->io[i], hash);
    return hash;
}

const cr_node *cr_workspace_first_bad(const cr_workspace *workspace, size_t rows,
                                      char what[160])
{
    const cr_network *network = workspace->network;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        for (size_t k = 0; k < node->plan.parameter_count; k++) {
            const cr_segment *segment = &node->plan.parameters[k];
            if (!cr_kernel_all_finite(segment->size,
                                      network->parameters + segment->offset)) {
                snprintf(what, 160, "parameter \"%.70s\" of layer %.60s",
                         segment->full_name, node->name);
                return node;
            }
        }
        size_t size = network->values[node->output].size;
        if (!cr_kernel_all_finite(rows * size, workspace->values[node->output])) {
            snprintf(what, 160, "the output of layer %.120s", node->name);
            return node;
        }
    }
    return NULL;
}
