/* What a little training shows. */
#include "base/memory.h"
#include "inspect/doctor.h"

#include <math.h>
#include <string.h>

enum {
    HANDFUL = 20, /* rows to overfit */
    HANDFUL_STEPS = 10000,
    HANDFUL_SECONDS = 3, /* for each rate */
    HANDFUL_RATES = 7,   /* at most */
    RATES = 120,         /* steps of the range test */
    SAMPLE = 512,        /* rows that its losses are taken over */
    MOST_STEPS = 1000000
};

/* Another experiment like the doctor's over the same data, but with nothing that stops or
 * slows training; with a constant learning rate, or the config's schedule. */
static cr_experiment *train_like(const cr_doctor *doctor, cr_data *data, bool constant,
                                 cr_error *err)
{
    const cr_recipe *r = doctor->recipe;
    const cr_json *loss = cr_json_get(doctor->experiment->model.document.root, "loss");
    const char **overrides = cr_alloc(r->override_count + 3, sizeof *overrides, err);
    size_t count = r->override_count;
    if (!overrides)
        return NULL;
    memcpy(overrides, r->overrides, count * sizeof *overrides);
    if (constant)
        overrides[count++] = "learning_rate_schedule={\"type\":\"constant\"}";
    overrides[count++] = "training.threads=1";
    if (cr_json_get(loss, "label_smoothing")) /* with it no loss comes near 0 */
        overrides[count++] = "loss.label_smoothing=0";
    cr_recipe recipe = {.path = r->path,
                        .text = r->text,
                        .overrides = overrides,
                        .override_count = count,
                        .data = data};
    cr_experiment *e = cr_experiment_create(&recipe, err);
    cr_free(overrides);
    if (!e)
        return NULL;
    const cr_monitor plain = {.metric = cr_metric_find("train_loss")};
    e->stopping = (cr_stopping){.monitor = plain};
    e->schedule.monitor = plain; /* the log has no columns any more */
    e->training.max_seconds = e->training.checkpoint_seconds = 0;
    cr_log_finish(&e->log);
    return e;
}

static void set_rate(cr_experiment *e, double rate)
{
    *cr_optimizer_number(&e->optimizer, "learning_rate") = rate;
}

/* Whether the row has the inputs of one of those chosen: the two might contradict each
 * other. */
static bool is_taken(const cr_dataset *set, const uint32_t *rows, size_t count,
                     size_t row)
{
    for (size_t i = 0; i < count; i++)
        if (cr_hash_compare(cr_doctor_hash(set, rows[i]), cr_doctor_hash(set, row)) == 0)
            return true;
    return false;
}

static bool is_of(const cr_dataset *set, size_t row, size_t class)
{
    return !set->labels || (size_t)set->labels[row] == class;
}

/* Different rows of all classes in turn, each class's spread over its rows. */
static size_t choose(const cr_part *train, size_t classes, uint32_t rows[HANDFUL])
{
    const cr_dataset *set = train->dataset;
    size_t count = 0, kinds = set->labels ? classes : 1;
    size_t each = (HANDFUL + kinds - 1) / kinds;
    for (size_t i = 0; i < HANDFUL; i++) {
        size_t class = i % kinds, of_class = 0, past = 0;
        for (size_t k = 0; k < train->count; k++)
            of_class += is_of(set, cr_part_row(train, k), class);
        size_t wanted = (2 * (i / kinds) + 1) * of_class / (2 * each);
        bool found = false;
        for (size_t k = 0; k < 2 * train->count && !found; k++) { /* once around */
            size_t row = cr_part_row(train, k % train->count);
            found = is_of(set, row, class) && past++ >= wanted &&
                    !is_taken(set, rows, count, row);
            if (found)
                rows[count++] = (uint32_t)row;
        }
    }
    return count;
}

/* A training that ends when the loss stays below a hundredth of what it is at first, or
 * by chance: for so many steps that running statistics have followed. */
typedef struct by_heart {
    double first;
    size_t low;
} by_heart;

static bool until_low(void *user, const cr_progress *progress)
{
    enum { STEPS = 100 };
    by_heart *b = user;
    b->low = progress->loss < 0.01 * b->first ? b->low + 1 : 0;
    return b->low < STEPS;
}

/* Trains on the rows alone with a rate. false: it could not be tried. */
static bool overfit(const cr_doctor *doctor, cr_data *data, double rate, double *first,
                    double *last, size_t *steps, cr_error *err)
{
    cr_experiment *e = train_like(doctor, data, true, err);
    if (!e)
        return false;
    cr_result result;
    cr_error own = CR_ERROR_INIT;
    size_t rows = data->parts[CR_PART_TRAIN].count;
    double *decay = cr_optimizer_number(&e->optimizer, "weight_decay");
    if (decay)
        *decay = 0;
    e->penalty = (cr_penalty){0};
    e->training.batch_size = (int64_t)rows;
    e->training.epochs = HANDFUL_STEPS;
    e->training.max_seconds = HANDFUL_SECONDS;
    set_rate(e, rate);
    cr_evaluator *evaluator = cr_evaluator_create(&e->model, rows, 1, false, err);
    bool good = evaluator != NULL;
    if (good) {
        *first = cr_evaluator_figures(evaluator, &data->parts[CR_PART_TRAIN], NULL).loss;
        *first = fmin(*first, cr_doctor_chance(e, evaluator));
    }
    by_heart state = {.first = *first};
    const cr_callbacks callbacks = {.user = &state, .on_step = until_low};
    if (good && !cr_train(e, &callbacks, &result, &own)) {
        good = own.code == CR_E_DIVERGED || cr_fail(err, own.code, "%s", own.text);
        *last = INFINITY;
    } else if (good) {
        *last = result.parts[CR_PART_TRAIN].loss;
        *steps = result.steps;
    }
    cr_evaluator_destroy(evaluator);
    cr_experiment_destroy(e);
    return good;
}

/* The config's rate, rates around it, and usual ones that are not close to these. */
static size_t list_rates(double rate, double rates[HANDFUL_RATES])
{
    static const double usual[] = {1, 0.1, 0.01, 0.001};
    size_t count = 0;
    rates[count++] = rate;
    rates[count++] = 10 * rate;
    rates[count++] = rate / 10;
    for (size_t i = 0; i < CR_COUNT(usual); i++) {
        bool is_close = false;
        for (size_t k = 0; k < count; k++)
            is_close |= fabs(log10(usual[i] / rates[k])) < 0.5;
        if (!is_close)
            rates[count++] = usual[i];
    }
    return count;
}

/* A regression cannot go through more points than it has parameters, nor well through as
 * many. */
static size_t most_rows(const cr_experiment *e)
{
    size_t outputs = cr_model_outputs(&e->model);
    size_t most = e->model.network->parameter_count / (2 * outputs);
    if (e->model.loss.type->classify)
        return HANDFUL;
    return most < 2 ? 2 : most;
}

/* What came of learning a few examples by heart, with rates[0..tried) of so many. */
typedef struct attempt {
    size_t examples, steps, tries, tried;
    double first, best; /* losses */
    const double *rates;
} attempt;

static void say_overfit(const cr_experiment *e, const attempt *a, cr_finding *finding)
{
    bool learned = a->best < 0.05 * a->first;
    if (learned && a->tried == 1)
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "%zu examples are learned by heart: loss %.4g to %.2g in %zu steps",
                      a->examples, a->first, a->best, a->steps);
    else if (learned)
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "%zu examples are learned by heart: loss %.4g to %.2g in %zu steps "
                      "with a learning rate of %g, though not in %d with %g",
                      a->examples, a->first, a->best, a->steps, a->rates[a->tried - 1],
                      HANDFUL_STEPS, a->rates[0]);
    else
        cr_doctor_say(
            finding, CR_VERDICT_FAILURE,
            "%zu examples cannot be learned by heart: loss %.4g to %.2g at best, with "
            "%zu learning rates; look for data far from 1 (\"normalize\"), frozen, dead "
            "or too few units, first weights of 0 or close to it, too much dropout%s, "
            "and rows that contradict each other",
            a->examples, a->first, fmin(a->best, a->first), a->tries,
            e->clipping.norm > 0 || e->clipping.value > 0 ? ", \"gradient_clipping\""
                                                          : "");
}

bool cr_doctor_training_overfit(const cr_doctor *doctor, cr_finding *finding,
                                cr_error *err)
{
    const cr_experiment *e = doctor->experiment;
    if (!cr_network_is_trained(e->model.network)) {
        cr_doctor_say(finding, CR_VERDICT_FAILURE,
                      "nothing is trained: every layer is frozen (\"trainable\")");
        return true;
    }
    uint32_t rows[HANDFUL];
    size_t count =
        choose(&e->data->parts[CR_PART_TRAIN], e->model.encoding->classes.count, rows);
    count = count < most_rows(e) ? count : most_rows(e);
    cr_data data = *e->data; /* borrowed, with other parts */
    cr_part handful = {e->data->parts[CR_PART_TRAIN].dataset, rows, count};
    data.parts[CR_PART_TRAIN] = handful;
    if (data.parts[CR_PART_VALIDATION].dataset)
        data.parts[CR_PART_VALIDATION] = handful;
    data.parts[CR_PART_TEST] = (cr_part){0};
    double rates[HANDFUL_RATES], first = 0, last = INFINITY, best = INFINITY;
    size_t tries = list_rates(cr_experiment_learning_rate(e), rates), i = 0, steps = 0;
    for (; i < tries && !(best < 0.05 * first); i++) {
        if (!overfit(doctor, &data, rates[i], &first, &last, &steps, err))
            return false;
        best = fmin(best, last);
    }
    const attempt a = {count, steps, tries, i, first, best, rates};
    say_overfit(e, &a, finding);
    return true;
}

/* Some steps whose learning rate grows by a factor each time (1: it does not). */
typedef struct ramp {
    cr_experiment *experiment;
    cr_evaluator *sample;  /* of training rows, always the same */
    double lowest, factor; /* of the rates */
    double first;          /* the sample's loss before the first step */
    double loss[RATES];    /* and behind each; with a factor of 1 behind the last alone */
    size_t steps;
    bool diverged; /* became NaN or infinite */
} ramp;

static double rate_at(const ramp *r, size_t step)
{
    return r->lowest * pow(r->factor, (double)step);
}

/* Over the sample, as a training step sees it: with a batch's statistics, and with the
 * same units dropped every time. So two losses differ by what was learned, and not by
 * what was drawn. */
static double sample_loss(const ramp *r)
{
    const cr_part *train = &r->experiment->data->parts[CR_PART_TRAIN];
    const size_t rows = r->sample->rows;
    const cr_pass pass = {.training = true,
                          .seed = (uint64_t)r->experiment->seed,
                          .rows = rows,
                          .batch_rows = rows,
                          .shares = 1};
    cr_sums sums = {0};
    cr_evaluator_forward(r->sample, train->dataset, r->sample->order, &pass, &sums);
    return sums.loss / (double)rows;
}

static bool on_step(void *user, const cr_progress *progress)
{
    (void)progress;
    ramp *r = user;
    r->steps++;
    if (r->factor > 1 || r->steps == RATES)
        r->loss[r->steps - 1] = sample_loss(r);
    if (r->steps == RATES)
        return false;
    if (r->factor > 1) {
        set_rate(r->experiment, rate_at(r, r->steps));
        return r->loss[r->steps - 1] <= 4 * r->first;
    }
    return true;
}

static bool run_ramp(const cr_doctor *doctor, bool constant, ramp *r, cr_error *err)
{
    cr_data data = *doctor->experiment->data; /* borrowed */
    const cr_part *train = &data.parts[CR_PART_TRAIN];
    size_t rows = train->count < SAMPLE ? train->count : SAMPLE;
    r->experiment = train_like(doctor, &data, constant, err);
    data.parts[CR_PART_VALIDATION] = data.parts[CR_PART_TEST] = (cr_part){0};
    r->sample = r->experiment
                    ? cr_evaluator_create(&r->experiment->model, rows, 1, false, err)
                    : NULL;
    bool good = r->sample != NULL;
    if (good) {
        cr_result result;
        cr_error own = CR_ERROR_INIT;
        const cr_callbacks callbacks = {.user = r, .on_step = on_step};
        for (size_t i = 0; i < rows; i++)
            r->sample->order[i] = (uint32_t)cr_part_row(train, i * train->count / rows);
        r->experiment->training.epochs = MOST_STEPS;
        set_rate(r->experiment, r->lowest);
        r->first = sample_loss(r);
        good = cr_train(r->experiment, &callbacks, &result, &own);
        r->diverged = own.code == CR_E_DIVERGED;
        good = good || r->diverged || cr_fail(err, own.code, "%s", own.text);
    }
    cr_evaluator_destroy(r->sample);
    cr_experiment_destroy(r->experiment);
    return good;
}

/* The loss before and after some steps with this rate; after is infinite where it becomes
 * NaN. */
static bool try_rate(const cr_doctor *doctor, bool constant, double rate, double *first,
                     double *last, cr_error *err)
{
    ramp r = {.lowest = rate, .factor = 1};
    if (!run_ramp(doctor, constant, &r, err))
        return false;
    *first = r.first;
    *last = r.diverged || isnan(r.loss[RATES - 1]) ? INFINITY : r.loss[RATES - 1];
    return true;
}

static double round_rate(double rate)
{
    double scale = pow(10, floor(log10(rate)));
    return round(rate / scale) * scale;
}

/* The range test: a tenth of the rate where the loss was lowest. The ramp came there over
 * smaller rates, so those below have their chance too. *after is the loss behind as many
 * steps with it. *proposed 0: the loss fell with none. */
static bool propose(const cr_doctor *doctor, double *proposed, double *after,
                    cr_error *err)
{
    const double fall = 0.995; /* of the loss before */
    ramp r = {.lowest = 1e-6, .factor = pow(1e7, 1.0 / (RATES - 1))};
    if (!run_ramp(doctor, true, &r, err))
        return false;
    size_t lowest = 0;
    for (size_t i = 1; i < r.steps; i++)
        if (r.loss[i] < r.loss[lowest])
            lowest = i;
    *proposed = 0;
    *after = INFINITY;
    double rate = rate_at(&r, lowest);
    if (r.steps == 0 || !(r.loss[lowest] < fall * r.first))
        return true;
    for (int i = 0; i < 7 && (i < 4 || *proposed == 0); i++) {
        double first = 0, last = 0;
        rate /= i == 0 ? 10 : sqrt(10);
        if (!try_rate(doctor, true, rate, &first, &last, err))
            return false;
        if (last < fmin(first, 0.8 * *after)) { /* else a larger one is as good */
            *after = last;
            *proposed = round_rate(rate);
        }
    }
    return true;
}

bool cr_doctor_training_rate(const cr_doctor *doctor, cr_finding *finding, cr_error *err)
{
    double rate = cr_experiment_learning_rate(doctor->experiment);
    double proposed = 0, after = 0, first = 0, last = 0;
    if (!propose(doctor, &proposed, &after, err) ||
        !try_rate(doctor, false, rate, &first, &last, err))
        return false;
    cr_doctor_say(finding, CR_VERDICT_OK, "%g", rate);
    if (proposed > 0)
        cr_doctor_say(finding, CR_VERDICT_OK, "proposed: %g", proposed);
    else if (last < 0.995 * first)
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "the loss falls from %.4g to %.4g within %d steps, and no other "
                      "rate can be proposed",
                      first, last, RATES);
    else
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "the loss falls with none from 1e-06 to 10: see the other checks");
    if (!(last <= 4 * first))
        cr_doctor_say(finding, CR_VERDICT_FAILURE,
                      "the loss grows from %.4g to %.4g within %d steps%s", first, last,
                      RATES, proposed > 0 ? ": take less" : "");
    else if (proposed > 0 && rate > proposed && last > first)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "too large: after %d steps the loss is %.4g and was %.4g before; "
                      "take less",
                      RATES, last, first);
    else if (proposed > 0 && rate > 20 * proposed)
        cr_doctor_say(finding, CR_VERDICT_WARNING, "too large: take less");
    else if (rate < proposed / 10 && first - last < 0.2 * (first - after))
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "small: training would be slow; take more");
    return true;
}
