/* The layers that a graph of ONNX becomes: their objects in the config, and their tensors. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_LAYERS_H
#define CHAINRULE_EXCHANGE_IMPORT_LAYERS_H

#include "exchange/import_graph.h"

/* The node's input i, computed, with its dimensions those of ONNX: a layer that reshapes is
 * added where they are not. False with err where its channels are last. */
CR_MUST_CHECK bool cr_import_layers_plain(cr_import_graph *graph, size_t i,
                                          cr_import_computed *plain, cr_error *err);

/* Adds a layer that reshapes it. False with err. */
CR_MUST_CHECK bool cr_import_layers_reshape(cr_import_graph *graph,
                                            cr_import_computed *computed,
                                            const cr_shape *shape, cr_error *err);

/* Adds a layer over the inputs, whose output is the shape. NULL with err; else its object,
 * for options. */
CR_MUST_CHECK cr_json *cr_import_layers_add(cr_import_graph *graph, const char *type,
                                            const cr_import_computed *inputs,
                                            size_t count, const cr_shape *output,
                                            cr_error *err);

/* The same of a layer whose output is like y, in ONNX too, and becomes y. Inputs may be y. */
CR_MUST_CHECK cr_json *cr_import_layers_join(cr_import_graph *graph, const char *type,
                                             const cr_import_computed *inputs,
                                             size_t count, cr_import_computed *y,
                                             cr_error *err);

/* What the last layer puts out: of so many dimensions as its shape. */
cr_import_computed cr_import_layers_last(const cr_import_graph *graph);

/* Gives the layer a tensor of so many zeros. NULL with err; else its values. */
CR_MUST_CHECK double *cr_import_layers_add_tensor(cr_import_graph *graph, size_t layer,
                                                  const char *name, size_t count,
                                                  cr_error *err);

/* The layer's tensor of that name, or NULL. */
cr_import_tensor *cr_import_layers_tensor(const cr_import_graph *graph, size_t layer,
                                          const char *name);

#endif
