#include "sweep/ranking.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "config/document.h"
#include "math/moments.h"
#include "measure/metric.h"
#include "sweep/ranking_runs.h"
#include "sweep/ranking_sweep.h"
#include "sweep/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double close_to_end = 0.05; /* of a continuous range */
enum { FEWEST_VALUES = 3, QUARTERS = 4 };

/* What the sweep section says of each parameter's range. */
static void read_ranges(cr_ranking *ranking, const char *section)
{
    cr_document document;
    char *text = cr_text_copy(section, strlen(section), NULL);
    if (!text ||
        !cr_document_parse(&document, "sweep", text, strlen(text), CR_E_DATA, NULL))
        return;
    const cr_json *all = cr_json_get_kind(document.root, "parameters", CR_JSON_OBJECT);
    for (size_t i = 0; all && i < ranking->parameter_count; i++) {
        cr_ranking_parameter *p = &ranking->parameters[i];
        const cr_json *object = cr_json_get_kind(all, p->path, CR_JSON_OBJECT);
        const char *space = cr_json_get_string(object, "space");
        p->lower = cr_json_get_number(object, "lower", NAN);
        p->upper = cr_json_get_number(object, "upper", NAN);
        p->has_range = p->continuous = space && !isnan(p->lower) && !isnan(p->upper);
        p->logarithmic = p->has_range && strncmp(space, "log", 3) == 0;
    }
    cr_document_finish(&document);
}

static bool add_parameter(cr_ranking *ranking, const char *path, cr_error *err)
{
    for (size_t i = 0; i < ranking->parameter_count; i++)
        if (strcmp(ranking->parameters[i].path, path) == 0)
            return true;
    if (!cr_reserve(&ranking->parameters, &ranking->parameter_capacity,
                    ranking->parameter_count + 1, sizeof *ranking->parameters, err))
        return false;
    cr_ranking_parameter *p = &ranking->parameters[ranking->parameter_count];
    *p = (cr_ranking_parameter){.path = cr_text_copy(path, strlen(path), err)};
    ranking->parameter_count += p->path != NULL;
    return p->path != NULL;
}

static bool is_better(const cr_ranking *ranking, double a, double b)
{
    return cr_metric_is_better(ranking->list.maximize, a, b);
}

/* Mean and deviation, in two passes. */
static void measure(const cr_ranking *ranking, cr_ranking_setting *s)
{
    double best = NAN, sum = 0, squares = 0;
    s->mean = s->deviation = NAN;
    for (size_t i = s->first; i < s->first + s->count; i++) {
        const cr_listed_trial *t = &ranking->list.trials[i];
        s->diverged += t->status == CR_TRIAL_DIVERGED;
        s->failed += t->status == CR_TRIAL_FAILED;
        s->eliminated |= t->status == CR_TRIAL_ELIMINATED;
        s->seconds += isnan(t->seconds) ? 0 : t->seconds / (double)s->count;
        s->epochs = t->epochs > s->epochs ? t->epochs : s->epochs;
        s->wanted = t->wanted > s->wanted ? t->wanted : s->wanted;
        s->states[t->state]++;
        s->unfinished += isnan(t->value) &&
                         (t->state == CR_RUN_RUNNING || t->state == CR_RUN_INTERRUPTED);
        if (t->run && (!s->run || is_better(ranking, t->value, best))) {
            s->run = t->run;
            best = t->value;
        }
        if (isnan(t->value))
            continue;
        s->valued++;
        sum += t->value;
    }
    if (s->valued == 0)
        return;
    s->mean = sum / (double)s->valued;
    for (size_t i = s->first; i < s->first + s->count; i++)
        if (!isnan(ranking->list.trials[i].value))
            squares += pow(ranking->list.trials[i].value - s->mean, 2);
    if (s->valued > 1)
        s->deviation = sqrt(squares / (double)(s->valued - 1));
}

/* The values of a setting, parameter by parameter; new parameters are added. */
static bool read_values(cr_ranking *ranking, const cr_ranking_setting *s, bool names_only,
                        cr_error *err)
{
    const cr_listed_trial *trial = &ranking->list.trials[s->first];
    size_t length = strlen(trial->parameters);
    cr_document document;
    char *text = cr_text_copy(trial->parameters, length, err), name[60];
    snprintf(name, sizeof name, "parameters of trial %zu", trial->number);
    if (!text || !cr_document_parse(&document, name, text, length, CR_E_DATA, err))
        return false;
    bool good = cr_json_is(document.root, CR_JSON_OBJECT) ||
                cr_fail(err, CR_E_DATA, "%s: found no object, which begins with {", name);
    for (const cr_json *v = cr_json_first(document.root); good && names_only && v;
         v = cr_json_next(v))
        good = add_parameter(ranking, cr_json_key(v), err);
    for (size_t i = 0; good && !names_only && i < ranking->parameter_count; i++) {
        const cr_json *v = cr_json_get(document.root, ranking->parameters[i].path);
        if (v)
            s->values[i] = cr_json_print(v, false);
        good = !v || s->values[i] || cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    cr_document_finish(&document);
    return good;
}

/* Whether two neighbours of the sorted list differ in nothing but seed and fold. A run that
 * has not ended is on its own, so that it is seen. */
static bool are_one_setting(const cr_listed_trial *a, const cr_listed_trial *b)
{
    return strcmp(a->parameters, b->parameters) == 0 && !cr_trial_list_is_unfinished(a) &&
           !cr_trial_list_is_unfinished(b);
}

static bool group(cr_ranking *ranking, cr_error *err)
{
    ranking->settings = cr_alloc(ranking->list.count, sizeof *ranking->settings, err);
    if (!ranking->settings)
        return false;
    for (size_t i = 0; i < ranking->list.count; i++) {
        const cr_listed_trial *trials = ranking->list.trials;
        if (i == 0 || !are_one_setting(&trials[i - 1], &trials[i]))
            ranking->settings[ranking->setting_count++] =
                (cr_ranking_setting){.first = i, .order = trials[i].order};
        ranking->settings[ranking->setting_count - 1].count++;
    }
    bool good = true;
    for (size_t i = 0; good && i < ranking->setting_count; i++)
        good = read_values(ranking, &ranking->settings[i], true, err);
    for (size_t i = 0; good && i < ranking->setting_count; i++) {
        cr_ranking_setting *s = &ranking->settings[i];
        s->values = cr_alloc(ranking->parameter_count, sizeof *s->values, err);
        good = s->values && read_values(ranking, s, false, err);
        measure(ranking, s);
    }
    return good;
}

/* For qsort, which passes no context: the sign that makes a larger mean come later. */
static int compare_settings(const cr_ranking_setting *x, const cr_ranking_setting *y,
                            double sign)
{
    if (x->eliminated != y->eliminated)
        return x->eliminated ? 1 : -1;
    if (x->eliminated && x->epochs != y->epochs)
        return x->epochs > y->epochs ? -1 : 1;
    bool x_whole = x->valued + x->unfinished == x->count;
    bool y_whole = y->valued + y->unfinished == y->count;
    if (x_whole != y_whole) /* one that may diverge is not the best */
        return x_whole ? -1 : 1;
    if (isnan(x->mean) || isnan(y->mean))
        return isnan(x->mean) - isnan(y->mean);
    double difference = sign * (x->mean - y->mean);
    if (difference != 0)
        return difference < 0 ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int ascending(const void *a, const void *b)
{
    return compare_settings(a, b, 1);
}

static int descending(const void *a, const void *b)
{
    return compare_settings(a, b, -1);
}

/* Whether the mean difference of two settings, over the seeds and folds that both have,
 * is below twice its standard error. They saw the same first weights and data, so the
 * difference is less noisy than either. */
static bool are_tied(const cr_ranking *ranking, const cr_ranking_setting *a,
                     const cr_ranking_setting *b)
{
    cr_moments differences = {0};
    size_t j = b->first;
    if (a->eliminated != b->eliminated || a->valued < a->count || b->valued < b->count)
        return false;
    for (size_t i = a->first; i < a->first + a->count; i++) {
        const cr_listed_trial *x = &ranking->list.trials[i];
        while (j < b->first + b->count && (ranking->list.trials[j].seed < x->seed ||
                                           (ranking->list.trials[j].seed == x->seed &&
                                            ranking->list.trials[j].fold < x->fold)))
            j++;
        if (j == b->first + b->count)
            break;
        const cr_listed_trial *y = &ranking->list.trials[j];
        if (y->seed != x->seed || y->fold != x->fold)
            continue;
        cr_moments_add(&differences, x->value - y->value);
    }
    if (differences.count < 2)
        return a->mean == b->mean;
    double n = (double)differences.count, variance = differences.squares / (n - 1);
    return fabs(differences.mean) <= 2 * sqrt(variance / n);
}

bool cr_ranking_same_data(const cr_ranking *ranking, const cr_ranking_setting *a,
                          const cr_ranking_setting *b)
{
    static const char *const paths[] = {"data.train", "data.target"};
    for (size_t i = 0; i < ranking->parameter_count; i++) {
        const char *x = a->values[i], *y = b->values[i];
        for (size_t k = 0; k < CR_COUNT(paths); k++)
            if (strncmp(ranking->parameters[i].path, paths[k], strlen(paths[k])) == 0 &&
                (!x != !y || (x && strcmp(x, y) != 0)))
                return false;
    }
    return true;
}

static bool rank(cr_ranking *ranking, const char *section, cr_error *err)
{
    cr_trial_list_sort(&ranking->list);
    if (!group(ranking, err))
        return false;
    qsort(ranking->settings, ranking->setting_count, sizeof *ranking->settings,
          ranking->list.maximize ? descending : ascending);
    for (size_t i = 1; i < ranking->setting_count; i++)
        ranking->settings[i].tied =
            cr_ranking_same_data(ranking, &ranking->settings[0], &ranking->settings[i]) &&
            are_tied(ranking, &ranking->settings[0], &ranking->settings[i]);
    if (section)
        read_ranges(ranking, section);
    return true;
}

bool cr_ranking_read(cr_ranking *ranking, const char *const *directories, size_t count,
                     const char *metric, cr_error *err)
{
    *ranking = (cr_ranking){0};
    char *section = NULL;
    const char **runs = cr_alloc(count, sizeof *runs, err);
    size_t run_count = 0;
    bool good = runs != NULL;
    if (good && metric)
        good = cr_trial_list_agree_on_metric(&ranking->list, metric,
                                             cr_metric_find(metric).maximize, "", err);
    for (size_t i = 0; good && i < count; i++)
        if (cr_store_exists(directories[i]))
            good = cr_ranking_sweep_read(&ranking->list, directories[i], metric, &section,
                                         err);
        else
            runs[run_count++] = directories[i];
    good = good && cr_ranking_runs_read(&ranking->list, runs, run_count, err) &&
           rank(ranking, section, err);
    cr_free(section);
    cr_free(runs);
    return good;
}

void cr_ranking_finish(cr_ranking *ranking)
{
    for (size_t i = 0; i < ranking->setting_count; i++) {
        for (size_t k = 0; ranking->settings[i].values && k < ranking->parameter_count;
             k++)
            cr_free(ranking->settings[i].values[k]);
        cr_free(ranking->settings[i].values);
    }
    for (size_t i = 0; i < ranking->parameter_count; i++)
        cr_free(ranking->parameters[i].path);
    cr_free(ranking->settings);
    cr_free(ranking->parameters);
    cr_trial_list_finish(&ranking->list);
    *ranking = (cr_ranking){0};
}

/* The value as a number; false if it is none. */
static bool number_of(const char *value, double *number)
{
    return value && cr_number_parse(value, strlen(value), number);
}

/* The range of the values that were listed, if they are numbers and at least three. */
static bool find_range(const cr_ranking *ranking, size_t parameter, double *lower,
                       double *upper)
{
    const cr_ranking_parameter *p = &ranking->parameters[parameter];
    *lower = p->lower;
    *upper = p->upper;
    if (p->has_range)
        return true;
    double x = 0, between = 0;
    bool good = ranking->setting_count > 0, has_between = false;
    for (size_t i = 0; good && i < ranking->setting_count; i++) {
        good = number_of(ranking->settings[i].values[parameter], &x);
        *lower = i == 0 ? x : fmin(*lower, x);
        *upper = i == 0 ? x : fmax(*upper, x);
    }
    for (size_t i = 0; good && i < ranking->setting_count; i++)
        if (number_of(ranking->settings[i].values[parameter], &between))
            has_between |= between > *lower && between < *upper;
    return good && has_between;
}

/* Where a number is in the range, from 0 to 1. */
static double place(const cr_ranking_parameter *p, double lower, double upper, double x)
{
    return p->logarithmic ? log(x / lower) / log(upper / lower)
                          : (x - lower) / (upper - lower);
}

bool cr_ranking_on_border(const cr_ranking *ranking, size_t parameter, bool *upper)
{
    const cr_ranking_parameter *p = &ranking->parameters[parameter];
    double low = 0, high = 0;
    int side = 0;
    if (strcmp(p->path, "seed") == 0 || ranking->setting_count == 0 ||
        isnan(ranking->settings[0].mean) || !find_range(ranking, parameter, &low, &high))
        return false;
    for (size_t i = 0; i < ranking->setting_count; i++) {
        double x = 0;
        if ((i > 0 && !ranking->settings[i].tied) ||
            !number_of(ranking->settings[i].values[parameter], &x))
            continue;
        double at = place(p, low, high, x), close = p->continuous ? close_to_end : 0;
        int end = at <= close ? -1 : at >= 1 - close ? 1 : 0;
        if (end == 0 || (side != 0 && end != side))
            return false;
        side = end;
    }
    *upper = side > 0;
    return side > 0 || low != 0;
}

/* The effect that a setting belongs to: that of its value, or of its quarter. */
static size_t find_effect(const cr_ranking_parameter *p, const char *value,
                          cr_effect *effects, size_t *count)
{
    double x = 0;
    if (p->continuous && number_of(value, &x)) {
        double at = place(p, p->lower, p->upper, x) * QUARTERS;
        return at < 1 ? 0 : at < QUARTERS ? (size_t)at : QUARTERS - 1;
    }
    char label[sizeof effects->label];
    snprintf(label, sizeof label, "%s", value ? value : "left out");
    for (size_t i = 0; i < *count; i++)
        if (strcmp(effects[i].label, label) == 0)
            return i;
    if (*count == CR_MOST_EFFECTS)
        return CR_MOST_EFFECTS;
    effects[*count] = (cr_effect){0};
    memcpy(effects[*count].label, label, sizeof label);
    return (*count)++;
}

static int by_label(const void *a, const void *b)
{
    const cr_effect *x = a, *y = b;
    double p = 0, q = 0;
    if (number_of(x->label, &p) && number_of(y->label, &q) && p != q)
        return p < q ? -1 : 1;
    return strcmp(x->label, y->label);
}

size_t cr_ranking_effects(const cr_ranking *ranking, size_t parameter,
                          cr_effect effects[CR_MOST_EFFECTS])
{
    const cr_ranking_parameter *p = &ranking->parameters[parameter];
    size_t count = 0;
    for (; p->continuous && count < QUARTERS; count++) {
        double a = (double)count / QUARTERS, b = (double)(count + 1) / QUARTERS;
        double ratio = p->logarithmic ? p->upper / p->lower : 0;
        effects[count] = (cr_effect){0};
        snprintf(effects[count].label, sizeof effects->label, "%.3g to %.3g",
                 p->logarithmic ? p->lower * pow(ratio, a)
                                : p->lower + a * (p->upper - p->lower),
                 p->logarithmic ? p->lower * pow(ratio, b)
                                : p->lower + b * (p->upper - p->lower));
    }
    for (size_t i = 0; i < ranking->setting_count; i++) {
        const cr_ranking_setting *s = &ranking->settings[i];
        size_t at = find_effect(p, s->values[parameter], effects, &count);
        if (at == CR_MOST_EFFECTS)
            return 0; /* too many to tell apart */
        if (isnan(s->mean))
            continue;
        effects[at].mean += s->mean;
        effects[at].settings++;
    }
    for (size_t i = 0; i < count; i++)
        effects[i].mean =
            effects[i].settings ? effects[i].mean / (double)effects[i].settings : NAN;
    if (!p->continuous)
        qsort(effects, count, sizeof *effects, by_label);
    return count;
}
