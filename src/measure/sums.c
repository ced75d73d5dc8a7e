#include "measure/sums.h"

#include <math.h>

void cr_sums_add(cr_sums *a, const cr_sums *b)
{
    a->examples += b->examples;
    a->weight += b->weight;
    a->loss += b->loss;
    a->correct += b->correct;
    a->squared_error += b->squared_error;
}

cr_figures cr_sums_figures(const cr_sums *sums, const cr_model *model)
{
    double n = sums->weight;
    cr_figures figures = {.examples = sums->examples};
    if (n == 0)
        return figures;
    figures.loss = sums->loss / n;
    if (model->loss.type->classify)
        figures.accuracy =
            sums->correct /
            (model->loss.type->binary ? n * (double)cr_model_outputs(model) : n);
    else
        figures.rmse = sqrt(sums->squared_error / (n * (double)cr_model_outputs(model)));
    return figures;
}
