/*
 * A trained model: load it, predict with it.
 *
 *     cr_error err = CR_ERROR_INIT;
 *     cr_model *model = cr_model_load("runs/digits/model.safetensors", &err);
 *     if (!model || !cr_model_predict(model, x, rows, y, &err))
 *         fprintf(stderr, "%s\n", err.text);
 *     cr_model_destroy(model);
 *
 * Threads: a model may be used by one thread at a time; several models by several
 * threads.
 */
#ifndef CHAINRULE_MODEL_H
#define CHAINRULE_MODEL_H

#include <chainrule/array.h>
#include <chainrule/error.h>
#include <chainrule/real.h>
#include <stdbool.h>
#include <stddef.h>

CR_BEGIN_DECLARATIONS

typedef struct cr_model cr_model;

/* Bytes of the cr_real that the library was built with: 4, or 8 in double precision. */
CR_API size_t cr_model_real_size(void);

/* Loads a model file, or the model of a run directory. NULL with err filled. The caller
 * destroys it. */
CR_API CR_MUST_CHECK cr_model *cr_model_load(const char *path, cr_error *err);

/* The same from the bytes of such a file. */
CR_API CR_MUST_CHECK cr_model *cr_model_load_bytes(const void *bytes, size_t length,
                                                   cr_error *err);
CR_API void cr_model_destroy(cr_model *model); /* takes NULL */

/* Writes the model to a file; or into memory, [*length] bytes, which the caller frees
 * with cr_model_free_bytes. */
CR_API CR_MUST_CHECK bool cr_model_save(const cr_model *model, const char *path,
                                        cr_error *err);
CR_API CR_MUST_CHECK bool cr_model_save_bytes(const cr_model *model, void **bytes,
                                              size_t *length, cr_error *err);
CR_API void cr_model_free_bytes(void *bytes); /* takes NULL */

/* A parameter of the model, or numbers that it keeps besides (of batch_norm). */
typedef struct cr_weights {
    const char *name; /* "linear1.weight" */
    size_t rank, dim[4];
    size_t size;     /* product of dim */
    cr_real *values; /* row-major; to be read, and written while nobody trains */
    bool trained;    /* false of what training does not change by its gradient */
} cr_weights;

/* Number i of them, in the order of the layers; false when there are no more. All belong
 * to the model. */
CR_API bool cr_model_weights(const cr_model *model, size_t i, cr_weights *weights);

/* Values of one example. Of images and tables of numbers: raw as in the data file and in
 * its order of columns without the target. A column of words has a value for each word, a
 * column of dates one or two for each of its parts, as cr_model_encode writes them. */
CR_API size_t cr_model_inputs(const cr_model *model);

/* x [cr_model_inputs] from the cells of a table's row: those of the training file in its
 * order, with the target's column or without, as texts ended with 0 and written as in the
 * training file ("$1,230", "12 %", "01.03.2024", if it was so). NaN where a value is
 * missing, and for lags, behind the others: one row has no earlier ones, which are the
 * caller's to fill in. False with err (CR_E_DATA) for cells that the model cannot read,
 * all of which it names. */
CR_API CR_MUST_CHECK bool cr_model_encode_cells(const cr_model *model,
                                                const char *const *cells, size_t count,
                                                double *x, cr_error *err);

/* The same for cr_model_predict. Numbers far from 0, such as times in seconds, lose in
 * cr_real what they differ by. */
CR_API CR_MUST_CHECK bool cr_model_encode(const cr_model *model, const char *const *cells,
                                          size_t count, cr_real *x, cr_error *err);

/* Values of one prediction: a classifier's one per class (with the loss "logistic" one in
 * all, or one per label), a regression's one per target. */
CR_API size_t cr_model_outputs(const cr_model *model);

/* Name of the class or label that output i < cr_model_outputs is for (with the loss
 * "logistic" and two classes: the second), owned by the model; NULL for a regression. */
CR_API const char *cr_model_class(const cr_model *model, size_t i);

/* What a model predicts. */
typedef enum cr_prediction {
    CR_PREDICTS_CLASS,  /* one of several, which cr_model_class_name lists */
    CR_PREDICTS_LABELS, /* of each output whether it holds, with a probability */
    CR_PREDICTS_NUMBERS
} cr_prediction;

CR_API cr_prediction cr_model_prediction(const cr_model *model);

/* The name of class i, from 0, in the order of the outputs (with the loss "logistic" both
 * classes); NULL when there are no more. Owned by the model. */
CR_API const char *cr_model_class_name(const cr_model *model, size_t i);

/*
 * Predictions, exactly as the program's predict gives them: the same bits, whichever
 * other rows there are.
 *
 * y [rows, cr_model_outputs]: probabilities (softmax, logistic), scores (SVM), values in
 * the target's units (regression). classes [rows]: the name of each row's class, owned by
 * the model, or NULL for a regression and for several labels; classes may be NULL.
 */

/* x [rows, cr_model_inputs] raw values, as cr_model_encode_cells makes them; they are
 * normalised as the training data was. NaN is a missing value: of a model that was
 * trained with "missing": "mean" or "indicator" it is filled in, of any other the
 * prediction is NaN too (of a model with lags, the class NULL). x and y do not overlap.
 * Fails only when out of memory. */
CR_API CR_MUST_CHECK bool cr_model_predict_rows(cr_model *model, const double *x,
                                                size_t rows, double *y,
                                                const char **classes, cr_error *err);

/* One row, from the cells that cr_model_encode_cells takes; y [cr_model_outputs]. */
CR_API CR_MUST_CHECK bool cr_model_predict_cells(cr_model *model,
                                                 const char *const *cells, size_t count,
                                                 double *y, const char **class_name,
                                                 cr_error *err);

/* From now on cr_model_predict, _scores and _arrays may use so many threads, where there
 * are enough rows for them; 0: as many as there are processors. It is one before. y is the
 * same to the bit. For more than one, OpenBLAS is set to one thread, as by training. */
CR_API void cr_model_use_threads(cr_model *model, int threads);

/* The quickest for many rows: x [rows, cr_model_inputs] and y [rows, cr_model_outputs] as
 * above, in cr_real. Rows pass through the network in batches, so that y may differ in
 * its last bits from what cr_model_predict_rows gives, and by more where cr_real does not
 * hold what large numbers differ by. x and y do not overlap. Fails only when out of
 * memory. */
CR_API CR_MUST_CHECK bool cr_model_predict(cr_model *model, const cr_real *x, size_t rows,
                                           cr_real *y, cr_error *err);

/* The same, but what the network says, before it is made a probability: softmax and
 * logistic give logits, all others what cr_model_predict does. */
CR_API CR_MUST_CHECK bool cr_model_predict_scores(cr_model *model, const cr_real *x,
                                                  size_t rows, cr_real *y, cr_error *err);

/* Predictions for data as the model was trained on: arrays without targets, or the columns
 * of a table, by name where the training data had names, with words and with gaps. y
 * [n, cr_model_outputs] as from cr_model_predict or (scores) cr_model_predict_scores; NaN
 * where lags look at rows that are not there. False with err (CR_E_DATA) for what the model
 * cannot read. */
CR_API CR_MUST_CHECK bool cr_model_predict_arrays(cr_model *model, const cr_arrays *data,
                                                  bool scores, cr_real *y, cr_error *err);

/* What cr_model_export writes. Starts as {0}, in which format and path are to be set. */
typedef struct cr_export_options {
    const char *format; /* "c" or "onnx" */
    const char *path;   /* of "c" the directory, made where it is missing, for NAME.c and
                           NAME.h; of "onnx" the file */
    const char *name;   /* NAME; NULL: "model". Of "c" an identifier of C */
    bool encoded;       /* inputs as the network takes them: the program that predicts
                           does the encoding and normalisation */
    bool no_libm;       /* of "c": nothing of <math.h> either */
    bool quantize; /* weights as bytes (int8), and the inputs of their layers, with ranges
                      from the training data, which has to be there */
    const double *max_loss; /* what that may cost on the validation part, or else the test
                               part: points of accuracy, or percent of rmse; NULL: 1 */
} cr_export_options;

/* Writes the model for programs without this library: from raw inputs, as cr_model_predict
 * takes them, to what that gives. False with err for what a format cannot say; then no
 * file has changed. The model's training data, where it can be read, gives examples. */
CR_API CR_MUST_CHECK bool
cr_model_export(cr_model *model, const cr_export_options *options, cr_error *err);

CR_END_DECLARATIONS

#endif
