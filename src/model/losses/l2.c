/* L_i = f Σ_j (s_j − t_j)²; ∂L/∂s = 2 f (s − t) / N. */
#include "model/loss.h"

#include <math.h>

typedef struct options {
    double factor;
} options;

static const cr_option table[] = {
    {.key = "factor",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, factor),
     .fallback = "1",
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "what the sum is multiplied by; 0.5 makes s - t its gradient"},
};

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    double total = 0;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++) {
        double d = (double)io->scores[i] - (double)io->targets.values[i];
        total += d * d;
    }
    return total * ((const options *)io->options)->factor;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    const cr_real *restrict s = io->scores, *restrict t = io->targets.values;
    cr_real *restrict ds = io->dscores;
    const cr_real factor =
        (cr_real)(2 * ((const options *)io->options)->factor) / (cr_real)pass->batch_rows;
    for (size_t i = pass->first_row * n; i < (pass->first_row + pass->rows) * n; i++)
        ds[i] = factor * (s[i] - t[i]);
}

const cr_loss_type cr_loss_l2 = {
    .name = "l2",
    .summary = "L_i = factor * the sum over the target columns of (s - t)^2; targets are "
               "numbers",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .forward = forward,
    .backward = backward,
};
