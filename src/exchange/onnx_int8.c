#include "exchange/onnx_int8.h"

#include "base/memory.h"
#include "exchange/export_c_plan.h"
#include "exchange/export_c_weights.h"
#include "exchange/quantize.h"
#include "model/model_data.h"

/* Which layers are left out, and the weights of the others. */
static bool fold(cr_onnx_int8 *int8, const cr_network *network, cr_error *err)
{
    cr_export_c_plan plan = {0};
    cr_workspace *workspace = cr_workspace_create(network, 1, 1, false, err);
    bool good =
        workspace && cr_export_c_plan_init(&plan, network, true, int8->bytes, err);
    for (size_t i = 0; good && i < network->node_count; i++)
        int8->passes[i] = plan.silent[i] && network->nodes[i].type->channel_affine;
    int8->weights =
        good ? cr_export_c_weights_create(&plan, workspace, NULL, NULL, err) : NULL;
    cr_export_c_plan_finish(&plan);
    cr_workspace_destroy(workspace);
    return int8->weights != NULL;
}

static bool quantize(cr_onnx_int8 *int8, cr_model *model,
                     const cr_export_options *options, cr_text *notes, cr_error *err)
{
    cr_data data;
    cr_error why = CR_ERROR_INIT;
    if (!cr_model_data_load(&data, model, &why))
        return cr_quantize_refuse(&why, err);
    const cr_quantizing q = {.model = model,
                             .data = &data,
                             .passes = int8->passes,
                             .bytes = int8->bytes,
                             .weights = int8->weights};
    bool good = cr_quantize(&q, options->max_loss, notes, err);
    cr_data_finish(&data);
    return good;
}

bool cr_onnx_int8_make(cr_onnx_int8 *int8, cr_model *model,
                       const cr_export_options *options, cr_text *notes, cr_error *err)
{
    const cr_network *network = model->network;
    *int8 = (cr_onnx_int8){0};
    if (!options->quantize)
        return true;
    int8->passes = cr_alloc(network->node_count, sizeof *int8->passes, err);
    int8->bytes = cr_alloc(network->node_count, sizeof *int8->bytes, err);
    if (!int8->passes || !int8->bytes)
        return false;
    for (size_t i = 0; i < network->node_count; i++)
        int8->bytes[i] = cr_quantize_can(&network->nodes[i]);
    return fold(int8, network, err) && quantize(int8, model, options, notes, err);
}

void cr_onnx_int8_finish(cr_onnx_int8 *int8, const cr_model *model)
{
    cr_export_c_weights_destroy(int8->weights, model->network->node_count);
    cr_free(int8->passes);
    cr_free(int8->bytes);
}
