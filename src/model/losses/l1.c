/* L_i = Σ_j |s_j − t_j|; ∂L/∂s = sign(s − t) / N, 0 where they are equal. */
#include "model/loss.h"

#include <math.h>

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    double total = 0;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++)
        total += fabs((double)io->scores[i] - (double)io->targets.values[i]);
    return total;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    const cr_real *restrict s = io->scores, *restrict t = io->targets.values;
    cr_real *restrict ds = io->dscores;
    cr_real share = 1 / (cr_real)pass->batch_rows;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++)
        ds[i] = share * ((cr_real)(s[i] > t[i]) - (cr_real)(s[i] < t[i]));
}

static uint64_t branches(const cr_pass *pass, const cr_loss_io *io, uint64_t hash)
{
    size_t n = io->outputs;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++)
        hash = cr_branch_hash(hash, io->scores[i] > io->targets.values[i]);
    return hash;
}

const cr_loss_type cr_loss_l1 = {
    .name = "l1",
    .summary = "L_i = the sum over the target columns of |s - t|; targets are numbers",
    .forward = forward,
    .backward = backward,
    .branches = branches,
};
