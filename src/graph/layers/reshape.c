/* The same values in another shape, row-major. */
#include "graph/layers/reshape.h"

#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"

#include <math.h>
#include <string.h>

typedef struct options {
    const cr_json *list;
    cr_shape shape; /* a dimension of 0: what is left for it */
} options;

static const cr_option table[] = {
    {.key = "shape",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(options, list),
     .fallback = CR_REQUIRED,
     .kinds = 1u << CR_JSON_ARRAY,
     .expects = "a list of one to three whole numbers, of which one may be -1",
     .help = "of an example, such as [channels, height, width]; -1: what is left"},
};

static void read(cr_reader *reader, const char *path, void *fields)
{
    options *o = fields;
    char where[CR_WHERE], found[CR_JSON_SHOWN];
    if (!o->list)
        return;
    size_t count = cr_json_count(o->list), open = 0;
    bool good = count >= 1 && count <= CR_EXAMPLE_DIMENSIONS;
    for (const cr_json *i = cr_json_first(o->list); good && i; i = cr_json_next(i)) {
        double n = cr_json_is(i, CR_JSON_NUMBER) ? cr_json_number(i) : 0;
        open += n == -1;
        good = open <= 1 && (n == -1 || (n >= 1 && n <= INT32_MAX && floor(n) == n));
        o->shape.dim[o->shape.rank++] = good && n > 0 ? (size_t)n : 0;
    }
    if (!good)
        cr_reader_error(reader, cr_json_path(path, "shape", where),
                        "found %s, expected %s", cr_json_show(o->list, found),
                        table[0].expects);
}

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    const options *o = plan->options;
    size_t size = cr_shape_size(&plan->inputs[0]), given = 1, wanted = 0;
    size_t *open = NULL;
    plan->output = o->shape;
    for (size_t i = 0; i < o->shape.rank; i++)
        if (plan->output.dim[i] == 0) {
            open = &plan->output.dim[i];
            *open = 1;
        }
    bool good = cr_shape_count(&plan->output, &given);
    if (good && open && size % given == 0)
        *open = size / given;
    char input[CR_SHAPE_TEXT];
    if (good && cr_shape_count(&plan->output, &wanted) && wanted == size)
        return true;
    return cr_fail(err, CR_E_CONFIG,
                   "an example of its input is %s, %zu values, which \"shape\" does not "
                   "hold: it takes %s%zu",
                   cr_shape_format(&plan->inputs[0], input), size,
                   open ? "a multiple of " : "", given);
}

void cr_reshape_forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (io->y != io->x[0])
        memcpy(io->y + first, io->x[0] + first, n * sizeof *io->y);
}

void cr_reshape_backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (io->dx[0] && io->dx[0] != io->dy[0])
        memcpy(io->dx[0] + first, io->dy[0] + first, n * sizeof *io->y);
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const char *shape = cr_layer_onnx_shape(layer, "shape", &layer->plan->output);
    return cr_layer_onnx_output(
        layer, &(cr_onnx_node){.op = "Reshape", .in = {layer->inputs[0], shape}});
}

const cr_layer_type cr_layer_reshape = {
    .name = "reshape",
    .summary = "the same values in another shape, row by row",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .reshapes = true,
    .plan = plan,
    .read = read,
    .forward = cr_reshape_forward,
    .backward = cr_reshape_backward,
    .onnx = onnx,
};
