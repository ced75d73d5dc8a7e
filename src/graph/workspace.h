/* Everything that a pass over a network writes, and the passes themselves. One a worker. */
#ifndef CHAINRULE_GRAPH_WORKSPACE_H
#define CHAINRULE_GRAPH_WORKSPACE_H

#include "graph/network.h"

/* Bytes of a workspace, by what they are for. */
typedef struct cr_workspace_bytes {
    size_t values, gradients, kept; /* of all rows */
    size_t scratch;                 /* of all shares */
} cr_workspace_bytes;

typedef struct cr_workspace {
    const cr_network *network;
    size_t rows;    /* the largest batch */
    size_t shares;  /* the most that a pass over it is split into */
    cr_real *block; /* everything below lies in it */
    size_t bytes;
    cr_workspace_bytes of; /* the bytes */
    cr_real **values;      /* [value_count] */
    cr_real **gradients;   /* [value_count]; NULL without one */
    cr_layer_io *io;       /* [node_count] */
    void *lists;           /* the pointer lists of io */
} cr_workspace;

/* Room for passes over up to `rows` examples by up to `shares` at once; without
 * with_gradients for forward passes only. */
CR_MUST_CHECK cr_workspace *cr_workspace_create(const cr_network *network, size_t rows,
                                                size_t shares, bool with_gradients,
                                                cr_error *err);
void cr_workspace_destroy(cr_workspace *workspace); /* takes NULL */

/* The bytes that such a workspace has, without taking them; false with err where they
 * cannot be counted. */
CR_MUST_CHECK bool cr_workspace_count(const cr_network *network, size_t rows,
                                      size_t shares, bool with_gradients,
                                      cr_workspace_bytes *of, cr_error *err);

/* From now on layers that can (linear) do the work of a relu behind or before them on their
 * way, which saves passes over its values. What lies between such two is not computed. */
void cr_workspace_join(cr_workspace *workspace);

/* All layers over the pass's rows. The batch is in workspace->values[0]. */
void cr_workspace_forward(const cr_pass *pass, cr_workspace *workspace);

/* All input gradients over the pass's rows; the output's is in
 * workspace->gradients[network->output]. */
void cr_workspace_backward(const cr_pass *pass, cr_workspace *workspace);

/* All parameter gradients over the whole batch (the pass's share of them), into the sink.
 */
void cr_workspace_gradient(const cr_pass *pass, cr_workspace *workspace,
                           const cr_gradient_sink *sink);

/* Both, node by node, for a pass that does the whole batch: on_node (which
 * may be NULL) is called behind each node, when its parameters' gradients are there. */
typedef struct cr_workspace_watch {
    void (*on_node)(void *user, size_t node);
    void *user;
} cr_workspace_watch;
void cr_workspace_backward_whole(const cr_pass *pass, cr_workspace *workspace,
                                 const cr_gradient_sink *sink,
                                 const cr_workspace_watch *watch);

/* Which side of their kinks the values of the last forward pass are on; see
 * cr_layer_type.branches. */
uint64_t cr_workspace_branches(const cr_pass *pass, const cr_workspace *workspace,
                               uint64_t hash);

/* The first node, in forward order, with a value over these rows (or a parameter) that is
 * NaN or infinite; `what` is set to a phrase such as `parameter "linear1.weight" of layer
 * linear1`. NULL when all is finite. */
const cr_node *cr_workspace_first_bad(const cr_workspace *workspace, size_t rows,
                                      char what[160]);

#endif
