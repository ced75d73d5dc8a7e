#include "graph/layers/pool.h"

#include <string.h>

void cr_pool_read(cr_reader *reader, const char *path, void *options)
{
    cr_window_options *o = &((cr_pool_options *)options)->window;
    o->name = "size";
    cr_window_read(reader, path, 2, o);
    if (!o->stride_json)
        memcpy(o->stride, o->size, sizeof o->stride);
}

bool cr_pool_plan(cr_layer_plan *plan, cr_error *err)
{
    const cr_window_options *o = &((const cr_pool_options *)plan->options)->window;
    const cr_shape *image = &plan->inputs[0];
    for (size_t i = 0; i < CR_WINDOW_AXES; i++)
        if (o->padding[i] > o->size[i] / 2)
            return cr_fail(err, CR_E_CONFIG,
                           "\"padding\" %zu is more than half of \"size\" %zu: there "
                           "would be windows without a pixel of the image",
                           o->padding[i], o->size[i]);
    if (!cr_window_plan(o, 2, image, err))
        return false;
    const cr_window w = cr_window_make(o, image);
    plan->output =
        (cr_shape){3, {w.channels, w.positions[CR_HEIGHT], w.positions[CR_WIDTH]}};
    plan->flops = (double)(cr_shape_size(&plan->output) * w.size[0] * w.size[1]);
    return true;
}

cr_window cr_pool_window(const cr_layer_io *io)
{
    const cr_pool_options *o = io->options;
    return cr_window_make(&o->window, &io->input_shapes[0]);
}

bool cr_pool_line(const cr_window *window, size_t row, size_t tap, size_t *line)
{
    size_t at = row * window->stride[CR_HEIGHT] + tap;
    *line = at - window->before[CR_HEIGHT];
    return at >= window->before[CR_HEIGHT] && *line < window->image[CR_HEIGHT];
}

/* A function with the window's figures in it, which a compiler makes the most of. */
static void write_function(const cr_window *w, const cr_layer_c *c, bool largest,
                           cr_csource *out)
{
    char taps[CR_CSOURCE_NUMBER];
    cr_csource_number((double)(w->size[0] * w->size[1]), taps);
    cr_text_add(&out->functions,
                "static void run_%s(const float *x, float *y)\n"
                "{\n"
                "    int c, i, j, u, v;\n"
                "    for (c = 0; c < %zu; c++, x += %zu)\n"
                "        for (i = 0; i < %zu; i++)\n"
                "            for (j = 0; j < %zu; j++) {\n"
                "                float value = %s;\n",
                c->name, w->channels, cr_window_pixels(w), w->positions[CR_HEIGHT],
                w->positions[CR_WIDTH], largest ? "-3.40282347e+38f" : "0");
    cr_layer_c_begin_window(w, "                ", out);
    cr_text_add(&out->functions,
                "                        const float pixel = x[row * %zu + column];\n"
                "                        %s\n"
                "                    }\n"
                "                *y++ = value%s%s;\n"
                "            }\n"
                "}\n\n",
                w->image[CR_WIDTH],
                largest ? "value = pixel > value ? pixel : value;" : "value += pixel;",
                largest ? "" : " / ", largest ? "" : taps);
}

void cr_pool_c(const cr_layer_io *io, const cr_layer_c *c, bool largest, cr_csource *out)
{
    const cr_window w = cr_pool_window(io);
    write_function(&w, c, largest, out);
    cr_text_add(&out->statements, "    run_%s(%s, %s);\n", c->name, c->x[0], c->y);
}

const char *cr_pool_onnx(const cr_layer_onnx *layer, const cr_onnx_node *node)
{
    const cr_pool_options *o = layer->plan->options;
    cr_onnx_node pool = *node;
    pool.in[0] = layer->inputs[0];
    cr_layer_onnx_add_window(&pool, &o->window, &layer->plan->inputs[0]);
    return cr_layer_onnx_output(layer, &pool);
}
