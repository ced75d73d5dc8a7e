/* What is added to the data loss. */
#ifndef CHAINRULE_TRAIN_PENALTY_H
#define CHAINRULE_TRAIN_PENALTY_H

#include "graph/network.h"

/* What is added to the loss, over regularised segments: l2 Σ W² + l1 Σ |W|. */
typedef struct cr_penalty {
    double l2, l1;
} cr_penalty;

/* The penalty of the network's parameters as they are now. */
double cr_penalty_value(const cr_penalty *penalty, const cr_network *network);

#endif
