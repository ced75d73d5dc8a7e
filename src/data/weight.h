/* The column of examples' weights: what each counts in the loss and in figures. */
#ifndef CHAINRULE_DATA_WEIGHT_H
#define CHAINRULE_DATA_WEIGHT_H

#include "data/cell.h"

/* The number in a cell of the column, which is finite and 0 or more. False with
 * CR_E_DATA. */
CR_MUST_CHECK bool cr_weight_read(const cr_cell *cell, const cr_column *column,
                                  double *weight, cr_error *err);

#endif
