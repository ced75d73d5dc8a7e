#include "inspect/gradcheck_layer.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

/* A node, with memory of its own for all that its functions read and write but parameters
 * and what forward keeps. */
typedef struct bench {
    const cr_network *network;
    const cr_node *node;
    cr_layer_io io;
    cr_pass pass;
    size_t size;               /* values of the output, of all rows */
    cr_real *block, **lists;   /* owned; the rest points into them */
    cr_real **x, **dx;         /* [inputs] */
    cr_real *high, *low;       /* [size] outputs on either side */
    cr_real *upstream, *dy[2]; /* [size]; the list that io wants */
} bench;

static size_t input_size(const bench *b, size_t k)
{
    return b->pass.rows * b->node->input_sizes[k];
}

/* Random, and nowhere near 0, so that no value of the output goes unseen. */
static void draw_upstream(const bench *b)
{
    for (size_t i = 0; i < b->size; i += 2) {
        double draw[2];
        cr_random_normal(b->pass.seed, CR_FOR_CHECK, b->io.stream, i, 2, draw);
        for (size_t k = 0; k < 2 && i + k < b->size; k++)
            b->upstream[i + k] = (cr_real)(draw[k] + (draw[k] < 0 ? -0.5 : 0.5));
    }
}

static bool set_up(bench *b, const cr_layer_io *io, cr_error *err)
{
    size_t inputs = b->node->plan.input_count, values = 3 * b->size;
    for (size_t k = 0; k < inputs; k++)
        values += 2 * input_size(b, k);
    b->block = cr_alloc(values, sizeof *b->block, err);
    b->lists = cr_alloc(2 * inputs, sizeof *b->lists, err);
    if (!b->block || !b->lists)
        return false;
    cr_real *at = b->block;
    b->x = b->lists;
    b->dx = b->lists + inputs;
    b->high = at;
    b->low = at += b->size;
    b->upstream = at += b->size;
    at += b->size;
    b->io = *io;
    for (size_t k = 0; k < inputs; k++) {
        b->x[k] = at;
        memcpy(b->x[k], b->io.x[k], input_size(b, k) * sizeof *at);
        b->dx[k] = at += input_size(b, k);
        at += input_size(b, k);
    }
    b->dy[0] = b->upstream;
    b->io.x = (const cr_real *const *)b->x;
    b->io.dx = b->dx;
    b->io.dy = (const cr_real *const *)b->dy;
    b->io.y = b->high;
    draw_upstream(b);
    return true;
}

static uint64_t forward(bench *b, cr_real *y)
{
    const cr_layer_type *type = b->node->type;
    b->io.y = y;
    type->forward(&b->pass, &b->io);
    return type->branches ? type->branches(&b->pass, &b->io, 1) : 1;
}

/* Of f = <upstream, y>. What does not change is not rounded differently either, unless a
 * change is too small to be seen. */
static cr_gradcheck_change change(void *user, cr_real *x, cr_real high, cr_real low)
{
    bench *b = user;
    cr_gradcheck_change c = {0};
    *x = high;
    uint64_t side = forward(b, b->high);
    *x = low;
    c.smooth = forward(b, b->low) == side;
    double unseen = 0;
    for (size_t i = 0; i < b->size; i++) {
        double u = (double)b->upstream[i], y1 = (double)b->high[i],
               y0 = (double)b->low[i];
        double size = fabs(u) * (fabs(y1) + fabs(y0));
        c.difference += y1 != y0 ? u * (y1 - y0) : 0;
        c.size += y1 != y0 ? size : 0;
        unseen = y1 == y0 ? fmax(unseen, size) : unseen;
    }
    c.size += unseen;
    return c;
}

/* Takes over what was found for one of the layer's tensors. */
static void add(cr_gradcheck *layer, const cr_gradcheck *tensor, const char *parameter,
                const char *input)
{
    layer->size += tensor->size;
    layer->checked += tensor->checked;
    layer->kinks += tensor->kinks;
    layer->norm = hypot(layer->norm, tensor->norm);
    bool first = layer->verdict != CR_GRADCHECK_WRONG;
    bool largest = !(tensor->error <= layer->error); /* NaN is */
    if (largest)
        layer->error = tensor->error;
    if (tensor->verdict != CR_GRADCHECK_WRONG || !(first || largest))
        return;
    layer->verdict = CR_GRADCHECK_WRONG;
    layer->worst = tensor->worst;
    layer->worst_analytic = tensor->worst_analytic;
    layer->worst_numerical = tensor->worst_numerical;
    layer->worst_parameter = parameter;
    layer->worst_input = input;
}

/* The name of the layer that puts the value out; "data" for the batch. */
static const char *value_name(const cr_network *network, size_t value)
{
    size_t real = network->values[value].alias_of;
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].spec != CR_NO_SPEC && network->nodes[i].output == real)
            return network->nodes[i].name;
    return "data";
}

static void compare(bench *b, cr_real *gradients, const cr_gradcheck_sample *sample,
                    cr_gradcheck *found)
{
    const cr_gradcheck_function function = {b, change};
    const cr_node *node = b->node;
    forward(b, b->high);
    node->type->backward(&b->pass, &b->io);
    const cr_gradient_sink sink = {gradients, 1, 0, 0};
    if (node->trainable)
        node->type->gradient(&b->pass, &b->io, &sink);
    for (size_t k = 0; k < node->plan.input_count; k++) {
        const char *name = value_name(b->network, node->inputs[k]);
        cr_gradcheck one = {.tensor = name, .size = input_size(b, k)};
        const cr_gradcheck_values values = {b->x[k], b->dx[k], {.l2 = 0}};
        cr_gradcheck_tensor_compare(&function, sample, &values, &one);
        add(found, &one, NULL, name);
    }
    for (size_t k = 0; k < node->plan.parameter_count; k++) {
        const cr_segment *s = &node->plan.parameters[k];
        cr_gradcheck one = {.tensor = s->full_name, .size = s->size};
        const cr_gradcheck_values values = {
            b->network->parameters + s->offset, gradients + s->offset, {.l2 = 0}};
        if (!node->trainable || !s->trainable)
            continue;
        cr_gradcheck_tensor_compare(&function, sample, &values, &one);
        add(found, &one, s->full_name, NULL);
    }
}

bool cr_gradcheck_layer_compare(const cr_gradcheck_place *place, cr_real *gradients,
                                const cr_gradcheck_sample *sample, cr_gradcheck *found,
                                cr_error *err)
{
    const cr_network *network = place->workspace->network;
    const cr_node *node = &network->nodes[place->node];
    bench b = {.network = network,
               .node = node,
               .pass = place->pass,
               .size = place->pass.rows * network->values[node->output].size};
    *found = (cr_gradcheck){0};
    bool good = set_up(&b, &place->workspace->io[place->node], err);
    if (good)
        compare(&b, gradients, sample, found);
    cr_free(b.block);
    cr_free(b.lists);
    if (found->size == 0)
        return good;
    found->kind = CR_GRADCHECK_LAYER;
    found->layer = found->tensor = node->name;
    if (found->checked == 0 && found->verdict == CR_GRADCHECK_OK)
        found->verdict = CR_GRADCHECK_NOT_CHECKED;
    return good;
}
