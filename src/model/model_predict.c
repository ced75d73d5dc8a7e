/* The public functions that predict (chainrule/model.h). */
#include "base/memory.h"
#include "data/sources/memory.h"
#include "model/model_rows.h"
#include "model/predictor.h"

#include <string.h>

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

/* x [rows, inputs], NaN where values are missing. */
static bool predict(cr_model *model, const cr_real *x, size_t rows, cr_real *y,
                    bool present, cr_error *err)
{
    const cr_model_rows all = {.count = rows,
                               .numbers = x,
                               .size = sizeof *x,
                               .row = (ptrdiff_t)cr_model_inputs(model),
                               .column = 1};
    bool stopped = false;
    return cr_model_rows_predict(model, &all, present, y, &stopped, err);
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

/* Whether a matrix, of floats or doubles as the network takes them, can be read where it
 * lies. */
static bool take_numbers(const cr_model *model, const cr_view *view, cr_model_rows *rows)
{
    const cr_array array = {
        .kind = view->kind, .size = view->size, .big_endian = view->big_endian};
    ptrdiff_t size = (ptrdiff_t)view->size;
    if (!view->data || !cr_array_is_native(&array) || view->rank != 2 ||
        view->dim[0] == 0 || view->dim[1] != model->encoding->features ||
        (uintptr_t)view->data % view->size != 0 || view->stride[0] % size != 0 ||
        view->stride[1] % size != 0)
        return false;
    *rows = (cr_model_rows){.count = view->dim[0],
                            .numbers = view->data,
                            .size = view->size,
                            .row = view->stride[0] / size,
                            .column = view->stride[1] / size,
                            .finite = true};
    return true;
}

/* What else there is becomes a dataset, or an error that says why not. */
static bool predict_dataset(cr_model *model, const cr_arrays *data, bool present,
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
    /* of tables, and of rows before the first, values may be missing */
    bool may_lack = data->columns || model->encoding->lags.count > 0;
    const cr_model_rows rows = {
        .count = set.examples, .dataset = &set, .finite = !may_lack};
    bool stopped = false;
    bool good = cr_model_rows_predict(model, &rows, present, y, &stopped, err);
    if (stopped)
        good = cr_fail(err, CR_E_DATA,
                       "X: a number is too large for float%zu, in which the network "
                       "computes",
                       8 * sizeof *y);
    cr_dataset_finish(&set);
    return good;
}

bool cr_model_predict_arrays(cr_model *model, const cr_arrays *data, bool scores,
                             cr_real *y, cr_error *err)
{
    cr_model_rows rows;
    bool stopped = true;
    if (!data->columns && take_numbers(model, &data->inputs, &rows) &&
        !cr_model_rows_predict(model, &rows, !scores, y, &stopped, err))
        return false;
    return !stopped || predict_dataset(model, data, !scores, y, err);
}
