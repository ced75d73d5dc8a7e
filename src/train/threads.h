/* How many threads a training run is worth. */
#ifndef CHAINRULE_TRAIN_THREADS_H
#define CHAINRULE_TRAIN_THREADS_H

#include "graph/network.h"

/* A function of the shapes and the number of processors, never of timing, so that a run
 * repeats. At least 1. */
int cr_threads_choose(const cr_network *network, size_t batch_rows, int processors);

#endif
