/* Given numbers, the same for every example: a constant, or with "trainable" a parameter.
 * Its gradient is the sum over the examples. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "math/kernel.h"

#include <string.h>

typedef struct options {
    const cr_json *value;
    cr_shape shape; /* rank 0 when value is not one, two or no lists of numbers */
} options;

static const cr_option table[] = {
    {.key = "value",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(options, value),
     .fallback = CR_REQUIRED,
     .kinds = 1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY,
     .expects = "a number, a list of numbers, or a list of rows of the same length",
     .help = "the number, vector or matrix"},
};

static bool is_row(const cr_json *list, size_t length)
{
    if (!cr_json_is(list, CR_JSON_ARRAY) || cr_json_count(list) != length || length == 0)
        return false;
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item))
        if (!cr_json_is(item, CR_JSON_NUMBER))
            return false;
    return true;
}

static void read(cr_reader *reader, const char *path, void *fields)
{
    options *o = fields;
    char where[CR_WHERE];
    if (!o->value)
        return;
    if (cr_json_is(o->value, CR_JSON_NUMBER)) {
        o->shape = cr_shape_flat(1);
        return;
    }
    size_t count = cr_json_count(o->value);
    const cr_json *first = cr_json_first(o->value);
    if (is_row(o->value, count)) {
        o->shape = cr_shape_flat(count);
        return;
    }
    size_t columns = cr_json_is(first, CR_JSON_ARRAY) ? cr_json_count(first) : 0;
    bool good = columns > 0;
    for (const cr_json *row = first; good && row; row = cr_json_next(row))
        good = is_row(row, columns);
    if (good)
        o->shape = (cr_shape){2, {count, columns}};
    else
        cr_reader_error(reader, cr_json_path(path, "value", where), "expected %s",
                        table[0].expects);
}

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    const options *o = plan->options;
    cr_layer_plan_parameter(plan, "value", o->shape, false);
    plan->output = o->shape;
    return true;
}

static void init(const cr_layer_io *io, cr_real *weights, uint64_t seed)
{
    (void)seed;
    const options *o = io->options;
    cr_real *w = weights + io->parameters[0].offset;
    if (cr_json_is(o->value, CR_JSON_NUMBER)) {
        *w = (cr_real)cr_json_number(o->value);
        return;
    }
    for (const cr_json *row = cr_json_first(o->value); row; row = cr_json_next(row)) {
        if (cr_json_is(row, CR_JSON_NUMBER))
            *w++ = (cr_real)cr_json_number(row);
        else
            for (const cr_json *item = cr_json_first(row); item;
                 item = cr_json_next(item))
                *w++ = (cr_real)cr_json_number(item);
    }
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    cr_kernel_fill_rows(pass->rows, io->output_size, cr_layer_parameter(io, 0),
                        io->y + pass->first_row * io->output_size);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    (void)pass;
    (void)io; /* it has no inputs */
}

static void gradient(const cr_pass *pass, const cr_layer_io *io,
                     const cr_gradient_sink *sink)
{
    const cr_segment *segment = &io->parameters[0];
    if (pass->share + 1 == pass->shares)
        cr_kernel_sum_rows(pass->batch_rows, io->output_size, sink->alpha, io->dy[0],
                           cr_sink_beta(sink, segment), sink->block + segment->offset);
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_parameter(io, c, 0, out);
    if (cr_csource_needs(out, "apply_value"))
        cr_text_add(&out->functions,
                    "static void apply_value(int n, const float *value, float *y)\n"
                    "{\n"
                    "    int i;\n"
                    "    for (i = 0; i < n; i++)\n"
                    "        y[i] = CR_READ(value + i);\n"
                    "}\n\n");
    cr_text_add(&out->statements, "    apply_value(%zu, %s_%s, %s);\n", io->output_size,
                c->name, io->parameters[0].name, c->y);
    return true;
}

/* One for each of the examples, whose number is the first dimension of the batch. */
static const char *onnx(const cr_layer_onnx *layer)
{
    static const int64_t first = 0;
    const cr_shape one = cr_shape_flat(1), *shape = &layer->plan->output;
    int64_t dims[CR_DIMENSIONS];
    for (size_t i = 0; i < shape->rank; i++)
        dims[i] = (int64_t)shape->dim[i];
    const cr_shape rank = cr_shape_flat(shape->rank);
    const char *all = cr_layer_onnx_part(
        layer, "batch", &(cr_onnx_node){.op = "Shape", .in = {layer->data}});
    const char *rows = cr_layer_onnx_part(
        layer, "rows",
        &(cr_onnx_node){.op = "Gather",
                        .in = {all, cr_layer_onnx_tensor(layer, "first", CR_ONNX_INT64,
                                                         &one, &first)}});
    const char *to = cr_layer_onnx_part(
        layer, "shape",
        &(cr_onnx_node){
            .op = "Concat",
            .in = {rows, cr_layer_onnx_tensor(layer, "dims", CR_ONNX_INT64, &rank, dims)},
            .attributes = {CR_ONNX_SET_INT("axis", 0)}});
    return cr_layer_onnx_output(
        layer,
        &(cr_onnx_node){.op = "Expand", .in = {cr_layer_onnx_parameter(layer, 0), to}});
}

const cr_layer_type cr_layer_value = {
    .name = "value",
    .summary = "given numbers, the same for every example: a constant, or with "
               "\"trainable\": true a "
               "parameter (a bias rather than a weight: regularization passes it by)",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .constant = true,
    .plan = plan,
    .read = read,
    .init = init,
    .forward = forward,
    .backward = backward,
    .gradient = gradient,
    .c_source = c_source,
    .onnx = onnx,
};
