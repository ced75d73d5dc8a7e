/* The weights of a network as C has them. */
#ifndef CHAINRULE_EXCHANGE_EXPORT_C_WEIGHTS_H
#define CHAINRULE_EXCHANGE_EXPORT_C_WEIGHTS_H

#include "exchange/export_c_plan.h"
#include "graph/layer_weights.h"
#include "graph/workspace.h"

/* Of all layers with channel_of that have something to do, with the batch normalisation
 * behind them, and in front what the encoding (NULL: nothing) does to raw inputs. NULL when
 * out of memory. [node_count]; the caller frees them. */
CR_MUST_CHECK cr_layer_weights *
cr_export_c_weights_create(const cr_export_c_plan *plan, const cr_workspace *workspace,
                           const double *x_shift, const double *x_scale, cr_error *err);
void cr_export_c_weights_destroy(cr_layer_weights *weights, size_t count);

#endif
