/*
 * RMSprop (Tieleman and Hinton, 2012), as torch.optim.RMSprop: v ← α v + (1 − α) g²,
 * W ← W − η g / (√v + ε); with momentum μ: b ← μ b + g / (√v + ε), W ← W − η b.
 */
#include "train/optimizer.h"

#include <math.h>
#include <tgmath.h>

typedef struct options {
    double learning_rate, weight_decay, alpha, epsilon, momentum;
} options;

static const cr_option table[] = {
    CR_OPTION_LEARNING_RATE(options, "0.01"),
    CR_OPTION_SHARE(options, alpha, "0.99",
                    "how slowly the mean square forgets: v <- alpha v + (1 - alpha) g^2"),
    CR_OPTION_SHARE(options, momentum, "0", "mu: b <- mu b + g / (sqrt(v) + epsilon)"),
    CR_OPTION_EPSILON(options, "1e-8"),
    CR_OPTION_WEIGHT_DECAY(options, "0", "adds weight_decay * W to the gradient"),
};

static size_t states(const void *opaque)
{
    const options *o = opaque;
    return o->momentum > 0 ? 2 : 1;
}

static void update(const cr_step *step, const cr_update_range *r)
{
    const options *o = step->options;
    const cr_gradient_terms t = cr_step_terms(step, r->segment, o->weight_decay);
    const cr_real rate = (cr_real)step->learning_rate, epsilon = (cr_real)o->epsilon;
    const cr_real alpha = (cr_real)o->alpha, rest = (cr_real)(1 - o->alpha);
    const cr_real mu = (cr_real)o->momentum;
    const cr_real *restrict g = r->g;
    cr_real *restrict w = r->w, *restrict v = r->state;
    if (o->momentum > 0) {
        cr_real *restrict b = r->state + r->segment->size;
        for (size_t i = r->from; i < r->to; i++) {
            cr_real x = cr_step_gradient(&t, g[i], w[i]);
            v[i] = cr_step_kept_square(alpha * v[i] + rest * x * x);
            b[i] = cr_step_kept(mu * b[i] + x / (sqrt(v[i]) + epsilon));
            w[i] -= rate * b[i];
        }
        return;
    }
    for (size_t i = r->from; i < r->to; i++) {
        cr_real x = cr_step_gradient(&t, g[i], w[i]);
        v[i] = cr_step_kept_square(alpha * v[i] + rest * x * x);
        w[i] -= rate * x / (sqrt(v[i]) + epsilon);
    }
}

const cr_optimizer_type cr_optimizer_rmsprop = {
    .name = "rmsprop",
    .summary = "v <- alpha v + (1 - alpha) g^2; W <- W - eta g / (sqrt(v) + epsilon)",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .states = states,
    .update = update,
};
