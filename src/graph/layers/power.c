/* y = xᵖ; dy/dx = p xᵖ⁻¹. */
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

#include <tgmath.h>

typedef struct options {
    double exponent;
} options;

static const cr_option table[] = {
    {.key = "exponent",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, exponent),
     .fallback = CR_REQUIRED,
     .help = "the power"},
};

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    cr_real exponent = (cr_real)((const options *)io->options)->exponent;
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    for (size_t i = 0; i < n; i++)
        y[i] = pow(x[i], exponent);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    cr_real exponent = (cr_real)((const options *)io->options)->exponent;
    const cr_real *restrict x = io->x[0] + first;
    const cr_real *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = exponent == 0 ? 0 : dy[i] * exponent * pow(x[i], exponent - 1);
}

const cr_layer_type cr_layer_power = {
    .name = "power",
    .summary = "y = x to the power of exponent, element by element",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .symbol = "x^",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
};
