/* Examples that a model written as C checks itself with. */
#ifndef CHAINRULE_EXCHANGE_EXPORT_C_EXAMPLES_H
#define CHAINRULE_EXCHANGE_EXPORT_C_EXAMPLES_H

#include "csource/csource.h"
#include "data/part.h"
#include "model/model.h"

typedef struct cr_export_c_examples {
    size_t count, inputs, outputs;
    float *x;  /* [count, inputs] as the function that is written takes them */
    double *y; /* [count, outputs] what the model predicts of them */
} cr_export_c_examples;

/* Some of the part's rows; without a part (NULL) values drawn from where the normalisation
 * says that they lie. The caller finishes them. */
CR_MUST_CHECK bool cr_export_c_examples_make(cr_export_c_examples *examples,
                                             cr_model *model, const cr_part *part,
                                             bool encoded, cr_error *err);
void cr_export_c_examples_finish(cr_export_c_examples *examples);

/* Adds the self-test of the model called `name`. tolerance: of the largest output. */
void cr_export_c_examples_write(const cr_export_c_examples *examples, const char *name,
                                double tolerance, cr_text *out);

#endif
