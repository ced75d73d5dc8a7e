#include "exchange/export_c_weights.h"

#include "base/memory.h"

static bool make(cr_layer_weights *weights, const cr_export_c_plan *plan, size_t i,
                 const cr_workspace *workspace, cr_layer_fold fold, cr_error *err)
{
    const cr_node *nodes = plan->network->nodes;
    size_t from = plan->folded[i], channels = nodes[i].plan.output.dim[0];
    double *affine = NULL;
    if (from != CR_NOT_FOLDED) {
        affine = cr_alloc(3 * channels, sizeof *affine, err);
        if (!affine)
            return false;
        fold.y_mean = affine;
        fold.y_scale = affine + channels;
        fold.y_bias = affine + 2 * channels;
        nodes[from].type->channel_affine(&workspace->io[from], affine, affine + channels,
                                         affine + 2 * channels);
    }
    bool good = cr_layer_weights_make(weights, &nodes[i], &workspace->io[i], &fold, err);
    cr_free(affine);
    return good;
}

cr_layer_weights *cr_export_c_weights_create(const cr_export_c_plan *plan,
                                             const cr_workspace *workspace,
                                             const double *x_shift, const double *x_scale,
                                             cr_error *err)
{
    const cr_network *network = plan->network;
    cr_layer_weights *weights = cr_alloc(network->node_count, sizeof *weights, err);
    for (size_t i = 0; weights && i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        cr_layer_fold fold = {0};
        if (plan->silent[i] || !node->type->channel_of)
            continue;
        if (plan->values[node->inputs[0]].root == 0) {
            fold.x_shift = x_shift;
            fold.x_scale = x_scale;
        }
        if (!make(&weights[i], plan, i, workspace, fold, err)) {
            cr_export_c_weights_destroy(weights, network->node_count);
            return NULL;
        }
    }
    return weights;
}

void cr_export_c_weights_destroy(cr_layer_weights *weights, size_t count)
{
    for (size_t i = 0; weights && i < count; i++)
        cr_layer_weights_finish(&weights[i]);
    cr_free(weights);
}
