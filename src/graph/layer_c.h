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
#include "graph/layer_weights.h"
#include "graph/window.h"

typedef struct cr_layer_c {
    const char *name;     /* the layer's */
    const char *const *x; /* [input_count] expressions: pointers to its inputs */
    const char *y;        /* the same to its output; x[0] where the type is `in_place` and
                             nobody else needs that */
    const cr_layer_weights *weights; /* of a type that has channel_of */
    const char
        *bytes; /* of weights that are bytes: a pointer to where inputs as bytes may
                          go, which may be x[0] */
} cr_layer_c;

/* Writes parameter i of the layer as the constant <layer>_<segment>. */
void cr_layer_c_parameter(const cr_layer_io *io, const cr_layer_c *c, size_t i,
                          cr_csource *out);

/* Writes c->weights: <layer>_weight and <layer>_bias, or of bytes <layer>_affine, with what
 * a sum of each channel is to be multiplied by and what to be added, one after the other,
 * and the call that makes bytes of the inputs. Bytes of a flat layer are written output by
 * output, and its sums are over inputs with their zero and all. */
void cr_layer_c_weights(const cr_layer_io *io, const cr_layer_c *c, bool flat,
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
