/*
 * Predictions, example by example: what the program's predict and the library's
 * cr_model_predict_rows and cr_model_predict_cells give, to the bit. Every example passes
 * through the network on its own, so that a prediction depends on nothing but its
 * example; numbers are doubles until they are normalised.
 *
 * A prediction is also a row of a table, whose columns are
 * - of a classifier: the class, and for each class its probability or score; or, of the
 *   K most likely classes, each with its probability or score (cr_predictor_use_top);
 * - of several labels: 1 or 0 for each, and for each its probability;
 * - of a regression: the value of each target, in its units.
 * All are empty where lags look at earlier rows that are not there.
 *
 * The class is the one with the highest score, and a label is 1 from a probability of one
 * half on, unless cr_predictor_use_thresholds says otherwise.
 */
#ifndef CHAINRULE_MODEL_PREDICTOR_H
#define CHAINRULE_MODEL_PREDICTOR_H

#include "data/dataset.h"
#include "data/row_encoder.h"
#include "model/model.h"

typedef struct cr_predictor {
    cr_model *model;     /* borrowed; its workspace is written to */
    cr_row_encoder rows; /* for examples that are rows of cells */
    cr_real *x;          /* [cr_model_inputs] the example as the network takes it */
    cr_real *scores;     /* [cr_model_outputs] what the network says of it */

    /* The last prediction: */
    cr_real *shares; /* [classes, or outputs] the scores as they are shown (loss.h:
                        present) */
    double *values;  /* [cr_model_outputs] as cr_model_predict_rows gives them */
    size_t class;    /* a classifier's, by its number */
    bool is_empty;   /* lags look at rows that are not there, or have no value: there is
                        no prediction; values are NaN */
    size_t empty;    /* such predictions so far */

    /* How it is decided and shown: */
    cr_real *thresholds; /* [cr_predictor_thresholds] or NULL */
    size_t top;          /* classes in the table; 0: all, in their order */
    size_t *order;       /* [classes] with top: the most likely first */
} cr_predictor;

/* `file` is what messages call the table that cells are of; borrowed. NULL with err. */
CR_MUST_CHECK cr_predictor *cr_predictor_create(cr_model *model, const char *file,
                                                cr_error *err);
void cr_predictor_destroy(cr_predictor *predictor); /* takes NULL */

/* How many thresholds the model can take: one for two classes, and one for each of
 * several labels. 0 with CR_E_USAGE and the reason where it can take none. */
size_t cr_predictor_thresholds(const cr_model *model, cr_error *err);

/* From now on the second class, or a label, is predicted from thresholds[i] on: where its
 * probability, in single precision as the table shows it, is at least that. count:
 * cr_predictor_thresholds, or 1 for all labels alike. False with CR_E_USAGE for other
 * counts and what is not from 0 to 1. */
CR_MUST_CHECK bool cr_predictor_use_thresholds(cr_predictor *predictor,
                                               const double *thresholds, size_t count,
                                               cr_error *err);

/* From now on the table has the `top` most likely classes. False with CR_E_USAGE unless
 * the model is a classifier of at least so many classes. */
CR_MUST_CHECK bool cr_predictor_use_top(cr_predictor *predictor, size_t top,
                                        cr_error *err);

/* Predicts for one example: a row of cells (after cr_row_encoder_begin or _match of
 * `rows`); raw features [cr_model_inputs], NaN where a value is missing; or example
 * number i of a dataset that was encoded. */
CR_MUST_CHECK bool cr_predictor_cells(cr_predictor *predictor, const cr_csv_row *row,
                                      cr_error *err);
CR_MUST_CHECK bool cr_predictor_features(cr_predictor *predictor, const double *features,
                                         cr_error *err);
CR_MUST_CHECK bool cr_predictor_example(cr_predictor *predictor,
                                        const cr_dataset *dataset, size_t i,
                                        cr_error *err);

/* The name of the last prediction's class, owned by the model; NULL unless the model is a
 * classifier, or it is empty. */
const char *cr_predictor_class(const cr_predictor *predictor);

/* The table of predictions: its number of columns, the heading of one, and what stands
 * there for the last prediction. Both texts are not quoted; a number reads back as what
 * it was, in single precision, or of a normalised target in double. A cell is written to
 * `out`, or owned by the model. */
enum { CR_PREDICTOR_HEADING = 300, CR_PREDICTOR_CELL = 40 };
size_t cr_predictor_columns(const cr_predictor *predictor);
const char *cr_predictor_heading(const cr_predictor *predictor, size_t column,
                                 char out[CR_PREDICTOR_HEADING]);
const char *cr_predictor_cell(const cr_predictor *predictor, size_t column,
                              char out[CR_PREDICTOR_CELL]);

#endif
