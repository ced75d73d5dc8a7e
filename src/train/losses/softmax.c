/* L_i = −log(exp(s_y) / Σ_j exp(s_j)), with the largest score subtracted first; ∂L/∂s =
 * (p − 1[y]) / N. */
#include "train/loss.h"

#include <tgmath.h>

/* p = softmax(s), s and p may be the same; returns log Σ exp(s − max) and the maximum. */
static cr_real softmax(size_t n, const cr_real *s, cr_real *p, cr_real *maximum)
{
    cr_real high = s[0], sum = 0;
    for (size_t j = 1; j < n; j++)
        high = s[j] > high ? s[j] : high;
    for (size_t j = 0; j < n; j++) {
        p[j] = exp(s[j] - high);
        sum += p[j];
    }
    for (size_t j = 0; j < n; j++)
        p[j] /= sum;
    *maximum = high;
    return log(sum);
}

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    double total = 0;
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *s = io->scores + row * n;
        cr_real maximum = 0;
        cr_real log_sum = softmax(n, s, io->kept + row * n, &maximum);
        total += (double)(log_sum - (s[io->targets.labels[row]] - maximum));
    }
    return total;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    cr_real share = 1 / (cr_real)pass->batch_rows;
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *restrict p = io->kept + row * n;
        cr_real *restrict ds = io->dscores + row * n;
        for (size_t j = 0; j < n; j++)
            ds[j] = p[j] * share;
        ds[io->targets.labels[row]] -= share;
    }
}

static void present(size_t rows, size_t outputs, cr_real *scores)
{
    cr_real maximum = 0;
    for (size_t row = 0; row < rows; row++)
        softmax(outputs, scores + row * outputs, scores + row * outputs, &maximum);
}

const cr_loss_type cr_loss_softmax = {
    .name = "softmax",
    .summary = "softmax and cross-entropy: -log of the probability of the right class",
    .classify = true,
    .forward = forward,
    .backward = backward,
    .output_name = "probability",
    .present = present,
};
