#include "sweep/sweep_section.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const goals[] = {"maximize", "minimize", NULL};
static const char *const spaces[] = {"values",  "uniform", "loguniform",
                                     "integer", "logint",  NULL};

typedef struct fields {
    int method, goal;
    const char *metric;
    int64_t samples, seed, repeats, folds, keep, factor, min_epochs;
    const cr_json *parameters;
} fields;

static const cr_option sweep_options[] = {
    {.key = "method",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(fields, method),
     .fallback = "\"grid\"",
     .choices = cr_sweep_method_names,
     .help =
         "every combination of the values; random draws; successive halving: random "
         "draws of which the better go on to more epochs; the same without waiting; or "
         "Parzen estimators: draws like the better ones so far"},
    {.key = "parameters",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, parameters),
     .fallback = "{}",
     .kinds = 1u << CR_JSON_OBJECT,
     .expects = "an object such as {\"optimizer.learning_rate\": {\"values\": [0.01, "
                "0.1]}}",
     .help = "what to vary: a path of the config and where its values come from; left "
             "out, the config itself is repeated"},
    {.key = "samples",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, samples),
     .fallback = CR_OPTIONAL,
     .minimum = 1,
     .maximum = CR_MOST_TRIALS,
     .help = "settings to draw; needed by all but grid"},
    {.key = "seed",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, seed),
     .fallback = "1",
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .help = "of the draws; the trials' own seeds start from the config's"},
    {.key = "metric",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(fields, metric),
     .fallback = CR_OPTIONAL,
     .help = "what to judge by, with the trained model: train_ or validation_ and "
             "" CR_METRIC_FIGURES ", or a name that log.metrics lists; left out: "
             "validation_accuracy for classes, else validation_rmse"},
    {.key = "goal",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(fields, goal),
     .fallback = CR_OPTIONAL,
     .choices = goals,
     .help = "left out: maximize what grows as things get better, such as an accuracy, "
             "else minimize"},
    {.key = "repeats",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, repeats),
     .fallback = "1",
     .minimum = 1,
     .maximum = CR_MOST_TRIALS,
     .help = "trials of each setting, with seeds from the config's on upwards"},
    {.key = "folds",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, folds),
     .fallback = CR_OPTIONAL,
     .minimum = 2,
     .maximum = CR_MOST_TRIALS,
     .help = "judge each setting by a cross-validation of so many folds in place of the "
             "config's validation part"},
    {.key = "keep",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, keep),
     .fallback = "1",
     .minimum = 0,
     .maximum = 1000,
     .help = "best settings whose models are kept, each as a run directory"},
    {.key = "factor",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, factor),
     .fallback = "3",
     .minimum = 2,
     .maximum = CR_MOST_TRIALS,
     .help =
         "halving and asha: one setting of so many goes on, to so many times the epochs"},
    {.key = "min_epochs",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, min_epochs),
     .fallback = "1",
     .minimum = 1,
     .maximum = 1e9,
     .help = "halving and asha: every setting gets at least so many epochs; the last "
             "ones get "
             "training.epochs"},
};

typedef struct parameter_fields {
    int space;
    double lower, upper;
    const cr_json *values;
} parameter_fields;

static const cr_option parameter_options[] = {
    {.key = "space",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(parameter_fields, space),
     .fallback = "\"values\"",
     .choices = spaces,
     .help = "a list of values, or a range to draw numbers or whole numbers from, evenly "
             "or (log…) evenly in their logarithm"},
    {.key = "values",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(parameter_fields, values),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_ARRAY,
     .expects = "a list of values, such as [16, 32]",
     .help = "the list"},
    {.key = "lower",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(parameter_fields, lower),
     .fallback = CR_OPTIONAL,
     .help = "the range's lowest number"},
    {.key = "upper",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(parameter_fields, upper),
     .fallback = CR_OPTIONAL,
     .help = "the range's highest number"},
};

/* The path may not lead where a sweep has no say. */
static void check_path(cr_reader *reader, const char *where, const char *path,
                       const cr_sweep_section *section)
{
    bool augment = strncmp(path, "data.augment", 12) == 0;
    if (strcmp(path, "data") == 0 || (strncmp(path, "data.", 5) == 0 && !augment))
        cr_reader_error(reader, where,
                        "the data is loaded once, for all trials, so its options, but "
                        "for data.augment, cannot be swept; write a config for each");
    else if (strcmp(path, "training.threads") == 0)
        cr_reader_error(reader, where,
                        "trials run beside one another, on one thread each; choose how "
                        "many with -j");
    else if (strcmp(path, "sweep") == 0 || strncmp(path, "sweep.", 6) == 0)
        cr_reader_error(reader, where, "a sweep cannot sweep itself");
    else if (strcmp(path, "seed") == 0 && section->repeats > 1)
        cr_reader_error(reader, where,
                        "sweep.repeats takes seeds already; use one or the other");
}

/* A schedule with rungs chooses the epochs itself. */
static void check_epochs(cr_reader *reader, const char *where, const char *path,
                         const cr_sweep_section *section)
{
    if (section->method->schedule->rungs && strcmp(path, "training.epochs") == 0)
        cr_reader_error(reader, where,
                        "%s chooses the epochs of each setting, up to training.epochs; "
                        "remove this parameter",
                        section->method->title);
}

static void check_values(cr_reader *reader, const char *where, cr_sweep_parameter *p,
                         const cr_json *values)
{
    p->count = values ? cr_json_count(values) : 0;
    if (p->count == 0) {
        cr_reader_error(reader, where,
                        values ? "the list of values is empty"
                               : "expected \"values\": […], or a \"space\" with "
                                 "\"lower\" and \"upper\"");
        return;
    }
    p->values = cr_alloc(p->count, sizeof(const cr_json *), reader->err);
    size_t i = 0;
    for (const cr_json *v = cr_json_first(values); p->values && v; v = cr_json_next(v))
        p->values[i++] = v;
}

static void check_range(cr_reader *reader, const char *where, cr_sweep_parameter *p,
                        const cr_json *object, const cr_sweep_method *method)
{
    bool logarithmic = p->space == CR_SPACE_LOGUNIFORM || p->space == CR_SPACE_LOGINT;
    bool whole = p->space == CR_SPACE_INTEGER || p->space == CR_SPACE_LOGINT;
    const char *name = spaces[p->space];
    if (!cr_json_get(object, "lower") || !cr_json_get(object, "upper"))
        cr_reader_error(reader, where, "the space \"%s\" needs \"lower\" and \"upper\"",
                        name);
    else if (cr_json_get(object, "values"))
        cr_reader_error(reader, where,
                        "the space \"%s\" has a range and no list: remove \"values\" or "
                        "\"space\"",
                        name);
    else if (p->lower >= p->upper)
        cr_reader_error(reader, where, "lower %g is not below upper %g", p->lower,
                        p->upper);
    else if (logarithmic && p->lower <= 0)
        cr_reader_error(reader, where,
                        "lower is %g, expected a number above 0: the logarithm of "
                        "others does not exist",
                        p->lower);
    else if (whole && (p->lower != floor(p->lower) || p->upper != floor(p->upper) ||
                       fabs(p->lower) > 9e15 || fabs(p->upper) > 9e15))
        cr_reader_error(reader, where,
                        "found %g to %g, expected whole numbers for \"%s\"", p->lower,
                        p->upper, name);
    else if (!method->draws && p->space != CR_SPACE_INTEGER)
        cr_reader_error(
            reader, where,
            "a grid has no end over the space \"%s\"; list \"values\", or use "
            "\"method\": \"random\"",
            name);
}

static void read_parameter(cr_reader *reader, cr_json *object, cr_sweep_section *section,
                           cr_sweep_parameter *p)
{
    char where[CR_WHERE];
    cr_json_path("sweep.parameters", p->path, where);
    check_path(reader, where, p->path, section);
    check_epochs(reader, where, p->path, section);
    if (!cr_json_is(object, CR_JSON_OBJECT)) {
        cr_reader_error(reader, where,
                        "found %s, expected an object such as {\"values\": [1, 2]}",
                        cr_json_kind_name(cr_json_kind_of(object)));
        return;
    }
    size_t errors = reader->err->count;
    parameter_fields f = {0};
    cr_option_group group = {parameter_options, CR_COUNT(parameter_options), &f};
    cr_options_read(reader, where, object, &group, 1);
    if (reader->err->count > errors)
        return;
    p->space = (cr_space)f.space;
    p->lower = f.lower;
    p->upper = f.upper;
    if (p->space == CR_SPACE_VALUES)
        check_values(reader, where, p, f.values);
    else
        check_range(reader, where, p, object, section->method);
}

static void read_parameters(cr_reader *reader, cr_json *sweep, cr_sweep_section *section)
{
    cr_json *parameters = cr_json_edit(sweep, "parameters");
    size_t count = cr_json_count(parameters);
    section->parameters = cr_alloc(count, sizeof *section->parameters, reader->err);
    if (!section->parameters)
        return;
    for (const cr_json *item = cr_json_first(parameters); item;
         item = cr_json_next(item)) {
        if (strcmp(cr_json_key(item), "comment") == 0)
            continue;
        cr_sweep_parameter *p = &section->parameters[section->parameter_count++];
        /* by name in the tree, since a key with dots is one key here */
        p->path = cr_json_key(item);
        read_parameter(reader, cr_json_edit(parameters, p->path), section, p);
    }
}

/* Settings that are made are sent to workers with their values. */
static void check_makes(cr_reader *reader, const cr_sweep_section *section)
{
    size_t count = section->parameter_count;
    if (section->method->schedule->point && (count == 0 || count > CR_MOST_POINT))
        cr_reader_error(reader, "sweep.parameters",
                        "found %zu, expected 1 to %d parameters for %s", count,
                        CR_MOST_POINT, section->method->title);
}

static void count_trials(cr_reader *reader, const fields *f, cr_sweep_section *section)
{
    double settings = (double)f->samples;
    if (!section->method->draws) {
        settings = 1;
        for (size_t i = 0; i < section->parameter_count; i++)
            settings *= cr_sweep_space_size(&section->parameters[i]);
    }
    double per_setting =
        (double)section->repeats * (section->folds ? (double)f->folds : 1);
    if (settings * per_setting > CR_MOST_TRIALS)
        cr_reader_error(reader, "sweep",
                        "%.0f trials (%.0f settings, %.0f of each), expected at most %d: "
                        "take fewer values, or \"method\": \"random\" with \"samples\"",
                        settings * per_setting, settings, per_setting, CR_MOST_TRIALS);
    else
        section->settings = (size_t)settings;
}

static void read_metric(cr_reader *reader, const cr_json *sweep, const fields *f,
                        bool classify, cr_sweep_section *section)
{
    const char *name =
        f->metric ? f->metric : cr_metric_default(CR_PART_VALIDATION, classify);
    if (cr_monitor_read(reader, "sweep.metric", name, classify, &section->judge) &&
        cr_json_get(sweep, "goal"))
        section->judge.metric.maximize = f->goal == 0;
}

void cr_sweep_section_read(cr_reader *reader, cr_json *root, bool classify,
                           cr_sweep_section *section)
{
    *section = (cr_sweep_section){0};
    cr_json *sweep = cr_options_section(reader, root, "sweep");
    if (!sweep)
        cr_reader_error(reader, "sweep",
                        "expected an object such as {\"parameters\": {…}}");
    if (!sweep)
        return;
    size_t errors = reader->err->count;
    fields f = {0};
    cr_option_group group = {sweep_options, CR_COUNT(sweep_options), &f};
    cr_options_read(reader, "sweep", sweep, &group, 1);
    if (reader->err->count > errors)
        return;
    section->method = &cr_sweep_methods[f.method];
    section->seed = f.seed;
    section->repeats = (size_t)f.repeats;
    section->folds = (size_t)f.folds;
    section->keep = (size_t)f.keep;
    section->factor = (size_t)f.factor;
    section->min_epochs = (size_t)f.min_epochs;
    if (section->method->draws && f.samples == 0)
        cr_reader_error(reader, "sweep",
                        "the key \"samples\" is missing; expected the number of settings "
                        "to draw");
    if (!section->method->draws && f.samples > 0)
        cr_reader_warn(reader, "sweep.samples",
                       "a grid has all combinations; \"samples\" is for the other "
                       "methods");
    read_metric(reader, sweep, &f, classify, section);
    read_parameters(reader, sweep, section);
    check_makes(reader, section);
    if (reader->err->count == errors)
        count_trials(reader, &f, section);
}

void cr_sweep_section_finish(cr_sweep_section *section)
{
    for (size_t i = 0; i < section->parameter_count; i++)
        cr_free(section->parameters[i].values);
    cr_free(section->parameters);
    cr_free(section->points);
    *section = (cr_sweep_section){0};
}

/* The number of a setting's value on the grid. */
static double grid_number(const cr_sweep_section *section, size_t setting,
                          size_t parameter)
{
    const cr_sweep_parameter *p = &section->parameters[parameter];
    for (size_t i = section->parameter_count; i-- > parameter + 1;)
        setting /= (size_t)cr_sweep_space_size(&section->parameters[i]);
    double place = (double)(setting % (size_t)cr_sweep_space_size(p));
    return p->space == CR_SPACE_VALUES ? place : p->lower + place;
}

double cr_sweep_section_draw(const cr_sweep_section *section, size_t draw,
                             size_t parameter)
{
    const cr_sweep_parameter *p = &section->parameters[parameter];
    /* each draw a block of its own: an even first is the first word of its block */
    double u = 0;
    cr_random_uniform((uint64_t)section->seed, CR_FOR_SWEEP, cr_random_stream(p->path),
                      2 * (uint64_t)draw, 1, &u);
    return cr_sweep_space_draw(p, u);
}

char *cr_sweep_section_value(const cr_sweep_section *section, size_t setting,
                             size_t parameter)
{
    double number = setting < section->given
                        ? section->points[setting * section->parameter_count + parameter]
                    : section->method->draws
                        ? cr_sweep_section_draw(section, setting, parameter)
                        : grid_number(section, setting, parameter);
    return cr_sweep_space_print(&section->parameters[parameter], number);
}

bool cr_sweep_section_find(const cr_sweep_section *section, const char *parameters,
                           double *point)
{
    size_t length = strlen(parameters);
    cr_json *values = cr_json_parse(parameters, length);
    bool found = values && cr_json_count(values) == section->parameter_count;
    for (size_t i = 0; found && i < section->parameter_count; i++) {
        const cr_sweep_parameter *p = &section->parameters[i];
        const cr_json *value = cr_json_get(values, p->path);
        found = value && cr_sweep_space_find(p, value, &point[i]);
    }
    cr_json_free(values);
    return found;
}

void cr_sweep_section_describe(cr_text *out)
{
    cr_options_describe("sweep",
                        "What `chainrule sweep` tries; other commands leave it alone.",
                        sweep_options, CR_COUNT(sweep_options), out);
    cr_options_describe("sweep.parameters",
                        "Each key is a path of the config, such as "
                        "`optimizer.learning_rate` or `model.layers.0.units`; its value:",
                        parameter_options, CR_COUNT(parameter_options), out);
}

bool cr_sweep_section_give(cr_sweep_section *section, const double *points, size_t given,
                           size_t count, cr_error *err)
{
    size_t numbers = section->parameter_count;
    double *copy = cr_alloc(count * numbers, sizeof *copy, err);
    if (!copy)
        return false;
    if (given * numbers > 0)
        memcpy(copy, points, given * numbers * sizeof *copy);
    cr_free(section->points);
    section->points = copy;
    section->given = given;
    return true;
}
