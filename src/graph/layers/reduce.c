#include "graph/layers/reduce.h"

bool cr_reduce_plan(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    plan->output = cr_shape_flat(1);
    plan->flops = (double)cr_shape_size(&plan->inputs[0]);
    return true;
}

void cr_reduce_forward(const cr_pass *pass, const cr_layer_io *io, cr_real factor)
{
    size_t n = io->input_size[0];
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += (double)io->x[0][row * n + i];
        io->y[row] = factor * (cr_real)sum;
    }
}

void cr_reduce_backward(const cr_pass *pass, const cr_layer_io *io, cr_real factor)
{
    size_t n = io->input_size[0];
    for (size_t row = pass->first_row; io->dx[0] && row < pass->first_row + pass->rows;
         row++)
        for (size_t i = 0; i < n; i++)
            io->dx[0][row * n + i] = factor * io->dy[0][row];
}

void cr_reduce_c(const cr_layer_io *io, const cr_layer_c *c, double factor,
                 cr_csource *out)
{
    char number[CR_CSOURCE_NUMBER];
    if (cr_csource_needs(out, "apply_sum"))
        cr_text_add(&out->functions, "static void apply_sum(int n, float factor, const "
                                     "float *x, float *y)\n"
                                     "{\n"
                                     "    float sum = 0;\n"
                                     "    int i;\n"
                                     "    for (i = 0; i < n; i++)\n"
                                     "        sum += x[i];\n"
                                     "    *y = factor * sum;\n"
                                     "}\n\n");
    cr_text_add(&out->statements, "    apply_sum(%zu, %s, %s, %s);\n", io->input_size[0],
                cr_csource_number(factor, number), c->x[0], c->y);
}
