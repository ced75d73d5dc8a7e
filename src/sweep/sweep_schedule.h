/*
 * A schedule decides which trial of a sweep runs next, and what becomes of the settings.
 *
 * It sees the workload below and the results that it is handed, and nothing else: no
 * config, no process and no file. Whoever conducts the sweep
 *
 *   - adds the results that are known from before,
 *   - asks for trials to run (cr_sweep_schedule_next) and adds their results,
 *   - takes the verdicts on settings (cr_sweep_schedule_verdict) after each.
 *
 * What it decides depends on the results alone and not on the order in which trials end,
 * but for a schedule that `adapts`: there it depends on which results are known when it is
 * asked for a trial, and so on the order of asking and telling.
 * A schedule is one file in schedules/ and a row of the methods' table.
 */
#ifndef CHAINRULE_SWEEP_SWEEP_SCHEDULE_H
#define CHAINRULE_SWEEP_SWEEP_SCHEDULE_H

#include "measure/metric.h"
#include "sweep/sweep_space.h"

#include <stdint.h>

/* What there is to run. A setting's trials are numbered trials_per_setting × setting + 0,
 * 1, … */
typedef struct cr_sweep_workload {
    size_t settings, trials_per_setting;
    double *costs;  /* [settings] of one of its trials, in any unit */
    bool *included; /* [settings × trials_per_setting] the trial is to be run here */
    cr_metric metric;
    size_t epochs;             /* of a whole trial */
    size_t factor, min_epochs; /* of successive halving: see the options of the config */
    /* For schedules that make settings: */
    const cr_sweep_parameter *parameters; /* [parameter_count] */
    size_t parameter_count;
    const double
        *points; /* [made × parameter_count] numbers of the values of the settings
                             that there are from the start */
    size_t made;
    uint64_t seed;
} cr_sweep_workload;

/* A trial to run. */
typedef struct cr_sweep_task {
    size_t trial;
    int rung;      /* of successive halving, from 0; -1 without */
    size_t from;   /* epochs that the trial has behind it and has reported */
    size_t epochs; /* that it is to have in the end; 0: the config's */
} cr_sweep_task;

/* What a trial came to. */
typedef struct cr_sweep_outcome {
    size_t trial;
    int rung;     /* as in its task */
    bool failed;  /* it has no result, by an error that may be gone another time */
    double value; /* of the metric; NaN if it has none, since it diverged */
} cr_sweep_outcome;

/* How good a setting is. */
typedef struct cr_setting_score {
    size_t setting;
    double score; /* mean of the metric over its trials; NaN if one of them has none */
    size_t trial; /* the best of them */
} cr_setting_score;

/* What becomes of a setting: all its trials are done, or it is out of the race. */
typedef struct cr_sweep_verdict {
    cr_setting_score of;
    bool eliminated;
} cr_sweep_verdict;

/* Rungs of successive halving: each has so many settings, which reach so many epochs. */
enum { CR_MOST_RUNGS = 64 };
typedef struct cr_rung {
    size_t epochs, settings;
} cr_rung;

typedef enum cr_sweep_next {
    CR_SWEEP_RUN,  /* the task */
    CR_SWEEP_WAIT, /* for results: there may be more to run after them */
    CR_SWEEP_END   /* there is nothing more to run; verdicts may still come */
} cr_sweep_next;

typedef struct cr_sweep_schedule {
    const struct cr_sweep_schedule_type *type;
    const cr_sweep_workload *workload; /* the caller's, which outlives the schedule */
    void *state;                       /* the type's own, zeros at first */
    cr_sweep_verdict *verdicts;        /* [settings], in the order of their falling */
    size_t verdict_count, verdicts_taken;
    /* For whoever watches. With rungs a trial counts once in each: */
    size_t total,
        done; /* trials to run, those with known results too, and of them done */
    size_t rung, rungs;           /* from 1; 0 without */
    double cost_total, cost_done; /* of what was not known, with rungs of the present */
} cr_sweep_schedule;

typedef struct cr_sweep_schedule_type {
    size_t state_size;
    bool adapts; /* it asks for no more than there are workers, to know more results */
    /* Allocates the state's parts and says what is to be done; `finish` frees them, also
     * those of a half-made state. */
    bool (*begin)(cr_sweep_schedule *schedule, cr_error *err);
    void (*finish)(cr_sweep_schedule *schedule);
    bool (*add)(cr_sweep_schedule *schedule, const cr_sweep_outcome *outcome,
                cr_error *err);
    cr_sweep_next (*next)(cr_sweep_schedule *schedule, cr_sweep_task *task);
    /* The task whose repetition gives a trial's last result again. */
    cr_sweep_task (*again)(const cr_sweep_schedule *schedule, size_t trial);
    /* The rungs that the workload will have; returns their number. NULL: the schedule
     * runs each trial to its end at once. With rungs it compares all settings. */
    size_t (*rungs)(const cr_sweep_workload *workload, cr_rung rungs[CR_MOST_RUNGS]);
    /* The numbers of the values [parameter_count] of a setting that it has made: the one of
     * a trial that `next` has asked for. NULL: all settings are there from the start. */
    const double *(*point)(const cr_sweep_schedule *schedule, size_t setting);
    size_t starts; /* settings that are drawn at random before it makes the first */
} cr_sweep_schedule_type;

/* NULL with err. */
CR_MUST_CHECK cr_sweep_schedule *
cr_sweep_schedule_create(const cr_sweep_schedule_type *type,
                         const cr_sweep_workload *workload, cr_error *err);
void cr_sweep_schedule_destroy(cr_sweep_schedule *schedule); /* takes NULL */

/* Takes a result: of a task that was handed out, or, before the first is asked for, one
 * that is known from before. A known one that failed is none, and must not be added. */
CR_MUST_CHECK bool cr_sweep_schedule_add(cr_sweep_schedule *schedule,
                                         const cr_sweep_outcome *outcome, cr_error *err);

/* What to run next; *task is set for CR_SWEEP_RUN. */
cr_sweep_next cr_sweep_schedule_next(cr_sweep_schedule *schedule, cr_sweep_task *task);

/* The next verdict, which is handed out once; false: there is none now. */
CR_MUST_CHECK bool cr_sweep_schedule_verdict(cr_sweep_schedule *schedule,
                                             cr_sweep_verdict *verdict);

/* For the schedules: */

/* The score of a setting from values [settings × trials_per_setting] of all trials; only
 * those that are included count. */
cr_setting_score cr_sweep_schedule_score(const cr_sweep_workload *workload,
                                         size_t setting, const double *values);

/* Whether a ranks before b: it is better, or as good and of an earlier setting, so that
 * the order in which trials end has no say. */
bool cr_sweep_schedule_ranks_before(const cr_metric *metric, const cr_setting_score *a,
                                    const cr_setting_score *b);

/* A trial that goes on to the end of a rung from that of the one before. */
cr_sweep_task cr_sweep_schedule_task(const cr_rung *rungs, size_t rung, size_t trial);

/* Makes a verdict known; there is at most one a setting. */
void cr_sweep_schedule_decide(cr_sweep_schedule *schedule, const cr_setting_score *of,
                              bool eliminated);

/* The rungs of successive halving: as many as the numbers of settings and epochs allow, the
 * last one with all epochs. Returns their number. */
size_t cr_sweep_schedule_rungs(const cr_sweep_workload *workload,
                               cr_rung rungs[CR_MOST_RUNGS]);

/* Those of the schedule, whose trials it is to run. Returns their number. */
size_t cr_sweep_schedule_begin_rungs(cr_sweep_schedule *schedule,
                                     cr_rung rungs[CR_MOST_RUNGS]);

/* Trials in a line, each with its cost. */
typedef struct cr_queued_trial {
    double cost;
    size_t trial;
} cr_queued_trial;

/* Sorts the costly to the front, so that none is left alone at the end; among equals the
 * lower number. */
void cr_sweep_schedule_sort(cr_queued_trial *queue, size_t count);

#endif
