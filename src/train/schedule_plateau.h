/* The schedule that falls when a metric has stopped getting better, and what the tables of all
 * schedules have in common. */
#ifndef CHAINRULE_TRAIN_SCHEDULE_PLATEAU_H
#define CHAINRULE_TRAIN_SCHEDULE_PLATEAU_H

#include "train/schedule.h"

#define CR_SCHEDULE_UNITS                                                                \
    {                                                                                    \
        "epoch", "step", NULL                                                            \
    }

/* The first rows of every table. */
#define CR_SCHEDULE_ROWS(type)                                                           \
    {.key = "unit",                                                                      \
     .kind = CR_OPTION_CHOICE,                                                           \
     .offset = offsetof(type, common.unit),                                              \
     .fallback = "\"epoch\"",                                                            \
     .choices = (const char *const[])CR_SCHEDULE_UNITS,                                  \
     .help = "what time is counted in"},                                                 \
    {                                                                                    \
        .key = "warmup", .kind = CR_OPTION_INTEGER,                                      \
        .offset = offsetof(type, common.warmup), .fallback = "0", .minimum = 0,          \
        .maximum = 1e9,                                                                  \
        .help = "first so many units in which the rate grows evenly up to eta; the "     \
                "schedule begins behind them"                                            \
    }

#define CR_SCHEDULE_FACTOR(type, text, meaning)                                          \
    {                                                                                    \
        .key = "factor", .kind = CR_OPTION_NUMBER, .offset = offsetof(type, factor),     \
        .fallback = text, .minimum = 0, .maximum = 1, .above_minimum = true,             \
        .help = meaning                                                                  \
    }
#define CR_SCHEDULE_MINIMUM(type)                                                        \
    {                                                                                    \
        .key = "minimum", .kind = CR_OPTION_NUMBER, .offset = offsetof(type, minimum),   \
        .fallback = "0", .minimum = 0, .maximum = INFINITY,                              \
        .help = "the rate does not fall below this"                                      \
    }

typedef struct cr_plateau_options {
    cr_schedule_options common;
    const char *monitor;
    int64_t patience;
    double factor, min_delta, minimum, stop_below;
    bool from_best;
} cr_plateau_options;

extern const cr_schedule_type cr_schedule_plateau;

/* Looks at the metric's value after one more epoch. base: η of the optimizer. */
void cr_schedule_plateau_look(const cr_plateau_options *options, double value,
                              bool maximize, double base, cr_plateau *plateau);

/* What cr_schedule_is_over says. */
bool cr_schedule_plateau_is_over(const cr_plateau_options *options, double base,
                                 const cr_plateau *plateau);

/* Whether a gain over the value that an improvement is measured from is one; early stopping
 * judges in the same way. from_best: that is the best so far. */
static inline bool cr_schedule_plateau_improves(double gain, double min_delta,
                                                bool from_best)
{
    return from_best ? gain >= min_delta : gain > min_delta;
}

/* The row of an option table for the field `from_best`. */
#define CR_SCHEDULE_FROM_BEST(type)                                                      \
    {                                                                                    \
        .key = "from_best", .kind = CR_OPTION_BOOL, .offset = offsetof(type, from_best), \
        .fallback = "false",                                                             \
        .help = "an improvement is measured from the best value so far, as "             \
                "scikit-learn does, and is one "                                         \
                "from min_delta on; else from the last value that was an improvement, "  \
                "so that many small ones add up"                                         \
    }

#endif
