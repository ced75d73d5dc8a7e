/* Inverted dropout (Srivastava et al., JMLR 15, 2014): in training each value is 0 with
 * probability `rate`, else divided by 1 − rate; otherwise nothing happens. Which ones is
 * a function of seed, step, layer, row and unit. */
#include "base/random.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

typedef struct options {
    double rate;
} options;

static const cr_option table[] = {
    {.key = "rate",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, rate),
     .fallback = "0.5",
     .minimum = 0,
     .maximum = 0.999,
     .help = "the probability of a value to be dropped"},
};

/* The factor of every value is kept for backward. */
static bool plan(cr_layer_plan *plan, cr_error *err)
{
    plan->kept = cr_shape_size(&plan->inputs[0]);
    return cr_elementwise_plan(plan, err);
}

/* Draws for one row: so many blocks of four words a row. */
static void draw_row(const cr_pass *pass, const cr_layer_io *io, size_t row,
                     cr_real *restrict factors)
{
    enum { WORDS = 4, MOST = 256 }; /* blocks at a time */
    const options *o = io->options;
    size_t n = io->output_size, blocks = (n + WORDS - 1) / WORDS;
    const cr_real kept = (cr_real)(1 / (1 - o->rate));
    const uint32_t limit = (uint32_t)(o->rate * 4294967296.0);
    uint64_t first = ((uint64_t)pass->step << 32) + (uint64_t)(row * blocks);
    uint32_t words[WORDS * MOST];
    for (size_t done = 0; done < blocks; done += MOST) {
        size_t some = blocks - done < MOST ? blocks - done : MOST;
        cr_random_blocks(pass->seed, CR_FOR_DROPOUT, io->stream, first + done, some,
                         words);
        size_t values = n - done * WORDS < some * WORDS ? n - done * WORDS : some * WORDS;
        for (size_t i = 0; i < values; i++)
            factors[done * WORDS + i] = words[i] < limit ? 0 : kept;
    }
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size;
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *restrict x = io->x[0] + row * n;
        cr_real *restrict y = io->y + row * n, *restrict factors = io->kept + row * n;
        if (pass->training)
            draw_row(pass, io, row, factors);
        for (size_t i = 0; i < n; i++)
            y[i] = pass->training ? x[i] * factors[i] : x[i];
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    const cr_real *restrict factors = io->kept + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = pass->training ? dy[i] * factors[i] : dy[i];
}

const cr_layer_type cr_layer_dropout = {
    .name = "dropout",
    .summary = "in training, values are 0 with the probability `rate`, the others are "
               "divided by 1 - rate",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
