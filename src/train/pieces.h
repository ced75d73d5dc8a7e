/*
 * A step in pieces: a share takes a few rows of the batch through the whole network, forward,
 * loss, backward and their part of the gradient, before the next ones, in memory that stays
 * in the processor's nearest cache. With small networks and large batches most of a step
 * else goes into moving values to a slower cache and back.
 *
 * The gradient of the batch is the sum of those of its pieces, each times its share of the
 * rows. Every share adds up its own. Threads that do so read nothing of one another but
 * gradients, which pays for batches of smaller size too where these are few.
 */
#ifndef CHAINRULE_TRAIN_PIECES_H
#define CHAINRULE_TRAIN_PIECES_H

#include "graph/network.h"

/* Rows of a piece for batches of so many rows, done by so many threads; 0 where pieces do
 * not pay, or rows depend on one another. A function of shapes alone. */
size_t cr_pieces_rows(const cr_network *network, size_t batch_rows, size_t threads);

#endif
