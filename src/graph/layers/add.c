/* y = Σ x_k: the distributor, which hands its upstream gradient to every input. */
#include "graph/layers/broadcast.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first), size = io->output_size;
    cr_real *restrict y = io->y + first;
    for (size_t k = 0; k < io->input_count; k++) {
        bool single = io->input_size[k] != size;
        const cr_real *restrict x = io->x[k] + (single ? pass->first_row : first);
        for (size_t i = 0; i < n; i++) {
            cr_real value = single ? x[i / size] : x[i];
            y[i] = k == 0 ? value : y[i] + value;
        }
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first), size = io->output_size;
    const cr_real *restrict dy = io->dy[0] + first;
    cr_broadcast_clear(pass, io);
    for (size_t k = 0; k < io->input_count; k++) {
        if (!io->dx[k])
            continue;
        bool single = io->input_size[k] != size;
        cr_real *restrict dx = io->dx[k] + (single ? pass->first_row : first);
        for (size_t i = 0; i < n; i++)
            dx[single ? i / size : i] += dy[i];
    }
}

const cr_layer_type cr_layer_add = {
    .name = "add",
    .summary = "y = the sum of its inputs, element by element",
    .symbol = "+",
    .min_inputs = 2,
    .max_inputs = CR_ANY_NUMBER,
    .plan = cr_broadcast_plan,
    .forward = forward,
    .backward = backward,
};
