/*
 * The largest pixel under each position of a window, channel by channel, as
 * torch.nn.MaxPool2d. The gradient goes to it; of equal ones to the first, row by row.
 */
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

/* NaN is larger than all numbers. */
static inline cr_real maximum(cr_real a, cr_real b)
{
    return b > a || b != b ? b : a;
}

static void halve_row(size_t n, const cr_real *restrict x0, const cr_real *restrict x1,
                      cr_real *restrict y)
{
    for (size_t j = 0; j < n; j++)
        y[j] =
            maximum(maximum(x0[2 * j], x0[2 * j + 1]), maximum(x1[2 * j], x1[2 * j + 1]));
}

static void maximum_row(size_t n, size_t stride, const cr_real *restrict x,
                        cr_real *restrict y)
{
    if (stride == 1)
        for (size_t j = 0; j < n; j++)
            y[j] = maximum(y[j], x[j]);
    else
        for (size_t j = 0; j < n; j++)
            y[j] = maximum(y[j], x[j * stride]);
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
    size_t width = w.image[CR_WIDTH], columns = w.positions[CR_WIDTH];
    const cr_real *x = io->x[0] + pass->first_row * io->input_size[0];
    cr_real *y = io->y + pass->first_row * io->output_size;
    bool halving = cr_pool_is_halving(&w);
    for (size_t c = 0; c < pass->rows * w.channels; c++, x += cr_window_pixels(&w))
        for (size_t i = 0; i < w.positions[CR_HEIGHT]; i++, y += columns)
            if (halving)
                halve_row(columns, x + 2 * i * width, x + (2 * i + 1) * width, y);
            else
                forward_row(&w, i, x, y);
}

static void halve_row_backward(size_t n, const cr_real *restrict x0,
                               const cr_real *restrict x1, const cr_real *restrict y,
                               const cr_real *restrict dy, cr_real *restrict dx0,
                               cr_real *restrict dx1)
{
    for (size_t j = 0; j < n; j++) {
        cr_real a = x0[2 * j], b = x0[2 * j + 1], c = x1[2 * j], top = y[j];
        cr_real left = dy[j]; /* what nobody has taken */
        dx0[2 * j] = a == top ? left : 0;
        left = a == top ? 0 : left;
        dx0[2 * j + 1] = b == top ? left : 0;
        left = b == top ? 0 : left;
        dx1[2 * j] = c == top ? left : 0;
        dx1[2 * j + 1] = c == top ? 0 : left;
    }
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

/* Windows side by side see each pixel once; what none sees has no gradient. */
static void halve_backward(const cr_window *w, const cr_real *x, const cr_real *y,
                           const cr_real *dy, cr_real *dx)
{
    size_t width = w->image[CR_WIDTH], columns = w->positions[CR_WIDTH];
    size_t rows = w->positions[CR_HEIGHT];
    for (size_t i = 0; i < rows; i++, y += columns, dy += columns) {
        size_t at = 2 * i * width;
        halve_row_backward(columns, x + at, x + at + width, y, dy, dx + at,
                           dx + at + width);
        if (width > 2 * columns)
            dx[at + width - 1] = dx[at + 2 * width - 1] = 0;
    }
    if (w->image[CR_HEIGHT] > 2 * rows)
        memset(dx + 2 * rows * width, 0, width * sizeof *dx);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    const cr_window w = cr_pool_window(io);
    size_t pixels = cr_window_pixels(&w), columns = w.positions[CR_WIDTH];
    size_t positions = cr_window_count(&w);
    size_t in = pass->first_row * io->input_size[0],
           out = pass->first_row * io->output_size;
    cr_real *left = cr_layer_scratch(pass, io);
    if (!io->dx[0])
        return;
    if (!cr_pool_is_halving(&w))
        memset(io->dx[0] + in, 0, pass->rows * io->input_size[0] * sizeof *left);
    for (size_t c = 0; c < pass->rows * w.channels; c++, in += pixels, out += positions) {
        const cr_real *x = io->x[0] + in, *y = io->y + out, *dy = io->dy[0] + out;
        cr_real *dx = io->dx[0] + in;
        if (cr_pool_is_halving(&w)) {
            halve_backward(&w, x, y, dy, dx);
            continue;
        }
        for (size_t i = 0; i < w.positions[CR_HEIGHT]; i++) {
            memcpy(left, dy + i * columns, columns * sizeof *left);
            backward_row(&w, i, x, y + i * columns, left, dx);
        }
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
};
