#include "sweep/store_record.h"

#include "base/memory.h"
#include "base/path.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

/* Loss, and accuracy or rmse, as far as there are any. */
static cr_store_figures figures_of(const cr_figures *figures, bool has_accuracy)
{
    if (figures->examples == 0)
        return (cr_store_figures){NAN, NAN, NAN};
    return (cr_store_figures){figures->loss, has_accuracy ? figures->accuracy : NAN,
                              has_accuracy ? NAN : figures->rmse};
}

static double seconds_since_1970(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-3 * (double)(now.tv_nsec / 1000000);
}

bool cr_store_record_sweep(const cr_sweep_plan *plan, cr_store_sweep *record,
                           cr_store_texts *texts, cr_error *err)
{
    const cr_metric *metric = &plan->section.judge.metric;
    size_t trials = 0;
    for (size_t i = 0; i < plan->trials; i++)
        trials += plan->workload.included[i];
    time_t now = time(NULL);
    struct tm utc = {0};
    gmtime_r(&now, &utc);
    strftime(texts->created, sizeof texts->created, "%Y-%m-%dT%H:%M:%SZ", &utc);
    texts->name = cr_path_stem(plan->document.name, err);
    texts->sweep = cr_json_print(cr_json_get(plan->document.root, "sweep"), false);
    *record = (cr_store_sweep){
        .id = 1,
        .name = texts->name,
        .config = plan->document.text,
        .section = texts->sweep,
        .identity = cr_hash_format(plan->identity, texts->hash),
        .metric = metric->name,
        .goal = metric->maximize ? "maximize" : "minimize",
        .settings = plan->section.settings - plan->duplicates,
        .repeats = plan->section.repeats,
        .folds = plan->section.folds,
        .trials = trials,
        .shard = plan->shard.index + 1,
        .shards = plan->shard.count,
        .version = CR_VERSION,
        .kernel = cr_product_kernel(texts->kernel),
        .created = texts->created,
    };
    return (texts->name && texts->sweep) || cr_fail(err, CR_E_MEMORY, "out of memory");
}

bool cr_store_record_trial(const cr_sweep_plan *plan, size_t number,
                           const cr_trial_result *result, cr_store_row *record,
                           cr_store_texts *texts, cr_error *err)
{
    const cr_trial trial = cr_sweep_plan_trial(plan, number);
    bool has_value = cr_trial_has_value(result->status);
    texts->parameters = cr_sweep_plan_parameters(plan, trial.setting);
    *record = (cr_store_row){
        .trial = number,
        .setting = trial.setting,
        .repeat = trial.repeat,
        .fold = trial.fold,
        .seed = trial.seed,
        .hash = cr_hash_format(cr_sweep_plan_hash(plan, number), texts->hash),
        .parameters = texts->parameters,
        .config = result->config,
        .status = result->status,
        .error = result->error,
        .value = has_value ? result->value : NAN,
        .epochs = result->epochs,
        .steps = result->steps,
        .seconds = result->seconds,
        .parameter_count = result->parameters,
        .regularization_loss = has_value ? result->regularization_loss : NAN,
        .ended = seconds_since_1970(),
    };
    for (int i = 0; i < CR_PARTS; i++)
        record->parts[i] = figures_of(&result->parts[i], result->has_accuracy);
    return texts->parameters || cr_fail(err, CR_E_MEMORY, "out of memory");
}

void cr_store_record_epoch(size_t number, const cr_epoch *epoch, bool has_accuracy,
                           cr_store_epoch *record, cr_store_texts *texts)
{
    snprintf(texts->crc32, sizeof texts->crc32, "%08lx",
             (unsigned long)epoch->parameters_crc32);
    *record = (cr_store_epoch){
        .trial = number,
        .epoch = epoch->epoch,
        .step = epoch->steps,
        .seconds = epoch->seconds,
        .learning_rate = epoch->learning_rate,
        .train = figures_of(&epoch->train, has_accuracy),
        .validation = figures_of(&epoch->validation, has_accuracy),
        .regularization_loss = epoch->regularization_loss,
        .parameters_crc32 = texts->crc32,
    };
}

void cr_store_record_finish(cr_store_texts *texts)
{
    cr_free(texts->parameters);
    cr_free(texts->name);
    cr_free(texts->sweep);
    *texts = (cr_store_texts){0};
}
