#include "train/model.h"

#include "base/memory.h"
#include "train/typed_section.h"

#include <string.h>

enum { PREDICT_ROWS = 64 };

void cr_loss_read(cr_reader *reader, cr_json *root, cr_loss *loss)
{
    cr_typed types[CR_MOST_TYPES];
    for (size_t i = 0; i < cr_loss_type_count; i++)
        types[i] =
            (cr_typed){cr_loss_types[i]->name, cr_loss_types[i]->options,
                       cr_loss_types[i]->option_count, cr_loss_types[i]->options_size};
    int index = cr_typed_section_read(reader, root, "loss", "loss", NULL, types,
                                      cr_loss_type_count, &loss->options);
    loss->type = index < 0 ? NULL : cr_loss_types[index];
}

void cr_loss_describe(cr_text *out)
{
    for (size_t i = 0; i < cr_loss_type_count; i++) {
        const cr_loss_type *type = cr_loss_types[i];
        cr_options_describe(type->name, type->summary, type->options, type->option_count,
                            out);
    }
}

cr_target_kind cr_loss_targets(const cr_loss_type *loss)
{
    if (loss->binary)
        return CR_TARGETS_BINARY;
    return loss->classify ? CR_TARGETS_CLASSES : CR_TARGETS_NUMBERS;
}

bool cr_loss_fits(const cr_loss_type *loss, const cr_encoding *encoding)
{
    if (loss->binary)
        return !encoding->classify || encoding->classes.count == 2;
    return loss->classify == encoding->classify;
}

size_t cr_model_targets(const cr_loss *loss, const cr_encoding *encoding)
{
    if (!encoding->classify)
        return encoding->target_count;
    return loss->type->binary ? 1 : encoding->classes.count;
}

void cr_model_finish(cr_model *model)
{
    cr_workspace_destroy(model->workspace);
    cr_network_destroy(model->network);
    cr_model_section_finish(&model->section);
    cr_encoding_finish(&model->own_encoding);
    cr_free(model->loss.options);
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

size_t cr_highest(size_t count, const cr_real *scores)
{
    size_t highest = 0;
    for (size_t j = 1; j < count; j++)
        if (scores[j] > scores[highest])
            highest = j;
    return highest;
}

static bool predict(cr_model *model, const cr_real *x, size_t rows, bool normalize,
                    cr_real *y, cr_error *err)
{
    const cr_network *network = model->network;
    if (!model->workspace) {
        model->workspace = cr_workspace_create(network, PREDICT_ROWS, false, err);
        if (!model->workspace)
            return false;
    }
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    for (size_t first = 0; first < rows; first += PREDICT_ROWS) {
        size_t count = rows - first < PREDICT_ROWS ? rows - first : PREDICT_ROWS;
        cr_real *batch = model->workspace->values[0];
        memcpy(batch, x + first * inputs, count * inputs * sizeof *x);
        for (size_t i = 0; normalize && i < count; i++)
            cr_encoding_apply(model->encoding, batch + i * inputs);
        cr_pass pass = {.rows = count, .batch_rows = count, .shares = 1};
        cr_network_forward(&pass, model->workspace);
        memcpy(y + first * outputs, model->workspace->values[network->output],
               count * outputs * sizeof *y);
    }
    if (model->loss.type->present)
        model->loss.type->present(rows, outputs, y);
    return true;
}

bool cr_model_predict(cr_model *model, const cr_real *x, size_t rows, cr_real *y,
                      cr_error *err)
{
    return predict(model, x, rows, true, y, err);
}

bool cr_model_predict_normalized(cr_model *model, const cr_real *x, size_t rows,
                                 cr_real *y, cr_error *err)
{
    return predict(model, x, rows, false, y, err);
}
