/* Convolutions as C. */
#include "graph/layers/conv.h"

#include <stdio.h>

void cr_conv_c_weights(const cr_layer_io *io, const cr_layer_c *c,
                       size_t (*filter_of)(const cr_layer_io *io, size_t i),
                       cr_csource *out)
{
    const cr_conv_options *o = io->options;
    const cr_segment *w = &io->parameters[CR_CONV_WEIGHT];
    char name[400];
    snprintf(name, sizeof name, "%s_weight", c->name);
    cr_csource_begin_floats(out, name, w->size);
    for (size_t i = 0; i < w->size; i++)
        cr_csource_float(out, (double)io->weights[w->offset + i] *
                                  (c->scale ? c->scale[filter_of(io, i)] : 1) *
                                  (c->x_scale ? c->x_scale[0] : 1));
    cr_csource_end(out);
    snprintf(name, sizeof name, "%s_bias", c->name);
    cr_csource_begin_floats(out, name, (size_t)o->filters);
    for (size_t f = 0; f < (size_t)o->filters; f++) {
        double b = o->bias ? (double)cr_layer_parameter(io, CR_CONV_BIAS)[f] : 0;
        cr_csource_float(out, c->scale ? c->scale[f] * b + c->shift[f] : b);
    }
    cr_csource_end(out);
}

static size_t filter_of(const cr_layer_io *io, size_t i)
{
    const cr_segment *w = &io->parameters[CR_CONV_WEIGHT];
    return i / (w->size / w->shape.dim[0]);
}

/* A function with the window's figures in it, which a compiler makes the most of. */
static void write_function(const cr_layer_io *io, const cr_layer_c *c, const cr_window *w,
                           cr_csource *out)
{
    const cr_conv_options *o = io->options;
    size_t filters = (size_t)o->filters, groups = (size_t)o->groups;
    size_t depth = w->channels / groups, taps = w->size[CR_HEIGHT] * w->size[CR_WIDTH];
    cr_text_add(&out->functions,
                "static void run_%s(const float *x, float *y)\n"
                "{\n"
                "    int f, i, j, c, u, v;\n"
                "    for (f = 0; f < %zu; f++) {\n",
                c->name, filters);
    if (groups > 1)
        cr_text_add(&out->functions,
                    "        const float *from = x + f / %zu * %zu; /* its group */\n",
                    filters / groups, depth * cr_window_pixels(w));
    cr_text_add(&out->functions,
                "        for (i = 0; i < %zu; i++)\n"
                "            for (j = 0; j < %zu; j++) {\n"
                "                const float *w = %s_weight + f * %zu;\n"
                "                float sum = CR_READ(%s_bias + f);\n"
                "                for (c = 0; c < %zu; c++, w += %zu)\n",
                w->positions[CR_HEIGHT], w->positions[CR_WIDTH], c->name, depth * taps,
                c->name, depth, taps);
    cr_layer_c_begin_window(w, "                    ", out);
    cr_text_add(&out->functions,
                "                        sum += %s[(c * %zu + row) * %zu + column] * "
                "CR_READ(w + u * %zu + v);\n"
                "                    }\n"
                "                *y++ = sum;\n"
                "            }\n"
                "    }\n"
                "}\n\n",
                groups > 1 ? "from" : "x", w->image[CR_HEIGHT], w->image[CR_WIDTH],
                w->size[CR_WIDTH]);
}

bool cr_conv_c_forward(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                       cr_error *err)
{
    (void)err;
    const cr_conv_options *o = io->options;
    const cr_window w = cr_window_make(&o->window, &io->input_shapes[0]);
    cr_conv_c_weights(io, c, filter_of, out);
    write_function(io, c, &w, out);
    cr_text_add(&out->statements, "    run_%s(%s, %s);\n", c->name, c->x[0], c->y);
    out->multiply_adds +=
        (double)io->parameters[CR_CONV_WEIGHT].size * (double)cr_window_count(&w);
    return true;
}
