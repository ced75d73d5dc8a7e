/* What the checks share. */
#include "inspect/doctor.h"

#include <stdarg.h>
#include <stdio.h>

void cr_doctor_say(cr_finding *finding, cr_verdict verdict, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cr_text_add(&finding->text, "%s%s", finding->text.length > 0 ? "; " : "", text);
    if (verdict > finding->verdict)
        finding->verdict = verdict;
}

double cr_doctor_chance(const cr_experiment *e, cr_evaluator *evaluator)
{
    size_t n = evaluator->loss.outputs, rows = evaluator->rows;
    cr_real *scores = evaluator->workspace->values[e->model.network->output];
    const cr_real *values = evaluator->loss.targets.values;
    for (size_t j = 0; j < n; j++) {
        double mean = 0;
        for (size_t i = 0; i < rows && !e->model.loss.type->classify; i++)
            mean += (double)values[i * n + j] / (double)rows;
        for (size_t i = 0; i < rows; i++)
            scores[i * n + j] = (cr_real)mean;
    }
    cr_pass pass = {.rows = rows, .batch_rows = rows, .shares = 1};
    return cr_loss_forward(e->model.loss.type, &pass, &evaluator->loss) / (double)rows;
}

cr_hash cr_doctor_hash(const cr_dataset *set, size_t row)
{
    const cr_hash none = {0, 0};
    if (set->bytes)
        return cr_hash_bytes(none, set->bytes + row * set->features, set->features);
    return cr_hash_bytes(none, set->values + row * set->stride,
                         set->features * sizeof *set->values);
}
