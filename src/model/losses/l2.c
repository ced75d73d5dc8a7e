/* L_i = Σ_j (s_j − t_j)²; ∂L/∂s = 2 (s − t) / N. */
#include "model/loss.h"

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    double total = 0;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++) {
        double d = (double)io->scores[i] - (double)io->targets.values[i];
        total += d * d;
    }
    return total;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    const cr_real *restrict s = io->scores, *restrict t = io->targets.values;
    cr_real *restrict ds = io->dscores;
    cr_real factor = 2 / (cr_real)pass->batch_rows;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++)
        ds[i] = factor * (s[i] - t[i]);
}

const cr_loss_type cr_loss_l2 = {
    .name = "l2",
    .summary = "L_i = the sum over the target columns of (s - t)^2; targets are numbers",
    .forward = forward,
    .backward = backward,
};
