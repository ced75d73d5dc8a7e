#include "model/model.h"

#include "base/memory.h"
#include "base/size.h"
#include "base/text.h"
#include "config/document.h"
#include "config/reader.h"
#include "graph/workspace.h"

#include <string.h>

size_t cr_model_targets(const cr_loss *loss, const cr_encoding *encoding)
{
    if (!encoding->classify)
        return encoding->target_count;
    return loss->type->binary ? 1 : encoding->classes.count;
}

bool cr_model_build(cr_model *model, const char *where, cr_error *err)
{
    cr_text warnings = {0};
    cr_error own = CR_ERROR_INIT;
    cr_reader reader = {
        .document = &model->document, .err = err ? err : &own, .warnings = &warnings};
    cr_json *root = model->document.root;
    cr_model_section_read(&reader, root, &model->section);
    cr_loss_read(&reader, root, &model->loss);
    cr_text_finish(&warnings);
    if (reader.err->count > 0)
        return false;
    if (!cr_loss_fits(model->loss.type, model->encoding))
        return cr_fail(err, CR_E_DATA, "%s: its loss and its target do not fit together",
                       where);
    if (!cr_loss_weigh(&reader, root, model->encoding, NULL, &model->loss))
        return false;
    model->network =
        cr_network_create(&reader, &model->section, &model->encoding->shape,
                          cr_model_targets(&model->loss, model->encoding), false);
    return model->network != NULL;
}

void cr_model_finish(cr_model *model)
{
    cr_workspace_destroy(model->workspace);
    cr_network_destroy(model->network);
    cr_model_section_finish(&model->section);
    cr_encoding_finish(&model->own_encoding);
    cr_free(model->loss.options);
    cr_free(model->loss.weights);
    cr_document_finish(&model->document);
    *model = (cr_model){0};
}

void cr_model_destroy(cr_model *model)
{
    if (!model)
        return;
    cr_model_finish(model);
    cr_free(model);
}

size_t cr_model_real_size(void)
{
    return sizeof(cr_real);
}

size_t cr_model_inputs(const cr_model *model)
{
    return model->encoding->features;
}

size_t cr_model_outputs(const cr_model *model)
{
    return model->network->values[model->network->output].size;
}

const char *cr_model_class(const cr_model *model, size_t i)
{
    const cr_encoding *encoding = model->encoding;
    if (encoding->classify)
        return encoding->classes.items[model->loss.type->binary ? 1 : i];
    return model->loss.type->binary && encoding->targets.count
               ? encoding->targets.items[i]
               : NULL;
}

cr_prediction cr_model_prediction(const cr_model *model)
{
    if (model->encoding->classify)
        return CR_PREDICTS_CLASS;
    return model->loss.type->classify ? CR_PREDICTS_LABELS : CR_PREDICTS_NUMBERS;
}

const char *cr_model_class_name(const cr_model *model, size_t i)
{
    const cr_names *classes = &model->encoding->classes;
    return i < classes->count ? classes->items[i] : NULL;
}

/* Looks for the segment number `wanted`. */
typedef struct search {
    size_t wanted, seen;
    cr_weights *found;
    bool there;
} search;

static void look_at(void *user, const cr_segment *segment, cr_real *block)
{
    search *s = user;
    if (s->seen++ != s->wanted)
        return;
    s->there = true;
    *s->found = (cr_weights){.name = segment->full_name,
                             .rank = segment->shape.rank,
                             .size = segment->size,
                             .values = block + segment->offset,
                             .trained = segment->trainable};
    memcpy(s->found->dim, segment->shape.dim, sizeof s->found->dim);
}

bool cr_model_weights(const cr_model *model, size_t i, cr_weights *weights)
{
    search s = {.wanted = i, .found = weights};
    cr_network_visit(model->network, look_at, &s);
    return s.there;
}

cr_workspace *cr_model_workspace(const cr_model *model, cr_error *err)
{
    cr_workspace *workspace =
        cr_workspace_create(model->network, CR_MODEL_BATCH, 1, false, err);
    if (workspace)
        cr_workspace_join(workspace);
    return workspace;
}

bool cr_model_prepare(cr_model *model, cr_error *err)
{
    if (!model->workspace)
        model->workspace = cr_model_workspace(model, err);
    return model->workspace != NULL;
}

bool cr_model_scores(cr_model *model, const cr_real *x, size_t rows, cr_real *y,
                     cr_error *err)
{
    const cr_network *network = model->network;
    if (!cr_model_prepare(model, err))
        return false;
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    for (size_t first = 0; first < rows; first += CR_MODEL_BATCH) {
        size_t count = cr_size_smaller(CR_MODEL_BATCH, rows - first);
        memcpy(model->workspace->values[0], x + first * inputs,
               count * inputs * sizeof *x);
        cr_pass pass = {.rows = count, .batch_rows = count, .shares = 1};
        cr_workspace_forward(&pass, model->workspace);
        memcpy(y + first * outputs, model->workspace->values[network->output],
               count * outputs * sizeof *y);
    }
    return true;
}
