#include "runs/summary.h"

#include "math/blas.h"
#include "math/small_gemm.h"
#include "measure/metric.h"

#include <stdlib.h>

const char *const cr_status_names[] = {"completed", "stopped_early", "interrupted",
                                       "diverged"};

bool cr_summary_add_figures(cr_json *summary, const char *key, const cr_figures *figures,
                            bool classify)
{
    if (figures->examples == 0)
        return true;
    cr_json *object = cr_json_add(summary, key, CR_JSON_OBJECT);
    bool good = object != NULL;
    for (size_t i = 0; good && i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        if (type->of_figures && cr_metric_exists(type, classify))
            good = cr_json_set_number(object, type->stem, type->of_figures(figures));
    }
    return good;
}

bool cr_summary_add_machine(cr_json *summary)
{
    char library[CR_BLAS_NAME];
    const char *forced = getenv(CR_BLAS_CHOICE);
    cr_json *blas = cr_json_add(summary, "blas", CR_JSON_OBJECT);
    return blas && cr_json_set_string(blas, "library", cr_blas_library(library)) &&
           cr_json_set_string(blas, "kernel", cr_blas_kernel()) &&
           cr_json_set_string(blas, "small_products", cr_small_gemm_instructions()) &&
           (!forced || cr_json_set_string(blas, CR_BLAS_CHOICE, forced)) &&
           cr_json_set_string(summary, "version", CR_VERSION);
}

static bool add_examples(cr_json *summary, const cr_data *data)
{
    cr_json *examples = cr_json_add(summary, "examples", CR_JSON_OBJECT);
    bool good = examples != NULL;
    for (int i = 0; good && i < CR_PARTS; i++)
        if (data->parts[i].dataset)
            good = cr_json_set_number(examples, cr_part_names[i],
                                      (double)data->parts[i].count);
    return good;
}

static bool fill(cr_json *summary, const cr_experiment *e, const cr_result *result)
{
    bool classify = e->model.loss.type->classify;
    bool good =
        cr_json_set_string(summary, "status", cr_status_names[result->status]) &&
        cr_json_set_number(summary, "epochs", (double)result->epochs) &&
        cr_json_set_number(summary, "steps", (double)result->steps) &&
        cr_json_set_number(summary, "time_s", result->seconds) &&
        cr_json_set_number(summary, "samples_per_second", result->samples_per_second) &&
        cr_json_set_number(summary, "parameters",
                           (double)e->model.network->parameter_count);
    good = good && (!e->data || add_examples(summary, e->data));
    for (int i = 0; good && i < CR_PARTS; i++)
        good = cr_summary_add_figures(summary, cr_part_names[i], &result->parts[i],
                                      classify);
    if (good && result->best_epoch > 0) {
        cr_json *best = cr_json_add(summary, "best", CR_JSON_OBJECT);
        good = best && cr_json_set_number(best, "epoch", (double)result->best_epoch) &&
               cr_json_set_number(best, result->best_metric, result->best_value);
    }
    return good && cr_json_set_number(summary, "seed", (double)e->seed) &&
           cr_json_set_number(summary, "threads", e->training.threads) &&
           cr_summary_add_machine(summary);
}

cr_json *cr_summary_create(const cr_experiment *experiment, const cr_result *result,
                           bool bit_exact)
{
    cr_json *summary = cr_json_new(CR_JSON_OBJECT);
    if (summary && fill(summary, experiment, result) &&
        (bit_exact || cr_json_set_bool(summary, "bit_exact", false)))
        return summary;
    cr_json_free(summary);
    return NULL;
}
