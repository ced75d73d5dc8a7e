/*
 * Learning rate schedules: the rate of each step as a function of the time that has
 * passed.
 *
 * Time t is counted in epochs or in steps, as the config says, from 0. For the first
 * `warmup` of them the rate is η (t + 1) / warmup; then the schedule begins, with its own
 * time from 0. Nothing is remembered but by "plateau", whose memory is a cr_plateau.
 */
#ifndef CHAINRULE_TRAIN_SCHEDULE_H
#define CHAINRULE_TRAIN_SCHEDULE_H

#include "measure/monitor.h"

/* Every schedule's options begin with these. */
typedef struct cr_schedule_options {
    int unit; /* 0: epochs, 1: steps */
    int64_t warmup;
} cr_schedule_options;

/* What "plateau" has seen. */
typedef struct cr_plateau {
    double best;   /* of the metric that it watches */
    size_t bad;    /* epochs since it was better; it stays above the patience when
                      training is to end */
    double factor; /* of the rate, so far */
    bool has_best;
} cr_plateau;

typedef struct cr_schedule_type {
    const char *name, *summary;
    const cr_option *options;
    size_t option_count, options_size;
    /* The rate at time t ≥ 0 since the warm-up; base: η of the optimizer. */
    double (*rate)(const void *options, double base, double t, const cr_plateau *plateau);
    bool has_period; /* the options have an int64_t at period_offset, 0 when left out: it
                        becomes the time that is left after the warm-up */
    size_t period_offset;
    double (*first_change)(const void *options); /* the time since the warm-up; NULL: 0 */
    /* Checks what the option table cannot say; errors go to the reader. NULL: nothing. */
    void (*check)(cr_reader *reader, const void *options);
    bool watches; /* it is "plateau" */
} cr_schedule_type;

extern const cr_schedule_type *const cr_schedule_types[];
extern const size_t cr_schedule_type_count;

typedef struct cr_schedule {
    const cr_schedule_type *type;
    void *options;      /* owned */
    cr_monitor monitor; /* of a type that watches */
} cr_schedule;

/* Reads `learning_rate_schedule` of the root; errors go to the reader. */
void cr_schedule_read(cr_reader *reader, cr_json *root, bool classify,
                      cr_schedule *schedule);

/* Settles what depends on the length of the training: the period of a schedule that left
 * it out. Warns of what never comes about. base: η of the optimizer. */
void cr_schedule_resolve(cr_schedule *schedule, cr_reader *reader, double base,
                         size_t epochs, size_t epoch_steps);

/* The rate of the step that comes after so many epochs and steps. */
double cr_schedule_rate(const cr_schedule *schedule, double base, size_t epochs,
                        size_t steps, const cr_plateau *plateau);

/* Looks at the figures of an epoch, once the warm-up is over. */
void cr_schedule_watch(const cr_schedule *schedule, double base, const cr_epoch *epoch,
                       cr_plateau *plateau);

/* Whether training ends, since the rate was to fall and is small enough already. */
bool cr_schedule_is_over(const cr_schedule *schedule, double base,
                         const cr_plateau *plateau);

/* All of them, for the reference. */
void cr_schedule_describe(cr_text *out);

#endif
