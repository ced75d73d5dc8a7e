/* L_i = Σ_{j≠y} max(0, s_j − s_y + Δ), the multiclass hinge of Weston and Watkins, summed
 * over the classes. */
#include "model/loss.h"

#include <math.h>

typedef struct options {
    double margin;
} options;

static const cr_option table[] = {
    {.key = "margin",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, margin),
     .fallback = "1",
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "by how much the right class's score is to exceed the others"},
};

static cr_real margin_of(const cr_loss_io *io)
{
    return (cr_real)((const options *)io->options)->margin;
}

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    cr_real delta = margin_of(io);
    double total = 0;
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *s = io->scores + row * n;
        cr_real right = s[io->targets.labels[row]], sum = 0;
        for (size_t j = 0; j < n; j++) {
            cr_real margin = s[j] - right + delta;
            sum += margin <= 0 ? 0 : margin; /* written so that NaN stays NaN */
        }
        total += (double)(sum - delta); /* j = y adds exactly Δ */
    }
    return total;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs;
    cr_real delta = margin_of(io), share = 1 / (cr_real)pass->batch_rows;
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *restrict s = io->scores + row * n;
        cr_real *restrict ds = io->dscores + row * n;
        size_t y = (size_t)io->targets.labels[row];
        cr_real right = s[y], violations = 0;
        for (size_t j = 0; j < n; j++) {
            cr_real violated = s[j] - right + delta > 0;
            ds[j] = violated * share;
            violations += violated;
        }
        ds[y] = -(violations - 1) * share; /* j = y counted itself */
    }
}

static uint64_t branches(const cr_pass *pass, const cr_loss_io *io, uint64_t hash)
{
    size_t n = io->outputs;
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        for (size_t j = 0; j < n; j++) {
            const cr_real *s = io->scores + row * n;
            hash = cr_branch_hash(hash,
                                  s[j] - s[io->targets.labels[row]] + margin_of(io) > 0);
        }
    return hash;
}

/* Violated margins an example, of one less than there are classes. */
static double violations(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs, count = 0;
    cr_real delta = margin_of(io);
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *s = io->scores + row * n;
        size_t y = (size_t)io->targets.labels[row];
        for (size_t j = 0; j < n; j++)
            count += j != y && s[j] - s[y] + delta > 0;
    }
    return (double)count / (double)pass->rows;
}

const cr_loss_type cr_loss_svm = {
    .name = "svm",
    .summary =
        "multiclass hinge: L_i = the sum over the classes j != y of max(0, s_j - s_y "
        "+ margin), y the right class",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .classify = true,
    .forward = forward,
    .backward = backward,
    .branches = branches,
    .health_name = "violations",
    .health = violations,
    .chance = "(K - 1) margin",
    .output_name = "score",
};
