/* The public functions that predict (chainrule/model.h). */
#include "base/memory.h"
#include "data/batch.h"
#include "data/sources/memory.h"
#include "model/predictor.h"

#include <string.h>

enum { PREDICT_ROWS = 64 }; /* that cr_model_predict passes through the network at once */

/* Bytes of each cell; the caller frees them. NULL when out of memory. */
static size_t *measure_cells(const char *const *cells, size_t count, cr_error *err)
{
    size_t *lengths = cr_alloc(count, sizeof *lengths, err);
    for (size_t i = 0; lengths && i < count; i++)
        lengths[i] = strlen(cells[i]);
    return lengths;
}

bool cr_model_encode_cells(const cr_model *model, const char *const *cells, size_t count,
                           double *x, cr_error *err)
{
    cr_row_encoder rows;
    size_t *lengths = measure_cells(cells, count, err);
    const cr_csv_row row = {1, count, cells, lengths};
    bool good = cr_row_encoder_init(&rows, model->encoding, "the row", err) && lengths &&
                cr_row_encoder_match(&rows, count, err) &&
                cr_row_encoder_read(&rows, &row, err);
    if (good)
        memcpy(x, rows.features, cr_model_inputs(model) * sizeof *x);
    cr_free(lengths);
    cr_row_encoder_finish(&rows);
    return good;
}

bool cr_model_encode(const cr_model *model, const char *const *cells, size_t count,
                     cr_real *x, cr_error *err)
{
    size_t inputs = cr_model_inputs(model);
    double *row = cr_alloc(inputs, sizeof *row, err);
    bool good = row && cr_model_encode_cells(model, cells, count, row, err);
    for (size_t j = 0; good && j < inputs; j++)
        x[j] = (cr_real)row[j];
    cr_free(row);
    return good;
}

/* The last prediction, for a caller. */
static void hand_out(const cr_predictor *predictor, double *y, const char **class)
{
    memcpy(y, predictor->values, cr_model_outputs(predictor->model) * sizeof *y);
    if (class)
        *class = cr_predictor_class(predictor);
}

bool cr_model_predict_cells(cr_model *model, const char *const *cells, size_t count,
                            double *y, const char **class_name, cr_error *err)
{
    size_t *lengths = measure_cells(cells, count, err);
    const cr_csv_row row = {1, count, cells, lengths};
    cr_predictor *predictor = cr_predictor_create(model, "the row", err);
    bool good = predictor && lengths &&
                cr_row_encoder_match(&predictor->rows, count, err) &&
                cr_predictor_cells(predictor, &row, err);
    if (good)
        hand_out(predictor, y, class_name);
    cr_free(lengths);
    cr_predictor_destroy(predictor);
    return good;
}

bool cr_model_predict_rows(cr_model *model, const double *x, size_t rows, double *y,
                           const char **classes, cr_error *err)
{
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    cr_predictor *predictor = cr_predictor_create(model, "the rows", err);
    bool good = predictor != NULL;
    for (size_t i = 0; good && i < rows; i++) {
        good = cr_predictor_features(predictor, x + i * inputs, err);
        if (good)
            hand_out(predictor, y + i * outputs, classes ? classes + i : NULL);
    }
    cr_predictor_destroy(predictor);
    return good;
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

/* What the network says as it is shown, or (present false) in the targets' units alone. */
static bool present_all(const cr_model *model, size_t rows, cr_real *y, bool present)
{
    size_t outputs = cr_model_outputs(model);
    if (present && model->loss.type->present)
        model->loss.type->present(rows, outputs, y);
    for (size_t i = 0; model->encoding->target_scale && i < rows * outputs; i++)
        y[i] = (cr_real)cr_encoding_restore_target(model->encoding, i % outputs,
                                                   (double)y[i]);
    return true;
}

static bool predict(cr_model *model, const cr_real *x, size_t rows, cr_real *y,
                    bool present, cr_error *err)
{
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    const cr_encoding *encoding = model->encoding;
    if (!encoding->fill && !encoding->shift) /* the network takes x as it is */
        return cr_model_scores(model, x, rows, y, err) &&
               present_all(model, rows, y, present);
    size_t batch_rows = rows < PREDICT_ROWS ? rows : PREDICT_ROWS;
    double *row = cr_alloc_raw(inputs, sizeof *row, err);
    cr_real *batch = cr_alloc_raw(batch_rows * inputs, sizeof *batch, err);
    bool good = row && batch;
    for (size_t first = 0; good && first < rows; first += PREDICT_ROWS) {
        size_t count = rows - first < PREDICT_ROWS ? rows - first : PREDICT_ROWS;
        normalize(model, x + first * inputs, count, row, batch);
        good = cr_model_scores(model, batch, count, y + first * outputs, err);
    }
    cr_free(row);
    cr_free(batch);
    return good && present_all(model, rows, y, present);
}

bool cr_model_predict(cr_model *model, const cr_real *x, size_t rows, cr_real *y,
                      cr_error *err)
{
    return predict(model, x, rows, y, true, err);
}

bool cr_model_predict_scores(cr_model *model, const cr_real *x, size_t rows, cr_real *y,
                             cr_error *err)
{
    return predict(model, x, rows, y, false, err);
}

/* Rows of an encoded dataset through the network. */
static bool score_dataset(cr_model *model, const cr_dataset *set, cr_real *y,
                          cr_error *err)
{
    enum { ROWS = PREDICT_ROWS };
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    uint32_t rows[ROWS];
    cr_real *x = cr_alloc_raw(ROWS * inputs, sizeof *x, err);
    bool good = x != NULL;
    for (size_t first = 0; good && first < set->examples; first += ROWS) {
        size_t count = set->examples - first < ROWS ? set->examples - first : ROWS;
        for (size_t i = 0; i < count; i++)
            rows[i] = (uint32_t)(first + i);
        cr_batch_gather(set, rows, count, x, NULL);
        good = cr_model_scores(model, x, count, y + first * outputs, err);
    }
    cr_free(x);
    return good;
}

bool cr_model_predict_arrays(cr_model *model, const cr_arrays *data, bool scores,
                             cr_real *y, cr_error *err)
{
    cr_source source = {.type =
                            data->columns ? &cr_source_memory_table : &cr_source_memory,
                        .path = "X",
                        .header = -1,
                        .is_named = true,
                        .format = cr_table_format_default};
    cr_dataset set;
    cr_memory_attach(&source, data, 1);
    if (!cr_dataset_load(&set, &source, model->encoding, CR_TARGET_IGNORED, err))
        return false;
    bool good = score_dataset(model, &set, y, err) &&
                present_all(model, set.examples, y, !scores);
    cr_dataset_finish(&set);
    return good;
}
