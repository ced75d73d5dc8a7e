/*
 * Gradient descent, W ← W − η g, with g the gradient of the whole loss. With momentum μ:
 * v ← μ v + g, W ← W − η v, or (Nesterov) W ← W − η (g + μ v). As torch.optim.SGD without
 * dampening.
 */
#include "train/optimizer.h"

#include <math.h>
#include <tgmath.h>

typedef struct options {
    double learning_rate, weight_decay, momentum;
    bool nesterov;
} options;

static const cr_option table[] = {
    CR_OPTION_LEARNING_RATE(options, "0.01"),
    CR_OPTION_SHARE(options, momentum, "0",
                    "mu: the velocity becomes v <- mu v + g, and W <- W - eta v"),
    {.key = "nesterov",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(options, nesterov),
     .fallback = "false",
     .help = "Nesterov's momentum: W <- W - eta (g + mu v)"},
    CR_OPTION_WEIGHT_DECAY(options, "0", "adds weight_decay * W to the gradient"),
};

/*
 * A factor for this step that the sink's number type can hold. 1 − 2ηλ rounded to a float
 * is off by up to 3e-8, always to the same side, which after 100 steps is 3e-6 of every
 * weight. So the two floats around it take turns, in the proportion that makes their mean
 * right: a function of the step's number.
 */
static double representable(double factor, uint64_t number)
{
    cr_real low = (cr_real)factor;
    if ((double)low > factor)
        low = nextafter(low, (cr_real)0);
    double gap = (double)nextafter(low, (cr_real)2) - (double)low;
    double share = (factor - (double)low) / gap, t = (double)number;
    return (double)low + (floor(t * share) > floor((t - 1) * share) ? gap : 0);
}

static bool fuse(const cr_step *step, cr_real *parameters, cr_gradient_sink *sink)
{
    const options *o = step->options;
    if (o->momentum > 0 || step->penalty.l1 > 0 || step->scale != 1 ||
        !isinf(step->limit))
        return false;
    double decay = 1 - step->learning_rate * (2 * step->penalty.l2 + o->weight_decay);
    *sink = (cr_gradient_sink){.block = parameters,
                               .alpha = -step->learning_rate,
                               .beta = 1,
                               .beta_regularized = representable(decay, step->number)};
    return true;
}

static size_t states(const void *opaque)
{
    const options *o = opaque;
    return o->momentum > 0;
}

static void update_plain(const cr_step *step, const cr_update_range *r,
                         const cr_gradient_terms *terms)
{
    const cr_gradient_terms t = *terms;
    const cr_real rate = (cr_real)step->learning_rate;
    const cr_real *restrict g = r->g;
    cr_real *restrict w = r->w;
    for (size_t i = r->from; i < r->to; i++)
        w[i] -= rate * cr_step_gradient(&t, g[i], w[i]);
}

/* The velocity starts at 0, which gives PyTorch's first step: v = g. */
static void update_momentum(const cr_step *step, const cr_update_range *r,
                            const cr_gradient_terms *terms)
{
    const options *o = step->options;
    const cr_gradient_terms t = *terms;
    const cr_real rate = (cr_real)step->learning_rate, mu = (cr_real)o->momentum;
    const cr_real from_v = o->nesterov ? mu : 1, from_g = o->nesterov ? 1 : 0;
    const cr_real *restrict g = r->g;
    cr_real *restrict w = r->w, *restrict v = r->state;
    for (size_t i = r->from; i < r->to; i++) {
        cr_real x = t.plain ? g[i] : cr_step_gradient(&t, g[i], w[i]); /* two loops */
        v[i] = cr_step_kept(mu * v[i] + x);
        w[i] -= rate * (from_g * x + from_v * v[i]);
    }
}

static void update(const cr_step *step, const cr_update_range *range)
{
    const options *o = step->options;
    const cr_gradient_terms terms = cr_step_terms(step, range->segment, o->weight_decay);
    if (o->momentum > 0)
        update_momentum(step, range, &terms);
    else
        update_plain(step, range, &terms);
}

const cr_optimizer_type cr_optimizer_sgd = {
    .name = "sgd",
    .summary = "gradient descent, on batches: W <- W - eta g; with momentum if asked for",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .states = states,
    .fuse = fuse,
    .update = update,
};
