/* What ranks would bring, as a table. */
#ifndef CHAINRULE_COMMANDS_RANKS_TABLE_H
#define CHAINRULE_COMMANDS_RANKS_TABLE_H

#include "train/experiment.h"

/* The texts of check's options; latency and bandwidth may be NULL. */
typedef struct cr_ranks_table {
    const char *ranks, *latency, *bandwidth;
} cr_ranks_table;

/* Measures a step of the experiment, whose shards and threads it changes, and prints what it
 * would take over 1, 2, 4, … ranks. */
CR_MUST_CHECK bool cr_ranks_table_print(const cr_ranks_table *table,
                                        cr_experiment *experiment, cr_error *err);

#endif
