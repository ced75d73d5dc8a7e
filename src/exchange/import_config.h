/* What a config and an encoding say of a network that was imported. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_CONFIG_H
#define CHAINRULE_EXCHANGE_IMPORT_CONFIG_H

#include "data/encoding.h"
#include "exchange/import_read.h"
#include "model/loss.h"

/* Fills the encoding: the shape of examples, the names of columns and classes (sorted as an
 * encoding's are, for which the network's last layer is turned round where it has to be),
 * normalisation. The caller finishes it, also after a failure. */
CR_MUST_CHECK bool cr_import_config_encode(cr_import_graph *graph,
                                           const cr_import_output *output,
                                           const cr_loss_type *loss,
                                           const cr_import_options *options,
                                           cr_encoding *encoding, cr_error *err);

/* The config, with the graph's list of layers. NULL with err. */
CR_MUST_CHECK cr_json *cr_import_config_make(cr_import_graph *graph,
                                             const cr_loss_type *loss,
                                             const cr_encoding *encoding, cr_error *err);

#endif
