#include "graph/layer_weights.h"

#include "base/memory.h"

#include <math.h>

enum { WEIGHT, BIAS };

void cr_layer_weights_finish(cr_layer_weights *weights)
{
    cr_free(weights->weight);
    cr_free(weights->bias);
    cr_free(weights->bytes);
    cr_free(weights->scale);
    *weights = (cr_layer_weights){0};
}

static void fold_inputs(cr_layer_weights *w, const cr_node *node, const cr_layer_io *io,
                        const cr_layer_fold *fold)
{
    for (size_t i = 0; fold->x_scale && i < w->size; i++) {
        size_t input = node->type->flat ? i / w->channels : 0;
        w->weight[i] *= fold->x_scale[input];
        w->bias[node->type->channel_of(io, i)] -= fold->x_shift[input] * w->weight[i];
    }
}

bool cr_layer_weights_make(cr_layer_weights *w, const cr_node *node,
                           const cr_layer_io *io, const cr_layer_fold *fold,
                           cr_error *err)
{
    const cr_layer_plan *plan = &node->plan;
    size_t (*channel_of)(const cr_layer_io *, size_t) = node->type->channel_of;
    *w = (cr_layer_weights){.size = plan->parameters[WEIGHT].size,
                            .channels = plan->output.dim[0]};
    w->weight = cr_alloc(w->size, sizeof *w->weight, err);
    w->bias = cr_alloc(w->channels, sizeof *w->bias, err);
    if (!w->weight || !w->bias)
        return false;
    for (size_t i = 0; i < w->size; i++)
        w->weight[i] = (double)cr_layer_parameter(io, WEIGHT)[i];
    for (size_t c = 0; plan->parameter_count > BIAS && c < w->channels; c++)
        w->bias[c] = (double)cr_layer_parameter(io, BIAS)[c];
    fold_inputs(w, node, io, fold);
    for (size_t i = 0; fold->y_scale && i < w->size; i++)
        w->weight[i] *= fold->y_scale[channel_of(io, i)];
    for (size_t c = 0; fold->y_scale && c < w->channels; c++)
        w->bias[c] = (w->bias[c] - fold->y_mean[c]) * fold->y_scale[c] + fold->y_bias[c];
    return true;
}

static int nearest(double value)
{
    return (int)fmin(fmax(round(value), -127), 127);
}

/* Of each channel, over scales from where no weight is cut off down to a tenth of that:
 * the one whose weights are off by least, squared and by the variance of their inputs
 * (NULL: all alike). figures: [3, channels] of room. */
static void choose_scales(cr_layer_weights *w, const cr_node *node, const cr_layer_io *io,
                          const double *variance, double *figures)
{
    enum { SCALES = 40 };
    double *largest = figures, *least = figures + w->channels,
           *error = figures + 2 * w->channels;
    size_t (*channel_of)(const cr_layer_io *, size_t) = node->type->channel_of;
    for (size_t i = 0; i < w->size; i++) {
        double *high = &largest[channel_of(io, i)];
        *high = fmax(*high, fabs(w->weight[i]));
    }
    for (int k = 0; k < SCALES; k++) {
        double factor = pow(0.1, (double)k / (SCALES - 1)) / 127;
        for (size_t c = 0; c < w->channels; c++)
            error[c] = 0;
        for (size_t i = 0; i < w->size; i++) {
            size_t c = channel_of(io, i);
            double scale = largest[c] > 0 ? factor * largest[c] : 1;
            double off = w->weight[i] - scale * nearest(w->weight[i] / scale);
            error[c] += off * off * (variance ? variance[i / w->channels] : 1);
        }
        for (size_t c = 0; c < w->channels; c++)
            if (k == 0 || error[c] < least[c]) {
                least[c] = error[c];
                w->scale[c] = largest[c] > 0 ? factor * largest[c] : 1;
            }
    }
}

static void take_nearest(cr_layer_weights *w, const cr_node *node, const cr_layer_io *io)
{
    for (size_t i = 0; i < w->size; i++)
        w->bytes[i] =
            (int8_t)nearest(w->weight[i] / w->scale[node->type->channel_of(io, i)]);
}

/* Means of inputs, and how they vary together: x [rows, n], mean [n], covariance [n, n]. */
static void measure(const float *x, size_t rows, size_t n, double *mean,
                    float *covariance)
{
    for (size_t i = 0; i < rows * n; i++)
        mean[i % n] += (double)x[i] / (double)rows;
    for (size_t row = 0; row < rows; row++, x += n)
        for (size_t i = 0; i < n; i++) {
            float d = (float)((double)x[i] - mean[i]) / (float)rows;
            float *restrict line = covariance + i * n;
            for (size_t j = 0; d != 0 && j < n; j++)
                line[j] += d * (x[j] - (float)mean[j]);
        }
}

/* Bytes of one channel, one by one up or down as long as that brings its output closer: the
 * variance of what it is off by is off' covariance off. slope [n]: covariance off. */
static void round_channel(cr_layer_weights *w, size_t c, size_t n,
                          const float *covariance, double *slope)
{
    enum { ROUNDS = 20 };
    const double scale = w->scale[c];
    for (size_t i = 0; i < n; i++)
        slope[i] = 0;
    for (size_t j = 0; j < n; j++) {
        size_t at = j * w->channels + c;
        double off = w->weight[at] - scale * w->bytes[at];
        for (size_t i = 0; i < n; i++)
            slope[i] += off * (double)covariance[j * n + i];
    }
    bool moved = true;
    for (int round = 0; moved && round < ROUNDS; round++) {
        moved = false;
        for (size_t i = 0; i < n; i++) {
            int8_t *byte = &w->bytes[i * w->channels + c];
            int to = slope[i] > 0 ? *byte + 1 : *byte - 1;
            double gain = 2 * fabs(slope[i]) - scale * (double)covariance[i * n + i];
            if (!(gain > 0) || to < -127 || to > 127)
                continue;
            double change = slope[i] > 0 ? -scale : scale;
            *byte = (int8_t)to;
            for (size_t j = 0; j < n; j++)
                slope[j] += change * (double)covariance[i * n + j];
            moved = true;
        }
    }
}

/* A flat layer's weights, by its inputs; very wide ones have no room for how those vary
 * together. */
static bool round_by_inputs(cr_layer_weights *w, size_t n, const double *mean,
                            const float *covariance, cr_error *err)
{
    double *slope = cr_alloc(n, sizeof *slope, err);
    for (size_t c = 0; slope && c < w->channels; c++) {
        round_channel(w, c, n, covariance, slope);
        for (size_t i = 0; i < n; i++) {
            size_t at = i * w->channels + c;
            w->bias[c] += mean[i] * (w->weight[at] - w->scale[c] * w->bytes[at]);
        }
    }
    cr_free(slope);
    return slope != NULL;
}

/* With scales by what each input varies by, and the rest of `round_by_inputs`. */
static bool quantize_flat(cr_layer_weights *w, const cr_node *node, const cr_layer_io *io,
                          const float *x, size_t rows, double *figures, cr_error *err)
{
    size_t n = w->size / w->channels;
    double *mean = cr_alloc(2 * n, sizeof *mean, err);
    float *covariance = cr_alloc(n * n, sizeof *covariance, err);
    bool good = mean && covariance;
    if (good) {
        measure(x, rows, n, mean, covariance);
        for (size_t i = 0; i < n; i++)
            mean[n + i] = (double)covariance[i * n + i];
        choose_scales(w, node, io, mean + n, figures);
        take_nearest(w, node, io);
        good = round_by_inputs(w, n, mean, covariance, err);
    }
    cr_free(mean);
    cr_free(covariance);
    return good;
}

bool cr_layer_weights_quantize(cr_layer_weights *w, const cr_node *node,
                               const cr_layer_io *io, const float *x, size_t rows,
                               cr_error *err)
{
    enum { MOST_TOGETHER = 2048 }; /* inputs whose covariances there is room for */
    w->bytes = cr_alloc(w->size, sizeof *w->bytes, err);
    w->scale = cr_alloc(w->channels, sizeof *w->scale, err);
    double *figures = cr_alloc(3 * w->channels, sizeof *figures, err);
    bool good = w->bytes && w->scale && figures;
    if (good && x && w->size / w->channels <= MOST_TOGETHER) {
        good = quantize_flat(w, node, io, x, rows, figures, err);
    } else if (good) {
        choose_scales(w, node, io, NULL, figures);
        take_nearest(w, node, io);
    }
    for (size_t i = 0; good && i < w->size; i++)
        w->weight[i] = w->scale[node->type->channel_of(io, i)] * w->bytes[i];
    cr_free(figures);
    return good;
}

int cr_layer_weights_byte(const cr_layer_steps *steps, float x)
{
    float v = x * (float)(1 / steps->step) + ((float)steps->zero + 128.5f);
    v = v > 0 ? v : 0;
    return (int)(v < 255 ? v : 255) - 128;
}
