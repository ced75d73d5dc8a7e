/* The table of losses: a new loss is one file and one row here. */
#include "model/loss.h"

const cr_loss_type *const cr_loss_types[] = {
    &cr_loss_softmax, &cr_loss_svm,   &cr_loss_logistic, &cr_loss_l2,
    &cr_loss_l1,      &cr_loss_huber, &cr_loss_poisson};

/* What a row of the batch counts. */
static double weight_of(const cr_loss_io *io, size_t row)
{
    double weight = io->targets.weights ? io->targets.weights[row] : 1;
    return io->weights ? weight * (double)io->weights[io->targets.labels[row]] : weight;
}

double cr_loss_weight(const cr_pass *pass, const cr_loss_io *io)
{
    double sum = 0;
    for (size_t i = 0; io->targets.weights && i < pass->rows; i++)
        sum += io->targets.weights[pass->first_row + i];
    return io->targets.weights ? sum : (double)pass->rows;
}

/* Row by row, since a type sums over all that it is given. */
double cr_loss_forward(const cr_loss_type *type, const cr_pass *pass,
                       const cr_loss_io *io)
{
    if (!io->weights && !io->targets.weights)
        return type->forward(pass, io);
    double total = 0;
    cr_pass row = *pass;
    row.rows = 1;
    for (size_t i = 0; i < pass->rows; i++) {
        row.first_row = pass->first_row + i;
        double loss = type->forward(&row, io), weight = weight_of(io, row.first_row);
        total += weight > 0 ? weight * loss : 0; /* also of a loss that is infinite */
    }
    return total;
}

void cr_loss_backward(const cr_loss_type *type, const cr_pass *pass, const cr_loss_io *io)
{
    type->backward(pass, io);
    if (!io->weights && !io->targets.weights)
        return;
    double mean = io->mean_weight > 0 ? io->mean_weight
                                      : cr_loss_weight(pass, io) / (double)pass->rows;
    double unit = mean > 0 ? 1 / mean : 0;
    for (size_t i = 0; i < pass->rows; i++) {
        size_t row = pass->first_row + i;
        cr_real weight = (cr_real)(weight_of(io, row) * unit);
        cr_real *ds = io->dscores + row * io->outputs;
        for (size_t j = 0; j < io->outputs; j++)
            ds[j] = weight > 0 ? weight * ds[j] : 0;
    }
}

const size_t cr_loss_type_count = CR_COUNT(cr_loss_types);
