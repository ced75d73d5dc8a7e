/* Which rows a rank needs. */
#ifndef CHAINRULE_TRAIN_SHARDS_ROWS_H
#define CHAINRULE_TRAIN_SHARDS_ROWS_H

#include "data/data_rows.h"
#include "train/experiment.h"

/* Those of its shards, of every part; the first rank also those that the log is taken of:
 * a part whose predictions are all to be seen at once, and the sample for "health". */
cr_data_rows cr_shards_rows_of(const cr_experiment *experiment, int ranks, int rank);

#endif
