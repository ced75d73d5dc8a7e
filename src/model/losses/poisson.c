/*
 * Half the deviance of Poisson's distribution, with scores as logarithms of what is
 * predicted: L_i = Σ_j t_j log(t_j / e_j) − t_j + e_j, e = exp(s); ∂L/∂s = (e − t) / N. As
 * scikit-learn's MLPRegressor(loss="poisson"), and torch.nn.PoissonNLLLoss but for the terms
 * that no weight changes.
 */
#include "graph/layer_c.h"
#include "math/kernel.h"
#include "model/loss.h"

#include <math.h>
#include <string.h>

static double forward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = pass->rows * io->outputs, first = pass->first_row * io->outputs;
    const cr_real *s = io->scores + first, *t = io->targets.values + first;
    cr_real *e = io->kept + first;
    double total = 0;
    memcpy(e, s, n * sizeof *e);
    cr_kernel_exp(n, e);
    for (size_t i = 0; i < n; i++) {
        double target = (double)t[i];
        double least = target > 0 ? target * log(target) - target : 0;
        total += least + (double)e[i] - target * (double)s[i];
    }
    return total;
}

static void backward(const cr_pass *pass, const cr_loss_io *io)
{
    size_t n = io->outputs, first = pass->first_row * n, last = first + pass->rows * n;
    const cr_real *restrict e = io->kept, *restrict t = io->targets.values;
    cr_real *restrict ds = io->dscores;
    const cr_real share = 1 / (cr_real)pass->batch_rows;
    for (size_t i = first; i < last; i++)
        ds[i] = share * (e[i] - t[i]);
}

static void present(size_t rows, size_t outputs, cr_real *scores)
{
    cr_kernel_exp(rows * outputs, scores);
}

static void c_source(size_t outputs, cr_csource *out)
{
    const char *const x[] = {"y"};
    const cr_layer_c c = {.x = x, .y = "y"};
    const cr_layer_io io = {.output_size = outputs};
    (void)cr_csource_math_add(out, CR_CSOURCE_EXP);
    cr_layer_c_elementwise(&io, &c, "exp", "whole_exponential(x[i])", NULL, out);
}

static cr_onnx_node onnx(const char *scores)
{
    return (cr_onnx_node){.op = "Exp", .in = {scores}};
}

const cr_loss_type cr_loss_poisson = {
    .name = "poisson",
    .summary =
        "L_i = the sum over the target columns of t log(t / exp(s)) - t + exp(s): scores "
        "are logarithms of what is predicted; targets are numbers from 0 on, such as "
        "counts",
    .logarithmic = true,
    .forward = forward,
    .backward = backward,
    .present = present,
    .onnx = onnx,
    .c_source = c_source,
};
