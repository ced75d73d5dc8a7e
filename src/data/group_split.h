/* A split of rows that keeps groups whole. */
#ifndef CHAINRULE_DATA_GROUP_SPLIT_H
#define CHAINRULE_DATA_GROUP_SPLIT_H

#include "data/part.h"

/* Marks the rows that are split off, rows->groups being given: whole groups, as in
 * scikit-learn's GroupKFold and StratifiedGroupKFold. Folds get the largest groups first,
 * each the fold that lacks most, so that folds are as even as can be; a fraction gets
 * them in an order that the seed draws, and differs from its share by half of the largest
 * group at most. With labels each class's share counts in place of the number of rows.
 * Neither part is empty. False with CR_E_DATA for too few groups. */
CR_MUST_CHECK bool cr_group_split_mark(const cr_split *how, const cr_split_rows *rows,
                                       bool *marked, cr_error *err);

#endif
