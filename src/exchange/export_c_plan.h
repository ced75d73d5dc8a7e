/* Which layers are written as C, and where their values lie. */
#ifndef CHAINRULE_EXCHANGE_EXPORT_C_PLAN_H
#define CHAINRULE_EXCHANGE_EXPORT_C_PLAN_H

#include "graph/network.h"

typedef enum cr_export_c_place {
    CR_PLACE_X,
    CR_PLACE_Y,
    CR_PLACE_SCRATCH
} cr_export_c_place;

typedef struct cr_export_c_value {
    size_t size;        /* floats */
    size_t root;        /* the value whose memory it has: that of a view or of what was
                            computed in place; else itself */
    size_t first, last; /* of a root: the steps that write it first and need it last */
    cr_export_c_place place; /* of a root */
    size_t offset;           /* in the scratch memory, in floats */
} cr_export_c_value;

typedef struct cr_export_c_plan {
    const cr_network *network;
    cr_export_c_value
        *values;    /* [value_count], and behind them what the nodes need beside
                                  their values, [node_count], of size 0: nothing */
    bool *silent;   /* [node_count] layers that have nothing to do */
    size_t *folded; /* [node_count] the layer, silent, whose scale and shift go
                                  into the weights of this one; CR_NOT_FOLDED: none */
    size_t scratch; /* floats */
} cr_export_c_plan;

#define CR_NOT_FOLDED SIZE_MAX

/* Steps are numbered as the nodes, from 1; step 0 is before them. prepares: values of the
 * batch are not used as they are, but prepared in step 0, in memory of their own. bytes
 * [node_count]: layers that take their inputs as bytes. False when out of memory; to be
 * finished all the same. */
CR_MUST_CHECK bool cr_export_c_plan_init(cr_export_c_plan *plan,
                                         const cr_network *network, bool prepares,
                                         const bool *bytes, cr_error *err);
void cr_export_c_plan_finish(cr_export_c_plan *plan);

/* The one layer that takes the batch, in whatever shape; NULL: there are several, or none. */
const cr_node *cr_export_c_plan_first(const cr_network *network);

/* Where a value lies, as an expression of C. Returns text. */
enum { CR_EXPORT_C_TEXT = 48 };
const char *cr_export_c_plan_place(const cr_export_c_plan *plan, size_t value,
                                   char text[CR_EXPORT_C_TEXT]);

/* The same of the memory for the inputs of a node as bytes. */
const char *cr_export_c_plan_bytes(const cr_export_c_plan *plan, size_t node,
                                   char text[CR_EXPORT_C_TEXT]);

#endif
