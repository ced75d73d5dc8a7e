#include "train/pieces.h"

#include "base/size.h"

#include <stdbool.h>

/* Bytes that a piece's values and gradients may take, and the network's parameters, so that
 * both stay in the cache; and the least rows of a piece that pay for their calls. Measured:
 * see docs/speed.md. */
enum { PIECE_BYTES = 384 * 1024, PARAMETER_BYTES = 32 * 1024, LEAST_ROWS = 16 };

/* Whether every row is done by itself, and gradients are not left in scratch memory. */
static bool is_possible(const cr_network *network)
{
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        if (node->type->rows_depend || (node->trainable && node->plan.scratch > 0))
            return false;
    }
    return true;
}

size_t cr_pieces_rows(const cr_network *network, size_t batch_rows, size_t threads)
{
    size_t values = 0;
    for (size_t i = 0; i < network->value_count; i++) {
        const cr_value *value = &network->values[i];
        values += value->values_of == i ? value->size : 0;
        values += value->has_gradient && value->gradient_of == i ? value->size : 0;
    }
    size_t rows = PIECE_BYTES / sizeof(cr_real) / (values > 0 ? values : 1) / 16 * 16;
    size_t share = (batch_rows + threads - 1) / threads;
    bool is_long = share > rows && rows >= LEAST_ROWS &&
                   network->parameter_size * sizeof(cr_real) <= PARAMETER_BYTES;
    /* what threads would read of one another's values is more than of gradients */
    bool is_apart = threads > 1 && network->parameter_size <= batch_rows * values / 2;
    if (!is_possible(network) || (!is_long && !is_apart))
        return 0;
    /* pieces of about the same size; one, where only threads are to be apart */
    size_t pieces = is_long ? (share + rows - 1) / rows : 1;
    return cr_size_round_up((share + pieces - 1) / pieces, 16);
}
