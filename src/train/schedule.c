#include "train/schedule.h"

#include "base/memory.h"
#include "config/typed_section.h"
#include "train/schedule_plateau.h"

#include <math.h>
#include <string.h>

static const char *const units[] = CR_SCHEDULE_UNITS;

typedef struct constant_options {
    cr_schedule_options common;
} constant_options;

static const cr_option constant_table[] = {CR_SCHEDULE_ROWS(constant_options)};

static double constant_rate(const void *opaque, double base, double t,
                            const cr_plateau *plateau)
{
    (void)opaque;
    (void)t;
    (void)plateau;
    return base;
}

static const cr_schedule_type constant = {
    .name = "constant",
    .summary = "eta, after a warm-up if there is one",
    .options = constant_table,
    .option_count = CR_COUNT(constant_table),
    .options_size = sizeof(constant_options),
    .rate = constant_rate,
};

typedef struct step_options {
    cr_schedule_options common;
    int64_t every;
    double factor;
} step_options;

static const cr_option step_table[] = {
    CR_SCHEDULE_ROWS(step_options),
    {.key = "every",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(step_options, every),
     .fallback = CR_REQUIRED,
     .minimum = 1,
     .maximum = 1e12,
     .help = "units between two changes"},
    CR_SCHEDULE_FACTOR(step_options, "0.1", "what the rate is multiplied by"),
};

/* η factor^⌊t / every⌋ */
static double step_rate(const void *opaque, double base, double t,
                        const cr_plateau *plateau)
{
    (void)plateau;
    const step_options *o = opaque;
    return base * pow(o->factor, floor(t / (double)o->every));
}

static double step_first_change(const void *opaque)
{
    return (double)((const step_options *)opaque)->every;
}

static const cr_schedule_type step = {
    .name = "step",
    .summary = "eta * factor^floor(t / every)",
    .options = step_table,
    .option_count = CR_COUNT(step_table),
    .options_size = sizeof(step_options),
    .rate = step_rate,
    .first_change = step_first_change,
};

typedef struct multistep_options {
    cr_schedule_options common;
    const cr_json *milestones;
    double factor;
} multistep_options;

static const cr_option multistep_table[] = {
    CR_SCHEDULE_ROWS(multistep_options),
    {.key = "milestones",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(multistep_options, milestones),
     .fallback = CR_REQUIRED,
     .kinds = 1u << CR_JSON_ARRAY,
     .expects = "a list of times such as [30, 60]",
     .help = "times at which the rate changes"},
    CR_SCHEDULE_FACTOR(multistep_options, "0.1", "what the rate is multiplied by"),
};

static double multistep_rate(const void *opaque, double base, double t,
                             const cr_plateau *plateau)
{
    (void)plateau;
    const multistep_options *o = opaque;
    double passed = 0;
    for (const cr_json *m = cr_json_first(o->milestones); m; m = cr_json_next(m))
        passed += cr_json_number(m) <= t;
    return base * pow(o->factor, passed);
}

static double multistep_first_change(const void *opaque)
{
    const cr_json *first = cr_json_first(((const multistep_options *)opaque)->milestones);
    return first ? cr_json_number(first) : 0;
}

static void check_milestones(cr_reader *reader, const void *opaque)
{
    const multistep_options *o = opaque;
    double last = 0;
    for (const cr_json *m = o->milestones ? cr_json_first(o->milestones) : NULL; m;
         m = cr_json_next(m)) {
        double number = cr_json_is(m, CR_JSON_NUMBER) ? cr_json_number(m) : -1;
        if (number <= last || number != floor(number)) {
            cr_reader_error(reader, "learning_rate_schedule.milestones",
                            "expected whole numbers from 1 on, each above the one "
                            "before it");
            return;
        }
        last = number;
    }
}

static const cr_schedule_type multistep = {
    .name = "multistep",
    .summary = "eta * factor^(milestones that have passed)",
    .options = multistep_table,
    .option_count = CR_COUNT(multistep_table),
    .options_size = sizeof(multistep_options),
    .rate = multistep_rate,
    .first_change = multistep_first_change,
    .check = check_milestones,
};

typedef struct exponential_options {
    cr_schedule_options common;
    double factor;
} exponential_options;

static const cr_option exponential_table[] = {
    CR_SCHEDULE_ROWS(exponential_options),
    CR_SCHEDULE_FACTOR(exponential_options, "0.95",
                       "what the rate is multiplied by, every unit"),
};

static double exponential_rate(const void *opaque, double base, double t,
                               const cr_plateau *plateau)
{
    (void)plateau;
    const exponential_options *o = opaque;
    return base * pow(o->factor, t);
}

static const cr_schedule_type exponential = {
    .name = "exponential",
    .summary = "eta * factor^t",
    .options = exponential_table,
    .option_count = CR_COUNT(exponential_table),
    .options_size = sizeof(exponential_options),
    .rate = exponential_rate,
};

typedef struct inverse_options {
    cr_schedule_options common;
    double scale, power;
} inverse_options;

static const cr_option inverse_table[] = {
    CR_SCHEDULE_ROWS(inverse_options),
    {.key = "scale",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(inverse_options, scale),
     .fallback = "1",
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "what t is multiplied by; with the number of training examples and the unit "
             "epoch the schedule is scikit-learn's \"invscaling\""},
    {.key = "power",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(inverse_options, power),
     .fallback = "0.5",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "how fast the rate falls; 1: with 1 / t"},
};

static double inverse_rate(const void *opaque, double base, double t,
                           const cr_plateau *plateau)
{
    (void)plateau;
    const inverse_options *o = opaque;
    return base / pow(1 + o->scale * t, o->power);
}

static const cr_schedule_type inverse = {
    .name = "inverse",
    .summary = "eta / (1 + scale * t)^power",
    .options = inverse_table,
    .option_count = CR_COUNT(inverse_table),
    .options_size = sizeof(inverse_options),
    .rate = inverse_rate,
};

#define PERIOD_ROW(type)                                                                 \
    {                                                                                    \
        .key = "period", .kind = CR_OPTION_INTEGER, .offset = offsetof(type, period),    \
        .fallback = CR_OPTIONAL, .minimum = 1, .maximum = 1e12,                          \
        .help = "units until the end is reached; left out: those that training has "     \
                "left after the warm-up, also when resume lengthens it"                  \
    }

typedef struct cosine_options {
    cr_schedule_options common;
    int64_t period;
    double minimum;
} cosine_options;

static const cr_option cosine_table[] = {
    CR_SCHEDULE_ROWS(cosine_options),
    PERIOD_ROW(cosine_options),
    CR_SCHEDULE_MINIMUM(cosine_options),
};

/* minimum + (η − minimum) (1 + cos(π t / period)) / 2 */
static double cosine_rate(const void *opaque, double base, double t,
                          const cr_plateau *plateau)
{
    (void)plateau;
    const cosine_options *o = opaque;
    const double pi = 3.14159265358979323846;
    double share = fmin(t / (double)o->period, 1), minimum = fmin(base, o->minimum);
    return minimum + (base - minimum) * (1 + cos(pi * share)) / 2;
}

static const cr_schedule_type cosine = {
    .name = "cosine",
    .summary = "half a cosine from eta down to the minimum (Loshchilov and Hutter, 2017)",
    .options = cosine_table,
    .option_count = CR_COUNT(cosine_table),
    .options_size = sizeof(cosine_options),
    .rate = cosine_rate,
    .has_period = true,
    .period_offset = offsetof(cosine_options, period),
};

typedef struct linear_options {
    cr_schedule_options common;
    int64_t period;
    double minimum;
} linear_options;

static const cr_option linear_table[] = {
    CR_SCHEDULE_ROWS(linear_options),
    PERIOD_ROW(linear_options),
    CR_SCHEDULE_MINIMUM(linear_options),
};

static double linear_rate(const void *opaque, double base, double t,
                          const cr_plateau *plateau)
{
    (void)plateau;
    const linear_options *o = opaque;
    return base + (fmin(base, o->minimum) - base) * fmin(t / (double)o->period, 1);
}

static const cr_schedule_type linear = {
    .name = "linear",
    .summary = "a line from eta down to the minimum",
    .options = linear_table,
    .option_count = CR_COUNT(linear_table),
    .options_size = sizeof(linear_options),
    .rate = linear_rate,
    .has_period = true,
    .period_offset = offsetof(linear_options, period),
};

const cr_schedule_type *const cr_schedule_types[] = {
    &constant, &step,   &multistep, &exponential,
    &inverse,  &cosine, &linear,    &cr_schedule_plateau,
};
const size_t cr_schedule_type_count = CR_COUNT(cr_schedule_types);

void cr_schedule_read(cr_reader *reader, cr_json *root, bool classify,
                      cr_schedule *schedule)
{
    cr_typed types[CR_MOST_TYPES];
    for (size_t i = 0; i < cr_schedule_type_count; i++)
        types[i] = (cr_typed){cr_schedule_types[i]->name, cr_schedule_types[i]->options,
                              cr_schedule_types[i]->option_count,
                              cr_schedule_types[i]->options_size};
    size_t errors = reader->err->count;
    int index = cr_typed_section_read(reader, root, "learning_rate_schedule", "schedule",
                                      "constant", types, cr_schedule_type_count, NULL,
                                      &schedule->options);
    schedule->type = index < 0 ? NULL : cr_schedule_types[index];
    if (!schedule->type || reader->err->count > errors)
        return;
    if (schedule->type->check)
        schedule->type->check(reader, schedule->options);
    if (!schedule->type->watches)
        return;
    const cr_plateau_options *o = schedule->options;
    if (!cr_monitor_read(reader, "learning_rate_schedule.monitor", o->monitor, classify,
                         &schedule->monitor))
        return;
    if (o->common.unit != 0)
        cr_reader_error(reader, "learning_rate_schedule.unit",
                        "a plateau is looked for after every epoch: expected \"epoch\"");
}

void cr_schedule_resolve(cr_schedule *schedule, cr_reader *reader, double base,
                         size_t epochs, size_t epoch_steps)
{
    const char *section = "learning_rate_schedule";
    const cr_schedule_type *type = schedule->type;
    const cr_schedule_options *common = schedule->options;
    const char *unit = units[common->unit];
    double total = (double)epochs * (common->unit == 1 ? (double)epoch_steps : 1);
    double left = total - (double)common->warmup;
    double begins = type->first_change ? type->first_change(schedule->options) : 0;
    if (left < 0)
        cr_reader_warn(reader, section,
                       "the warm-up takes %.0f %ss, and training ends after %.0f",
                       (double)common->warmup, unit, total);
    else if (begins >= left)
        cr_reader_warn(reader, section,
                       "the rate changes after %.0f %ss, and training ends after %.0f",
                       begins + (double)common->warmup, unit, total);
    const double *minimum = cr_options_number(type->options, type->option_count,
                                              schedule->options, "minimum");
    if (minimum && *minimum > base)
        cr_reader_warn(reader, section,
                       "\"minimum\" is %g, and above optimizer.learning_rate, which is "
                       "%g: the rate stays as it is",
                       *minimum, base);
    int64_t *period =
        type->has_period
            ? (int64_t *)(void *)((char *)schedule->options + type->period_offset)
            : NULL;
    if (period && *period == 0)
        *period = left < 1 ? 1 : (int64_t)left;
}

double cr_schedule_rate(const cr_schedule *schedule, double base, size_t epochs,
                        size_t steps, const cr_plateau *plateau)
{
    const cr_schedule_options *common = schedule->options;
    double t = common->unit == 1 ? (double)steps : (double)epochs;
    double warmup = (double)common->warmup;
    if (t < warmup)
        return base * (t + 1) / warmup;
    return schedule->type->rate(schedule->options, base, t - warmup, plateau);
}

void cr_schedule_watch(const cr_schedule *schedule, double base, const cr_epoch *epoch,
                       cr_plateau *plateau)
{
    const cr_schedule_options *common = schedule->options;
    if (schedule->type->watches && epoch->epoch > (size_t)common->warmup)
        cr_schedule_plateau_look(schedule->options,
                                 cr_monitor_value(&schedule->monitor, epoch),
                                 schedule->monitor.metric.maximize, base, plateau);
}

bool cr_schedule_is_over(const cr_schedule *schedule, double base,
                         const cr_plateau *plateau)
{
    return schedule->type->watches &&
           cr_schedule_plateau_is_over(schedule->options, base, plateau);
}

void cr_schedule_describe(cr_text *out)
{
    for (size_t i = 0; i < cr_schedule_type_count; i++) {
        const cr_schedule_type *type = cr_schedule_types[i];
        cr_options_describe(type->name, type->summary, type->options, type->option_count,
                            out);
    }
}
