#include "model/model.h"

#include "base/memory.h"
#include "config/document.h"
#include "graph/workspace.h"

#include <string.h>

enum { PREDICT_ROWS = 64 };

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

size_t cr_model_inputs(const cr_model *model)
{
    return model->encoding->features;
}

static bool read_cells(const cr_model *model, const char *const *cells, size_t count,
                       cr_column *columns, double *values, cr_error *err)
{
    const cr_encoding *encoding = model->encoding;
    if (!cr_encoding_match(encoding, "the row", NULL, count, CR_TARGET_IGNORED, columns,
                           err))
        return false;
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        const cr_cell cell = {"the row", 1, NULL, i, cells[i], strlen(cells[i])};
        if (columns[i].kind != CR_COLUMN_SKIP)
            good &= cr_cell_read(&cell, &columns[i], encoding->missing,
                                 &values[columns[i].to], err);
    }
    return good;
}

bool cr_model_encode(const cr_model *model, const char *const *cells, size_t count,
                     cr_real *x, cr_error *err)
{
    size_t features = model->encoding->features;
    cr_column *columns = cr_alloc(count, sizeof *columns, err);
    double *values = cr_alloc(model->encoding->input_count, sizeof *values, err);
    double *expanded = cr_alloc(features, sizeof *expanded, err);
    bool good = columns && values && expanded &&
                read_cells(model, cells, count, columns, values, err);
    if (good)
        cr_encoding_expand(model->encoding, values, expanded);
    for (size_t j = 0; good && j < features; j++)
        x[j] = (cr_real)expanded[j];
    cr_free(columns);
    cr_free(values);
    cr_free(expanded);
    return good;
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

bool cr_model_scores(cr_model *model, const cr_real *x, size_t rows, cr_real *y,
                     cr_error *err)
{
    const cr_network *network = model->network;
    if (!model->workspace) {
        model->workspace = cr_workspace_create(network, PREDICT_ROWS, 1, false, err);
        if (!model->workspace)
            return false;
    }
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    for (size_t first = 0; first < rows; first += PREDICT_ROWS) {
        size_t count = rows - first < PREDICT_ROWS ? rows - first : PREDICT_ROWS;
        memcpy(model->workspace->values[0], x + first * inputs,
               count * inputs * sizeof *x);
        cr_pass pass = {.rows = count, .batch_rows = count, .shares = 1};
        cr_workspace_forward(&pass, model->workspace);
        memcpy(y + first * outputs, model->workspace->values[network->output],
               count * outputs * sizeof *y);
    }
    return true;
}

/* x [rows, inputs] as the network takes them. */
static void normalize(const cr_model *model, const cr_real *x, size_t rows, double *row,
                      cr_real *normalized)
{
    size_t inputs = cr_model_inputs(model);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < inputs; j++)
            row[j] = (double)x[i * inputs + j];
        cr_encoding_apply(model->encoding, row, normalized + i * inputs);
    }
}

bool cr_model_predict(cr_model *model, const cr_real *x, size_t rows, cr_real *y,
                      cr_error *err)
{
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    double *row = cr_alloc(inputs, sizeof *row, err);
    cr_real *batch = cr_alloc(PREDICT_ROWS * inputs, sizeof *batch, err);
    bool good = row && batch;
    for (size_t first = 0; good && first < rows; first += PREDICT_ROWS) {
        size_t count = rows - first < PREDICT_ROWS ? rows - first : PREDICT_ROWS;
        normalize(model, x + first * inputs, count, row, batch);
        good = cr_model_scores(model, batch, count, y + first * outputs, err);
    }
    if (good && model->loss.type->present)
        model->loss.type->present(rows, outputs, y);
    for (size_t i = 0; good && i < rows * outputs; i++)
        y[i] = (cr_real)cr_encoding_restore_target(model->encoding, i % outputs,
                                                   (double)y[i]);
    cr_free(row);
    cr_free(batch);
    return good;
}
