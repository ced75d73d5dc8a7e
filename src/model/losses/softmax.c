/*
 * L_i = −Σ_j q_j log p_j with p = exp(s) / Σ exp(s), the largest score subtracted first;
 * ∂L/∂s = (p − q) / N. q is 1 for the right class y, else 0; with label smoothing ε it is
 * (1 − ε) 1[y] + ε / classes (Szegedy et al., CVPR 2016), as torch.nn.CrossEntropyLoss.
 */
#include "graph/layer_c.h"
#include "math/kernel.h"
#include "model/loss.h"

#include <math.h>

typedef struct options {
    double label_smoothing;
} options;

static const cr_option table[] = {
    CR_OPTION_LABEL_SMOOTHING(
        options, "the share of the target that is spread over all classes alike"),
};

/* p = s − max(s), row by row; p and s may be the same. */
static inline void subtract_rows(size_t rows, size_t n, const cr_real *s, cr_real *p)
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
static inline double normalize_rows(size_t rows, size_t n, cr_real *p)
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

/* The usual numbers of classes are compiled apart: loops of a length that is known are
 * unrolled, which halves the time for 10 classes and saves five sixths of it for 3. */
static void subtract_highest(size_t rows, size_t n, const cr_real *s, cr_real *p)
{
    switch (n) {
    case 2:
        subtract_rows(rows, 2, s, p);
        return;
    case 3:
        subtract_rows(rows, 3, s, p);
        return;
    case 10:
        subtract_rows(rows, 10, s, p);
        return;
    default:
        subtract_rows(rows, n, s, p);
    }
}

static double normalize(size_t rows, size_t n, cr_real *p)
{
    switch (n) {
    case 2:
        return normalize_rows(rows, 2, p);
    case 3:
        return normalize_rows(rows, 3, p);
    case 10:
        return normalize_rows(rows, 10, p);
    default:
        return normalize_rows(rows, n, p);
    }
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
    const double smoothing = ((const options *)io->options)->label_smoothing;
    if (smoothing > 0) {
        double all = 0;
        for (size_t i = 0; i < pass->rows * n; i++)
            all += (double)p[i];
        right = (1 - smoothing) * right + smoothing / (double)n * all;
    }
    cr_kernel_exp(pass->rows * n, p);
    return normalize(pass->rows, n, p) - right;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs, first = pass->first_row, last = first + pass->rows;
    const double smoothing = ((const options *)io->options)->label_smoothing;
    const cr_real share = 1 / (cr_real)pass->batch_rows;
    const cr_real spread = (cr_real)(smoothing / (double)n) * share;
    const cr_real right = (cr_real)(1 - smoothing) * share;
    const cr_real *restrict p = io->kept;
    cr_real *restrict ds = io->dscores;
    const cr_real least = (cr_real)1e-30; /* products with less are denormal, and slow */
    for (size_t i = first * n; i < last * n; i++)
        ds[i] = (p[i] < least ? 0 : p[i] * share) - spread;
    for (size_t row = first; row < last; row++)
        ds[row * n + (size_t)io->targets.labels[row]] -= right;
}

static void present(size_t rows, size_t outputs, cr_real *scores)
{
    subtract_highest(rows, outputs, scores, scores);
    cr_kernel_exp(rows * outputs, scores);
    normalize(rows, outputs, scores);
}

static void c_source(size_t outputs, cr_csource *out)
{
    cr_layer_c_softmax(outputs, "y", "y", out);
}

static cr_onnx_node onnx(const char *scores)
{
    return (cr_onnx_node){
        .op = "Softmax", .in = {scores}, .attributes = {CR_ONNX_SET_INT("axis", 1)}};
}

const cr_loss_type cr_loss_softmax = {
    .name = "softmax",
    .summary = "softmax and cross-entropy: L_i = -log(exp(s_y) / sum of exp(s_j)), y the "
               "right class",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .classify = true,
    .forward = forward,
    .backward = backward,
    .chance = "ln K",
    .output_name = "probability",
    .present = present,
    .onnx = onnx,
    .c_source = c_source,
};
