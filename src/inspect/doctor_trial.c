#include "inspect/doctor_trial.h"

#include "base/memory.h"
#include "train/class_rows.h"

#include <math.h>
#include <stdio.h>

enum {
    LEAST_JUDGES = 256,
    MOST_JUDGES = 4096,
    LOOKS = 20,       /* at the judges' loss, spread over the training */
    LAST_LOOKS = 3,   /* that `last` is the mean of */
    LEAST_STEPS = 60, /* of a training that shows anything */
    FEW = 10          /* rows */
};

/* Nanoseconds of one training, and the most that it is worth; it is one of about a
 * dozen. */
static const double most_time = 4e8, far_too_much_time = 3e9;

/* What a step takes, roughly, in nanoseconds: products, the optimizer's pass, calls. */
static double step_time(const cr_experiment *e, size_t batch)
{
    const cr_network *network = e->model.network;
    double flops = cr_network_flops(network, true) * (double)batch;
    double values = 0;
    for (size_t i = 0; i < network->value_count; i++)
        values += (double)network->values[i].size;
    return 0.06 * flops + 2 * (double)batch * values +
           3 * (double)network->parameter_count +
           1000 * (double)(network->node_count + 1);
}

/* Some rows of a part, so many of each class: `count` of them into *held, the others into
 * *kept. */
static bool split(const cr_part *part, size_t count, uint64_t seed, cr_part *kept,
                  cr_part *held, cr_error *err)
{
    const cr_dataset *set = part->dataset;
    const cr_split how = {.fraction = (double)count / (double)part->count, .seed = seed};
    int32_t *labels = set->labels ? cr_alloc(part->count, sizeof *labels, err) : NULL;
    if (set->labels && !labels)
        return false;
    for (size_t i = 0; labels && i < part->count; i++)
        labels[i] = set->labels[cr_part_row(part, i)];
    cr_error own = CR_ERROR_INIT; /* classes of a row or two may leave nothing to hold */
    const cr_split_rows rows = {.count = part->count, .labels = labels};
    const cr_split_rows alike = {.count = part->count};
    bool good = cr_part_split(&how, &rows, kept, held, &own) ||
                cr_part_split(&how, &alike, kept, held, err);
    cr_free(labels);
    if (!good)
        return false;
    kept->dataset = held->dataset = set;
    for (size_t i = 0; i < kept->count; i++)
        kept->rows[i] = (uint32_t)cr_part_row(part, kept->rows[i]);
    for (size_t i = 0; i < held->count; i++)
        held->rows[i] = (uint32_t)cr_part_row(part, held->rows[i]);
    return true;
}

/* Leaves the part at most so many rows. */
static bool cut(cr_part *part, size_t most, uint64_t seed, cr_error *err)
{
    cr_part others, held;
    if (part->count <= most)
        return true;
    if (!split(part, most, seed, &others, &held, err))
        return false;
    cr_part_finish(&others);
    cr_free(part->rows);
    *part = held;
    return true;
}

/* A part with a list of rows of its own. */
static bool copy_part(const cr_part *part, cr_part *copy, cr_error *err)
{
    *copy = (cr_part){.dataset = part->dataset,
                      .rows = cr_alloc(part->count, sizeof(uint32_t), err),
                      .count = part->count};
    for (size_t i = 0; copy->rows && i < part->count; i++)
        copy->rows[i] = (uint32_t)cr_part_row(part, i);
    return copy->rows != NULL;
}

static bool choose_rows(cr_doctor_trials *t, cr_error *err)
{
    const cr_experiment *e = t->doctor->experiment;
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    const cr_part *validation = &e->data->parts[CR_PART_VALIDATION];
    uint64_t seed = (uint64_t)e->seed;
    t->held_back = !validation->dataset && train->count >= FEW;
    if (!validation->dataset && !t->held_back) /* there is nothing to hold back */
        validation = train;
    if (t->held_back)
        return split(train, train->count / 5, seed, &t->train, &t->judges, err);
    return copy_part(train, &t->train, err) && copy_part(validation, &t->judges, err);
}

/* The config's epochs, or as many as there is time for: of less than one, its rows. And
 * so many judges that looking at them takes no longer. */
static bool choose_steps(cr_doctor_trials *t, cr_error *err)
{
    const cr_experiment *e = t->doctor->experiment;
    size_t batch = (size_t)e->training.batch_size;
    batch = batch < t->train.count ? batch : t->train.count;
    size_t of_epoch = (t->train.count + batch - 1) / batch;
    double time = step_time(e, batch);
    size_t steps = (size_t)(most_time / time);
    steps = steps > LEAST_STEPS ? steps : LEAST_STEPS;
    t->alone = (double)steps * time > far_too_much_time;
    t->whole = of_epoch * (size_t)e->training.epochs;
    t->epochs = steps / of_epoch;
    if (t->epochs == 0) {
        t->epochs = 1;
        of_epoch = steps;
        if (!cut(&t->train, steps * batch, (uint64_t)e->seed, err))
            return false;
    } else if (t->epochs > (size_t)e->training.epochs) {
        t->epochs = (size_t)e->training.epochs;
    }
    t->steps = t->epochs * of_epoch;
    size_t judges = 3 * t->steps * batch / LOOKS; /* that take as long as training */
    judges = judges > LEAST_JUDGES ? judges : LEAST_JUDGES;
    return cut(&t->judges, judges < MOST_JUDGES ? judges : MOST_JUDGES, (uint64_t)e->seed,
               err);
}

bool cr_doctor_trial_init(cr_doctor_trials *trials, const cr_doctor *doctor,
                          cr_error *err)
{
    *trials = (cr_doctor_trials){.doctor = doctor, .data = *doctor->experiment->data};
    if (!choose_rows(trials, err) || !choose_steps(trials, err)) {
        cr_doctor_trial_finish(trials);
        return false;
    }
    trials->data.parts[CR_PART_TRAIN] = trials->train;
    trials->data.parts[CR_PART_TEST] = (cr_part){0};
    return true;
}

void cr_doctor_trial_finish(cr_doctor_trials *trials)
{
    cr_part_finish(&trials->train);
    cr_part_finish(&trials->judges);
}

/* A training that goes on. */
typedef struct course {
    const cr_doctor *doctor;
    cr_evaluator *evaluator;
    const cr_part *judges;
    size_t steps, every, looks;
    double losses[2 * LOOKS + 1];
} course;

static bool look(void *user, const cr_progress *progress)
{
    course *c = user;
    size_t done = progress->total_steps;
    if (done % c->every == 0 || done == c->steps)
        c->losses[c->looks++] = cr_evaluator_figures(c->evaluator, c->judges, NULL).loss;
    return cr_doctor_goes_on(c->doctor, NULL);
}

static void summarize(const course *c, bool diverged, cr_doctor_trial *found)
{
    size_t last = c->looks < LAST_LOOKS ? c->looks : LAST_LOOKS;
    found->best = INFINITY;
    found->last = 0;
    for (size_t i = 0; i < c->looks; i++)
        found->best = c->losses[i] < found->best ? c->losses[i] : found->best;
    for (size_t i = c->looks - last; i < c->looks; i++)
        found->last += c->losses[i] / (double)last;
    if (diverged || last == 0 || !isfinite(found->last))
        found->last = INFINITY;
}

static bool train(const cr_doctor_trials *trials, cr_experiment *e,
                  cr_doctor_trial *found, cr_error *err)
{
    cr_result result;
    cr_error own = CR_ERROR_INIT;
    course c = {.doctor = trials->doctor,
                .judges = &trials->judges,
                .steps = trials->steps,
                .every = trials->steps < LOOKS ? 1 : trials->steps / LOOKS};
    const cr_callbacks callbacks = {.user = &c, .on_step = look};
    c.evaluator = cr_evaluator_for_figures(&e->model, 1, err);
    bool good = c.evaluator != NULL;
    if (good) {
        found->first = cr_evaluator_figures(c.evaluator, c.judges, NULL).loss;
        good = cr_train(e, &callbacks, &result, &own) || own.code == CR_E_DIVERGED ||
               cr_fail(err, own.code, "%s", own.text);
        summarize(&c, own.code == CR_E_DIVERGED, found);
    }
    cr_evaluator_destroy(c.evaluator);
    return good && cr_doctor_goes_on(trials->doctor, err);
}

bool cr_doctor_trial_run(const cr_doctor_trials *trials, double rate, size_t repeat,
                         cr_doctor_trial *found, cr_error *err)
{
    char epochs[48], seed[48];
    const char *const overrides[] = {epochs, seed, NULL};
    int64_t own = trials->doctor->experiment->seed;
    int64_t other = own + (int64_t)repeat * (own > 1000 ? -1 : 1);
    snprintf(epochs, sizeof epochs, "training.epochs=%zu", trials->epochs);
    snprintf(seed, sizeof seed, "seed=%lld", (long long)other);
    cr_data data = trials->data;
    cr_experiment *e = cr_doctor_experiment(trials->doctor, &data, overrides, err);
    if (!e)
        return false;
    data.parts[CR_PART_VALIDATION] = (cr_part){0}; /* looked at here */
    *cr_optimizer_number(&e->optimizer, "learning_rate") = rate;
    bool good = train(trials, e, found, err);
    cr_experiment_destroy(e);
    return good;
}

double cr_doctor_trial_noise(const cr_doctor_trials *trials)
{
    const cr_part *part = &trials->judges;
    size_t classes = trials->doctor->experiment->model.encoding->classes.count;
    size_t count = part->count;
    for (size_t c = 0; part->dataset->labels && c < classes; c++) {
        size_t of_class = 0;
        for (size_t i = 0; i < part->count; i++)
            of_class += (size_t)part->dataset->labels[part->rows[i]] == c;
        if (of_class > 0 && of_class * classes < count)
            count = of_class * classes;
    }
    return fmax(0.1, 1 / sqrt((double)count));
}

/* Of so many classes that a row is a class's fair share of a few dozen, one that is rare
 * weighs little in the loss. */
size_t cr_doctor_trial_rare(const cr_doctor_trials *trials, size_t *rows)
{
    enum { TOO_FEW = 3, MOST_CLASSES = 20 };
    const cr_experiment *e = trials->doctor->experiment;
    size_t classes = e->model.encoding->classes.count, rarest = classes;
    *rows = TOO_FEW;
    if (!trials->judges.dataset->labels || classes > MOST_CLASSES)
        return classes;
    for (size_t c = 0; c < classes; c++) {
        size_t count = cr_class_rows_count(&trials->judges, c);
        if (count >= *rows || cr_class_rows_count(&e->data->parts[CR_PART_TRAIN], c) == 0)
            continue;
        rarest = c;
        *rows = count;
    }
    return rarest;
}

/* The scores of somebody who knows nothing but the targets' means; of labels, how
 * frequent they are. */
static void score_prior(const cr_doctor_trials *trials, size_t outputs, double *scores)
{
    const cr_part *part = &trials->judges;
    const cr_dataset *set = part->dataset;
    const double least = 1e-9;
    bool classify = trials->doctor->experiment->model.loss.type->classify;
    double share = 1 / (double)part->count;
    for (size_t i = 0; i < part->count; i++)
        for (size_t j = 0; j < outputs; j++) {
            size_t row = part->rows[i];
            size_t class = outputs == 1 ? 1 : j;
            scores[j] += set->labels
                             ? share * ((size_t)set->labels[row] == class)
                             : share * (double)cr_dataset_target(set, row * outputs + j);
        }
    for (size_t j = 0; classify && j < outputs; j++) {
        double p = fmin(fmax(scores[j], least), 1 - least);
        scores[j] = set->labels && outputs > 1 ? log(p) : log(p / (1 - p));
    }
}

bool cr_doctor_trial_prior(const cr_doctor_trials *trials, double *loss, cr_error *err)
{
    const cr_model *model = &trials->doctor->experiment->model;
    const cr_part *part = &trials->judges;
    size_t outputs = model->network->values[model->network->output].size;
    double *scores = cr_alloc(outputs, sizeof *scores, err), sum = 0, weight = 0;
    cr_evaluator *e = cr_evaluator_for_figures(model, 1, err);
    if (scores && e)
        score_prior(trials, outputs, scores);
    for (size_t first = 0; scores && e && first < part->count; first += e->rows) {
        size_t left = part->count - first, rows = left < e->rows ? left : e->rows;
        const cr_pass pass = {.rows = rows, .batch_rows = rows, .shares = 1};
        cr_batch_gather(part->dataset, part->rows + first, rows, e->workspace->values[0],
                        &e->loss.targets);
        cr_real *y = e->workspace->values[model->network->output];
        for (size_t i = 0; i < rows * outputs; i++)
            y[i] = (cr_real)scores[i % outputs];
        sum += cr_loss_forward(model->loss.type, &pass, &e->loss);
        weight += cr_loss_weight(&pass, &e->loss);
    }
    *loss = sum / weight;
    bool good = scores && e;
    cr_free(scores);
    cr_evaluator_destroy(e);
    return good;
}
