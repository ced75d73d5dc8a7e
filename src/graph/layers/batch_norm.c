/*
 * Batch normalisation (Ioffe and Szegedy, ICML 2015), each value over the batch:
 * y = γ x̂ + β, x̂ = (x − mean) / √(variance + ε), as torch.nn.BatchNorm1d. In training
 * mean and variance are the batch's, and the running ones follow them after the step:
 * running ← (1 − m) running + m · batch (the variance with n − 1). Otherwise they are the
 * running ones. dx = γ / √(variance + ε) · (dy − mean(dy) − x̂ mean(dy x̂)).
 */
#include "graph/layers/layers.h"
#include "graph/layers/norm.h"

#include <math.h>
#include <tgmath.h>

typedef struct options {
    double momentum, epsilon;
} options;

static const cr_option table[] = {
    {.key = "momentum",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, momentum),
     .fallback = "0.1",
     .minimum = 0,
     .maximum = 1,
     .above_minimum = true,
     .help = "the share of a batch's statistics in the running ones"},
    {.key = "epsilon",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, epsilon),
     .fallback = "1e-5",
     .minimum = 1e-16,
     .maximum = 1,
     .help = "added to the variance"},
};

enum { GAIN, BIAS };
enum { MEAN, VARIANCE };

/* Kept: x̂ [n] an example. In the scratch memory, [n] each: the batch's mean and variance,
 * 1 / √(variance + ε), and two sums over the rows, of dy and of dy x̂. */
enum { STATISTICS = 5 };

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    size_t n = cr_shape_size(&plan->inputs[0]);
    cr_layer_plan_parameter(plan, "weight", cr_shape_flat(n), false);
    cr_layer_plan_parameter(plan, "bias", cr_shape_flat(n), false);
    cr_layer_plan_buffer(plan, "running_mean", cr_shape_flat(n));
    cr_layer_plan_buffer(plan, "running_var", cr_shape_flat(n));
    plan->output = plan->inputs[0];
    plan->kept = n;
    plan->scratch = STATISTICS * n;
    plan->flops = 8.0 * (double)n;
    return true;
}

static void init(const cr_layer_io *io, cr_real *weights, uint64_t seed)
{
    (void)seed;
    const cr_segment *gain = &io->parameters[GAIN];
    for (size_t i = 0; i < gain->size; i++)
        weights[gain->offset + i] = 1;
}

static void init_buffers(const cr_layer_io *io, cr_real *buffers)
{
    const cr_segment *variance = &io->buffer_segments[VARIANCE];
    for (size_t i = 0; i < variance->size; i++)
        buffers[variance->offset + i] = 1;
}

static const cr_real *buffer(const cr_layer_io *io, size_t i)
{
    return io->buffers + io->buffer_segments[i].offset;
}

/* Mean and variance (with n) of each value over the rows, in two passes. The mean is the
 * first row and what the others differ from it by: of values far from 0 a sum has lost
 * what they differ by, and of equal ones the mean is exactly their value. */
static void measure(size_t rows, size_t n, const cr_real *restrict x,
                    cr_real *restrict mean, cr_real *restrict variance)
{
    const cr_real share = 1 / (cr_real)rows;
    for (size_t i = 0; i < n; i++)
        mean[i] = variance[i] = 0;
    for (size_t row = 1; row < rows; row++)
        for (size_t i = 0; i < n; i++)
            mean[i] += x[row * n + i] - x[i];
    for (size_t i = 0; i < n; i++)
        mean[i] = x[i] + mean[i] * share;
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < n; i++) {
            cr_real d = x[row * n + i] - mean[i];
            variance[i] += d * d;
        }
    for (size_t i = 0; i < n; i++)
        variance[i] *= share;
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size, first = pass->first_row * n;
    const cr_real epsilon = (cr_real)((const options *)io->options)->epsilon;
    cr_real *statistics = cr_layer_scratch(pass, io);
    if (pass->training)
        measure(pass->rows, n, io->x[0], statistics, statistics + n);
    const cr_real *restrict mean = pass->training ? statistics : buffer(io, MEAN);
    const cr_real *restrict variance =
        pass->training ? statistics + n : buffer(io, VARIANCE);
    const cr_real *restrict gain = cr_layer_parameter(io, GAIN), *restrict bias =
                                                                     cr_layer_parameter(
                                                                         io, BIAS);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first, *restrict normal = io->kept + first;
    cr_real *restrict scale = statistics + 2 * n;
    for (size_t i = 0; i < n; i++)
        scale[i] = 1 / sqrt(variance[i] + epsilon);
    for (size_t row = 0; row < pass->rows; row++)
        for (size_t i = 0; i < n; i++) {
            cr_real z = (x[row * n + i] - mean[i]) * scale[i];
            normal[row * n + i] = z;
            y[row * n + i] = gain[i] * z + bias[i];
        }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size, rows = pass->batch_rows;
    const cr_real *restrict gain = cr_layer_parameter(io, GAIN);
    const cr_real *restrict dy = io->dy[0], *restrict normal = io->kept;
    cr_real *scratch = cr_layer_scratch(pass, io);
    const cr_real *restrict scale = scratch + 2 * n;
    cr_real *restrict sum = scratch + 3 * n, *restrict along = scratch + 4 * n;
    cr_real *restrict dx = io->dx[0];
    const cr_real share = pass->training ? 1 / (cr_real)rows : 0;
    if (!dx)
        return;
    for (size_t i = 0; i < n; i++)
        along[i] = sum[i] = 0;
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < n; i++) {
            sum[i] += dy[row * n + i];
            along[i] += dy[row * n + i] * normal[row * n + i];
        }
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < n; i++)
            dx[row * n + i] = gain[i] * scale[i] *
                              (dy[row * n + i] - share * sum[i] -
                               share * normal[row * n + i] * along[i]);
}

static void gradient(const cr_pass *pass, const cr_layer_io *io,
                     const cr_gradient_sink *sink)
{
    cr_norm_gradient(pass, io, sink, io->kept, io->output_size);
}

static void commit(const cr_pass *pass, const cr_layer_io *io, cr_real *buffers)
{
    size_t n = io->output_size, rows = pass->batch_rows;
    const cr_real m = (cr_real)((const options *)io->options)->momentum;
    const cr_real *mean = cr_layer_scratch(pass, io), *variance = mean + n;
    cr_real *running_mean = buffers + io->buffer_segments[MEAN].offset;
    cr_real *running_variance = buffers + io->buffer_segments[VARIANCE].offset;
    if (rows < 2) /* one example has no variance */
        return;
    const cr_real unbiased = (cr_real)((double)rows / (double)(rows - 1));
    for (size_t i = 0; i < n; i++) {
        running_mean[i] += m * (mean[i] - running_mean[i]);
        running_variance[i] += m * (unbiased * variance[i] - running_variance[i]);
    }
}

const cr_layer_type cr_layer_batch_norm = {
    .name = "batch_norm",
    .summary = "each value to mean 0 and variance 1 over the batch (outside of training: "
               "by running figures), then times weight plus bias",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .rows_depend = true,
    .plan = plan,
    .init = init,
    .init_buffers = init_buffers,
    .forward = forward,
    .backward = backward,
    .gradient = gradient,
    .commit = commit,
};
