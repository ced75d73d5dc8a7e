#include "exchange/export_c_plan.h"

#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>

static size_t all_values(const cr_export_c_plan *plan)
{
    return plan->network->value_count + plan->network->node_count;
}

/* The layer whose values this one takes, if it is the only one to take them; NULL: none. */
static const cr_node *feeds(const cr_network *network, const cr_node *node)
{
    for (const cr_node *other = network->nodes; other < node; other++)
        if (node->plan.input_count == 1 && other->output_count == 1 &&
            other->output == node->inputs[0])
            return other;
    return NULL;
}

/* Whether max(0, x) is all that a layer does to what one that takes bytes takes: bytes begin
 * at the least value, which is 0 then. */
static bool is_done_by_bytes(const cr_network *network, const cr_node *node,
                             const bool *bytes)
{
    for (size_t i = 0; node->type->rectifies && i < network->node_count; i++)
        if (bytes[i] && network->nodes[i].inputs[0] == node->output)
            return true;
    return false;
}

/* Views share memory, batch normalisation behind a layer that takes it in, and what making
 * bytes does on its way. */
static void find_roots(cr_export_c_plan *plan, const bool *bytes)
{
    const cr_network *network = plan->network;
    for (size_t v = 0; v < network->value_count; v++) {
        plan->values[v].root = v;
        plan->values[v].size = network->values[v].size;
    }
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        plan->folded[i] = CR_NOT_FOLDED;
        const cr_node *before = feeds(network, node);
        bool folds = before && node->type->channel_affine && before->type->channel_of &&
                     plan->folded[before - network->nodes] == CR_NOT_FOLDED;
        if (folds)
            plan->folded[before - network->nodes] = i;
        plan->silent[i] = folds || node->type->reshapes || node->type->passes ||
                          node->spec == CR_NO_SPEC ||
                          is_done_by_bytes(network, node, bytes);
        for (size_t k = 0; plan->silent[i] && k < node->output_count; k++)
            plan->values[node->output + k].root = plan->values[node->inputs[0]].root;
    }
}

static void find_lifetimes(cr_export_c_plan *plan)
{
    const cr_network *network = plan->network;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        if (plan->silent[i])
            continue;
        plan->values[node->output].first = plan->values[node->output].last = i + 1;
        for (size_t k = 0; k < node->plan.input_count; k++)
            plan->values[plan->values[node->inputs[k]].root].last = i + 1;
    }
    plan->values[plan->values[network->output].root].last = SIZE_MAX;
}

/* What is written in place has the memory of what it is made from, if that may be written
 * and nobody needs it behind; the last of the layers says so for all before. */
static void join_in_place(cr_export_c_plan *plan, bool prepares)
{
    const cr_network *network = plan->network;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        if (plan->silent[i] || !node->type->in_place)
            continue;
        size_t from = plan->values[node->inputs[0]].root;
        while (plan->values[from].root != from)
            from = plan->values[from].root;
        bool fits = plan->values[from].last == i + 1 && (from != 0 || prepares) &&
                    network->values[from].size == network->values[node->output].size;
        for (size_t k = 1; k < node->plan.input_count; k++)
            fits = fits && plan->values[node->inputs[k]].root !=
                               plan->values[node->inputs[0]].root;
        if (!fits)
            continue;
        plan->values[from].last = plan->values[node->output].last;
        plan->values[node->output].root = from;
    }
    for (size_t v = 0; v < network->value_count; v++)
        while (plan->values[plan->values[v].root].root != plan->values[v].root)
            plan->values[v].root = plan->values[plan->values[v].root].root;
}

/* The lowest place where a value overlaps none of those that were placed and live at the
 * same time. */
static void place(cr_export_c_plan *plan, size_t v, const bool *placed)
{
    cr_export_c_value *value = &plan->values[v];
    size_t size = value->size;
    value->offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t o = 0; o < all_values(plan); o++) {
            const cr_export_c_value *other = &plan->values[o];
            size_t end = other->offset + other->size;
            if (placed[o] && other->first <= value->last && value->first <= other->last &&
                other->offset < value->offset + size && value->offset < end) {
                value->offset = end;
                moved = true;
            }
        }
    }
    if (value->offset + size > plan->scratch)
        plan->scratch = value->offset + size;
}

/* The largest first, which leaves the fewest gaps. */
static void place_all(cr_export_c_plan *plan, bool *placed)
{
    for (;;) {
        size_t largest = SIZE_MAX;
        for (size_t v = 0; v < all_values(plan); v++) {
            const cr_export_c_value *value = &plan->values[v];
            bool waits = value->root == v && !placed[v] && value->last > 0 &&
                         value->place == CR_PLACE_SCRATCH && value->size > 0;
            if (waits &&
                (largest == SIZE_MAX || value->size > plan->values[largest].size))
                largest = v;
        }
        if (largest == SIZE_MAX)
            return;
        place(plan, largest, placed);
        placed[largest] = true;
    }
}

/* Inputs become bytes where they are, if they lie in the scratch memory and nobody else
 * takes them; else beside them. */
static void add_bytes(cr_export_c_plan *plan, const bool *bytes)
{
    const cr_network *network = plan->network;
    for (size_t i = 0; i < network->node_count; i++) {
        cr_export_c_value *beside = &plan->values[network->value_count + i];
        const cr_node *node = &network->nodes[i];
        *beside = (cr_export_c_value){.root = network->value_count + i,
                                      .first = i + 1,
                                      .last = i + 1,
                                      .place = CR_PLACE_SCRATCH};
        if (!bytes[i])
            continue;
        const cr_export_c_value *x = &plan->values[plan->values[node->inputs[0]].root];
        if (x->place != CR_PLACE_SCRATCH || x->last > i + 1)
            beside->size = (node->input_sizes[0] + 3) / 4;
    }
}

static void find_places(cr_export_c_plan *plan, bool prepares)
{
    const cr_network *network = plan->network;
    for (size_t v = 0; v < network->value_count; v++)
        plan->values[v].place = CR_PLACE_SCRATCH;
    plan->values[0].place = prepares ? CR_PLACE_SCRATCH : CR_PLACE_X;
    size_t out = plan->values[network->output].root;
    if (out != 0 || prepares)
        plan->values[out].place = CR_PLACE_Y;
}

bool cr_export_c_plan_init(cr_export_c_plan *plan, const cr_network *network,
                           bool prepares, const bool *bytes, cr_error *err)
{
    *plan = (cr_export_c_plan){.network = network};
    plan->values = cr_alloc(all_values(plan), sizeof *plan->values, err);
    plan->silent = cr_alloc(network->node_count, sizeof *plan->silent, err);
    plan->folded = cr_alloc(network->node_count, sizeof *plan->folded, err);
    bool *placed = cr_alloc(all_values(plan), sizeof *placed, err);
    bool good = plan->values && plan->silent && plan->folded && placed;
    if (good) {
        find_roots(plan, bytes);
        find_lifetimes(plan);
        join_in_place(plan, prepares);
        find_places(plan, prepares);
        add_bytes(plan, bytes);
        place_all(plan, placed);
    }
    cr_free(placed);
    return good;
}

void cr_export_c_plan_finish(cr_export_c_plan *plan)
{
    cr_free(plan->values);
    cr_free(plan->silent);
    cr_free(plan->folded);
    *plan = (cr_export_c_plan){0};
}

const cr_node *cr_export_c_plan_first(const cr_network *network)
{
    size_t value = 0;
    for (;;) {
        const cr_node *first = NULL;
        size_t users = 0;
        for (size_t i = 0; i < network->node_count; i++)
            for (size_t k = 0; k < network->nodes[i].plan.input_count; k++)
                if (network->nodes[i].inputs[k] == value) {
                    first = &network->nodes[i];
                    users++;
                }
        if (users != 1 || !first->type->reshapes)
            return users == 1 ? first : NULL;
        value = first->output;
    }
}

const char *cr_export_c_plan_place(const cr_export_c_plan *plan, size_t value,
                                   char text[CR_EXPORT_C_TEXT])
{
    const cr_export_c_value *root = &plan->values[plan->values[value].root];
    if (root->place == CR_PLACE_SCRATCH && root->offset > 0)
        snprintf(text, CR_EXPORT_C_TEXT, "scratch + %zu", root->offset);
    else
        snprintf(text, CR_EXPORT_C_TEXT, "%s",
                 root->place == CR_PLACE_X   ? "x"
                 : root->place == CR_PLACE_Y ? "y"
                                             : "scratch");
    return text;
}

const char *cr_export_c_plan_bytes(const cr_export_c_plan *plan, size_t node,
                                   char text[CR_EXPORT_C_TEXT])
{
    const cr_network *network = plan->network;
    size_t beside = network->value_count + node;
    size_t v = plan->values[beside].size > 0 ? beside : network->nodes[node].inputs[0];
    return cr_export_c_plan_place(plan, v, text);
}
