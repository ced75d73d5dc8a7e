/* Inverted dropout (Srivastava et al., JMLR 15, 2014): in training each value is 0 with
 * probability `rate`, else divided by 1 − rate; otherwise nothing happens. Which ones is
 * a function of seed, step, layer, row and unit. With `channels` whole channels are drawn,
 * as in torch.nn.Dropout2d (Tompson et al., CVPR 2015). */
#include "base/random.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

#include <string.h>

typedef struct options {
    double rate;
    bool channels;
} options;

static const cr_option table[] = {
    {.key = "rate",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, rate),
     .fallback = "0.5",
     .minimum = 0,
     .maximum = 0.999,
     .help = "the probability of a value to be dropped"},
    {.key = "channels",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(options, channels),
     .fallback = "false",
     .help = "whole channels are dropped, not single values"},
};

/* Values that have a factor in common. */
static size_t factor_values(const options *o, const cr_shape *shape)
{
    return o->channels ? cr_shape_plane(shape) : 1;
}

/* The factors are kept for backward. */
static bool plan(cr_layer_plan *plan, cr_error *err)
{
    const options *o = plan->options;
    const cr_shape *input = &plan->inputs[0];
    char shape[CR_SHAPE_TEXT];
    if (o->channels && input->rank == 1)
        return cr_fail(err, CR_E_CONFIG,
                       "an example of its input is %s values without channels: remove "
                       "\"channels\", and values are dropped one by one",
                       cr_shape_format(input, shape));
    plan->kept = cr_shape_size(input) / factor_values(o, input);
    return cr_elementwise_plan(plan, err);
}

/* Draws the n factors of one row: so many blocks of four words a row. */
static void draw_row(const cr_pass *pass, const cr_layer_io *io, size_t row, size_t n,
                     cr_real *restrict factors)
{
    enum { WORDS = 4, MOST = 256 }; /* blocks at a time */
    const options *o = io->options;
    size_t blocks = (n + WORDS - 1) / WORDS;
    const cr_real kept = (cr_real)(1 / (1 - o->rate));
    const uint32_t limit = (uint32_t)(o->rate * 4294967296.0);
    uint64_t first = ((uint64_t)pass->step << 32) + (uint64_t)(row * blocks);
    uint32_t words[WORDS * MOST];
    for (size_t done = 0; done < blocks; done += MOST) {
        size_t some = blocks - done < MOST ? blocks - done : MOST;
        cr_random_blocks(pass->seed, CR_FOR_DROPOUT, io->stream, first + done, some,
                         words);
        size_t values = n - done * WORDS < some * WORDS ? n - done * WORDS : some * WORDS;
        for (size_t i = 0; i < values; i++)
            factors[done * WORDS + i] = words[i] < limit ? 0 : kept;
    }
}

/* out = in · factors, each of which is for `block` values. */
static void multiply(size_t factor_count, size_t block, const cr_real *restrict factors,
                     const cr_real *restrict in, cr_real *restrict out)
{
    if (block == 1) {
        for (size_t i = 0; i < factor_count; i++)
            out[i] = in[i] * factors[i];
        return;
    }
    for (size_t k = 0; k < factor_count; k++, in += block, out += block)
        for (size_t i = 0; i < block; i++)
            out[i] = in[i] * factors[k];
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size, first = pass->first_row * n;
    size_t block = factor_values(io->options, &io->input_shapes[0]), count = n / block;
    if (!pass->training) {
        memcpy(io->y + first, io->x[0] + first, pass->rows * n * sizeof *io->y);
        return;
    }
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        cr_real *factors = io->kept + row * count;
        draw_row(pass, io, pass->before + row, count, factors);
        multiply(count, block, factors, io->x[0] + row * n, io->y + row * n);
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size, first = pass->first_row * n;
    size_t block = factor_values(io->options, &io->input_shapes[0]);
    if (!io->dx[0])
        return;
    if (!pass->training)
        memcpy(io->dx[0] + first, io->dy[0] + first, pass->rows * n * sizeof *io->y);
    else
        multiply(pass->rows * n / block, block, io->kept + first / block,
                 io->dy[0] + first, io->dx[0] + first);
}

/* Outside of training nothing happens. */
static const char *onnx(const cr_layer_onnx *layer)
{
    return layer->inputs[0];
}

const cr_layer_type cr_layer_dropout = {
    .name = "dropout",
    .summary = "in training, values are 0 with the probability `rate`, the others are "
               "divided by 1 - rate",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .passes = true,
    .onnx = onnx,
};
