#include "train/trainer_best.h"

#include "train/schedule_plateau.h"

#include <math.h>
#include <string.h>

static void keep_best(cr_trainer *t, size_t epoch, double value)
{
    bool maximize = t->experiment->stopping.monitor.metric.maximize;
    if (t->best_epoch > 0 && !cr_metric_is_better(maximize, value, t->best_value))
        return;
    const cr_network *network = t->experiment->model.network;
    memcpy(t->best_parameters, network->parameters,
           network->parameter_size * sizeof(cr_real));
    memcpy(t->best_buffers, network->buffers, network->buffer_size * sizeof(cr_real));
    t->best_known = t->known;
    t->best_value = value;
    t->best_epoch = epoch;
}

void cr_trainer_best_judge(cr_trainer *t, const cr_epoch *epoch)
{
    const cr_stopping *stopping = &t->experiment->stopping;
    cr_schedule_watch(&t->experiment->schedule,
                      cr_experiment_learning_rate(t->experiment), epoch, &t->at.plateau);
    if (!t->best_parameters)
        return;
    double value = cr_monitor_value(&stopping->monitor, epoch);
    t->judged++;
    t->has_moved |= t->best_epoch > 0 && value != t->best_value &&
                    !(isnan(value) && isnan(t->best_value));
    double gain = stopping->monitor.metric.maximize ? value - t->at.reference
                                                    : t->at.reference - value;
    bool improves =
        t->best_epoch == 0 ||
        cr_schedule_plateau_improves(gain, stopping->min_delta, stopping->from_best);
    if (improves || (stopping->from_best && gain > 0))
        t->at.reference = value;
    t->at.bad_epochs = improves ? 0 : t->at.bad_epochs + 1;
    keep_best(t, epoch->epoch, value);
}

static void swap(cr_real *a, cr_real *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_real x = a[i];
        a[i] = b[i];
        b[i] = x;
    }
}

void cr_trainer_best_exchange(cr_trainer *t)
{
    cr_network *network = t->experiment->model.network;
    swap(network->parameters, t->best_parameters, network->parameter_size);
    swap(network->buffers, t->best_buffers, network->buffer_size);
    const cr_known_figures known = t->known;
    t->known = t->best_known;
    t->best_known = known;
    t->restored = !t->restored;
}
