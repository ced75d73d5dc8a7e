/* The learning rate: short trainings with the config's and with others around it,
 * compared by the validation loss. */
#include "inspect/doctor.h"
#include "inspect/doctor_trial.h"

#include <math.h>
#include <stdio.h>

enum { MOST_TRIED = 40, REPEATS = 3, MISSES = 2 };

static const double lowest = 1e-6, highest = 10; /* of the rates tried */

typedef struct attempt {
    double rate;
    cr_doctor_trial found;
} attempt;

typedef struct search {
    const cr_doctor_trials *trials;
    attempt tried[MOST_TRIED]; /* tried[0] is the config's rate */
    size_t count, best;
    double noise; /* the share of a loss that is none */
    double prior; /* the loss of who knows nothing of the inputs */
} search;

static double round_rate(double rate)
{
    double scale = pow(10, floor(log10(rate)));
    return round(rate / scale) * scale;
}

static bool stops_early(const search *s)
{
    return s->trials->doctor->experiment->stopping.enabled;
}

/* What a training is judged by: without early stopping, which takes the best model, its
 * end counts as much as its best. */
static double value_of(const search *s, const cr_doctor_trial *t)
{
    return stops_early(s) ? t->best : (t->best + t->last) / 2;
}

/* Whether the one is better than the other by more than noise, at its best too, and not
 * worse at the end. */
static bool is_better(const search *s, const cr_doctor_trial *a, const cr_doctor_trial *b)
{
    const double slack = 1.05, least_gain = 0.02;
    double from = value_of(s, b), to = value_of(s, a);
    if (isinf(b->last) && isfinite(a->last))
        return a->best < b->best;
    return a->best < (1 - s->noise) * b->best &&
           from - to > fmax(s->noise * from, least_gain * s->prior) &&
           (stops_early(s) || a->last <= slack * b->last);
}

static bool try_rate(search *s, double rate, cr_error *err)
{
    attempt *a = &s->tried[s->count];
    a->rate = rate;
    if (!cr_doctor_trial_run(s->trials, rate, 0, &a->found, err))
        return false;
    s->count++;
    return true;
}

/* Away from the config's rate, by half powers of ten, until the loss no longer falls.
 * Where it has not fallen at all yet, on to the end. */
static bool walk(search *s, double factor, cr_error *err)
{
    const double fall = 0.98, some = 0.95;
    double own = s->tried[0].rate, last = own;
    for (int i = 1, misses = 0; s->count < MOST_TRIED; i++) {
        double rate = round_rate(own * pow(factor, i));
        const cr_doctor_trial *best = &s->tried[s->best].found;
        if ((misses >= MISSES && best->best < some * best->first) ||
            rate > fmax(highest, own) || rate < fmin(lowest, own))
            return true;
        if (rate == last)
            continue;
        last = rate;
        if (!try_rate(s, rate, err))
            return false;
        bool falls = s->tried[s->count - 1].found.best < fall * best->best;
        misses = falls ? 0 : misses + 1;
        s->best = falls ? s->count - 1 : s->best;
    }
    return true;
}

/* Of the rates that do clearly better than the config's, the closest to it that has most
 * of what the best of them gains; 0: there is none. */
static size_t choose(const search *s)
{
    const double most = 0.9, slack = 1.1;
    const cr_doctor_trial *own = &s->tried[0].found;
    double least = INFINITY, closest = INFINITY, from = value_of(s, own);
    size_t chosen = 0;
    for (size_t i = 1; i < s->count; i++)
        if (is_better(s, &s->tried[i].found, own))
            least = fmin(least, value_of(s, &s->tried[i].found));
    double enough = isinf(from) ? slack * least : from - most * (from - least);
    for (size_t i = 1; i < s->count; i++) {
        double away = fabs(log(s->tried[i].rate / s->tried[0].rate));
        if (is_better(s, &s->tried[i].found, own) && away < closest &&
            value_of(s, &s->tried[i].found) <= enough) {
            closest = away;
            chosen = i;
        }
    }
    return chosen;
}

/* A whole training is longer than those here: in it a small rate comes about as far as a
 * larger one in few steps. Whether the chosen rate does better than even that. */
static bool lasts(const search *s, size_t chosen)
{
    const cr_doctor_trials *t = s->trials;
    double reach = s->tried[0].rate * (double)t->whole / (double)t->steps;
    size_t nearest = 0;
    if (s->tried[chosen].rate < s->tried[0].rate || t->whole <= t->steps)
        return true;
    if (s->tried[chosen].rate <= reach)
        return false;
    for (size_t i = 1; i < s->count; i++)
        if (s->tried[i].rate <= reach && s->tried[i].rate > s->tried[nearest].rate)
            nearest = i;
    return is_better(s, &s->tried[chosen].found, &s->tried[nearest].found);
}

/* Both again with other seeds; `own` and `other` become the means. */
static bool repeat(const search *s, size_t chosen, cr_doctor_trial *own,
                   cr_doctor_trial *other, bool *agree, cr_error *err)
{
    cr_doctor_trial a[REPEATS] = {s->tried[0].found},
                    b[REPEATS] = {s->tried[chosen].found};
    *own = *other = (cr_doctor_trial){0};
    *agree = true;
    for (size_t i = 0; i < REPEATS; i++) {
        if (i > 0 &&
            (!cr_doctor_trial_run(s->trials, s->tried[0].rate, i, &a[i], err) ||
             !cr_doctor_trial_run(s->trials, s->tried[chosen].rate, i, &b[i], err)))
            return false;
        *agree =
            *agree && value_of(s, &b[i]) < value_of(s, &a[i]) && b[i].best < a[i].best;
        own->first += a[i].first / REPEATS;
        own->best += a[i].best / REPEATS;
        own->last += a[i].last / REPEATS;
        other->best += b[i].best / REPEATS;
        other->last += b[i].last / REPEATS;
    }
    *agree = *agree && is_better(s, other, own);
    return true;
}

static void say_growth(const cr_doctor_trials *t, const cr_doctor_trial *own,
                       cr_finding *finding)
{
    if (!(own->last <= 4 * own->first) && !(own->best < own->first))
        cr_doctor_say(finding, CR_VERDICT_FAILURE,
                      "the loss grows from %.4g to %.4g within %zu steps: take less",
                      own->first, own->last, t->steps);
}

static const char *judges_name(const search *s)
{
    return s->trials->held_back ? "rows held back" : "validation";
}

/* When nothing is proposed; `faster` is a rate that is better, but only in the beginning
 * (0: there is none). */
static void say_fine(const search *s, size_t faster, cr_finding *finding)
{
    const cr_doctor_trial *best = &s->tried[s->best].found, *own = &s->tried[0].found;
    double least = INFINITY, most = 0; /* of the others */
    for (size_t i = 1; i < s->count; i++) {
        least = fmin(least, s->tried[i].rate);
        most = fmax(most, s->tried[i].rate);
    }
    if (!(best->best < 0.995 * best->first))
        cr_doctor_say(
            finding, CR_VERDICT_WARNING,
            "the loss falls neither with it nor with one of %zu others from %g to "
            "%g: see the other checks",
            s->count - 1, least, most);
    else if (faster > 0)
        cr_doctor_say(
            finding, CR_VERDICT_OK,
            "with %g the loss falls faster in the %zu steps that were tried, but "
            "the whole training has %zu",
            s->tried[faster].rate, s->trials->steps, s->trials->whole);
    else
        cr_doctor_say(
            finding, CR_VERDICT_OK,
            "none of %zu others from %g to %g is clearly better: in %zu steps the "
            "loss over %s falls from %.4g to %.4g",
            s->count - 1, least, most, s->trials->steps, judges_name(s), own->first,
            own->best);
    bool rises = own->best < own->first &&
                 own->last - own->best > fmax(2 * s->noise * own->best, 0.02 * s->prior);
    if (rises && !stops_early(s))
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "it rises to %.4g again: \"early_stopping\" keeps the best",
                      own->last);
}

static void say_proposal(const search *s, size_t chosen, const cr_doctor_trial *own,
                         const cr_doctor_trial *other, cr_finding *finding)
{
    double from = s->tried[0].rate, to = s->tried[chosen].rate;
    cr_doctor_say(
        finding, CR_VERDICT_WARNING,
        "proposed: %g; %s: in %zu steps the loss over %s comes to %.4g at best "
        "and %.4g at the end, with %g to %.4g and %.4g (means of %d trainings)",
        to, to > from ? "too small: take more, or train longer" : "too large: take less",
        s->trials->steps, judges_name(s), other->best, other->last, from, own->best,
        own->last, REPEATS);
}

static bool look_around(search *s, cr_finding *finding, cr_error *err)
{
    cr_doctor_trial own, other;
    bool agree = false;
    if (!walk(s, sqrt(10), err) || (s->best == 0 && !walk(s, sqrt(0.1), err)))
        return false;
    size_t chosen = choose(s);
    bool stays = chosen > 0 && lasts(s, chosen);
    if (stays && !repeat(s, chosen, &own, &other, &agree, err))
        return false;
    if (agree)
        say_proposal(s, chosen, &own, &other, finding);
    say_growth(s->trials, &s->tried[0].found, finding);
    if (finding->verdict == CR_VERDICT_OK)
        say_fine(s, stays ? 0 : chosen, finding);
    return true;
}

/* One training, and what keeps the others from being judged. */
static void say_alone(const search *s, const char *why, cr_finding *finding)
{
    const cr_doctor_trial *own = &s->tried[0].found;
    cr_doctor_say(finding, CR_VERDICT_OK,
                  "the loss goes from %.4g to %.4g in %zu steps; %s", own->first,
                  own->last, s->trials->steps, why);
    say_growth(s->trials, own, finding);
}

/* "too few rows of "bad" to judge others by: 2 of validation" */
static void say_rare(const search *s, size_t rare, size_t rows, cr_finding *finding)
{
    const cr_names *classes = &s->trials->doctor->experiment->model.encoding->classes;
    char why[160];
    snprintf(why, sizeof why,
             "too few rows of \"%.60s\" to judge others by: %zu among %s",
             classes->items[rare], rows, judges_name(s));
    say_alone(s, why, finding);
}

bool cr_doctor_rate_check(const cr_doctor *doctor, cr_finding *finding, cr_error *err)
{
    cr_doctor_trials trials;
    search s = {.trials = &trials};
    double rate = cr_experiment_learning_rate(doctor->experiment);
    if (!cr_doctor_trial_init(&trials, doctor, err))
        return false;
    cr_doctor_say(finding, CR_VERDICT_OK, "%g", rate);
    s.noise = cr_doctor_trial_noise(&trials);
    bool good = cr_doctor_trial_prior(&trials, &s.prior, err) && try_rate(&s, rate, err);
    size_t rows = 0, rare = cr_doctor_trial_rare(&trials, &rows);
    if (good && trials.alone)
        say_alone(&s, "a step takes too long to try others", finding);
    else if (good && rare < doctor->experiment->model.encoding->classes.count)
        say_rare(&s, rare, rows, finding);
    else if (good)
        good = look_around(&s, finding, err);
    cr_doctor_trial_finish(&trials);
    return good;
}
