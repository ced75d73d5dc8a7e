/* What the checks share. */
#include "inspect/doctor.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
    return cr_loss_forward(e->model.loss.type, &pass, &evaluator->loss) /
           cr_loss_weight(&pass, &evaluator->loss);
}

cr_hash cr_doctor_hash(const cr_dataset *set, size_t row)
{
    const cr_hash none = {0, 0};
    if (set->bytes)
        return cr_hash_bytes(none, set->bytes + row * set->features, set->features);
    return cr_hash_bytes(none, set->values + row * set->stride,
                         set->features * sizeof *set->values);
}

bool cr_doctor_goes_on(const cr_doctor *doctor, cr_error *err)
{
    return *doctor->signal == 0 || cr_fail(err, CR_E_USAGE, "interrupted");
}

cr_experiment *cr_doctor_experiment(const cr_doctor *doctor, cr_data *data,
                                    const char *const *more, cr_error *err)
{
    const cr_recipe *r = doctor->recipe;
    size_t count = r->override_count, more_count = 0;
    while (more[more_count])
        more_count++;
    const char **overrides = cr_alloc(count + more_count + 1, sizeof *overrides, err);
    if (!overrides)
        return NULL;
    memcpy(overrides, r->overrides, count * sizeof *overrides);
    memcpy(overrides + count, more, more_count * sizeof *overrides);
    overrides[count + more_count] = "training.threads=1";
    cr_recipe recipe = {.path = r->path,
                        .text = r->text,
                        .overrides = overrides,
                        .override_count = count + more_count + 1,
                        .data = data};
    cr_experiment *e = cr_experiment_create(&recipe, err);
    cr_free(overrides);
    if (!e)
        return NULL;
    const cr_monitor plain = {.metric = cr_metric_find("train_loss")};
    e->stopping = (cr_stopping){.monitor = plain};
    e->schedule.monitor = plain; /* the log has no columns any more */
    e->training.max_seconds = e->training.checkpoint_seconds = 0;
    cr_log_finish(&e->log);
    return e;
}
