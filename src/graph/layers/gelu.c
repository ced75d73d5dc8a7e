/* y = x Φ(x), with Φ the normal distribution; dy/dx = Φ(x) + x φ(x) (Hendrycks and
 * Gimpel, 2016). */
#include "graph/layers/layers.h"

#include <tgmath.h>

static cr_real normal_below(cr_real x)
{
    const cr_real root_half = (cr_real)0.70710678118654752440;
    return (cr_real)0.5 * erfc(-x * root_half);
}

static cr_real density(cr_real x)
{
    const cr_real scale = (cr_real)0.39894228040143267794; /* 1 / √(2π) */
    return scale * exp((cr_real)-0.5 * x * x);
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * normal_below(x[i]);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    const cr_real *restrict x = io->x[0] + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (normal_below(x[i]) + x[i] * density(x[i]));
}

const cr_layer_type cr_layer_gelu = {
    .name = "gelu",
    .summary = "y = x times the share of a normal distribution below x",
    .min_inputs = 1,
    .max_inputs = 1,
    .activation = true,
    .plan = cr_plan_elementwise,
    .forward = forward,
    .backward = backward,
};
