/* Windows of convolutions and pools: what ONNX says of them, as ours. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_OPS_IMPORT_GEOMETRY_H
#define CHAINRULE_EXCHANGE_IMPORT_OPS_IMPORT_GEOMETRY_H

#include "exchange/import_graph.h"

enum { CR_GEOMETRY_AXES = 2 };

typedef struct cr_import_geometry {
    size_t axes; /* 1 of a line, 2 of an image */
    size_t size[CR_GEOMETRY_AXES], stride[CR_GEOMETRY_AXES], dilation[CR_GEOMETRY_AXES];
    size_t begin[CR_GEOMETRY_AXES], end[CR_GEOMETRY_AXES]; /* padding */
    bool same;                       /* which "padding": "same" gives */
    size_t output[CR_GEOMETRY_AXES]; /* positions */
} cr_import_geometry;

/* Reads the node's attributes for a window over x, a line or an image. kernel: dimensions of
 * the weights behind the first two; NULL: "kernel_shape" says it. False with err where it
 * does not fit, and for what layers do not have. */
CR_MUST_CHECK bool cr_import_geometry_read(cr_import_graph *graph,
                                           const cr_import_computed *x,
                                           const size_t *kernel,
                                           cr_import_geometry *geometry, cr_error *err);

/* The same without padding and positions, of a transposed convolution. */
CR_MUST_CHECK bool cr_import_geometry_read_window(cr_import_graph *graph,
                                                  const cr_import_computed *x,
                                                  const size_t *kernel,
                                                  cr_import_geometry *geometry,
                                                  cr_error *err);

/* The list of an attribute, of so many whole numbers of at least `least`; those of the
 * fallback where it is left out. */
CR_MUST_CHECK bool cr_import_geometry_list(cr_import_graph *graph, const char *name,
                                           size_t least, size_t count, size_t fallback,
                                           size_t *list, cr_error *err);

/* Adds the option: a number, or [height, width]. A line's window as an image's of the
 * height 1 has `one` for it. */
CR_MUST_CHECK bool cr_import_geometry_add(cr_json *object, const char *key,
                                          const cr_import_geometry *geometry,
                                          const size_t *values, bool as_image,
                                          size_t one);

/* "padding", where there is some. */
CR_MUST_CHECK bool cr_import_geometry_add_padding(cr_json *object,
                                                  const cr_import_geometry *geometry,
                                                  bool as_image);

#endif
