#include "graph/layer_onnx.h"

#include "base/memory.h"

const char *cr_layer_onnx_part(const cr_layer_onnx *layer, const char *part,
                               const cr_onnx_node *node)
{
    cr_text name = {0};
    cr_text_add(&name, "%s/%s", layer->name, part);
    const char *value =
        cr_onnx_writer_node(layer->writer, name.failed ? "" : name.data, node);
    cr_text_finish(&name);
    return value;
}

const char *cr_layer_onnx_tensor(const cr_layer_onnx *layer, const char *part, int type,
                                 const cr_shape *shape, const void *values)
{
    cr_text name = {0};
    cr_text_add(&name, "%s.%s", layer->name, part);
    const char *value = cr_onnx_writer_tensor(layer->writer, name.failed ? "" : name.data,
                                              type, shape, values);
    cr_text_finish(&name);
    return value;
}

const char *cr_layer_onnx_output(const cr_layer_onnx *layer, const cr_onnx_node *node)
{
    return cr_onnx_writer_node(layer->writer, layer->name, node);
}

const char *cr_layer_onnx_apply(const cr_layer_onnx *layer, const char *op)
{
    return cr_layer_onnx_output(layer,
                                &(cr_onnx_node){.op = op, .in = {layer->inputs[0]}});
}

/* A segment in single precision. */
static const char *add_segment(const cr_layer_onnx *layer, const cr_segment *segment,
                               const cr_real *block)
{
    const cr_real *values = block + segment->offset;
    float *copy = cr_alloc_raw(segment->size, sizeof *copy, NULL);
    if (!copy) {
        cr_onnx_writer_fail(layer->writer);
        return "";
    }
    for (size_t i = 0; i < segment->size; i++)
        copy[i] = (float)values[i];
    const char *name = cr_onnx_writer_tensor(layer->writer, segment->full_name,
                                             CR_ONNX_FLOAT, &segment->shape, copy);
    cr_free(copy);
    return name;
}

const char *cr_layer_onnx_parameter(const cr_layer_onnx *layer, size_t i)
{
    return add_segment(layer, &layer->plan->parameters[i], layer->parameters);
}

const char *cr_layer_onnx_buffer(const cr_layer_onnx *layer, size_t i)
{
    return add_segment(layer, &layer->plan->buffers[i], layer->buffers);
}

const char *cr_layer_onnx_number(const cr_layer_onnx *layer, const char *part,
                                 double number)
{
    const float value = (float)number;
    const cr_shape one = cr_shape_flat(1);
    return cr_layer_onnx_tensor(layer, part, CR_ONNX_FLOAT, &one, &value);
}

const char *cr_layer_onnx_shape(const cr_layer_onnx *layer, const char *part,
                                const cr_shape *shape)
{
    int64_t dims[1 + CR_DIMENSIONS] = {0}; /* 0: the batch, as it is */
    for (size_t i = 0; i < shape->rank; i++)
        dims[1 + i] = (int64_t)shape->dim[i];
    const cr_shape list = cr_shape_flat(1 + shape->rank);
    return cr_layer_onnx_tensor(layer, part, CR_ONNX_INT64, &list, dims);
}

const char *cr_layer_onnx_shaped(const cr_layer_onnx *layer, const char *part,
                                 const char *value, const cr_shape *shape)
{
    const char *to = cr_layer_onnx_shape(layer, part, shape);
    const cr_onnx_node node = {.op = "Reshape", .in = {value, to}};
    return cr_layer_onnx_part(layer, part, &node);
}

const char *cr_layer_onnx_flat(const cr_layer_onnx *layer, size_t k)
{
    if (layer->plan->inputs[k].rank == 1)
        return layer->inputs[k];
    return cr_layer_onnx_part(layer, "flat",
                              &(cr_onnx_node){.op = "Flatten", .in = {layer->inputs[k]}});
}

const char *cr_layer_onnx_unflat(const cr_layer_onnx *layer, const cr_onnx_node *node)
{
    if (layer->plan->output.rank == 1)
        return cr_layer_onnx_output(layer, node);
    const char *flat = cr_layer_onnx_part(layer, "values", node);
    const char *shape = cr_layer_onnx_shape(layer, "shape", &layer->plan->output);
    return cr_layer_onnx_output(layer,
                                &(cr_onnx_node){.op = "Reshape", .in = {flat, shape}});
}

void cr_layer_onnx_add_attribute(cr_onnx_node *node, cr_onnx_attribute attribute)
{
    size_t at = 0;
    while (node->attributes[at].name)
        at++;
    node->attributes[at] = attribute;
}

static void add_integers(cr_onnx_node *node, const char *name, size_t count,
                         const size_t *values)
{
    cr_onnx_attribute list = {.name = name, .is = CR_ONNX_IS_INTS, .count = count};
    for (size_t i = 0; i < count; i++)
        list.ints[i] = (int64_t)values[i];
    cr_layer_onnx_add_attribute(node, list);
}

void cr_layer_onnx_add_window(cr_onnx_node *node, const cr_window_options *options,
                              const cr_shape *image)
{
    const cr_window w = cr_window_make(options, image);
    const size_t first = image->rank == 2 ? CR_WIDTH : CR_HEIGHT;
    const size_t axes = CR_WINDOW_AXES - first;
    size_t pads[2 * CR_WINDOW_AXES];
    for (size_t i = 0; i < axes; i++) {
        size_t axis = first + i, inside = w.image[axis] + w.before[axis];
        size_t reach =
            (w.positions[axis] - 1) * w.stride[axis] + cr_window_extent(&w, axis);
        pads[i] = w.before[axis];
        pads[axes + i] = !options->same   ? w.before[axis]
                         : reach > inside ? reach - inside
                                          : 0;
    }
    add_integers(node, "kernel_shape", axes, w.size + first);
    add_integers(node, "strides", axes, w.stride + first);
    add_integers(node, "pads", 2 * axes, pads);
    if (w.dilation[CR_HEIGHT] > 1 || w.dilation[CR_WIDTH] > 1)
        add_integers(node, "dilations", axes, w.dilation + first);
}
