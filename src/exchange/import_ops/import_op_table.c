/* The operators that import knows, in the order of their families. */
#include "exchange/import_ops/import_op.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

enum { ANY = 1000000 }; /* inputs */

#define UNARY(name_, layer_)                                                             \
    {                                                                                    \
        .name = name_, .attributes = "", .min_inputs = 1, .max_inputs = 1,               \
        .layer = layer_, .read = cr_import_unary_read                                    \
    }
#define SAME(name_, attributes_)                                                         \
    {                                                                                    \
        .name = name_, .attributes = attributes_, .min_inputs = 1, .max_inputs = 1,      \
        .read = cr_import_unary_same, .fold = cr_import_fold_same                        \
    }
#define REDUCE(name_, layer_)                                                            \
    {                                                                                    \
        .name = name_, .attributes = "axes keepdims noop_with_empty_axes ",              \
        .min_inputs = 1, .max_inputs = 2, .layer = layer_, .read = cr_import_join_reduce \
    }
#define SQUEEZE(name_)                                                                   \
    {                                                                                    \
        .name = name_, .attributes = "axes ", .min_inputs = 1, .max_inputs = 2,          \
        .read = cr_import_shape_squeeze, .fold = cr_import_fold_reshape                  \
    }
#define OF_TWO(name_, layer_, read_)                                                     \
    {                                                                                    \
        .name = name_, .attributes = "", .min_inputs = 2, .max_inputs = 2,               \
        .layer = layer_, .read = read_, .fold = cr_import_fold_arithmetic                \
    }
#define OF_SEVERAL(name_, layer_)                                                        \
    {                                                                                    \
        .name = name_, .attributes = "", .min_inputs = 1, .max_inputs = ANY,             \
        .layer = layer_, .read = cr_import_arithmetic_read                               \
    }
#define WINDOW "auto_pad dilations kernel_shape pads strides "

const cr_import_op cr_import_ops[] = {
    UNARY("Relu", "relu"),
    UNARY("Sigmoid", "sigmoid"),
    UNARY("Tanh", "tanh"),
    UNARY("Softplus", "softplus"),
    UNARY("Exp", "exp"),
    UNARY("Log", "log"),
    UNARY("Reciprocal", "reciprocal"),
    {"Elu", NULL, "alpha ", 1, 1, "elu", cr_import_unary_elu, NULL},
    {"LeakyRelu", NULL, "alpha ", 1, 1, "leaky_relu", cr_import_unary_leaky_relu, NULL},
    {"PRelu", NULL, "", 2, 2, "leaky_relu", cr_import_unary_leaky_relu, NULL},
    {"Gelu", NULL, "approximate ", 1, 1, "gelu", cr_import_unary_gelu, NULL},
    {"Pow", NULL, "", 2, 2, "power", cr_import_unary_power, NULL},
    {"Sqrt", NULL, "", 1, 1, "power", cr_import_unary_root, NULL},
    {"Softmax", NULL, "axis ", 1, 1, "softmax", cr_import_unary_softmax, NULL},
    SAME("Identity", ""),
    SAME("Cast", "to saturate round_mode "),
    {"Dropout", NULL, "ratio seed ", 1, 3, "dropout", cr_import_unary_dropout, NULL},

    OF_TWO("Add", "add", cr_import_arithmetic_read),
    OF_TWO("Sub", "subtract", cr_import_arithmetic_read),
    OF_TWO("Mul", "mul", cr_import_arithmetic_read),
    OF_TWO("Div", NULL, cr_import_arithmetic_divide),
    {"Neg", NULL, "", 1, 1, "scale", cr_import_arithmetic_negate, NULL},
    OF_SEVERAL("Sum", "add"),
    OF_SEVERAL("Max", "max"),

    {"Clip", NULL, "max min ", 1, 3, "max", cr_import_arithmetic_clip, NULL},

    {"Gemm", NULL, "alpha beta transA transB ", 2, 3, "linear", cr_import_linear_gemm,
     NULL},
    {"MatMul", NULL, "", 2, 2, "linear", cr_import_linear_matmul, NULL},

    {"Conv", NULL, WINDOW "group ", 2, 3, NULL, cr_import_window_conv, NULL},
    {"ConvTranspose", NULL, WINDOW "group output_padding output_shape ", 2, 3,
     "conv_transpose2d", cr_import_window_conv_transpose, NULL},
    {"MaxPool", NULL, WINDOW "ceil_mode storage_order ", 1, 1, "max_pool2d",
     cr_import_window_pool, NULL},
    {"AveragePool", NULL, WINDOW "ceil_mode count_include_pad ", 1, 1, "avg_pool2d",
     cr_import_window_pool, NULL},
    {"GlobalMaxPool", NULL, "", 1, 1, "max_pool2d", cr_import_window_global_max, NULL},
    {"GlobalAveragePool", NULL, "", 1, 1, "global_avg_pool", cr_import_window_global_mean,
     NULL},
    {"Resize", NULL,
     "antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside "
     "extrapolation_value keep_aspect_ratio_policy mode nearest_mode ",
     1, 4, "upsample", cr_import_window_resize, NULL},
    {"Upsample", NULL, "mode scales ", 1, 2, "upsample", cr_import_window_resize, NULL},

    {"Flatten", NULL, "axis ", 1, 1, "flatten", cr_import_shape_flatten, NULL},
    {"Reshape", NULL, "allowzero ", 2, 2, "reshape", cr_import_shape_reshape,
     cr_import_fold_reshape},
    SQUEEZE("Squeeze"),
    SQUEEZE("Unsqueeze"),
    {"Transpose", NULL, "perm ", 1, 1, NULL, cr_import_shape_transpose,
     cr_import_fold_transpose},
    {"Concat", NULL, "axis ", 1, ANY, "concat", cr_import_join_concat,
     cr_import_fold_concat},
    {"FeatureVectorizer", "ai.onnx.ml", "inputdimensions ", 1, ANY, NULL,
     cr_import_join_features, NULL},
    REDUCE("ReduceMean", "mean"),
    REDUCE("ReduceSum", "sum"),
    REDUCE("ReduceSumSquare", "squared_norm"),

    {"BatchNormalization", NULL, "epsilon momentum spatial training_mode ", 5, 5,
     "batch_norm", cr_import_norm_batch, NULL},
    {"LayerNormalization", NULL, "axis epsilon stash_type ", 2, 3, "layer_norm",
     cr_import_norm_layer, NULL},
    {"Scaler", "ai.onnx.ml", "offset scale ", 1, 1, NULL, cr_import_norm_scaler, NULL},

    {"Constant", NULL, "value value_float value_floats value_int value_ints ", 0, 0, NULL,
     cr_import_fold_constant, NULL},
    {"Shape", NULL, "start end ", 1, 1, NULL, cr_import_fold_shape, NULL},
    {"Gather", NULL, "axis ", 2, 2, NULL, NULL, cr_import_fold_gather},
    {"Slice", NULL, "axes ends starts ", 1, 5, NULL, NULL, cr_import_fold_slice},
};

const size_t cr_import_op_count = CR_COUNT(cr_import_ops);

/* Adds the names of all operators. */
static void add_names(cr_text *text)
{
    for (size_t i = 0; i < cr_import_op_count; i++)
        cr_text_add(text, "%s%s", i > 0 ? ", " : "", cr_import_ops[i].name);
}

static const cr_import_op *find_op(const cr_import_graph *graph, cr_error *err)
{
    const cr_onnx_model_node *node = graph->node;
    const bool own =
        node->domain.length == 0 || cr_wire_reader_is(node->domain, "ai.onnx");
    for (size_t i = 0; i < cr_import_op_count; i++) {
        const cr_import_op *op = &cr_import_ops[i];
        if ((op->domain ? cr_wire_reader_is(node->domain, op->domain) : own) &&
            cr_wire_reader_is(node->operator_name, op->name))
            return op;
    }
    cr_text names = {0};
    add_names(&names);
    cr_import_graph_fail(graph, err,
                         "there is no layer for this operator%s%.*s; import knows %s",
                         own ? "" : " of the domain ", CR_WIRE_SHOWN(node->domain),
                         names.failed ? "others" : names.data);
    cr_text_finish(&names);
    return NULL;
}

static bool knows(const cr_import_op *op, cr_wire_text name)
{
    for (const char *at = op->attributes; *at; at = strchr(at, ' ') + 1)
        if ((size_t)(strchr(at, ' ') - at) == name.length &&
            strncmp(at, name.data, name.length) == 0)
            return true;
    return false;
}

/* Nothing of a node is passed over in silence. */
static bool check(const cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    const cr_onnx_model_node *node = graph->node;
    for (size_t i = 0; i < node->attribute_count; i++)
        if (!knows(op, node->attributes[i].name))
            return cr_import_graph_fail(graph, err,
                                        "its attribute \"%.*s\" is not one that import "
                                        "knows; it knows %s",
                                        CR_WIRE_SHOWN(node->attributes[i].name),
                                        *op->attributes ? op->attributes : "none");
    if (node->input_count < op->min_inputs || node->input_count > op->max_inputs)
        return cr_import_graph_fail(graph, err, "it has %zu inputs, expected %zu to %zu",
                                    node->input_count, op->min_inputs, op->max_inputs);
    return true;
}

bool cr_import_op_read(cr_import_graph *graph, cr_error *err)
{
    const cr_import_op *op = find_op(graph, err);
    bool constant = graph->node->input_count > 0;
    if (!op || !check(graph, op, err))
        return false;
    for (size_t i = 0; i < graph->node->input_count; i++)
        constant = constant && (!cr_import_graph_has(graph, i) ||
                                cr_import_graph_is_constant(graph, i));
    if (constant && op->fold)
        return op->fold(graph, op, err);
    return op->read ? op->read(graph, op, err)
                    : cr_import_graph_fail(graph, err,
                                           "it is applied to what is computed from the "
                                           "example; import knows it of constants alone");
}
