/* The table of losses: a new loss is one file and one row here. */
#include "model/loss.h"

const cr_loss_type *const cr_loss_types[] = {&cr_loss_softmax,  &cr_loss_svm,
                                             &cr_loss_logistic, &cr_loss_l2,
                                             &cr_loss_l1,       &cr_loss_huber};

/* Row by row, since a type sums over all that it is given. */
double cr_loss_forward(const cr_loss_type *type, const cr_pass *pass,
                       const cr_loss_io *io)
{
    if (!io->weights)
        return type->forward(pass, io);
    double total = 0;
    cr_pass row = *pass;
    row.rows = 1;
    for (size_t i = 0; i < pass->rows; i++) {
        row.first_row = pass->first_row + i;
        total += (double)io->weights[io->targets.labels[row.first_row]] *
                 type->forward(&row, io);
    }
    return total;
}

void cr_loss_backward(const cr_loss_type *type, const cr_pass *pass, const cr_loss_io *io)
{
    type->backward(pass, io);
    for (size_t i = 0; io->weights && i < pass->rows; i++) {
        size_t row = pass->first_row + i;
        cr_real weight = io->weights[io->targets.labels[row]];
        for (size_t j = 0; j < io->outputs; j++)
            io->dscores[row * io->outputs + j] *= weight;
    }
}

const size_t cr_loss_type_count = CR_COUNT(cr_loss_types);
