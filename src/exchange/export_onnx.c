/* ONNX: the whole model as one graph, from raw inputs to predictions. Operators are those of
 * opset 9 and ai.onnx.ml 1 (ONNX 1.4 of January 2019), which every runtime since has; with
 * weights in bytes those of opset 13, the first to scale them channel by channel. */
#include "base/file.h"
#include "base/memory.h"
#include "config/json.h"
#include "data/json_lists.h"
#include "exchange/export_format.h"
#include "exchange/onnx_inputs.h"
#include "exchange/onnx_int8.h"
#include "graph/layer_onnx.h"

#include <chainrule/chainrule.h>
#include <string.h>

enum { OPSET = 9, OPSET_OF_BYTES = 13 };

#define OUTPUT "y"

/* While a model is written. */
typedef struct exporting {
    const cr_model *model;
    cr_onnx_writer *writer;
    const char **values; /* [network's values] their names */
    cr_onnx_int8 int8;
} exporting;

/* The nodes of layer i; returns its output's value. NULL: it cannot be exported. */
static const char *write_layer(exporting *e, size_t i, const char *const *inputs)
{
    const cr_network *network = e->model->network;
    const cr_node *node = &network->nodes[i];
    const cr_layer_weights *weights = e->int8.weights ? &e->int8.weights[i] : NULL;
    const cr_layer_onnx layer = {.writer = e->writer,
                                 .name = node->name,
                                 .inputs = inputs,
                                 .plan = &node->plan,
                                 .parameters = network->parameters,
                                 .buffers = network->buffers,
                                 .data = e->values[0],
                                 .weights = weights && weights->weight ? weights : NULL};
    if (node->type == &cr_layer_copy || (e->int8.passes && e->int8.passes[i]))
        return inputs[0];
    return node->type->onnx ? node->type->onnx(&layer) : NULL;
}

static bool add_layer(exporting *e, size_t i, cr_error *err)
{
    const cr_node *node = &e->model->network->nodes[i];
    const char **inputs = cr_alloc(node->plan.input_count, sizeof *inputs, err);
    if (!inputs)
        return false;
    for (size_t k = 0; k < node->plan.input_count; k++)
        inputs[k] = e->values[node->inputs[k]];
    const char *y = write_layer(e, i, inputs);
    for (size_t k = 0; k < node->output_count; k++)
        e->values[node->output + k] = y;
    cr_free(inputs);
    return y || cr_fail(err, CR_E_CONFIG,
                        "layer \"%s\": its type \"%s\" cannot be exported as ONNX",
                        node->name, node->type->name);
}

/* A figure of each target, in single precision. */
static const char *add_figures(exporting *e, const char *name, const double *values,
                               bool inverted)
{
    const size_t count = cr_model_outputs(e->model);
    const cr_shape shape = cr_shape_flat(count);
    float *figures = cr_alloc_raw(count, sizeof *figures, NULL);
    if (!figures) {
        cr_onnx_writer_fail(e->writer);
        return "";
    }
    for (size_t j = 0; j < count; j++)
        figures[j] = (float)(inverted ? 1 / values[j] : values[j]);
    const char *constant =
        cr_onnx_writer_tensor(e->writer, name, CR_ONNX_FLOAT, &shape, figures);
    cr_free(figures);
    return constant;
}

/* From the network's scores [n, …] to what predictions show. */
static void add_output(exporting *e)
{
    const cr_encoding *encoding = e->model->encoding;
    const cr_network *network = e->model->network;
    const cr_loss_type *loss = e->model->loss.type;
    const char *scores = e->values[network->output];
    if (network->values[network->output].shape.rank > 1)
        scores = cr_onnx_writer_node(e->writer, "scores",
                                     &(cr_onnx_node){.op = "Flatten", .in = {scores}});
    cr_onnx_node last = {.op = "Identity", .in = {scores}};
    if (loss && loss->onnx)
        last = loss->onnx(scores);
    if (encoding->target_scale) {
        const char *scale = add_figures(e, "target.scale", encoding->target_scale, true);
        const char *scaled = cr_onnx_writer_node(
            e->writer, "scaled", &(cr_onnx_node){.op = "Mul", .in = {scores, scale}});
        const char *shift = add_figures(e, "target.shift", encoding->target_shift, false);
        last = (cr_onnx_node){.op = "Add", .in = {scaled, shift}};
    }
    cr_onnx_writer_end(e->writer, OUTPUT, &last);
}

/* What the output's numbers are, for people. */
static void describe_output(const cr_model *model, cr_text *doc)
{
    const cr_loss_type *loss = model->loss.type;
    const cr_names *targets = &model->encoding->targets;
    size_t outputs = cr_model_outputs(model);
    bool classes = cr_model_class(model, 0) != NULL;
    cr_text_add(doc, "%s of ", loss->output_name ? loss->output_name : "value");
    for (size_t i = 0; i < outputs; i++)
        cr_text_add(doc, "%s%s", i ? ", " : "",
                    classes              ? cr_model_class(model, i)
                    : i < targets->count ? targets->items[i]
                                         : "the target");
}

static bool add_names(cr_onnx_writer *writer, const char *key, const cr_names *names)
{
    cr_json *object = cr_json_new(CR_JSON_OBJECT);
    char *text = object && cr_json_lists_write_names(object, key, names)
                     ? cr_json_print(cr_json_get(object, key), false)
                     : NULL;
    if (text)
        cr_onnx_writer_property(writer, key, text);
    cr_json_free(object);
    cr_free(text);
    return text != NULL;
}

/* What programs read of the model, as JSON. */
static bool add_metadata(exporting *e)
{
    const cr_encoding *encoding = e->model->encoding;
    cr_onnx_writer_property(e->writer, "loss", e->model->loss.type->name);
    return (!encoding->classify || add_names(e->writer, "classes", &encoding->classes)) &&
           (encoding->targets.count == 0 ||
            add_names(e->writer, "targets", &encoding->targets)) &&
           (encoding->columns.count == 0 ||
            add_names(e->writer, "columns", &encoding->columns));
}

static bool build(exporting *e, const cr_export_options *options, cr_error *err)
{
    const cr_network *network = e->model->network;
    const cr_shape y = cr_shape_flat(cr_model_outputs(e->model));
    cr_text doc = {0};
    cr_onnx_writer_reserve(e->writer, OUTPUT);
    if (!cr_onnx_inputs_add(e->writer, e->model->encoding, options->encoded,
                            &e->values[0], err))
        return false;
    for (size_t i = 0; i < network->node_count; i++)
        if (!add_layer(e, i, err))
            return false;
    add_output(e);
    describe_output(e->model, &doc);
    cr_onnx_writer_output(e->writer, OUTPUT, CR_ONNX_FLOAT, &y,
                          doc.failed ? "" : doc.data);
    cr_text_finish(&doc);
    return add_metadata(e) || cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool write(cr_model *model, const cr_export_options *options, cr_text *notes,
                  cr_error *err)
{
    if (options->no_libm)
        return cr_fail(err, CR_E_USAGE,
                       "--no-libm is for the format \"c\"; leave it out");
    const cr_onnx_about about = {.producer = "chainrule",
                                 .version = cr_version(),
                                 .graph = options->name,
                                 .doc = "A network that was trained by chainrule."};
    const int opset = options->quantize ? OPSET_OF_BYTES : OPSET;
    exporting e = {.model = model,
                   .writer = cr_onnx_writer_create(opset, err),
                   .values =
                       cr_alloc(model->network->value_count, sizeof *e.values, err)};
    cr_text file = {0};
    bool good =
        e.writer && e.values && cr_onnx_int8_make(&e.int8, model, options, notes, err) &&
        build(&e, options, err) && cr_onnx_writer_finish(e.writer, &about, &file, err) &&
        cr_file_replace(options->path, file.data, file.length, err);
    cr_text_add(notes, "%zu bytes, operators of opset %d", file.length, opset);
    cr_text_finish(&file);
    cr_free(e.values);
    cr_onnx_int8_finish(&e.int8, model);
    cr_onnx_writer_destroy(e.writer);
    return good;
}

const cr_export_format cr_export_format_onnx = {
    .name = "onnx",
    .summary = "ONNX, one file that onnxruntime and many other programs run",
    .endings = {".onnx"},
    .write = write,
};
