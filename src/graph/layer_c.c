#include "graph/layer_c.h"

#include <stdio.h>

enum { NAME = 400 };

void cr_layer_c_values(const cr_real *values, size_t count, const char *layer,
                       const char *what, cr_csource *out)
{
    char name[NAME];
    snprintf(name, sizeof name, "%s_%s", layer, what);
    cr_csource_begin_floats(out, name, count);
    for (size_t i = 0; i < count; i++)
        cr_csource_float(out, (double)values[i]);
    cr_csource_end(out);
}

void cr_layer_c_parameter(const cr_layer_io *io, const cr_layer_c *c, size_t i,
                          cr_csource *out)
{
    const cr_segment *segment = &io->parameters[i];
    cr_layer_c_values(cr_layer_parameter(io, i), segment->size, c->name, segment->name,
                      out);
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
