/* The values that lags take from earlier rows. */
#ifndef CHAINRULE_DATA_LAG_HISTORY_H
#define CHAINRULE_DATA_LAG_HISTORY_H

#include "data/lags.h"

/* The rows so far, as far as lags reach back. */
typedef struct cr_lag_history cr_lag_history;

/* lags is borrowed. NULL with err. */
CR_MUST_CHECK cr_lag_history *cr_lag_history_create(const cr_lags *lags, cr_error *err);
void cr_lag_history_destroy(cr_lag_history *history); /* takes NULL */

/* The next row: values [column_count], NaN where one is missing (and where the column is
 * of groups), and groups [column_count] the numbers of its groups, from 0 (0 elsewhere).
 * lagged [count]: NaN where the earlier value is missing, or where there is no row so far
 * back; enough says that there is for all. False when out of memory. */
CR_MUST_CHECK bool cr_lag_history_next(cr_lag_history *history, const double *values,
                                       const uint32_t *groups, double *lagged,
                                       bool *enough, cr_error *err);

#endif
