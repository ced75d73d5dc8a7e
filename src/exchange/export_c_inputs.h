/* The front of a model written as C: what its inputs are called and mean, words, missing
 * values, normalisation. */
#ifndef CHAINRULE_EXCHANGE_EXPORT_C_INPUTS_H
#define CHAINRULE_EXCHANGE_EXPORT_C_INPUTS_H

#include "csource/csource.h"
#include "data/encoding.h"

/* How raw inputs become what the network takes. */
typedef enum cr_export_c_way {
    CR_INPUTS_AS_THEY_ARE,
    CR_INPUTS_FOLDED,  /* into the weights of the one layer that takes them */
    CR_INPUTS_PREPARED /* by a function, into memory of their own */
} cr_export_c_way;

/* Whether normalisation is a factor alone, the same for all: then *factor. */
bool cr_export_c_inputs_have_factor(const cr_encoding *encoding, double *factor);

/* Whether values that are normalised by the weights lose next to nothing: none is far from
 * 0 against its spread, and nothing stands in for missing ones. */
bool cr_export_c_inputs_can_fold(const cr_encoding *encoding);

/* Writes the function `prepare` and a call of it, to `to`. */
void cr_export_c_inputs_prepare(const cr_encoding *encoding, const char *to,
                                cr_csource *out);

/* What x[i] is, as lines of a comment. */
void cr_export_c_inputs_describe(const cr_encoding *encoding, bool encoded,
                                 cr_text *header);

/* Macros of columns' first inputs, <NAME>_INPUT_<COLUMN>. */
void cr_export_c_inputs_macros(const cr_encoding *encoding, const char *name,
                               cr_text *header);

/* Functions that set the inputs of a column of words, and of one whose missing values are
 * marked: declarations for the header, and the functions to `out`. */
void cr_export_c_inputs_declare(const cr_encoding *encoding, const char *name,
                                cr_text *header, cr_csource *out);

#endif
