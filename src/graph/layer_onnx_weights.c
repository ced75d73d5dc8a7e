/* Weights and biases of layers, as they are or as bytes. */
#include "base/memory.h"
#include "graph/layer_onnx.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { WEIGHT, BIAS };

/* Bytes are written unsigned, 0 as 128: processors with AVX2 and no instructions for bytes
 * saturate sums of two products where one of the factors is signed, and runtimes let them
 * (onnxruntime.ai/docs/performance/model-optimizations/quantization.html). */
static uint8_t unsigned_of(int byte)
{
    return (uint8_t)(byte - INT8_MIN);
}

/* Where value i of the layer's weights stands in what is written, transposed if flat. */
static size_t place_of(const cr_shape *shape, bool flat, size_t i)
{
    return flat ? i % shape->dim[1] * shape->dim[0] + i / shape->dim[1] : i;
}

/* The weights as a constant, of bytes or in single precision. */
static const char *add_weights(const cr_layer_onnx *layer, bool flat)
{
    const cr_segment *segment = &layer->plan->parameters[WEIGHT];
    const cr_layer_weights *w = layer->weights;
    const cr_real *own = layer->parameters + segment->offset;
    const bool bytes = w && w->bytes;
    cr_shape shape = segment->shape;
    if (flat)
        shape = cr_shape_matrix(shape.dim[1], shape.dim[0]);
    float *floats = bytes ? NULL : cr_alloc_raw(segment->size, sizeof *floats, NULL);
    uint8_t *copy = bytes ? cr_alloc_raw(segment->size, 1, NULL) : NULL;
    if (!floats && !copy)
        cr_onnx_writer_fail(layer->writer);
    for (size_t i = 0; floats && i < segment->size; i++)
        floats[place_of(&segment->shape, flat, i)] =
            (float)(w ? w->weight[i] : (double)own[i]);
    for (size_t i = 0; copy && i < segment->size; i++)
        copy[place_of(&segment->shape, flat, i)] = unsigned_of(w->bytes[i]);
    const char *name =
        copy     ? cr_layer_onnx_tensor(layer, "weight", CR_ONNX_UINT8, &shape, copy)
        : floats ? cr_layer_onnx_tensor(layer, "weight", CR_ONNX_FLOAT, &shape, floats)
                 : "";
    cr_free(floats);
    cr_free(copy);
    return name;
}

/* The byte that stands for 0, of each channel. */
static const char *add_zeros(const cr_layer_onnx *layer)
{
    const cr_shape shape = cr_shape_flat(layer->weights->channels);
    uint8_t *zeros = cr_alloc_raw(layer->weights->channels, 1, NULL);
    if (zeros)
        memset(zeros, unsigned_of(0), layer->weights->channels);
    else
        cr_onnx_writer_fail(layer->writer);
    const char *name =
        zeros ? cr_layer_onnx_tensor(layer, "weight_zero", CR_ONNX_UINT8, &shape, zeros)
              : "";
    cr_free(zeros);
    return name;
}

/* A node that makes numbers of integers, channel by channel; zero NULL: they are 0. */
static const char *restore(const cr_layer_onnx *layer, const char *part,
                           const char *integers, const char *scale, const char *zero)
{
    return cr_layer_onnx_part(
        layer, part,
        &(cr_onnx_node){.op = "DequantizeLinear",
                        .in = {integers, scale, zero},
                        .attributes = {CR_ONNX_SET_INT("axis", 0)}});
}

/* Inputs as bytes, and those as numbers. */
static const char *add_steps(const cr_layer_onnx *layer, const char *x)
{
    const cr_layer_steps *steps = &layer->weights->inputs;
    const cr_shape scalar = {0};
    const float step = (float)steps->step;
    const uint8_t zero = unsigned_of(steps->zero);
    const char *by =
        cr_layer_onnx_tensor(layer, "input_scale", CR_ONNX_FLOAT, &scalar, &step);
    const char *at =
        cr_layer_onnx_tensor(layer, "input_zero", CR_ONNX_UINT8, &scalar, &zero);
    const char *bytes = cr_layer_onnx_part(
        layer, "bytes", &(cr_onnx_node){.op = "QuantizeLinear", .in = {x, by, at}});
    return cr_layer_onnx_part(
        layer, "inputs",
        &(cr_onnx_node){.op = "DequantizeLinear", .in = {bytes, by, at}});
}

static const char *add_scales(const cr_layer_onnx *layer, const char *part, double factor)
{
    const cr_layer_weights *w = layer->weights;
    const cr_shape shape = cr_shape_flat(w->channels);
    float *scale = cr_alloc_raw(w->channels, sizeof *scale, NULL);
    if (!scale)
        cr_onnx_writer_fail(layer->writer);
    for (size_t c = 0; scale && c < w->channels; c++)
        scale[c] = (float)(factor * w->scale[c]);
    const char *name =
        scale ? cr_layer_onnx_tensor(layer, part, CR_ONNX_FLOAT, &shape, scale) : "";
    cr_free(scale);
    return name;
}

/* What the bias of channel c is in multiples of what a product of bytes stands for. */
static double multiple_of(const cr_layer_weights *w, size_t c)
{
    return w->bias[c] / (w->inputs.step * w->scale[c]);
}

/* The bias in single precision. */
static const char *add_float_bias(const cr_layer_onnx *layer)
{
    const cr_layer_weights *w = layer->weights;
    const cr_shape shape = cr_shape_flat(w->channels);
    float *bias = cr_alloc_raw(w->channels, sizeof *bias, NULL);
    if (!bias)
        cr_onnx_writer_fail(layer->writer);
    for (size_t c = 0; bias && c < w->channels; c++)
        bias[c] = (float)w->bias[c];
    const char *name =
        bias ? cr_layer_onnx_tensor(layer, "bias", CR_ONNX_FLOAT, &shape, bias) : "";
    cr_free(bias);
    return name;
}

/* The bias of weights that are bytes as integers, if they hold it. */
static const char *add_bias(const cr_layer_onnx *layer)
{
    const cr_layer_weights *w = layer->weights;
    const cr_shape shape = cr_shape_flat(w->channels);
    bool fits = w->bytes != NULL;
    for (size_t c = 0; fits && c < w->channels; c++)
        fits = fabs(multiple_of(w, c)) < INT32_MAX;
    int32_t *bias = fits ? cr_alloc_raw(w->channels, sizeof *bias, NULL) : NULL;
    if (!bias)
        return add_float_bias(layer);
    for (size_t c = 0; c < w->channels; c++)
        bias[c] = (int32_t)lround(multiple_of(w, c));
    const char *name = cr_layer_onnx_tensor(layer, "bias", CR_ONNX_INT32, &shape, bias);
    cr_free(bias);
    return restore(layer, "bias", name, add_scales(layer, "bias_scale", w->inputs.step),
                   NULL);
}

cr_layer_onnx_operands cr_layer_onnx_weights_take(const cr_layer_onnx *layer,
                                                  const char *x, bool flat)
{
    const bool has_bias = layer->plan->parameter_count > BIAS;
    cr_layer_onnx_operands o = {.x = x, .weight = add_weights(layer, flat)};
    if (!layer->weights) {
        o.bias = has_bias ? cr_layer_onnx_parameter(layer, BIAS) : NULL;
        return o;
    }
    o.bias = add_bias(layer);
    if (layer->weights->bytes) {
        o.x = add_steps(layer, x);
        o.weight = restore(layer, "weight", o.weight,
                           add_scales(layer, "weight_scale", 1), add_zeros(layer));
    }
    return o;
}
