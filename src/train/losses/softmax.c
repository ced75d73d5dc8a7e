/* L_i = −log(exp(s_y) / Σ_j exp(s_j)), with the largest score subtracted first; ∂L/∂s =
 * (p − 1[y]) / N. */
#include "math/kernels.h"
#include "train/loss.h"

#include <math.h>

/* p = s − max(s), row by row; p and s may be the same. */
static void subtract_highest(size_t rows, size_t n, const cr_real *s, cr_real *p)
{
    for (size_t row = 0; row < rows; row++, s += n, p += n) {
        cr_real high = s[0];
        for (size_t j = 1; j < n; j++)
            high = s[j] > high ? s[j] : high;
        for (size_t j = 0; j < n; j++)
            p[j] = s[j] - high;
    }
}

/* p ← p / Σ p, row by row. Returns Σ log Σ p: the logarithm of a product, which a double
 * holds for many rows before it has to be taken. */
static double normalize(size_t rows, size_t n, cr_real *p)
{
    double logarithms = 0, product = 1;
    for (size_t row = 0; row < rows; row++, p += n) {
        cr_real sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += p[j];
        cr_real inverse = 1 / sum;
        for (size_t j = 0; j < n; j++)
            p[j] *= inverse;
        product *= (double)sum;
        if (product > 1e250) { /* a sum is at most the number of classes */
            logarithms += log(product);
            product = 1;
        }
    }
    return logarithms + log(product);
}

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs, first = pass->first_row;
    cr_real *p = io->kept + first * n;
    const int32_t *labels = io->targets.labels + first;
    subtract_highest(pass->rows, n, io->scores + first * n, p);
    double right = 0;
    for (size_t row = 0; row < pass->rows; row++)
        right += (double)p[row * n + (size_t)labels[row]];
    cr_exponentials(pass->rows * n, p);
    return normalize(pass->rows, n, p) - right;
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
    subtract_highest(rows, outputs, scores, scores);
    cr_exponentials(rows * outputs, scores);
    normalize(rows, outputs, scores);
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
