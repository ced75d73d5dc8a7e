/*
 * Batch normalisation (Ioffe and Szegedy, ICML 2015), each value over the batch, or each
 * channel over the batch and its places: y = γ x̂ + β, x̂ = (x − mean) / √(variance + ε), as
 * torch.nn.BatchNorm1d and BatchNorm2d. In training mean and variance are the batch's, and
 * the running ones follow them after the step: running ← (1 − m) running + m · batch (the
 * variance with n − 1). Otherwise they are the running ones.
 * dx = γ / √(variance + ε) · (dy − mean(dy) − x̂ mean(dy x̂)).
 *
 * A share takes mean and squares of its own rows; when the shares have met, each adds all
 * of them up, in the order of the shares, by the update of Chan, Golub and LeVeque
 * ("Updating formulae and a pairwise algorithm for computing sample variances", 1979).
 */
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "graph/layers/norm.h"
#include "math/kernel.h"

#include <math.h>
#include <string.h>
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
enum { RUNNING_MEAN, RUNNING_VARIANCE };

/* In a share's scratch memory, [channels] each. The first are those of its own rows, which
 * the other shares read: mean, Σ (x − mean)², Σ dy and Σ dy x̂. The others are those of the
 * batch. */
enum {
    OWN_MEAN,
    OWN_SQUARES,
    OWN_SUM,
    OWN_ALONG,
    MEAN,
    VARIANCE,
    SCALE, /* 1 / √(variance + ε) */
    SUM,
    ALONG,
    STATISTICS
};

/* Kept: x̂ of flat examples; of channels it is computed again from x, which spares memory. */
static bool plan(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    size_t size = cr_shape_size(&plan->inputs[0]), channels = plan->inputs[0].dim[0];
    cr_layer_plan_parameter(plan, "weight", cr_shape_flat(channels), false);
    cr_layer_plan_parameter(plan, "bias", cr_shape_flat(channels), false);
    cr_layer_plan_buffer(plan, "running_mean", cr_shape_flat(channels));
    cr_layer_plan_buffer(plan, "running_var", cr_shape_flat(channels));
    plan->output = plan->inputs[0];
    plan->kept = size == channels ? size : 0;
    plan->scratch = STATISTICS * channels;
    plan->flops = 8.0 * (double)size;
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
    const cr_segment *variance = &io->buffer_segments[RUNNING_VARIANCE];
    for (size_t i = 0; i < variance->size; i++)
        buffers[variance->offset + i] = 1;
}

static size_t channels_of(const cr_layer_io *io)
{
    return io->input_shapes[0].dim[0];
}

/* One of a share's statistics. */
static cr_real *statistic(const cr_layer_io *io, size_t share, size_t which)
{
    return cr_layer_share_scratch(io, share) + which * channels_of(io);
}

/* Mean and squares of each value over the rows, in two passes. The mean is the first row
 * and what the others differ from it by: of values far from 0 a sum has lost what they
 * differ by, and of equal ones the mean is exactly their value. */
static void measure_rows(size_t rows, size_t n, const cr_real *restrict x,
                         cr_real *restrict mean, cr_real *restrict squares)
{
    const cr_real share = 1 / (cr_real)rows;
    for (size_t i = 0; i < n; i++)
        mean[i] = squares[i] = 0;
    for (size_t row = 1; row < rows; row++)
        for (size_t i = 0; i < n; i++)
            mean[i] += x[row * n + i] - x[i];
    for (size_t i = 0; i < n; i++)
        mean[i] = x[i] + mean[i] * share;
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < n; i++) {
            cr_real d = x[row * n + i] - mean[i];
            squares[i] += d * d;
        }
}

/* The same of each channel over the rows and its places. */
static void measure_planes(size_t rows, size_t channels, size_t plane, const cr_real *x,
                           cr_real *mean, cr_real *squares)
{
    const size_t row_size = channels * plane;
    for (size_t c = 0; c < channels; c++, x += plane) {
        double sum = 0;
        for (size_t row = 0; row < rows; row++)
            sum += cr_kernel_sum_from(plane, x + row * row_size, x[0]);
        mean[c] = x[0] + (cr_real)(sum / (double)(rows * plane));
        sum = 0;
        for (size_t row = 0; row < rows; row++)
            sum += cr_kernel_squares_from(plane, x + row * row_size, mean[c]);
        squares[c] = (cr_real)sum;
    }
}

/* Mean and variance (with n) of the batch from those of the shares' rows. */
static void add_moments(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = channels_of(io), plane = cr_shape_plane(&io->input_shapes[0]), before = 0;
    cr_real *restrict mean = statistic(io, pass->share, MEAN);
    cr_real *restrict variance = statistic(io, pass->share, VARIANCE);
    for (size_t s = 0; s < pass->shares; s++) {
        const cr_real *restrict own_mean = statistic(io, s, OWN_MEAN);
        const cr_real *restrict own_squares = statistic(io, s, OWN_SQUARES);
        size_t rows = cr_pass_rows_of(pass, s);
        if (rows == 0)
            continue;
        if (before == 0) {
            memcpy(mean, own_mean, n * sizeof *mean);
            memcpy(variance, own_squares, n * sizeof *mean);
        }
        double part = (double)rows / (double)(before + rows);
        const cr_real to = (cr_real)part,
                      across = (cr_real)(part * (double)before * (double)plane);
        for (size_t i = 0; before > 0 && i < n; i++) {
            cr_real d = own_mean[i] - mean[i];
            mean[i] += d * to;
            variance[i] += own_squares[i] + d * d * across;
        }
        before += rows;
    }
    const cr_real share = 1 / (cr_real)(pass->batch_rows * plane);
    for (size_t i = 0; i < n; i++)
        variance[i] *= share;
}

/* The mean, variance and scale to normalise by, into the share's scratch memory. */
static void take_statistics(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = channels_of(io), plane = cr_shape_plane(&io->input_shapes[0]);
    const cr_real epsilon = (cr_real)((const options *)io->options)->epsilon;
    const cr_real *x = io->x[0] + pass->first_row * io->output_size;
    cr_real *own_mean = statistic(io, pass->share, OWN_MEAN);
    cr_real *own_squares = statistic(io, pass->share, OWN_SQUARES);
    cr_real *mean = statistic(io, pass->share, MEAN);
    cr_real *restrict variance = statistic(io, pass->share, VARIANCE);
    cr_real *restrict scale = statistic(io, pass->share, SCALE);
    if (!pass->training) {
        const cr_segment *running = io->buffer_segments;
        memcpy(mean, io->buffers + running[RUNNING_MEAN].offset, n * sizeof *mean);
        memcpy(variance, io->buffers + running[RUNNING_VARIANCE].offset,
               n * sizeof *variance);
    } else {
        if (plane == 1)
            measure_rows(pass->rows, n, x, own_mean, own_squares);
        else
            measure_planes(pass->rows, n, plane, x, own_mean, own_squares);
        cr_pass_meet(pass);
        add_moments(pass, io);
    }
    for (size_t i = 0; i < n; i++)
        scale[i] = 1 / sqrt(variance[i] + epsilon);
}

static void normalise_rows(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size, first = pass->first_row * n;
    const cr_real *restrict gain = cr_layer_parameter(io, GAIN);
    const cr_real *restrict bias = cr_layer_parameter(io, BIAS);
    const cr_real *restrict mean = statistic(io, pass->share, MEAN);
    const cr_real *restrict scale = statistic(io, pass->share, SCALE);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first, *restrict normal = io->kept + first;
    for (size_t row = 0; row < pass->rows; row++)
#pragma omp simd /* or gcc exchanges the loops, and takes column by column */
        for (size_t i = 0; i < n; i++) {
            cr_real z = (x[row * n + i] - mean[i]) * scale[i];
            normal[row * n + i] = z;
            y[row * n + i] = gain[i] * z + bias[i];
        }
}

static void normalise_planes(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = channels_of(io), plane = cr_shape_plane(&io->input_shapes[0]);
    size_t first = pass->first_row * io->output_size;
    const cr_real *gain = cr_layer_parameter(io, GAIN);
    const cr_real *bias = cr_layer_parameter(io, BIAS);
    const cr_real *mean = statistic(io, pass->share, MEAN);
    const cr_real *scale = statistic(io, pass->share, SCALE);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    for (size_t row = 0; row < pass->rows; row++)
        for (size_t c = 0; c < n; c++, x += plane, y += plane) {
            const cr_real factor = gain[c] * scale[c], m = mean[c], b = bias[c];
            for (size_t i = 0; i < plane; i++)
                y[i] = (x[i] - m) * factor + b;
        }
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    take_statistics(pass, io);
    if (cr_shape_plane(&io->input_shapes[0]) == 1)
        normalise_rows(pass, io);
    else
        normalise_planes(pass, io);
}

/* Σ dy and Σ dy x̂ over the share's rows. */
static void sum_rows(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size, first = pass->first_row * n;
    const cr_real *restrict dy = io->dy[0] + first, *restrict normal = io->kept + first;
    cr_real *restrict sum = statistic(io, pass->share, OWN_SUM);
    cr_real *restrict along = statistic(io, pass->share, OWN_ALONG);
    for (size_t i = 0; i < n; i++)
        along[i] = sum[i] = 0;
    for (size_t row = 0; row < pass->rows; row++)
        for (size_t i = 0; i < n; i++) {
            sum[i] += dy[row * n + i];
            along[i] += dy[row * n + i] * normal[row * n + i];
        }
}

static void sum_planes(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = channels_of(io), plane = cr_shape_plane(&io->input_shapes[0]);
    const cr_real *mean = statistic(io, pass->share, MEAN);
    const cr_real *scale = statistic(io, pass->share, SCALE);
    for (size_t c = 0; c < n; c++) {
        double sum = 0, along = 0;
        for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
            size_t at = (row * n + c) * plane;
            sum += cr_kernel_sum_from(plane, io->dy[0] + at, 0);
            along +=
                cr_kernel_products_from(plane, io->dy[0] + at, io->x[0] + at, mean[c]);
        }
        statistic(io, pass->share, OWN_SUM)[c] = (cr_real)sum;
        statistic(io, pass->share, OWN_ALONG)[c] = (cr_real)along * scale[c];
    }
}

/* to[i] = Σ over the shares of one of the sums that they have of their rows. */
static void add_shares(const cr_pass *pass, const cr_layer_io *io, size_t which,
                       cr_real *restrict to)
{
    size_t n = channels_of(io), before = 0;
    for (size_t s = 0; s < pass->shares; s++) {
        const cr_real *restrict own = statistic(io, s, which);
        size_t rows = cr_pass_rows_of(pass, s);
        for (size_t i = 0; rows > 0 && i < n; i++)
            to[i] = before == 0 ? own[i] : to[i] + own[i];
        before += rows;
    }
}

/* share: 1 / the values that a mean is over; 0 where mean and variance are given. */
static void back_rows(const cr_pass *pass, const cr_layer_io *io, cr_real share)
{
    size_t n = io->output_size, first = pass->first_row * n;
    const cr_real *restrict gain = cr_layer_parameter(io, GAIN);
    const cr_real *restrict scale = statistic(io, pass->share, SCALE);
    const cr_real *restrict sum = statistic(io, pass->share, SUM);
    const cr_real *restrict along = statistic(io, pass->share, ALONG);
    const cr_real *restrict dy = io->dy[0] + first, *restrict normal = io->kept + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t row = 0; row < pass->rows; row++)
        for (size_t i = 0; i < n; i++)
            dx[row * n + i] = gain[i] * scale[i] *
                              (dy[row * n + i] - share * sum[i] -
                               share * normal[row * n + i] * along[i]);
}

static void back_planes(const cr_pass *pass, const cr_layer_io *io, cr_real share)
{
    size_t n = channels_of(io), plane = cr_shape_plane(&io->input_shapes[0]);
    size_t first = pass->first_row * io->output_size;
    const cr_real *gain = cr_layer_parameter(io, GAIN);
    const cr_real *mean = statistic(io, pass->share, MEAN);
    const cr_real *scale = statistic(io, pass->share, SCALE);
    const cr_real *sum = statistic(io, pass->share, SUM);
    const cr_real *along = statistic(io, pass->share, ALONG);
    const cr_real *restrict x = io->x[0] + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t row = 0; row < pass->rows; row++)
        for (size_t c = 0; c < n; c++, x += plane, dy += plane, dx += plane) {
            const cr_real factor = gain[c] * scale[c], m = mean[c];
            const cr_real middle = share * sum[c], slope = share * along[c] * scale[c];
            for (size_t i = 0; i < plane; i++)
                dx[i] = factor * (dy[i] - middle - (x[i] - m) * slope);
        }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t plane = cr_shape_plane(&io->input_shapes[0]);
    const cr_real share = pass->training ? 1 / (cr_real)(pass->batch_rows * plane) : 0;
    if (plane > 1 && (io->dx[0] || io->trained))
        sum_planes(pass, io);
    else if (io->dx[0])
        sum_rows(pass, io);
    if (!io->dx[0])
        return;
    cr_pass_meet(pass);
    add_shares(pass, io, OWN_SUM, statistic(io, pass->share, SUM));
    add_shares(pass, io, OWN_ALONG, statistic(io, pass->share, ALONG));
    if (plane == 1)
        back_rows(pass, io, share);
    else
        back_planes(pass, io, share);
}

static void gradient(const cr_pass *pass, const cr_layer_io *io,
                     const cr_gradient_sink *sink)
{
    if (cr_shape_plane(&io->input_shapes[0]) == 1) {
        cr_norm_gradient(pass, io, sink, io->kept, io->output_size);
        return;
    }
    cr_layer_gradient_of_shares(pass, io, sink, GAIN, OWN_ALONG * channels_of(io));
    cr_layer_gradient_of_shares(pass, io, sink, BIAS, OWN_SUM * channels_of(io));
}

static void commit(const cr_pass *pass, const cr_layer_io *io, cr_real *buffers)
{
    size_t n = channels_of(io);
    size_t count = pass->batch_rows * cr_shape_plane(&io->input_shapes[0]);
    const cr_real m = (cr_real)((const options *)io->options)->momentum;
    const cr_real *mean = statistic(io, pass->share, MEAN);
    const cr_real *variance = statistic(io, pass->share, VARIANCE);
    cr_real *running_mean = buffers + io->buffer_segments[RUNNING_MEAN].offset;
    cr_real *running_variance = buffers + io->buffer_segments[RUNNING_VARIANCE].offset;
    if (count < 2) /* one value has no variance */
        return;
    const cr_real unbiased = (cr_real)((double)count / (double)(count - 1));
    for (size_t i = 0; i < n; i++) {
        running_mean[i] += m * (mean[i] - running_mean[i]);
        running_variance[i] += m * (unbiased * variance[i] - running_variance[i]);
    }
}

static void channel_affine(const cr_layer_io *io, double *mean, double *scale,
                           double *bias)
{
    const double epsilon = ((const options *)io->options)->epsilon;
    const cr_real *middle = io->buffers + io->buffer_segments[RUNNING_MEAN].offset;
    const cr_real *variance = io->buffers + io->buffer_segments[RUNNING_VARIANCE].offset;
    for (size_t i = 0; i < channels_of(io); i++) {
        mean[i] = (double)middle[i];
        scale[i] =
            (double)cr_layer_parameter(io, GAIN)[i] / sqrt((double)variance[i] + epsilon);
        bias[i] = (double)cr_layer_parameter(io, BIAS)[i];
    }
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const options *o = layer->plan->options;
    return cr_layer_onnx_output(
        layer,
        &(cr_onnx_node){.op = "BatchNormalization",
                        .in = {layer->inputs[0], cr_layer_onnx_parameter(layer, GAIN),
                               cr_layer_onnx_parameter(layer, BIAS),
                               cr_layer_onnx_buffer(layer, RUNNING_MEAN),
                               cr_layer_onnx_buffer(layer, RUNNING_VARIANCE)},
                        .attributes = {CR_ONNX_SET_FLOAT("epsilon", o->epsilon)}});
}

const cr_layer_type cr_layer_batch_norm = {
    .name = "batch_norm",
    .summary = "each value, or each channel, to mean 0 and variance 1 over the batch "
               "(outside of training: by running figures), then times weight plus bias",
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
    .in_place = true,
    .channel_affine = channel_affine,
    .onnx = onnx,
};
