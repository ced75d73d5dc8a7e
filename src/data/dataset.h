/*
 * Examples in memory, as a network takes them: a byte a pixel for images, normalised
 * numbers for tables.
 */
#ifndef CHAINRULE_DATA_DATASET_H
#define CHAINRULE_DATA_DATASET_H

#include "data/raw.h"

typedef struct cr_dataset {
    size_t examples, features;
    const uint8_t *bytes;   /* [examples, features] raw, or NULL; lies in content */
    char *content;          /* of an image file, or NULL */
    cr_real *shift, *scale; /* [features] that bytes are normalised with while a batch is
                               gathered; NULL: they are not */
    const cr_real *values;  /* [examples, stride]: features (without bytes), behind them
                              targets that are numbers; NULL where there are neither */
    cr_real *own; /* memory of values and targets, as far as they are not the caller's */
    bool spilled; /* own lies in a file (base/spill.h) */
    bool mapped; /* content, own, labels and weights are mappings, which begin with row 0,
                    and of which only some rows are there (data_rows.h) */
    size_t stride;   /* cr_reals from row to row of values */
    int32_t *labels; /* [examples] class numbers, or NULL */
    double *weights; /* [examples] what each counts in loss and figures; NULL: all 1 */
    const cr_real *targets; /* [examples, target_count] mostly inside values, or NULL */
    size_t target_stride, target_count;
    size_t without_history; /* rows of the file, left out: lags have no earlier rows */
    size_t left_out;        /* rows of the file, for missing values */
    size_t kept_line;       /* of the file, the header, that skip_rows would have skipped;
                               0: none */
    cr_unknown unknown;     /* words that the training data did not have */
    cr_names names; /* [examples] of pictures: their files; none: they have none */
    cr_text notes;  /* lines for people about what was read */
    cr_checksum files[CR_SOURCE_FILES]; /* [file_count] that it was read from */
    size_t file_count;
} cr_dataset;

/* Applies the encoding, with its normalisation, to what was read: words become features,
 * missing values are filled in, inputs and targets normalised (bytes are while a batch is
 * gathered), classes numbered. raw is used up and empty afterwards, also on failure; then
 * the dataset is empty too. */
CR_MUST_CHECK bool cr_dataset_encode(cr_dataset *dataset, cr_raw *raw,
                                     const cr_encoding *encoding, cr_error *err);

/* Opens, reads and encodes a source as an encoding that is known says. */
CR_MUST_CHECK bool cr_dataset_load(cr_dataset *dataset, const cr_source *source,
                                   const cr_encoding *encoding, cr_need_target need,
                                   cr_error *err);

/* What there is to say of rows that were left out, if there are some: for want of rows
 * before them that lags look at, and for missing values. `of` stands behind "rows". */
void cr_dataset_tell_without_history(const cr_dataset *dataset,
                                     const cr_encoding *encoding, const char *of,
                                     cr_text *out);
void cr_dataset_tell_left_out(const cr_dataset *dataset, const cr_encoding *encoding,
                              const char *of, cr_text *out);

#ifndef CR_EITHER_PRECISION
/* Target number i of [examples, target_count]. */
static inline cr_real cr_dataset_target(const cr_dataset *dataset, size_t i)
{
    return dataset->targets[i / dataset->target_count * dataset->target_stride +
                            i % dataset->target_count];
}
#endif

/* The same, and shows the cells to somebody; watch may be NULL. */
CR_MUST_CHECK bool cr_dataset_load_watched(cr_dataset *dataset, const cr_source *source,
                                           const cr_encoding *encoding,
                                           cr_need_target need, const cr_row_watch *watch,
                                           cr_error *err);

void cr_dataset_finish(cr_dataset *dataset); /* also of an empty one: {0} */

#endif
