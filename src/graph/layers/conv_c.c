/* Convolutions as C. */
#include "graph/layers/conv.h"

size_t cr_conv_c_channel_of(const cr_layer_io *io, size_t i)
{
    const cr_segment *w = &io->parameters[CR_CONV_WEIGHT];
    return i / (w->size / w->shape.dim[0]);
}

/* One product of the sum; of bytes, less what stands for 0. */
static void write_product(const cr_layer_io *io, const cr_layer_c *c, const cr_window *w,
                          cr_text *f)
{
    const bool grouped = ((const cr_conv_options *)io->options)->groups > 1;
    cr_text_add(f, "                        sum += ");
    if (c->weights->bytes && c->weights->inputs.zero != 0)
        cr_text_add(f, "(%s[(c * %zu + row) * %zu + column] + %d)",
                    grouped ? "from" : "x", w->image[CR_HEIGHT], w->image[CR_WIDTH],
                    -c->weights->inputs.zero);
    else
        cr_text_add(f, "%s[(c * %zu + row) * %zu + column]", grouped ? "from" : "x",
                    w->image[CR_HEIGHT], w->image[CR_WIDTH]);
    cr_text_add(f, " * %s(w + u * %zu + v);\n                    }\n",
                c->weights->bytes ? "(int8_t)CR_READ_BYTE" : "CR_READ",
                w->size[CR_WIDTH]);
}

/* A function with the window's figures in it, which a compiler makes the most of. */
static void write_function(const cr_layer_io *io, const cr_layer_c *c, const cr_window *w,
                           cr_csource *out)
{
    const cr_conv_options *o = io->options;
    const bool bytes = c->weights->bytes != NULL;
    size_t filters = (size_t)o->filters, groups = (size_t)o->groups;
    size_t depth = w->channels / groups, taps = w->size[CR_HEIGHT] * w->size[CR_WIDTH];
    const char *type = bytes ? "int8_t" : "float";
    cr_text *f = &out->functions;
    cr_text_add(f,
                "static void run_%s(const %s *x, float *y)\n"
                "{\n"
                "    int f, i, j, c, u, v;\n"
                "    for (f = 0; f < %zu; f++) {\n",
                c->name, type, filters);
    if (groups > 1)
        cr_text_add(f, "        const %s *from = x + f / %zu * %zu; /* its group */\n",
                    type, filters / groups, depth * cr_window_pixels(w));
    cr_text_add(f,
                "        for (i = 0; i < %zu; i++)\n"
                "            for (j = 0; j < %zu; j++) {\n"
                "                const %s *w = %s_weight + f * %zu;\n",
                w->positions[CR_HEIGHT], w->positions[CR_WIDTH], type, c->name,
                depth * taps);
    if (bytes)
        cr_text_add(f, "                int32_t sum = 0;\n");
    else
        cr_text_add(f, "                float sum = CR_READ(%s_bias + f);\n", c->name);
    cr_text_add(f, "                for (c = 0; c < %zu; c++, w += %zu)\n", depth, taps);
    cr_layer_c_begin_window(w, "                    ", out);
    write_product(io, c, w, f);
    if (bytes)
        cr_text_add(f,
                    "                *y++ = (float)sum * CR_READ(%s_affine + 2 * f) + "
                    "CR_READ(%s_affine + 2 * f + 1);\n",
                    c->name, c->name);
    else
        cr_text_add(f, "                *y++ = sum;\n");
    cr_text_add(f, "            }\n    }\n}\n\n");
}

bool cr_conv_c_forward(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                       cr_error *err)
{
    (void)err;
    const cr_conv_options *o = io->options;
    const cr_window w = cr_window_make(&o->window, &io->input_shapes[0]);
    const bool bytes = c->weights->bytes != NULL;
    cr_layer_c_weights(io, c, false, out);
    write_function(io, c, &w, out);
    cr_text_add(&out->statements,
                bytes ? "    run_%s((int8_t *)(%s), %s);\n" : "    run_%s(%s, %s);\n",
                c->name, bytes ? c->bytes : c->x[0], c->y);
    out->multiply_adds +=
        (double)io->parameters[CR_CONV_WEIGHT].size * (double)cr_window_count(&w);
    return true;
}
