/* What a little training shows. */
#include "base/memory.h"
#include "inspect/doctor.h"

#include <math.h>

enum {
    HANDFUL = 20, /* rows to overfit */
    HANDFUL_STEPS = 10000,
    HANDFUL_SECONDS = 3, /* for each rate */
    HANDFUL_RATES = 7    /* at most */
};

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
    const cr_doctor *doctor;
    double first;
    size_t low;
} by_heart;

static bool until_low(void *user, const cr_progress *progress)
{
    enum { STEPS = 100 };
    by_heart *b = user;
    b->low = progress->loss < 0.01 * b->first ? b->low + 1 : 0;
    return b->low < STEPS && cr_doctor_goes_on(b->doctor, NULL);
}

/* Trains on the rows alone with a rate. false: it could not be tried. */
static bool overfit(const cr_doctor *doctor, cr_data *data, double rate, double *first,
                    double *last, size_t *steps, cr_error *err)
{
    const cr_json *loss = cr_json_get(doctor->experiment->model.document.root, "loss");
    const char *const overrides[] = {
        "learning_rate_schedule={\"type\":\"constant\"}",
        /* with it no loss comes near 0 */
        cr_json_get(loss, "label_smoothing") ? "loss.label_smoothing=0" : NULL, NULL};
    cr_experiment *e = cr_doctor_experiment(doctor, data, overrides, err);
    if (!e)
        return false;
    cr_result result;
    cr_error own = CR_ERROR_INIT;
    size_t rows = data->parts[CR_PART_TRAIN].count;
    double *decay = cr_optimizer_number(&e->optimizer, "weight_decay");
    if (decay)
        *decay = 0;
    e->penalty = (cr_penalty){0};
    cr_augment_finish(&e->augment); /* the same examples in every step */
    e->training.batch_size = (int64_t)rows;
    e->training.epochs = HANDFUL_STEPS;
    e->training.max_seconds = HANDFUL_SECONDS;
    *cr_optimizer_number(&e->optimizer, "learning_rate") = rate;
    cr_evaluator *evaluator = cr_evaluator_create(&e->model, rows, 1, false, err);
    bool good = evaluator != NULL;
    if (good) {
        *first = cr_evaluator_figures(evaluator, &data->parts[CR_PART_TRAIN], NULL).loss;
        *first = fmin(*first, cr_doctor_chance(e, evaluator));
    }
    by_heart state = {.doctor = doctor, .first = *first};
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
    return good && cr_doctor_goes_on(doctor, err);
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
    const cr_part handful = {
        .dataset = e->data->parts[CR_PART_TRAIN].dataset, .rows = rows, .count = count};
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
