/* What pooling layers share. */
#ifndef CHAINRULE_GRAPH_LAYERS_POOL_H
#define CHAINRULE_GRAPH_LAYERS_POOL_H

#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/window.h"

typedef struct cr_pool_options {
    cr_window_options window;
} cr_pool_options;

/* Rows of an option table whose struct `options` is a cr_pool_options. */
#define CR_POOL_OPTIONS                                                                  \
    CR_WINDOW_PAIR("size", size, CR_REQUIRED, "height and width of the window"),         \
        CR_WINDOW_PAIR("stride", stride, CR_OPTIONAL,                                    \
                       "from one window to the next; if left out, the size: windows "    \
                       "side by side"),                                                  \
        CR_WINDOW_PADDING
enum { CR_POOL_OPTION_COUNT = 3 };

/* Functions of a layer type. */
void cr_pool_read(cr_reader *reader, const char *path, void *options);
bool cr_pool_plan(cr_layer_plan *plan, cr_error *err);

/* The window on one channel of the layer's images. */
cr_window cr_pool_window(const cr_layer_io *io);

/* Whether pixel row `tap` under the windows of row `row` lies on the image, and which of its
 * rows that is. */
bool cr_pool_line(const cr_window *window, size_t row, size_t tap, size_t *line);

/* For c_source: the largest pixel under the window, or the mean. */
void cr_pool_c(const cr_layer_io *io, const cr_layer_c *c, bool largest, cr_csource *out);

/* The layer's output by this operator, with its input and its window added. */
const char *cr_pool_onnx(const cr_layer_onnx *layer, const cr_onnx_node *node);

#endif
