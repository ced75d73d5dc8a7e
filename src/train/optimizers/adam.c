/*
 * Adam (Kingma and Ba, ICLR 2015), as torch.optim.Adam: m ← β₁ m + (1 − β₁) g,
 * v ← β₂ v + (1 − β₂) g², W ← W − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε). AdamW
 * (Loshchilov and Hutter, ICLR 2019), as torch.optim.AdamW: the same, after
 * W ← (1 − η · weight_decay) W in place of a term of the gradient.
 */
#include "train/optimizer.h"

#include <math.h>
#include <tgmath.h>

typedef struct options {
    double learning_rate, weight_decay, beta1, beta2, epsilon;
} options;

#define SHARED_ROWS                                                                      \
    CR_OPTION_LEARNING_RATE(options, "0.001"),                                           \
        CR_OPTION_SHARE(options, beta1, "0.9", "m <- beta1 m + (1 - beta1) g"),          \
        CR_OPTION_SHARE(options, beta2, "0.999", "v <- beta2 v + (1 - beta2) g^2"),      \
        CR_OPTION_EPSILON(options, "1e-8")

static const cr_option adam_table[] = {
    SHARED_ROWS,
    CR_OPTION_WEIGHT_DECAY(options, "0", "adds weight_decay * W to the gradient"),
};

static const cr_option adamw_table[] = {
    SHARED_ROWS,
    CR_OPTION_WEIGHT_DECAY(options, "0.01",
                           "decoupled from the gradient: W <- (1 - eta weight_decay) W"),
};

static size_t states(const void *opaque)
{
    (void)opaque;
    return 2;
}

static void step_on(const cr_step *step, const cr_update_range *r, double coupled,
                    double decoupled)
{
    const options *o = step->options;
    const cr_gradient_terms t = cr_step_terms(step, r->segment, coupled);
    const double correction1 = 1 - pow(o->beta1, (double)step->number);
    const double correction2 = 1 - pow(o->beta2, (double)step->number);
    const cr_real rate = (cr_real)(step->learning_rate / correction1);
    const cr_real root = (cr_real)(1 / sqrt(correction2));
    const cr_real beta1 = (cr_real)o->beta1, rest1 = (cr_real)(1 - o->beta1);
    const cr_real beta2 = (cr_real)o->beta2, rest2 = (cr_real)(1 - o->beta2);
    const cr_real epsilon = (cr_real)o->epsilon;
    const cr_real decay =
        (cr_real)(r->segment->regularized ? step->learning_rate * decoupled : 0);
    const cr_real *restrict g = r->g;
    cr_real *restrict w = r->w, *restrict m = r->state,
                      *restrict v = r->state + r->segment->size;
    for (size_t i = r->from; i < r->to; i++) {
        cr_real x = cr_step_gradient(&t, g[i], w[i]);
        m[i] = cr_step_kept(beta1 * m[i] + rest1 * x);
        v[i] = cr_step_kept_square(beta2 * v[i] + rest2 * x * x);
        w[i] -= decay * w[i] + rate * m[i] / (sqrt(v[i]) * root + epsilon);
    }
}

static void update_adam(const cr_step *step, const cr_update_range *range)
{
    const options *o = step->options;
    step_on(step, range, o->weight_decay, 0);
}

static void update_adamw(const cr_step *step, const cr_update_range *range)
{
    const options *o = step->options;
    step_on(step, range, 0, o->weight_decay);
}

const cr_optimizer_type cr_optimizer_adam = {
    .name = "adam",
    .summary =
        "W <- W - eta m' / (sqrt(v') + epsilon), with the running means m of the "
        "gradient and v of its square, corrected for their start at 0: m' = m / (1 "
        "- beta1^t), v' = v / (1 - beta2^t)",
    .options = adam_table,
    .option_count = CR_COUNT(adam_table),
    .options_size = sizeof(options),
    .states = states,
    .update = update_adam,
};

const cr_optimizer_type cr_optimizer_adamw = {
    .name = "adamw",
    .summary = "adam with weight decay decoupled from the gradient",
    .options = adamw_table,
    .option_count = CR_COUNT(adamw_table),
    .options_size = sizeof(options),
    .decoupled = true,
    .states = states,
    .update = update_adamw,
};
