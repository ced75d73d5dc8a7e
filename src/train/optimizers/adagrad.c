/* Adagrad (Duchi, Hazan, Singer: JMLR 12, 2011), as torch.optim.Adagrad: s ← s + g²,
 * W ← W − η g / (√s + ε). */
#include "train/optimizer.h"

#include <math.h>
#include <tgmath.h>

typedef struct options {
    double learning_rate, weight_decay, epsilon;
} options;

static const cr_option table[] = {
    CR_OPTION_LEARNING_RATE(options, "0.01"),
    CR_OPTION_EPSILON(options, "1e-10"),
    CR_OPTION_WEIGHT_DECAY(options, "0", "adds weight_decay * W to the gradient"),
};

static size_t states(const void *options_)
{
    (void)options_;
    return 1;
}

static void update(const cr_step *step, const cr_update_range *r)
{
    const options *o = step->options;
    const cr_gradient_terms t = cr_step_terms(step, r->segment, o->weight_decay);
    const cr_real rate = (cr_real)step->learning_rate, epsilon = (cr_real)o->epsilon;
    const cr_real *restrict g = r->g;
    cr_real *restrict w = r->w, *restrict sum = r->state;
    for (size_t i = r->from; i < r->to; i++) {
        cr_real x = cr_step_gradient(&t, g[i], w[i]);
        sum[i] += x * x;
        w[i] -= rate * x / (sqrt(sum[i]) + epsilon);
    }
}

const cr_optimizer_type cr_optimizer_adagrad = {
    .name = "adagrad",
    .summary = "s <- s + g^2; W <- W - eta g / (sqrt(s) + epsilon)",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .states = states,
    .update = update,
};
