/* What convolutions share: of images, of lines, and transposed ones. */
#ifndef CHAINRULE_GRAPH_LAYERS_CONV_H
#define CHAINRULE_GRAPH_LAYERS_CONV_H

#include "graph/convolution.h"
#include "graph/initializer.h"
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"

typedef struct cr_conv_options {
    cr_window_options window;
    int64_t filters, groups;
    bool bias;
    const cr_json *init;
    cr_initializer initializer;
} cr_conv_options;

/* Rows of an option table whose struct `options` is a cr_conv_options. */
#define CR_CONV_FILTERS                                                                  \
    {                                                                                    \
        .key = "filters", .kind = CR_OPTION_INTEGER,                                     \
        .offset = offsetof(options, filters), .fallback = CR_REQUIRED, .minimum = 1,     \
        .maximum = CR_LARGEST_DIMENSION, .help = "channels of the output"                \
    }
#define CR_CONV_OTHERS                                                                   \
    {.key = "groups",                                                                    \
     .kind = CR_OPTION_INTEGER,                                                          \
     .offset = offsetof(options, groups),                                                \
     .fallback = "1",                                                                    \
     .minimum = 1,                                                                       \
     .maximum = CR_LARGEST_DIMENSION,                                                    \
     .help = "channels and filters are cut into so many groups, and each group of "      \
             "filters sees its group of channels; as many as channels: depthwise"},      \
        {.key = "bias",                                                                  \
         .kind = CR_OPTION_BOOL,                                                         \
         .offset = offsetof(options, bias),                                              \
         .fallback = "true",                                                             \
         .help = "whether to add a bias, one a filter"},                                 \
    {                                                                                    \
        .key = "init", .kind = CR_OPTION_VALUE, .offset = offsetof(options, init),       \
        .fallback = "\"he\"", .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_OBJECT,      \
        .expects = CR_INITIALIZER_EXPECTS, .help = CR_CONV_INIT_HELP                     \
    }
#define CR_CONV_INIT_HELP                                                                \
    "first values of the weights, as of a linear layer whose inputs are the values "     \
    "that one output sees, and whose units are those that see one input (of stride 1)"

/* Segments of all three. */
enum { CR_CONV_WEIGHT, CR_CONV_BIAS };

/* Reads what the option table found; axes 2 for images, 1 for lines. */
void cr_conv_read(cr_reader *reader, const char *path, size_t axes, cr_conv_options *o);

/* Checks that groups divide the channels and the filters. */
CR_MUST_CHECK bool cr_conv_check_groups(const cr_conv_options *o, size_t channels,
                                        cr_error *err);

/* Plans weights of this shape, the bias, and scratch memory for the convolution and for a
 * share's sums of the gradients. False for products that are too large. */
CR_MUST_CHECK bool cr_conv_plan(cr_layer_plan *plan, const cr_convolution *convolution,
                                cr_shape weight, cr_error *err);

/* Values behind each other in a share's scratch memory: sums of the gradients of weight
 * and bias, and what a convolution needs. */
typedef struct cr_conv_scratch {
    size_t weight, bias, convolution;
} cr_conv_scratch;
cr_conv_scratch cr_conv_scratch_of(const cr_segment *parameters, bool bias);

/* The share's sum of the bias's gradient, where one is asked for. */
void cr_conv_sum_bias(const cr_pass *pass, const cr_layer_io *io);

/* The products of a training step with matrices of columns: forward applies the
 * convolution and its input's gradient spreads, or, transposed, the other way round. */
size_t cr_conv_products(const cr_convolution *convolution, const cr_product_needs *needs,
                        bool transposed, cr_product products[CR_LAYER_PRODUCTS]);

/* First values of the weights, of which so many go into a value of the output and out of
 * one of the input. */
void cr_conv_fill(const cr_layer_io *io, cr_real *weights, uint64_t seed, size_t fan_in,
                  size_t fan_out);

/* The layer's output by this operator, with its input, weights, window and groups added. */
const char *cr_conv_onnx_node(const cr_layer_onnx *layer, const cr_onnx_node *node);

/* Functions of a layer type. */
void cr_conv_gradient(const cr_pass *pass, const cr_layer_io *io,
                      const cr_gradient_sink *sink);

/* Those of convolutions that are not transposed. */
void cr_conv_init(const cr_layer_io *io, cr_real *weights, uint64_t seed);
bool cr_conv_forward_plan(cr_layer_plan *plan, size_t axes, cr_error *err);
void cr_conv_forward(const cr_pass *pass, const cr_layer_io *io);
void cr_conv_backward(const cr_pass *pass, const cr_layer_io *io);
const char *cr_conv_onnx(const cr_layer_onnx *layer);
size_t cr_conv_forward_products(const cr_layer_plan *plan, const cr_product_needs *needs,
                                cr_product products[CR_LAYER_PRODUCTS]);
bool cr_conv_c_forward(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                       cr_error *err);

size_t cr_conv_c_channel_of(const cr_layer_io *io, size_t i);

#endif
