/* Gradient descent: W ← W − η (∂L/∂W + 2 λ W). */
#include "math/kernels.h"
#include "train/optimizer.h"

#include <math.h>

typedef struct options {
    double learning_rate;
} options;

static const cr_option table[] = {
    {.key = "learning_rate", .kind = CR_OPTION_NUMBER, .offset = offsetof(options, learning_rate),
     .fallback = "0.01", .minimum = 0, .maximum = INFINITY, .above_minimum = true,
     .help = "step size: W changes by minus this times the gradient"},
};

static void fuse(const cr_step *step, cr_real *parameters, cr_gradient_sink *sink)
{
    *sink = (cr_gradient_sink){.block = parameters,
                               .alpha = -step->learning_rate,
                               .beta = 1,
                               .beta_regularized = 1 - 2 * step->learning_rate * step->l2};
}

static void update(const cr_step *step, const cr_segment *segment, cr_real *w, const cr_real *g,
                   cr_real *state)
{
    (void)state;
    double l2 = segment->regularized ? step->l2 : 0;
    cr_scale_add(segment->size, -step->learning_rate, g, 1 - 2 * step->learning_rate * l2, w);
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
