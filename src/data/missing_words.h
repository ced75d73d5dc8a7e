/* Further words that stand for a gap in a table: a config's "missing_values". */
#ifndef CHAINRULE_DATA_MISSING_WORDS_H
#define CHAINRULE_DATA_MISSING_WORDS_H

#include "config/json.h"
#include "data/names.h"

typedef struct cr_missing_words {
    cr_names words;  /* none: there are no further ones */
    double *numbers; /* [words.count] what they are as numbers; NaN: none */
    bool numeric;    /* one of them is a number */
} cr_missing_words;

/* From a list of texts and numbers (NULL: none). False where it holds something else,
 * without a message but for memory; the caller finishes it all the same. */
CR_MUST_CHECK bool cr_missing_words_read(cr_missing_words *missing, const cr_json *list,
                                         cr_error *err);
CR_MUST_CHECK bool cr_missing_words_copy(cr_missing_words *missing,
                                         const cr_missing_words *from, cr_error *err);
void cr_missing_words_finish(cr_missing_words *missing); /* also of an empty one: {0} */

/* Whether the cell is one of the words, in capital letters or small; or the number is
 * one. */
bool cr_missing_words_have(const cr_missing_words *missing, const char *cell);
bool cr_missing_words_have_number(const cr_missing_words *missing, double number);

#endif
