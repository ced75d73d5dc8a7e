#include "sweep/sweep_superset.h"

#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

/* The parameter of that path; NULL: the section does not vary it. */
static const cr_sweep_parameter *find(const cr_sweep_section *section, const char *path)
{
    for (size_t i = 0; i < section->parameter_count; i++)
        if (strcmp(section->parameters[i].path, path) == 0)
            return &section->parameters[i];
    return NULL;
}

/* Any settings can be among random ones. Those on a grid have to be on the new one, and
 * rungs need results of rungs. */
static bool may_follow(const cr_sweep_method *then, const cr_sweep_method *now)
{
    bool had = then->schedule->rungs != NULL, has = now->schedule->rungs != NULL;
    return had == has && (now->draws || !then->draws);
}

static bool check_method(const cr_sweep_section *then, const cr_sweep_section *now,
                         cr_text *why)
{
    bool follows = may_follow(then->method, now->method);
    bool rungs = follows && now->method->schedule->rungs;
    if (!follows)
        cr_text_add(why, "sweep.method was %s and is %s, which has no use for its trials",
                    then->method->name, now->method->name);
    else if (now->method->draws && then->method->draws && now->seed != then->seed)
        cr_text_add(why,
                    "sweep.seed was %" PRId64 " and is %" PRId64
                    ", which draws other settings",
                    then->seed, now->seed);
    else if (rungs && now->factor != then->factor)
        cr_text_add(why, "sweep.factor was %zu and is %zu, which makes other rungs",
                    then->factor, now->factor);
    return why->length == 0;
}

static bool check_numbers(const cr_sweep_section *then, const cr_sweep_section *now,
                          cr_text *why)
{
    static const char shrinks[] = "a sweep can grow, and not shrink";
    const cr_metric *was = &then->judge.metric, *is = &now->judge.metric;
    if (strcmp(was->name, is->name) != 0 || was->maximize != is->maximize)
        cr_text_add(why,
                    "sweep.metric was %s (%s) and is %s (%s), by which its trials are "
                    "not judged",
                    was->name, was->maximize ? "maximize" : "minimize", is->name,
                    is->maximize ? "maximize" : "minimize");
    else if (now->folds != then->folds)
        cr_text_add(why,
                    "sweep.folds was %zu and is %zu; other folds are other splits of "
                    "the data, so that none of its trials would be one of them",
                    then->folds, now->folds);
    else if (now->repeats < then->repeats)
        cr_text_add(why, "sweep.repeats was %zu and is %zu; %s", then->repeats,
                    now->repeats, shrinks);
    else if (now->method->draws && then->method->draws && now->settings < then->settings)
        cr_text_add(why, "sweep.samples was %zu and is %zu; %s", then->settings,
                    now->settings, shrinks);
    return why->length == 0;
}

static void say_lost(cr_text *why, const char *path, const cr_json *value,
                     const char *what)
{
    char shown[CR_JSON_SHOWN];
    cr_text_add(why, "sweep.parameters.%s has not the value %s, which %s", path,
                value ? cr_json_show(value, shown) : "null", what);
}

/* All values that the parameter had. */
static bool check_parameter(const cr_sweep_parameter *then, const cr_sweep_parameter *now,
                            cr_text *why)
{
    double number = 0;
    for (size_t i = 0; i < then->count; i++)
        if (!cr_sweep_space_find(now, then->values[i], &number)) {
            say_lost(why, then->path, then->values[i], "it had");
            return false;
        }
    if (then->space == CR_SPACE_VALUES)
        return true;
    if (now->space == CR_SPACE_VALUES)
        cr_text_add(why, "sweep.parameters.%s was a range and is a list", then->path);
    else if (now->lower > then->lower || now->upper < then->upper)
        cr_text_add(
            why, "sweep.parameters.%s was %g to %g and is %g to %g, which is not wider",
            then->path, then->lower, then->upper, now->lower, now->upper);
    return why->length == 0;
}

const cr_json *cr_sweep_superset_constant(const cr_sweep_view *then,
                                          const cr_sweep_view *now, const char *path)
{
    const cr_json *value = cr_json_find(then->config, path);
    return value ? value : cr_json_find(now->config, path); /* a default */
}

static bool check_parameters(const cr_sweep_view *then, const cr_sweep_view *now,
                             cr_text *why)
{
    double number = 0;
    for (size_t i = 0; i < then->section->parameter_count; i++) {
        const cr_sweep_parameter *was = &then->section->parameters[i];
        const cr_sweep_parameter *is = find(now->section, was->path);
        if (!is)
            cr_text_add(why, "sweep.parameters.%s is left out", was->path);
        if (!is || !check_parameter(was, is, why))
            return false;
    }
    for (size_t i = 0; i < now->section->parameter_count; i++) {
        const cr_sweep_parameter *is = &now->section->parameters[i];
        const cr_json *value = cr_sweep_superset_constant(then, now, is->path);
        if (find(then->section, is->path) || cr_sweep_space_find(is, value, &number))
            continue;
        say_lost(why, is->path, value, "its trials have");
        return false;
    }
    return true;
}

bool cr_sweep_superset_check(const cr_sweep_view *then, const cr_sweep_view *now,
                             cr_text *why)
{
    return check_method(then->section, now->section, why) &&
           check_numbers(then->section, now->section, why) &&
           check_parameters(then, now, why);
}

/* Whether the parameter could have that value, or had it always. */
static bool had_value(const cr_sweep_view *then, const cr_sweep_view *now,
                      const char *path, const cr_json *value)
{
    double number = 0;
    const cr_sweep_parameter *was = find(then->section, path);
    const cr_json *constant = cr_sweep_superset_constant(then, now, path);
    const cr_sweep_parameter always = {.values = &constant, .count = 1};
    return cr_sweep_space_find(was ? was : &always, value, &number);
}

bool cr_sweep_superset_had(const cr_sweep_view *then, const cr_sweep_view *now,
                           size_t draw)
{
    bool had = true;
    for (size_t i = 0; had && i < now->section->parameter_count; i++) {
        const cr_sweep_parameter *p = &now->section->parameters[i];
        char *text =
            cr_sweep_space_print(p, cr_sweep_section_draw(now->section, draw, i));
        cr_json *value = text ? cr_json_parse(text, strlen(text)) : NULL;
        had = value && had_value(then, now, p->path, value);
        cr_json_free(value);
        cr_free(text);
    }
    return had;
}
