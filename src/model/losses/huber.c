/* L_i = Σ_j h(s_j − t_j), h(d) = d² / 2 for |d| ≤ δ, else δ (|d| − δ / 2) (Huber, 1964),
 * as torch.nn.HuberLoss; ∂h/∂d = d, cut to [−δ, δ]. */
#include "model/loss.h"

#include <math.h>

typedef struct options {
    double delta;
} options;

static const cr_option table[] = {
    {.key = "delta",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, delta),
     .fallback = "1",
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "from this difference on, the loss grows no faster than the difference"},
};

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    const double delta = ((const options *)io->options)->delta;
    size_t n = io->outputs;
    double total = 0;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++) {
        double d = fabs((double)io->scores[i] - (double)io->targets.values[i]);
        total += d > delta ? delta * (d - delta / 2) : d * d / 2;
    }
    return total;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    const cr_real delta = (cr_real)((const options *)io->options)->delta;
    size_t n = io->outputs;
    const cr_real *restrict s = io->scores, *restrict t = io->targets.values;
    cr_real *restrict ds = io->dscores;
    cr_real share = 1 / (cr_real)pass->batch_rows;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++) {
        cr_real d = s[i] - t[i];
        d = d > delta ? delta : d;
        ds[i] = share * (d < -delta ? -delta : d);
    }
}

const cr_loss_type cr_loss_huber = {
    .name = "huber",
    .summary =
        "L_i = the sum over the target columns of d^2 / 2 where d = |s - t| is at most "
        "delta, else of delta (d - delta / 2): squared error where it is small, absolute "
        "error where it is large; targets are numbers",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .forward = forward,
    .backward = backward,
};
