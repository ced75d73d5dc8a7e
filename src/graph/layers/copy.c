/* A value with several consumers: forward each gets the value itself (an alias), backward
 * their gradients are added. */
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    (void)pass;
    (void)io; /* the consumers read x: there is nothing to copy */
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->input_size[0], first = pass->first_row * n;
    cr_real *restrict dx = io->dx[0];
    if (!dx)
        return;
    for (size_t i = first; i < first + pass->rows * n; i++)
        dx[i] = io->dy[0][i] + io->dy[1][i];
    for (size_t k = 2; io->dy[k]; k++)
        for (size_t i = first; i < first + pass->rows * n; i++)
            dx[i] += io->dy[k][i];
}

const cr_layer_type cr_layer_copy = {
    .name = "copy",
    .summary = "a value with several consumers",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
};
