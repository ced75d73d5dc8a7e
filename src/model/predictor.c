#include "model/predictor.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/batch.h"
#include "math/kernel.h"

#include <math.h>
#include <stdio.h>

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
    cr_free(predictor->thresholds);
    cr_free(predictor->order);
    cr_free(predictor);
}

size_t cr_predictor_thresholds(const cr_model *model, cr_error *err)
{
    size_t classes = model->encoding->classes.count;
    if (cr_model_prediction(model) == CR_PREDICTS_NUMBERS)
        (void)cr_fail(err, CR_E_USAGE,
                      "the model predicts numbers; a threshold is for the probability of "
                      "a class or label");
    else if (!model->loss.type->present)
        (void)cr_fail(err, CR_E_USAGE,
                      "the model was trained with the loss \"%s\", whose scores are no "
                      "probabilities; a threshold needs the loss \"softmax\" or "
                      "\"logistic\"",
                      model->loss.type->name);
    else if (cr_model_prediction(model) == CR_PREDICTS_CLASS && classes != 2)
        (void)cr_fail(err, CR_E_USAGE,
                      "the model has %zu classes; a threshold is for two, or for labels "
                      "of 0 and 1",
                      classes);
    else
        return cr_model_prediction(model) == CR_PREDICTS_CLASS ? 1
                                                               : cr_model_outputs(model);
    return 0;
}

bool cr_predictor_use_thresholds(cr_predictor *predictor, const double *thresholds,
                                 size_t count, cr_error *err)
{
    size_t expected = cr_predictor_thresholds(predictor->model, err);
    if (expected == 0)
        return false;
    if (count != expected && count != 1)
        return cr_fail(err, CR_E_USAGE, "found %zu thresholds, expected %s%zu%s", count,
                       expected > 1 ? "1 or " : "", expected,
                       expected > 1 ? ", one for each label" : " for two classes");
    cr_free(predictor->thresholds);
    predictor->thresholds = cr_alloc(expected, sizeof *predictor->thresholds, err);
    for (size_t i = 0; predictor->thresholds && i < expected; i++) {
        double threshold = thresholds[count == 1 ? 0 : i];
        if (!(threshold >= 0 && threshold <= 1))
            return cr_fail(err, CR_E_USAGE,
                           "found the threshold %g, expected a probability from 0 to 1",
                           threshold);
        predictor->thresholds[i] = (cr_real)threshold;
    }
    return predictor->thresholds != NULL;
}

bool cr_predictor_use_top(cr_predictor *predictor, size_t top, cr_error *err)
{
    const cr_model *model = predictor->model;
    size_t classes = model->encoding->classes.count;
    if (cr_model_prediction(model) == CR_PREDICTS_NUMBERS)
        return cr_fail(err, CR_E_USAGE,
                       "the model predicts numbers; the most likely are of classes");
    if (cr_model_prediction(model) == CR_PREDICTS_LABELS)
        return cr_fail(err, CR_E_USAGE,
                       "the model predicts several labels, each by itself; the most "
                       "likely are of classes");
    if (top == 0 || top > classes)
        return cr_fail(
            err, CR_E_USAGE,
            "the %zu most likely classes were asked for, of %zu that there are", top,
            classes);
    predictor->top = top;
    if (!predictor->order)
        predictor->order = cr_alloc(classes, sizeof *predictor->order, err);
    return predictor->order != NULL;
}

/* Whether label i is 1; of two classes, whether it is the second. */
static bool is_yes(const cr_predictor *p, size_t i)
{
    size_t share = cr_model_prediction(p->model) == CR_PREDICTS_CLASS ? 1 : i;
    return p->thresholds ? p->shares[share] >= p->thresholds[i] : p->scores[i] > 0;
}

/* Two classes with one score: that of the second less that of the first. */
static void present_two_classes(cr_predictor *p)
{
    p->shares[0] = -p->scores[0];
    p->shares[1] = p->scores[0];
    p->model->loss.type->present(2, 1, p->shares);
    p->values[0] = (double)p->shares[1];
    p->class = is_yes(p, 0);
}

/* The most likely classes by their scores, of equal ones the first before. */
static void rank_classes(cr_predictor *p)
{
    const cr_real two[] = {-p->scores[0], p->scores[0]};
    const cr_real *s = cr_model_outputs(p->model) == 1 ? two : p->scores;
    size_t classes = share_count(p->model), count = 0;
    for (size_t i = 0; i < classes; i++) {
        size_t at = count;
        if (count < p->top)
            count++;
        else if (s[i] > s[p->order[count - 1]])
            at = count - 1;
        else
            continue;
        for (; at > 0 && s[i] > s[p->order[at - 1]]; at--)
            p->order[at] = p->order[at - 1];
        p->order[at] = i;
    }
}

static void present(cr_predictor *p)
{
    const cr_model *model = p->model;
    const cr_loss_type *loss = model->loss.type;
    size_t outputs = cr_model_outputs(model);
    cr_prediction kind = cr_model_prediction(model);
    if (kind == CR_PREDICTS_CLASS && loss->binary) {
        present_two_classes(p);
        return;
    }
    if (kind == CR_PREDICTS_CLASS)
        p->class = cr_kernel_argmax(outputs, p->scores);
    for (size_t i = 0; i < outputs; i++)
        p->shares[i] = p->scores[i];
    if (loss->present)
        loss->present(1, outputs, p->shares);
    if (kind == CR_PREDICTS_CLASS && p->thresholds)
        p->class = is_yes(p, 0);
    for (size_t i = 0; i < outputs; i++) {
        double value = (double)p->shares[i];
        p->values[i] = kind == CR_PREDICTS_NUMBERS
                           ? cr_encoding_restore_target(model->encoding, i, value)
                           : value;
    }
}

/* Whether a value is missing that nothing stands in for: lags look at rows that are not
 * there, or have no value. (Other columns have none that are missing then.) */
static bool lacks_history(const cr_predictor *p)
{
    bool lacks = false;
    size_t lags = p->model->encoding->lags.count;
    for (size_t j = 0; lags > 0 && j < cr_model_inputs(p->model); j++)
        lacks |= isnan(p->x[j]);
    return lacks;
}

/* Scores the example in x and presents the scores. */
static bool predict(cr_predictor *p, cr_error *err)
{
    p->is_empty = lacks_history(p);
    if (p->is_empty) {
        p->empty++;
        for (size_t i = 0; i < cr_model_outputs(p->model); i++)
            p->values[i] = NAN;
        return true;
    }
    if (!cr_model_scores(p->model, p->x, 1, p->scores, err))
        return false;
    present(p);
    if (p->top > 0)
        rank_classes(p);
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
    return encoding->classify && !predictor->is_empty
               ? encoding->classes.items[predictor->class]
               : NULL;
}

size_t cr_predictor_columns(const cr_predictor *predictor)
{
    size_t shares = share_count(predictor->model);
    switch (cr_model_prediction(predictor->model)) {
    case CR_PREDICTS_CLASS:
        return predictor->top > 0 ? 2 * predictor->top : 1 + shares;
    case CR_PREDICTS_LABELS:
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
    if (predictor->top > 0) {
        snprintf(out, CR_PREDICTOR_HEADING, "%s_%zu", column % 2 ? share : "prediction",
                 column / 2 + 1);
        return out;
    }
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
    cr_prediction kind = cr_model_prediction(p->model);
    if (p->is_empty)
        return "";
    if (kind == CR_PREDICTS_NUMBERS)
        return format_value(p, column, out);
    if (p->top > 0 && column % 2 == 0)
        return p->model->encoding->classes.items[p->order[column / 2]];
    if (p->top > 0)
        return cr_number_format_float((float)p->shares[p->order[column / 2]], out);
    if (kind == CR_PREDICTS_CLASS && column == 0)
        return cr_predictor_class(p);
    if (kind == CR_PREDICTS_LABELS && column < outputs)
        return is_yes(p, column) ? "1" : "0";
    size_t share = kind == CR_PREDICTS_CLASS ? column - 1 : column - outputs;
    return cr_number_format_float((float)p->shares[share], out);
}
