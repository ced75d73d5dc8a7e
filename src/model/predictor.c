#include "model/predictor.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/batch.h"
#include "math/kernel.h"

#include <math.h>
#include <stdio.h>

/* What a model predicts. */
typedef enum prediction_kind { A_CLASS, LABELS, NUMBERS } prediction_kind;

static prediction_kind kind_of(const cr_model *model)
{
    if (model->encoding->classify)
        return A_CLASS;
    return model->loss.type->classify ? LABELS : NUMBERS;
}

/* Probabilities or scores of a prediction. */
static size_t share_count(const cr_model *model)
{
    return model->encoding->classify ? model->encoding->classes.count
                                     : cr_model_outputs(model);
}

cr_predictor *cr_predictor_create(cr_model *model, const char *file, cr_error *err)
{
    cr_predictor *p = cr_alloc(1, sizeof *p, err);
    if (!p)
        return NULL;
    size_t outputs = cr_model_outputs(model);
    p->model = model;
    p->x = cr_alloc(cr_model_inputs(model), sizeof *p->x, err);
    p->scores = cr_alloc(outputs, sizeof *p->scores, err);
    p->shares = cr_alloc(share_count(model), sizeof *p->shares, err);
    p->values = cr_alloc(outputs, sizeof *p->values, err);
    if (cr_row_encoder_init(&p->rows, model->encoding, file, err) && p->x && p->scores &&
        p->shares && p->values)
        return p;
    cr_predictor_destroy(p);
    return NULL;
}

void cr_predictor_destroy(cr_predictor *predictor)
{
    if (!predictor)
        return;
    cr_row_encoder_finish(&predictor->rows);
    cr_free(predictor->x);
    cr_free(predictor->scores);
    cr_free(predictor->shares);
    cr_free(predictor->values);
    cr_free(predictor);
}

/* Two classes with one score: that of the second less that of the first. */
static void present_two_classes(cr_predictor *p)
{
    p->class = p->scores[0] > 0;
    p->shares[0] = -p->scores[0];
    p->shares[1] = p->scores[0];
    p->model->loss.type->present(2, 1, p->shares);
    p->values[0] = (double)p->shares[1];
}

static void present(cr_predictor *p)
{
    const cr_model *model = p->model;
    const cr_loss_type *loss = model->loss.type;
    size_t outputs = cr_model_outputs(model);
    prediction_kind kind = kind_of(model);
    if (kind == A_CLASS && loss->binary) {
        present_two_classes(p);
        return;
    }
    if (kind == A_CLASS)
        p->class = cr_kernel_argmax(outputs, p->scores);
    for (size_t i = 0; i < outputs; i++)
        p->shares[i] = p->scores[i];
    if (loss->present)
        loss->present(1, outputs, p->shares);
    for (size_t i = 0; i < outputs; i++) {
        double value = (double)p->shares[i];
        p->values[i] = kind == NUMBERS
                           ? cr_encoding_restore_target(model->encoding, i, value)
                           : value;
    }
}

/* Scores the example in x and presents the scores. */
static bool predict(cr_predictor *p, cr_error *err)
{
    if (!cr_model_scores(p->model, p->x, 1, p->scores, err))
        return false;
    present(p);
    return true;
}

bool cr_predictor_features(cr_predictor *predictor, const double *features, cr_error *err)
{
    cr_encoding_apply(predictor->model->encoding, features, predictor->x);
    return predict(predictor, err);
}

bool cr_predictor_cells(cr_predictor *predictor, const cr_csv_row *row, cr_error *err)
{
    return cr_row_encoder_read(&predictor->rows, row, err) &&
           cr_predictor_features(predictor, predictor->rows.features, err);
}

bool cr_predictor_example(cr_predictor *predictor, const cr_dataset *dataset, size_t i,
                          cr_error *err)
{
    const uint32_t row = (uint32_t)i;
    cr_batch_gather(dataset, &row, 1, predictor->x, NULL);
    return predict(predictor, err);
}

const char *cr_predictor_class(const cr_predictor *predictor)
{
    const cr_encoding *encoding = predictor->model->encoding;
    return encoding->classify ? encoding->classes.items[predictor->class] : NULL;
}

size_t cr_predictor_columns(const cr_predictor *predictor)
{
    size_t shares = share_count(predictor->model);
    switch (kind_of(predictor->model)) {
    case A_CLASS:
        return 1 + shares;
    case LABELS:
        return 2 * shares;
    default:
        return shares;
    }
}

/* "probability_red"; what has no name is called by its number. */
static const char *name_column(const char *kind, const cr_names *names, size_t i,
                               char out[CR_PREDICTOR_HEADING])
{
    char number[24];
    snprintf(number, sizeof number, "%zu", i);
    snprintf(out, CR_PREDICTOR_HEADING, "%s_%.250s", kind,
             i < names->count ? names->items[i] : number);
    return out;
}

const char *cr_predictor_heading(const cr_predictor *predictor, size_t column,
                                 char out[CR_PREDICTOR_HEADING])
{
    const cr_model *model = predictor->model;
    const cr_encoding *encoding = model->encoding;
    const char *share = model->loss.type->output_name;
    size_t outputs = cr_model_outputs(model);
    bool classify = encoding->classify;
    if (classify && column > 0)
        return name_column(share, &encoding->classes, column - 1, out);
    if (classify || cr_predictor_columns(predictor) == 1)
        return "prediction";
    return name_column(column < outputs ? "prediction" : share, &encoding->targets,
                       column % outputs, out);
}

/* A regression's value; of a target that was normalised with more digits where it is far
 * from 0 against its spread. */
static const char *format_value(const cr_predictor *p, size_t target,
                                char out[CR_PREDICTOR_CELL])
{
    const cr_encoding *encoding = p->model->encoding;
    double value = p->values[target];
    if (!encoding->target_scale)
        return cr_number_format_float((float)value, out);
    double spreads = fabs(value) * encoding->target_scale[target];
    bool is_far = spreads > 1 && isfinite(spreads);
    int digits = 9 + (is_far ? (int)ceil(log10(spreads)) : 0);
    snprintf(out, CR_PREDICTOR_CELL, "%.*g", digits < 17 ? digits : 17, value);
    return out;
}

const char *cr_predictor_cell(const cr_predictor *predictor, size_t column,
                              char out[CR_PREDICTOR_CELL])
{
    const cr_predictor *p = predictor;
    size_t outputs = cr_model_outputs(p->model);
    prediction_kind kind = kind_of(p->model);
    if (kind == NUMBERS)
        return format_value(p, column, out);
    if (kind == A_CLASS && column == 0)
        return cr_predictor_class(p);
    if (kind == LABELS && column < outputs)
        return p->scores[column] > 0 ? "1" : "0";
    size_t share = kind == A_CLASS ? column - 1 : column - outputs;
    return cr_number_format_float((float)p->shares[share], out);
}
