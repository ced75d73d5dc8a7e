/*
 * Layers written as C: what a type's `c_source` is handed, and what several of them write.
 *
 * A layer's values are arrays of floats, row-major as in the network, of one example. Names
 * of constants begin with the layer's name; functions are called apply_… where all layers
 * of a type share one, and run_<layer> where each has its own.
 */
#ifndef CHAINRULE_GRAPH_LAYER_C_H
#define CHAINRULE_GRAPH_LAYER_C_H

#include "csource/csource_math.h"
#include "graph/layer.h"
#include "graph/window.h"

typedef struct cr_layer_c {
    const char *name;     /* the layer's */
    const char *const *x; /* [input_count] expressions: pointers to its inputs */
    const char *y;        /* the same to its output; x[0] where the type is `in_place` and
                             nobody else needs that */
    /* of a type that `folds`: */
    const double *scale, *shift; /* [channels of the output] which is to be scale * y +
                                    shift; NULL: y */
    const double *x_scale, *x_shift; /* [values of x] by which the values that are there
                                        become those of the network: (x - shift) * scale;
                                        NULL: they are */
} cr_layer_c;

/* Writes parameter i of the layer as the constant <layer>_<segment>. */
void cr_layer_c_parameter(const cr_layer_io *io, const cr_layer_c *c, size_t i,
                          cr_csource *out);

/* Begins, inside of loops over the window's positions i and j, one over the pixels u and v
 * under it that lie on the image: `row` and `column`. What comes next ends with a brace. */
void cr_layer_c_begin_window(const cr_window *window, const char *indent,
                             cr_csource *out);

/* For element-wise functions: a function apply_<function>(n, x, y) for `expression`, which
 * has x[i] in it, and a call of it. parameter: what `a` is in the expression; NULL: it has
 * none. */
void cr_layer_c_elementwise(const cr_layer_io *io, const cr_layer_c *c,
                            const char *function, const char *expression,
                            const double *parameter, cr_csource *out);

/* The same of two arrays, *a and *b in the expression, over all inputs one after the other;
 * each may be a single number. */
void cr_layer_c_pairs(const cr_layer_io *io, const cr_layer_c *c, const char *function,
                      const char *expression, cr_csource *out);

/* Writes a layer by its type's channel_affine. False when out of memory. */
CR_MUST_CHECK bool cr_layer_c_affine(const cr_layer_type *type, const cr_layer_io *io,
                                     const cr_layer_c *c, cr_csource *out, cr_error *err);

/* y = softmax of n values of x, which may be y. */
void cr_layer_c_softmax(size_t n, const char *x, const char *y, cr_csource *out);

/* Writes apply_copy(n, x, y). */
void cr_layer_c_add_copy(cr_csource *out);

#endif
