/* What is learned from the names and words of the training data: the encoding but for the
 * figures of its normalisation, which come from the rows that are left after a split
 * (normalize.h). */
#ifndef CHAINRULE_DATA_LEARN_H
#define CHAINRULE_DATA_LEARN_H

#include "data/raw.h"

/* Fills the encoding, which the caller finishes: the columns and their names, the sorted
 * dictionaries of words and of classes, the features that they become, and the shape of
 * an example. raw is what `reading` gave of `file`, whole. On failure the encoding is
 * empty. */
CR_MUST_CHECK bool cr_learn_encoding(cr_encoding *encoding, const cr_opened *file,
                                     const cr_reading *reading, const cr_raw *raw,
                                     cr_error *err);

#endif
