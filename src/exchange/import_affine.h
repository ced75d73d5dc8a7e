/* Arithmetic with constants: y = a x + b, element by element. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_AFFINE_H
#define CHAINRULE_EXCHANGE_IMPORT_AFFINE_H

#include "exchange/import_graph.h"

typedef enum cr_affine {
    CR_AFFINE_ADD,      /* x + c */
    CR_AFFINE_SUBTRACT, /* x - c */
    CR_AFFINE_FROM,     /* c - x */
    CR_AFFINE_MULTIPLY, /* x c */
    CR_AFFINE_DIVIDE,   /* x / c */
} cr_affine;

/* y is x with the constant. Examples that no layer has taken yet are normalised by it; it
 * goes into the weights of a layer before it where nothing else takes that (x->shared); else
 * it is layers of its own. */
CR_MUST_CHECK bool cr_import_affine_apply(cr_import_graph *graph,
                                          const cr_import_computed *x, cr_affine affine,
                                          const cr_import_constant *constant,
                                          cr_import_computed *y, cr_error *err);

/* The same of the node's computed input i, which becomes its output. */
CR_MUST_CHECK bool cr_import_affine_read(cr_import_graph *graph, size_t i,
                                         cr_affine affine,
                                         const cr_import_constant *constant,
                                         cr_error *err);

/* Whether ONNX joins the constant to each value of an example, and where value `place` of
 * ours finds its own in it. */
bool cr_import_affine_fits(const cr_import_constant *constant,
                           const cr_import_computed *computed);
size_t cr_import_affine_place(const cr_import_constant *constant,
                              const cr_import_computed *computed, size_t place);

/* A layer `value` that has the constant's numbers for each example: one, or as many as the
 * computed one. False with err. */
CR_MUST_CHECK bool cr_import_affine_value(cr_import_graph *graph,
                                          const cr_import_constant *constant,
                                          const cr_import_computed *like,
                                          cr_import_computed *value, cr_error *err);

#endif
