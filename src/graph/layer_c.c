#include "graph/layer_c.h"

#include "base/memory.h"

#include <stdio.h>

enum { NAME = 400 };

void cr_layer_c_parameter(const cr_layer_io *io, const cr_layer_c *c, size_t i,
                          cr_csource *out)
{
    const cr_segment *segment = &io->parameters[i];
    const cr_real *values = cr_layer_parameter(io, i);
    char name[NAME];
    snprintf(name, sizeof name, "%s_%s", c->name, segment->name);
    cr_csource_begin_floats(out, name, segment->size);
    for (size_t k = 0; k < segment->size; k++)
        cr_csource_float(out, (double)values[k]);
    cr_csource_end(out);
}

static void write_floats(const cr_layer_c *c, const char *what, const double *values,
                         size_t count, cr_csource *out)
{
    char name[NAME];
    snprintf(name, sizeof name, "%s_%s", c->name, what);
    cr_csource_begin_floats(out, name, count);
    for (size_t i = 0; i < count; i++)
        cr_csource_float(out, values[i]);
    cr_csource_end(out);
}

/* A layer that is flat has them input by input, others channel by channel already. */
static void write_bytes(const cr_layer_io *io, const cr_layer_c *c, bool flat,
                        cr_csource *out)
{
    const cr_layer_weights *w = c->weights;
    size_t inputs = io->input_size[0];
    char name[NAME];
    snprintf(name, sizeof name, "%s_weight", c->name);
    cr_csource_begin_bytes(out, name, "int8_t", w->size);
    for (size_t i = 0; i < w->size; i++)
        cr_csource_byte(out, w->bytes[flat ? i % inputs * w->channels + i / inputs : i]);
    cr_csource_end(out);
}

static void write_quantize(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out)
{
    char per_step[CR_CSOURCE_NUMBER];
    if (cr_csource_needs(out, "quantize"))
        cr_text_add(
            &out->functions,
            "/* q may be where x is; zero stands for 0 */\n"
            "static void quantize(int n, const float *x, float per_step, float zero, "
            "int8_t *q)\n"
            "{\n"
            "    int i;\n"
            "    for (i = 0; i < n; i++) {\n"
            "        float v = x[i] * per_step + (zero + 128.5f);\n"
            "        v = v > 0 ? v : 0;\n"
            "        q[i] = (int8_t)((int)(v < 255 ? v : 255) - 128);\n"
            "    }\n"
            "}\n\n");
    cr_text_add(&out->statements, "    quantize(%zu, %s, %s, %d, (int8_t *)(%s));\n",
                io->input_size[0], c->x[0],
                cr_csource_number(1 / c->weights->inputs.step, per_step),
                c->weights->inputs.zero, c->bytes);
}

void cr_layer_c_weights(const cr_layer_io *io, const cr_layer_c *c, bool flat,
                        cr_csource *out)
{
    const cr_layer_weights *w = c->weights;
    char name[NAME];
    if (!w->bytes) {
        write_floats(c, "weight", w->weight, w->size, out);
        write_floats(c, "bias", w->bias, w->channels, out);
        return;
    }
    write_bytes(io, c, flat, out);
    snprintf(name, sizeof name, "%s_affine", c->name);
    cr_csource_begin_floats(out, name, 2 * w->channels);
    for (size_t j = 0; j < w->channels; j++) {
        double sum = 0;
        for (size_t i = j; flat && i < w->size; i += w->channels)
            sum += w->weight[i];
        cr_csource_float(out, w->scale[j] * w->inputs.step);
        cr_csource_float(out, w->bias[j] - sum * w->inputs.zero * w->inputs.step);
    }
    cr_csource_end(out);
    write_quantize(io, c, out);
}

/* "i * 2 + u * 3 - 1", without what changes nothing. */
static void write_place(const cr_window *w, size_t axis, const char *i, const char *u,
                        cr_text *to)
{
    cr_text_add(to, "%s", i);
    if (w->stride[axis] != 1)
        cr_text_add(to, " * %zu", w->stride[axis]);
    cr_text_add(to, " + %s", u);
    if (w->dilation[axis] != 1)
        cr_text_add(to, " * %zu", w->dilation[axis]);
    if (w->before[axis] != 0)
        cr_text_add(to, " - %zu", w->before[axis]);
}

/* Whether a window reaches over an edge of the image. */
static bool overhangs(const cr_window *w, size_t axis)
{
    return w->before[axis] > 0 ||
           (w->positions[axis] - 1) * w->stride[axis] + cr_window_extent(w, axis) >
               w->image[axis];
}

void cr_layer_c_begin_window(const cr_window *w, const char *indent, cr_csource *out)
{
    cr_text *f = &out->functions;
    const char *const names[] = {"row", "column"}, *const at[] = {"i", "j"},
                      *const under[] = {"u", "v"};
    cr_text_add(f, "%sfor (u = 0; u < %zu; u++)\n%s    for (v = 0; v < %zu; v++) {\n",
                indent, w->size[CR_HEIGHT], indent, w->size[CR_WIDTH]);
    for (size_t axis = 0; axis < CR_WINDOW_AXES; axis++) {
        cr_text_add(f, "%s        const int %s = ", indent, names[axis]);
        write_place(w, axis, at[axis], under[axis], f);
        cr_text_add(f, ";\n");
    }
    for (size_t axis = 0; axis < CR_WINDOW_AXES; axis++)
        if (overhangs(w, axis))
            cr_text_add(f,
                        "%s        if (%s < 0 || %s >= %zu)\n%s            continue;\n",
                        indent, names[axis], names[axis], w->image[axis], indent);
}

void cr_layer_c_elementwise(const cr_layer_io *io, const cr_layer_c *c,
                            const char *function, const char *expression,
                            const double *parameter, cr_csource *out)
{
    char name[NAME], number[CR_CSOURCE_NUMBER] = "";
    snprintf(name, sizeof name, "apply_%s", function);
    if (cr_csource_needs(out, name))
        cr_text_add(&out->functions,
                    "static void %s(int n, %sconst float *x, float *y)\n"
                    "{\n"
                    "    int i;\n"
                    "    for (i = 0; i < n; i++)\n"
                    "        y[i] = %s;\n"
                    "}\n\n",
                    name, parameter ? "float a, " : "", expression);
    if (parameter)
        cr_csource_number(*parameter, number);
    cr_text_add(&out->statements, "    %s(%zu, %s%s%s, %s);\n", name, io->output_size,
                number, parameter ? ", " : "", c->x[0], c->y);
}

void cr_layer_c_pairs(const cr_layer_io *io, const cr_layer_c *c, const char *function,
                      const char *expression, cr_csource *out)
{
    char name[NAME];
    snprintf(name, sizeof name, "apply_%s", function);
    if (cr_csource_needs(out, name))
        cr_text_add(&out->functions,
                    "/* a step of 0: a single number */\n"
                    "static void %s(int n, const float *a, int a_step, const float *b, "
                    "int b_step,\n"
                    "    float *y)\n"
                    "{\n"
                    "    int i;\n"
                    "    for (i = 0; i < n; i++, a += a_step, b += b_step)\n"
                    "        y[i] = %s;\n"
                    "}\n\n",
                    name, expression);
    for (size_t k = 1; k < io->input_count; k++)
        cr_text_add(&out->statements, "    %s(%zu, %s, %d, %s, %d, %s);\n", name,
                    io->output_size, k == 1 ? c->x[0] : c->y,
                    k == 1 && io->input_size[0] != io->output_size ? 0 : 1, c->x[k],
                    io->input_size[k] != io->output_size ? 0 : 1, c->y);
}

void cr_layer_c_softmax(size_t n, const char *x, const char *y, cr_csource *out)
{
    (void)cr_csource_math_add(out, CR_CSOURCE_EXPONENTIAL);
    if (cr_csource_needs(out, "apply_softmax"))
        cr_text_add(&out->functions,
                    "static void apply_softmax(int n, const float *x, float *y)\n"
                    "{\n"
                    "    float high = x[0], sum = 0;\n"
                    "    int i;\n"
                    "    for (i = 1; i < n; i++)\n"
                    "        high = x[i] > high ? x[i] : high;\n"
                    "    for (i = 0; i < n; i++) {\n"
                    "        y[i] = exponential(x[i] - high);\n"
                    "        sum += y[i];\n"
                    "    }\n"
                    "    for (i = 0; i < n; i++)\n"
                    "        y[i] /= sum;\n"
                    "}\n\n");
    cr_text_add(&out->statements, "    apply_softmax(%zu, %s, %s);\n", n, x, y);
}

void cr_layer_c_add_copy(cr_csource *out)
{
    if (cr_csource_needs(out, "apply_copy"))
        cr_text_add(&out->functions,
                    "static void apply_copy(int n, const float *x, float *y)\n"
                    "{\n"
                    "    int i;\n"
                    "    for (i = 0; i < n; i++)\n"
                    "        y[i] = x[i];\n"
                    "}\n\n");
}

bool cr_layer_c_affine(const cr_layer_type *type, const cr_layer_io *io,
                       const cr_layer_c *c, cr_csource *out, cr_error *err)
{
    static const char *const names[] = {"mean", "scale", "bias"};
    size_t n = io->input_shapes[0].dim[0];
    char name[NAME];
    double *values = cr_alloc(3 * n, sizeof *values, err);
    if (!values)
        return false;
    type->channel_affine(io, values, values + n, values + 2 * n);
    for (size_t k = 0; k < 3; k++) {
        snprintf(name, sizeof name, "%s_%s", c->name, names[k]);
        cr_csource_begin_floats(out, name, n);
        for (size_t i = 0; i < n; i++)
            cr_csource_float(out, values[k * n + i]);
        cr_csource_end(out);
    }
    cr_free(values);
    if (cr_csource_needs(out, "apply_affine"))
        cr_text_add(
            &out->functions,
            "static void apply_affine(int channels, int plane, const float *x, "
            "const float *mean,\n"
            "    const float *scale, const float *bias, float *y)\n"
            "{\n"
            "    int c, i;\n"
            "    for (c = 0; c < channels; c++, x += plane, y += plane)\n"
            "        for (i = 0; i < plane; i++)\n"
            "            y[i] = (x[i] - CR_READ(mean + c)) * CR_READ(scale + c) + "
            "CR_READ(bias + c);\n"
            "}\n\n");
    cr_text_add(&out->statements,
                "    apply_affine(%zu, %zu, %s, %s_mean, %s_scale, %s_bias, %s);\n", n,
                cr_shape_plane(&io->input_shapes[0]), c->x[0], c->name, c->name, c->name,
                c->y);
    return true;
}
