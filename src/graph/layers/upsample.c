/* Every pixel as a block of equal ones, as torch.nn.Upsample(mode="nearest"); the gradient
 * is the sum over the block. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "graph/window.h"

#include <string.h>

typedef struct options {
    const cr_json *json;
    size_t scale[CR_WINDOW_AXES];
} options;

static const cr_option table[] = {
    {.key = "scale",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(options, json),
     .fallback = CR_REQUIRED,
     .kinds = 1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY,
     .expects = "a whole number or [height, width]",
     .help = "height and width of a pixel's block; of a line, a number: its length"},
};

static void read(cr_reader *reader, const char *path, void *fields)
{
    options *o = fields;
    char where[CR_WHERE];
    if (o->json)
        cr_window_read_pair(reader, cr_json_path(path, "scale", where), o->json,
                            CR_WINDOW_AXES, 1, o->scale);
}

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    const options *o = plan->options;
    const cr_shape *input = &plan->inputs[0];
    size_t values = 0;
    if (input->rank == 1)
        return cr_window_takes(2, input, err);
    if (input->rank == 2 && cr_json_is(o->json, CR_JSON_ARRAY))
        return cr_fail(err, CR_E_CONFIG,
                       "its input is a line, [channels, length], whose \"scale\" is one "
                       "number");
    plan->output = *input;
    for (size_t i = 1; i < input->rank; i++)
        plan->output.dim[i] *= o->scale[i - 1];
    if (!cr_shape_count(&plan->output, &values))
        return cr_fail(err, CR_E_CONFIG, "it puts out too many values for an example");
    plan->flops = (double)values;
    return true;
}

/* The width of an input's row, and how often each of its pixels and each row is repeated. */
typedef struct blocks {
    size_t rows, width, across, down;
} blocks;

static blocks blocks_of(const cr_pass *pass, const cr_layer_io *io)
{
    const options *o = io->options;
    const cr_shape *shape = &io->input_shapes[0];
    bool line = shape->rank == 2;
    blocks b = {.width = shape->dim[shape->rank - 1],
                .across = o->scale[CR_WIDTH],
                .down = line ? 1 : o->scale[CR_HEIGHT]};
    b.rows = pass->rows * io->input_size[0] / b.width;
    return b;
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    const blocks b = blocks_of(pass, io);
    const cr_real *restrict x = io->x[0] + pass->first_row * io->input_size[0];
    cr_real *restrict y = io->y + pass->first_row * io->output_size;
    const size_t wide = b.width * b.across;
    for (size_t row = 0; row < b.rows; row++, x += b.width, y += b.down * wide) {
        for (size_t j = 0; j < b.width; j++)
            for (size_t k = 0; k < b.across; k++)
                y[j * b.across + k] = x[j];
        for (size_t i = 1; i < b.down; i++)
            memcpy(y + i * wide, y, wide * sizeof *y);
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    const blocks b = blocks_of(pass, io);
    if (!io->dx[0])
        return;
    const cr_real *restrict dy = io->dy[0] + pass->first_row * io->output_size;
    cr_real *restrict dx = io->dx[0] + pass->first_row * io->input_size[0];
    memset(dx, 0, pass->rows * io->input_size[0] * sizeof *dx);
    for (size_t row = 0; row < b.rows; row++, dx += b.width)
        for (size_t i = 0; i < b.down; i++, dy += b.width * b.across)
            for (size_t j = 0; j < b.width; j++)
                for (size_t k = 0; k < b.across; k++)
                    dx[j] += dy[j * b.across + k];
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    const cr_pass one = {.rows = 1};
    const blocks b = blocks_of(&one, io);
    if (cr_csource_needs(out, "apply_upsample"))
        cr_text_add(
            &out->functions,
            "/* each of the values of each row `across` times, each row `down` "
            "times */\n"
            "static void apply_upsample(int rows, int width, int down, int across, "
            "const float *x,\n"
            "    float *y)\n"
            "{\n"
            "    int i, j, k;\n"
            "    for (; rows > 0; rows--, x += width)\n"
            "        for (i = 0; i < down; i++)\n"
            "            for (j = 0; j < width; j++)\n"
            "                for (k = 0; k < across; k++)\n"
            "                    *y++ = x[j];\n"
            "}\n\n");
    cr_text_add(&out->statements, "    apply_upsample(%zu, %zu, %zu, %zu, %s, %s);\n",
                b.rows, b.width, b.down, b.across, c->x[0], c->y);
    return true;
}

/* From opset 10 on the operator Upsample is called Resize, and can do more. */
static const char *onnx(const cr_layer_onnx *layer)
{
    const options *o = layer->plan->options;
    const size_t rank = layer->plan->inputs[0].rank;
    const float scale[] = {1, 1, (float)o->scale[0], (float)o->scale[1]};
    const cr_shape shape = cr_shape_flat(1 + rank);
    const char *by = cr_layer_onnx_tensor(layer, "scale", CR_ONNX_FLOAT, &shape, scale);
    if (cr_onnx_writer_opset(layer->writer) < 10)
        return cr_layer_onnx_output(
            layer, &(cr_onnx_node){.op = "Upsample",
                                   .in = {layer->inputs[0], by},
                                   .attributes = {CR_ONNX_SET_TEXT("mode", "nearest")}});
    return cr_layer_onnx_output(
        layer,
        &(cr_onnx_node){.op = "Resize",
                        .in = {layer->inputs[0], "", by},
                        .attributes = {CR_ONNX_SET_TEXT("coordinate_transformation_mode",
                                                        "asymmetric"),
                                       CR_ONNX_SET_TEXT("nearest_mode", "floor")}});
}

const cr_layer_type cr_layer_upsample = {
    .name = "upsample",
    .summary = "every pixel of an image or a line as a block of equal ones",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .read = read,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .onnx = onnx,
};
