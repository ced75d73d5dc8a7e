/* Gradient descent: W ← W − η (∂L/∂W + 2 λ W). */
#include "train/optimizer.h"

#include <tgmath.h>

typedef struct options {
    double learning_rate;
} options;

static const cr_option table[] = {
    {.key = "learning_rate",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, learning_rate),
     .fallback = "0.01",
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "step size: W changes by minus this times the gradient"},
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

static void fuse(const cr_step *step, cr_real *parameters, cr_gradient_sink *sink)
{
    double decay = 1 - 2 * step->learning_rate * step->l2;
    *sink = (cr_gradient_sink){.block = parameters,
                               .alpha = -step->learning_rate,
                               .beta = 1,
                               .beta_regularized = representable(decay, step->number)};
}

static void update(const cr_step *step, const cr_segment *segment, cr_real *w,
                   const cr_real *g, cr_real *state)
{
    (void)state;
    cr_real rate = (cr_real)step->learning_rate;
    cr_real decay =
        (cr_real)(segment->regularized ? 2 * step->learning_rate * step->l2 : 0);
    for (size_t i = 0; i < segment->size; i++)
        w[i] -= rate * g[i] + decay * w[i];
}

const cr_optimizer_type cr_optimizer_sgd = {
    .name = "sgd",
    .summary = "gradient descent, on batches: W <- W - learning_rate * gradient",
    .options = table,
    .option_count = sizeof table / sizeof table[0],
    .options_size = sizeof(options),
    .fuse = fuse,
    .update = update,
};
