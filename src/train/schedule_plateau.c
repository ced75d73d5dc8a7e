#include "train/schedule_plateau.h"

#include <math.h>

static const cr_option table[] = {
    CR_SCHEDULE_ROWS(cr_plateau_options),
    {.key = "monitor",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(cr_plateau_options, monitor),
     .fallback = "\"validation_loss\"",
     .help = "what should get better, as in early_stopping"},
    {.key = "patience",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(cr_plateau_options, patience),
     .fallback = "10",
     .minimum = 0,
     .maximum = 1e9,
     .help =
         "epochs without an improvement that are borne; after one more the rate falls"},
    {.key = "min_delta",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(cr_plateau_options, min_delta),
     .fallback = "0.0001",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "a change that is not above this is no improvement"},
    CR_SCHEDULE_FROM_BEST(cr_plateau_options),
    CR_SCHEDULE_FACTOR(cr_plateau_options, "0.1", "what the rate is multiplied by"),
    CR_SCHEDULE_MINIMUM(cr_plateau_options),
    {.key = "stop_below",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(cr_plateau_options, stop_below),
     .fallback = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "training ends when the rate is to fall and is at most this; 0: it goes on"},
};

static double rate(const void *opaque, double base, double t, const cr_plateau *plateau)
{
    (void)t;
    const cr_plateau_options *o = opaque;
    return fmax(base * plateau->factor, fmin(base, o->minimum));
}

const cr_schedule_type cr_schedule_plateau = {
    .name = "plateau",
    .summary = "eta, times factor whenever the metric has stopped getting better",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(cr_plateau_options),
    .rate = rate,
    .watches = true,
};

void cr_schedule_plateau_look(const cr_plateau_options *o, double value, bool maximize,
                              double base, cr_plateau *plateau)
{
    double gain = maximize ? value - plateau->best : plateau->best - value;
    bool improves = !plateau->has_best ||
                    cr_schedule_plateau_improves(gain, o->min_delta, o->from_best);
    if (improves || (o->from_best && gain > 0))
        plateau->best = value;
    plateau->has_best = true;
    plateau->bad = improves ? 0 : plateau->bad + 1;
    if (plateau->bad <= (size_t)o->patience ||
        cr_schedule_plateau_is_over(o, base, plateau))
        return;
    plateau->factor *= o->factor;
    plateau->bad = 0;
}

bool cr_schedule_plateau_is_over(const cr_plateau_options *o, double base,
                                 const cr_plateau *plateau)
{
    return o->stop_below > 0 && plateau->bad > (size_t)o->patience &&
           rate(o, base, 0, plateau) <= o->stop_below;
}
