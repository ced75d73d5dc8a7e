/*
 * The mean of the pixels under each position of a window, channel by channel, as
 * torch.nn.AvgPool2d: padding counts, as zeros. The gradient is shared by all of them.
 */
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "graph/layers/pool.h"

#include <string.h>

typedef cr_pool_options options;

static const cr_option table[] = {CR_POOL_OPTIONS};

static void add_pixels(size_t n, size_t stride, cr_real share, const cr_real *restrict x,
                       cr_real *restrict y)
{
    if (stride == 1)
        for (size_t j = 0; j < n; j++)
            y[j] += share * x[j];
    else if (stride == 2)
        for (size_t j = 0; j < n; j++)
            y[j] += share * x[2 * j];
    else
        for (size_t j = 0; j < n; j++)
            y[j] += share * x[stride * j];
}

static void add_gradients(size_t n, size_t stride, cr_real share,
                          const cr_real *restrict dy, cr_real *restrict dx)
{
    if (stride == 1)
        for (size_t j = 0; j < n; j++)
            dx[j] += share * dy[j];
    else if (stride == 2)
        for (size_t j = 0; j < n; j++)
            dx[2 * j] += share * dy[j];
    else
        for (size_t j = 0; j < n; j++)
            dx[stride * j] += share * dy[j];
}

/* Row i of the positions on one channel: y from x, or dx from dy. Adds. */
static void add_row(const cr_window *w, size_t i, const cr_real *x, cr_real *y,
                    const cr_real *dy, cr_real *dx)
{
    const cr_real share = 1 / (cr_real)(w->size[CR_HEIGHT] * w->size[CR_WIDTH]);
    size_t stride = w->stride[CR_WIDTH], line = 0;
    for (size_t u = 0; u < w->size[CR_HEIGHT]; u++) {
        if (!cr_pool_line(w, i, u, &line))
            continue;
        for (size_t v = 0; v < w->size[CR_WIDTH]; v++) {
            cr_window_reach r = cr_window_reach_of(w, CR_WIDTH, v);
            size_t at = line * w->image[CR_WIDTH] + r.pixel, n = r.last - r.first;
            if (x)
                add_pixels(n, stride, share, x + at, y + r.first);
            else
                add_gradients(n, stride, share, dy + r.first, dx + at);
        }
    }
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    const cr_window w = cr_pool_window(io);
    const cr_real *x = io->x[0] + pass->first_row * io->input_size[0];
    cr_real *y = io->y + pass->first_row * io->output_size;
    memset(y, 0, pass->rows * io->output_size * sizeof *y);
    for (size_t c = 0; c < pass->rows * w.channels; c++, x += cr_window_pixels(&w))
        for (size_t i = 0; i < w.positions[CR_HEIGHT]; i++, y += w.positions[CR_WIDTH])
            add_row(&w, i, x, y, NULL, NULL);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    const cr_window w = cr_pool_window(io);
    const cr_real *dy = io->dy[0] + pass->first_row * io->output_size;
    if (!io->dx[0])
        return;
    cr_real *dx = io->dx[0] + pass->first_row * io->input_size[0];
    memset(dx, 0, pass->rows * io->input_size[0] * sizeof *dx);
    for (size_t c = 0; c < pass->rows * w.channels; c++, dx += cr_window_pixels(&w))
        for (size_t i = 0; i < w.positions[CR_HEIGHT]; i++, dy += w.positions[CR_WIDTH])
            add_row(&w, i, NULL, NULL, dy, dx);
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_pool_c(io, c, false, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_pool_onnx(
        layer, &(cr_onnx_node){.op = "AveragePool",
                               .attributes = {CR_ONNX_SET_INT("count_include_pad", 1)}});
}

const cr_layer_type cr_layer_avg_pool2d = {
    .name = "avg_pool2d",
    .summary =
        "the mean of the pixels under a window, channel by channel; padding counts "
        "as zeros",
    .options = table,
    .option_count = CR_POOL_OPTION_COUNT,
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_pool_plan,
    .read = cr_pool_read,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .onnx = onnx,
};
