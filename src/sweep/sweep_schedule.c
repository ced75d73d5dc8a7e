#include "sweep/sweep_schedule.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

cr_sweep_schedule *cr_sweep_schedule_create(const cr_sweep_schedule_type *type,
                                            const cr_sweep_workload *workload,
                                            cr_error *err)
{
    cr_sweep_schedule *schedule = cr_alloc(1, sizeof *schedule, err);
    if (!schedule)
        return NULL;
    schedule->type = type;
    schedule->workload = workload;
    schedule->state = cr_alloc(1, type->state_size, err);
    schedule->verdicts = cr_alloc(workload->settings, sizeof *schedule->verdicts, err);
    if (schedule->state && schedule->verdicts && type->begin(schedule, err))
        return schedule;
    cr_sweep_schedule_destroy(schedule);
    return NULL;
}

void cr_sweep_schedule_destroy(cr_sweep_schedule *schedule)
{
    if (!schedule)
        return;
    if (schedule->state)
        schedule->type->finish(schedule);
    cr_free(schedule->state);
    cr_free(schedule->verdicts);
    cr_free(schedule);
}

bool cr_sweep_schedule_add(cr_sweep_schedule *schedule, const cr_sweep_outcome *outcome,
                           cr_error *err)
{
    return schedule->type->add(schedule, outcome, err);
}

cr_sweep_next cr_sweep_schedule_next(cr_sweep_schedule *schedule, cr_sweep_task *task)
{
    return schedule->type->next(schedule, task);
}

bool cr_sweep_schedule_verdict(cr_sweep_schedule *schedule, cr_sweep_verdict *verdict)
{
    if (schedule->verdicts_taken == schedule->verdict_count)
        return false;
    *verdict = schedule->verdicts[schedule->verdicts_taken++];
    return true;
}

cr_setting_score cr_sweep_schedule_score(const cr_sweep_workload *workload,
                                         size_t setting, const double *values)
{
    size_t first = setting * workload->trials_per_setting, count = 0;
    cr_setting_score of = {.setting = setting};
    double sum = 0, best = NAN;
    for (size_t i = first; i < first + workload->trials_per_setting; i++) {
        if (!workload->included[i])
            continue;
        if (count++ == 0 ||
            cr_metric_is_better(workload->metric.maximize, values[i], best)) {
            best = values[i];
            of.trial = i;
        }
        sum += values[i];
    }
    of.score = sum / (double)count;
    return of;
}

bool cr_sweep_schedule_ranks_before(const cr_metric *metric, const cr_setting_score *a,
                                    const cr_setting_score *b)
{
    bool better = cr_metric_is_better(metric->maximize, a->score, b->score);
    if (better || cr_metric_is_better(metric->maximize, b->score, a->score))
        return better;
    return a->setting < b->setting;
}

void cr_sweep_schedule_decide(cr_sweep_schedule *schedule, const cr_setting_score *of,
                              bool eliminated)
{
    schedule->verdicts[schedule->verdict_count++] = (cr_sweep_verdict){*of, eliminated};
}

size_t cr_sweep_schedule_rungs(const cr_sweep_workload *w, cr_rung out[CR_MOST_RUNGS])
{
    double most = (double)w->epochs, factor = (double)w->factor, settings = 0;
    for (size_t i = 0; i < w->settings; i++)
        settings += w->included[i * w->trials_per_setting];
    size_t count = 1;
    while (count < CR_MOST_RUNGS && settings / pow(factor, (double)count) >= 1 &&
           most / pow(factor, (double)count) >= (double)w->min_epochs)
        count++;
    for (size_t i = 0; i < count; i++) {
        double after = pow(factor, (double)(count - 1 - i));
        out[i].epochs = (size_t)fmax(1, floor(most / after + 0.5));
        out[i].settings = (size_t)floor(settings / pow(factor, (double)i));
    }
    return count;
}

size_t cr_sweep_schedule_begin_rungs(cr_sweep_schedule *schedule,
                                     cr_rung rungs[CR_MOST_RUNGS])
{
    const cr_sweep_workload *w = schedule->workload;
    schedule->rungs = cr_sweep_schedule_rungs(w, rungs);
    for (size_t i = 0; i < schedule->rungs; i++)
        schedule->total += rungs[i].settings * w->trials_per_setting;
    return schedule->rungs;
}

/* For qsort. */
static int by_cost(const void *a, const void *b)
{
    const cr_queued_trial *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return x->trial < y->trial ? -1 : x->trial > y->trial;
}

void cr_sweep_schedule_sort(cr_queued_trial *queue, size_t count)
{
    if (count > 0)
        qsort(queue, count, sizeof *queue, by_cost);
}

cr_sweep_task cr_sweep_schedule_task(const cr_rung *rungs, size_t rung, size_t trial)
{
    return (cr_sweep_task){.trial = trial,
                           .rung = (int)rung,
                           .from = rung > 0 ? rungs[rung - 1].epochs : 0,
                           .epochs = rungs[rung].epochs};
}
