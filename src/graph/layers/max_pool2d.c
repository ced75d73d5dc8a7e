/*
 * The largest pixel under each position of a window, channel by channel, as
 * torch.nn.MaxPool2d. The gradient goes to it; of equal ones to the first, row by row.
 */
#include "graph/layer_onnx.h"
#include "graph/layers/halves.h"
#include "graph/layers/layers.h"
#include "graph/layers/pool.h"

#include <math.h>
#include <string.h>

typedef cr_pool_options options;

static const cr_option table[] = {CR_POOL_OPTIONS};

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    if (!cr_pool_plan(plan, err))
        return false;
    plan->scratch = plan->output.dim[2]; /* a row of upstream gradients */
    return true;
}

static void maximum_row(size_t n, size_t stride, const cr_real *restrict x,
                        cr_real *restrict y)
{
    if (stride == 1)
        for (size_t j = 0; j < n; j++)
            y[j] = cr_halves_maximum(y[j], x[j]);
    else
        for (size_t j = 0; j < n; j++)
            y[j] = cr_halves_maximum(y[j], x[j * stride]);
}

/* Row i of the positions on one channel. */
static void forward_row(const cr_window *w, size_t i, const cr_real *x, cr_real *y)
{
    size_t width = w->image[CR_WIDTH], line = 0;
    for (size_t j = 0; j < w->positions[CR_WIDTH]; j++)
        y[j] = -(cr_real)INFINITY;
    for (size_t u = 0; u < w->size[CR_HEIGHT]; u++) {
        if (!cr_pool_line(w, i, u, &line))
            continue;
        for (size_t v = 0; v < w->size[CR_WIDTH]; v++) {
            cr_window_reach r = cr_window_reach_of(w, CR_WIDTH, v);
            maximum_row(r.last - r.first, w->stride[CR_WIDTH], x + line * width + r.pixel,
                        y + r.first);
        }
    }
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    const cr_window w = cr_pool_window(io);
    const cr_real *x = io->x[0] + pass->first_row * io->input_size[0];
    cr_real *y = io->y + pass->first_row * io->output_size;
    if (cr_halves_cover(&w)) {
        cr_halves_forward(pass->rows * w.channels * w.positions[CR_HEIGHT],
                          w.positions[CR_WIDTH], x, y);
        return;
    }
    for (size_t c = 0; c < pass->rows * w.channels; c++, x += cr_window_pixels(&w))
        for (size_t i = 0; i < w.positions[CR_HEIGHT]; i++, y += w.positions[CR_WIDTH])
            forward_row(&w, i, x, y);
}

static void maximum_row_backward(size_t n, size_t stride, const cr_real *restrict x,
                                 const cr_real *restrict y, cr_real *restrict left,
                                 cr_real *restrict dx)
{
    for (size_t j = 0; j < n; j++) {
        bool hit = x[j * stride] == y[j];
        dx[j * stride] += hit ? left[j] : 0;
        left[j] = hit ? 0 : left[j];
    }
}

/* left [positions of a row]: what no pixel has taken of dy. */
static void backward_row(const cr_window *w, size_t i, const cr_real *x, const cr_real *y,
                         cr_real *left, cr_real *dx)
{
    size_t width = w->image[CR_WIDTH], line = 0;
    for (size_t u = 0; u < w->size[CR_HEIGHT]; u++) {
        if (!cr_pool_line(w, i, u, &line))
            continue;
        for (size_t v = 0; v < w->size[CR_WIDTH]; v++) {
            cr_window_reach r = cr_window_reach_of(w, CR_WIDTH, v);
            size_t at = line * width + r.pixel;
            maximum_row_backward(r.last - r.first, w->stride[CR_WIDTH], x + at,
                                 y + r.first, left + r.first, dx + at);
        }
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    const cr_window w = cr_pool_window(io);
    size_t columns = w.positions[CR_WIDTH];
    size_t in = pass->first_row * io->input_size[0],
           out = pass->first_row * io->output_size;
    const cr_real *x = io->x[0] + in, *y = io->y + out, *dy = io->dy[0] + out;
    cr_real *dx = io->dx[0] + in, *left = cr_layer_scratch(pass, io);
    if (!io->dx[0])
        return;
    if (cr_halves_cover(&w)) {
        cr_halves_backward(pass->rows * w.channels * w.positions[CR_HEIGHT], columns, x,
                           y, dy, dx);
        return;
    }
    memset(dx, 0, pass->rows * io->input_size[0] * sizeof *dx);
    for (size_t c = 0; c < pass->rows * w.channels; c++) {
        for (size_t i = 0; i < w.positions[CR_HEIGHT]; i++, y += columns, dy += columns) {
            memcpy(left, dy, columns * sizeof *left);
            backward_row(&w, i, x, y, left, dx);
        }
        x += cr_window_pixels(&w);
        dx += cr_window_pixels(&w);
    }
}

/* Which pixel of each window is the largest. */
static uint64_t branches(const cr_pass *pass, const cr_layer_io *io, uint64_t hash)
{
    const cr_window w = cr_pool_window(io);
    size_t columns = w.positions[CR_WIDTH], line = 0;
    const cr_real *x = io->x[0] + pass->first_row * io->input_size[0];
    const cr_real *y = io->y + pass->first_row * io->output_size;
    for (size_t c = 0; c < pass->rows * w.channels; c++, x += cr_window_pixels(&w))
        for (size_t i = 0; i < w.positions[CR_HEIGHT]; i++, y += columns)
            for (size_t tap = 0; tap < w.size[CR_HEIGHT] * w.size[CR_WIDTH]; tap++) {
                cr_window_reach r =
                    cr_window_reach_of(&w, CR_WIDTH, tap % w.size[CR_WIDTH]);
                if (!cr_pool_line(&w, i, tap / w.size[CR_WIDTH], &line))
                    continue;
                const cr_real *pixel = x + line * w.image[CR_WIDTH] + r.pixel;
                for (size_t j = r.first; j < r.last; j++, pixel += w.stride[CR_WIDTH])
                    hash = cr_branch_hash(hash, *pixel == y[j]);
            }
    return hash;
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_pool_c(io, c, true, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_pool_onnx(layer, &(cr_onnx_node){.op = "MaxPool"});
}

const cr_layer_type cr_layer_max_pool2d = {
    .name = "max_pool2d",
    .summary = "the largest pixel under a window, channel by channel; padding is never "
               "the largest",
    .options = table,
    .option_count = CR_POOL_OPTION_COUNT,
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .read = cr_pool_read,
    .forward = forward,
    .backward = backward,
    .branches = branches,
    .c_source = c_source,
    .onnx = onnx,
};
