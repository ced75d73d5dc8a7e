/* Convolutions as C. */
#include "graph/layers/conv.h"

#include <stdlib.h>

size_t cr_conv_c_channel_of(const cr_layer_io *io, size_t i)
{
    const cr_segment *w = &io->parameters[CR_CONV_WEIGHT];
    return i / (w->size / w->shape.dim[0]);
}

/* A convolution that is written: so many filters at a time, whose sums stay in registers,
 * take each pixel. */
typedef struct writing {
    const cr_layer_c *c;
    const cr_window *window;
    size_t filters, at_once, groups, depth, taps; /* depth: channels that a filter sees */
    bool bytes;
} writing;

/* Filters at a time: a part of those of a group, five at most. */
static size_t at_once(size_t filters)
{
    size_t n = 5;
    while (filters % n != 0)
        n--;
    return n;
}

/* "at + 25", and "at" alone for 0. */
static void write_at(cr_text *f, const char *at, size_t offset)
{
    cr_text_add(f, offset > 0 ? "%s + %zu" : "%s", at, offset);
}

/* "CR_READ(conv1_bias + f + 2)" */
static void write_constant(const writing *w, const char *what, size_t offset, cr_text *f)
{
    cr_text_add(f, "CR_READ(%s_", w->c->name);
    write_at(f, what, offset);
    cr_text_add(f, ")");
}

static void write_sums(const writing *w, cr_text *f)
{
    for (size_t k = 0; k < w->at_once; k++) {
        cr_text_add(f, "                %s s%zu = ", w->bytes ? "int32_t" : "float", k);
        if (w->bytes)
            cr_text_add(f, "0");
        else
            write_constant(w, "bias + f", k, f);
        cr_text_add(f, ";\n");
    }
}

/* The products with a pixel; of bytes, less what stands for 0. */
static void write_products(const writing *w, cr_text *f)
{
    static const char indent[] = "                            ";
    int zero = w->bytes ? w->c->weights->inputs.zero : 0;
    cr_text_add(f, "%sconst %s pixel = %s[(c * %zu + row) * %zu + column]", indent,
                w->bytes ? "int" : "float", w->groups > 1 ? "from" : "x",
                w->window->image[CR_HEIGHT], w->window->image[CR_WIDTH]);
    if (zero != 0)
        cr_text_add(f, " %c %d", zero < 0 ? '+' : '-', abs(zero));
    cr_text_add(f, ";\n");
    for (size_t k = 0; k < w->at_once; k++) {
        cr_text_add(f, "%ss%zu += pixel * %s(w + u * %zu + ", indent, k,
                    w->bytes ? "(int8_t)CR_READ_BYTE" : "CR_READ",
                    w->window->size[CR_WIDTH]);
        write_at(f, "v", k * w->depth * w->taps);
        cr_text_add(f, ");\n");
    }
    cr_text_add(f, "                        }\n");
}

static void write_outputs(const writing *w, cr_text *f)
{
    size_t wide = w->window->positions[CR_WIDTH], plane = cr_window_count(w->window);
    for (size_t k = 0; k < w->at_once; k++) {
        cr_text_add(f, "                y[i * %zu + ", wide);
        write_at(f, "j", k * plane);
        cr_text_add(f, w->bytes ? "] = (float)s%zu * " : "] = s%zu", k);
        if (w->bytes) {
            write_constant(w, "affine + 2 * f", 2 * k, f);
            cr_text_add(f, " + ");
            write_constant(w, "affine + 2 * f", 2 * k + 1, f);
        }
        cr_text_add(f, ";\n");
    }
    cr_text_add(f, "            }\n    }\n}\n\n");
}

/* A function with the window's figures in it, which a compiler makes the most of. */
static void write_function(const writing *w, cr_csource *out)
{
    const char *type = w->bytes ? "int8_t" : "float";
    size_t plane = cr_window_count(w->window);
    cr_text *f = &out->functions;
    cr_text_add(f,
                "static void run_%s(const %s *x, float *y)\n"
                "{\n"
                "    int f, i, j, c, u, v;\n"
                "    for (f = 0; f < %zu; f += %zu, y += %zu) {\n",
                w->c->name, type, w->filters, w->at_once, w->at_once * plane);
    if (w->groups > 1)
        cr_text_add(f, "        const %s *from = x + f / %zu * %zu; /* its group */\n",
                    type, w->filters / w->groups, w->depth * cr_window_pixels(w->window));
    cr_text_add(f,
                "        for (i = 0; i < %zu; i++)\n"
                "            for (j = 0; j < %zu; j++) {\n"
                "                const %s *w = %s_weight + f * %zu;\n",
                w->window->positions[CR_HEIGHT], w->window->positions[CR_WIDTH], type,
                w->c->name, w->depth * w->taps);
    write_sums(w, f);
    cr_text_add(f, "                for (c = 0; c < %zu; c++, w += %zu)\n", w->depth,
                w->taps);
    cr_layer_c_begin_window(w->window, "                    ", out);
    write_products(w, f);
    write_outputs(w, f);
}

bool cr_conv_c_forward(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                       cr_error *err)
{
    (void)err;
    const cr_conv_options *o = io->options;
    const cr_window w = cr_window_make(&o->window, &io->input_shapes[0]);
    const bool bytes = c->weights->bytes != NULL;
    size_t filters = (size_t)o->filters, groups = (size_t)o->groups;
    const writing written = {.c = c,
                             .window = &w,
                             .filters = filters,
                             .at_once = at_once(filters / groups),
                             .groups = groups,
                             .depth = w.channels / groups,
                             .taps = w.size[CR_HEIGHT] * w.size[CR_WIDTH],
                             .bytes = bytes};
    cr_layer_c_weights(io, c, false, out);
    write_function(&written, out);
    cr_text_add(&out->statements,
                bytes ? "    run_%s((int8_t *)(%s), %s);\n" : "    run_%s(%s, %s);\n",
                c->name, bytes ? c->bytes : c->x[0], c->y);
    out->multiply_adds +=
        (double)io->parameters[CR_CONV_WEIGHT].size * (double)cr_window_count(&w);
    return true;
}
