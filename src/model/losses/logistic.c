/*
 * L_i = Σ_j log(1 + exp(s_j)) − t_j s_j: minus the logarithm of the probability of each
 * label, σ(s) of 1 and 1 − σ(s) of 0; ∂L/∂s = (σ(s) − t) / N, as
 * torch.nn.BCEWithLogitsLoss summed over an example's labels. With label smoothing ε, t
 * is (1 − ε) t + ε / 2.
 */
#include "graph/layer_c.h"
#include "math/kernel.h"
#include "model/loss.h"

#include <math.h>

typedef struct options {
    double label_smoothing;
} options;

static const cr_option table[] = {
    CR_OPTION_LABEL_SMOOTHING(options, "the share of every target that becomes one half"),
};

/* What output i of the batch is to become: its label of 0 or 1, smoothed. */
static cr_real target(const cr_loss_io *io, size_t i)
{
    const cr_real smoothing = (cr_real)((const options *)io->options)->label_smoothing;
    cr_real t =
        io->targets.labels ? (cr_real)io->targets.labels[i] : io->targets.values[i];
    return (1 - smoothing) * t + smoothing / 2;
}

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs, first = pass->first_row * n, last = first + pass->rows * n;
    double total = 0;
    for (size_t i = first; i < last; i++) {
        double s = (double)io->scores[i], t = (double)target(io, i);
        total += log1p(exp(-fabs(s))) + (s > 0 ? s * (1 - t) : -s * t);
    }
    return total;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs, first = pass->first_row * n, last = first + pass->rows * n;
    const cr_real share = 1 / (cr_real)pass->batch_rows;
    cr_kernel_sigmoid(last - first, io->scores + first, io->kept + first);
    for (size_t i = first; i < last; i++)
        io->dscores[i] = (io->kept[i] - target(io, i)) * share;
}

static void present(size_t rows, size_t outputs, cr_real *scores)
{
    cr_kernel_sigmoid(rows * outputs, scores, scores);
}

static void c_source(size_t outputs, cr_csource *out)
{
    const char *const x[] = {"y"};
    const cr_layer_c c = {.x = x, .y = "y"};
    const cr_layer_io io = {.output_size = outputs};
    (void)cr_csource_math_add(out, CR_CSOURCE_SIGMOID);
    cr_layer_c_elementwise(&io, &c, "sigmoid", "sigmoid(x[i])", NULL, out);
}

static cr_onnx_node onnx(const char *scores)
{
    return (cr_onnx_node){.op = "Sigmoid", .in = {scores}};
}

const cr_loss_type cr_loss_logistic = {
    .name = "logistic",
    .summary =
        "L_i = the sum over the scores of log(1 + exp(s)) - t s, which is -log of the "
        "label's probability: one score for two classes, or one for each of "
        "several target columns of 0 and 1",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .classify = true,
    .binary = true,
    .forward = forward,
    .backward = backward,
    .chance = "ln 2 a label",
    .output_name = "probability",
    .present = present,
    .onnx = onnx,
    .c_source = c_source,
};
