/*
 * Importance by permutation (Breiman 2001): how much the loss rises when the values of an
 * input are exchanged between examples, so that they no longer say anything. An input is a
 * column with all its features; of images a square of pixels.
 */
#include "base/memory.h"
#include "base/random.h"
#include "report/page_examples.h"
#include "report/page_section.h"

#include <math.h>
#include <string.h>

enum {
    MOST_EXAMPLES = 500,
    MOST_GROUPS = 200, /* columns; of more the first */
    MOST_SQUARES = 7,  /* of an image, in each direction */
    FEW_SQUARES = 4,   /* where passes take long */
    REPEATS = 3
};
static const double most_seconds = 0.07; /* of all passes together */

typedef struct importance {
    cr_model *model;
    const cr_page_scores *scores;
    size_t count, features, groups, across, down, repeats;
    size_t *group;          /* [features] */
    uint32_t *rows, *order; /* [count] */
    cr_real *x, *changed;   /* [count, features] */
    cr_real *y;             /* [count, cr_model_outputs] */
    cr_targets targets;
    cr_real *kept; /* what the loss keeps: [count, cr_model_outputs] */
    double loss;   /* as it is */
    double *rises; /* [groups] mean over the repeats */
} importance;

/* The group of every feature. */
static void find_groups(importance *m)
{
    const cr_encoding *encoding = m->model->encoding;
    const size_t *dim = encoding->shape.dim;
    if (encoding->shape.rank == 3)
        for (size_t j = 0; j < m->features; j++)
            m->group[j] = j / dim[2] % dim[1] * m->down / dim[1] * m->across +
                          j % dim[2] * m->across / dim[2];
    else if (!encoding->inputs)
        for (size_t j = 0; j < m->features; j++)
            m->group[j] = j;
    else
        for (size_t i = 0; i < encoding->input_count; i++)
            for (size_t k = 0; k < encoding->inputs[i].count; k++)
                m->group[encoding->inputs[i].first + k] = i;
}

/* The mean loss of what the network says of x. */
static bool measure_loss(const importance *m, const cr_real *x, double *loss,
                         cr_error *err)
{
    const cr_loss *type = &m->model->loss;
    const cr_pass pass = {.rows = m->count, .batch_rows = m->count, .shares = 1};
    const cr_loss_io io = {.options = type->options,
                           .outputs = cr_model_outputs(m->model),
                           .scores = m->y,
                           .targets = m->targets,
                           .weights = type->weights,
                           .kept = m->kept};
    if (!cr_model_scores(m->model, x, m->count, m->y, err))
        return false;
    *loss = cr_loss_forward(type->type, &pass, &io) / (double)m->count;
    return true;
}

/* x with the features of a group taken from another example. */
static void exchange(importance *m, size_t group, size_t repeat)
{
    for (size_t i = 0; i < m->count; i++)
        m->order[i] = (uint32_t)i;
    cr_random_shuffle(1 + repeat, CR_FOR_CHECK, (uint32_t)group, m->count, m->order);
    for (size_t j = 0; j < m->features; j++)
        if (m->group[j] == group)
            for (size_t i = 0; i < m->count; i++)
                m->changed[i * m->features + j] = m->x[m->order[i] * m->features + j];
}

static void restore(importance *m, size_t group)
{
    for (size_t j = 0; j < m->features; j++)
        if (m->group[j] == group)
            for (size_t i = 0; i < m->count; i++)
                m->changed[i * m->features + j] = m->x[i * m->features + j];
}

static bool measure(importance *m, cr_error *err)
{
    const cr_dataset *dataset = m->scores->part->dataset;
    cr_batch_gather(dataset, m->rows, m->count, m->x, &m->targets);
    memcpy(m->changed, m->x, m->count * m->features * sizeof *m->x);
    if (!measure_loss(m, m->x, &m->loss, err))
        return false;
    for (size_t g = 0; g < m->groups; g++) {
        for (size_t r = 0; r < m->repeats; r++) {
            double loss;
            exchange(m, g, r);
            if (!measure_loss(m, m->changed, &loss, err))
                return false;
            m->rises[g] += (loss - m->loss) / (double)m->repeats;
        }
        restore(m, g);
    }
    return true;
}

/* How many examples there is time for. */
static size_t count_examples(const importance *m)
{
    double passes = (double)(m->groups * m->repeats + 1);
    double fit = most_seconds / (passes * cr_page_scores_cost(m->model->network));
    return (size_t)fmin(fmin(fit, MOST_EXAMPLES), (double)m->scores->count);
}

static void plan_squares(importance *m, size_t most)
{
    const size_t *dim = m->model->encoding->shape.dim;
    m->down = dim[1] < most ? dim[1] : most;
    m->across = dim[2] < most ? dim[2] : most;
    m->groups = m->down * m->across;
}

static void plan(importance *m)
{
    const cr_encoding *encoding = m->model->encoding;
    bool images = encoding->shape.rank == 3;
    m->features = encoding->features;
    m->repeats = REPEATS;
    m->groups = encoding->inputs ? encoding->input_count : encoding->features;
    m->groups = m->groups < MOST_GROUPS ? m->groups : MOST_GROUPS;
    if (images)
        plan_squares(m, MOST_SQUARES);
    if (count_examples(m) < MOST_EXAMPLES / 2) {
        m->repeats = 1;
        if (images)
            plan_squares(m, FEW_SQUARES);
    }
    m->count = count_examples(m);
}

static bool prepare(importance *m, cr_error *err)
{
    const cr_page_scores *s = m->scores;
    const size_t n = cr_model_outputs(m->model), size = m->count * m->features;
    m->rows = cr_alloc(m->count, sizeof *m->rows, err);
    m->order = cr_alloc(m->count, sizeof *m->order, err);
    m->group = cr_alloc(m->features, sizeof *m->group, err);
    m->x = cr_alloc(size, sizeof *m->x, err);
    m->changed = cr_alloc(size, sizeof *m->changed, err);
    m->y = cr_alloc(m->count * n, sizeof *m->y, err);
    m->kept = cr_alloc(m->count * n, sizeof *m->kept, err);
    m->rises = cr_alloc(m->groups, sizeof *m->rises, err);
    m->targets.width = n;
    if (s->kind == CR_REPORT_CLASSES)
        m->targets.labels = cr_alloc(m->count, sizeof *m->targets.labels, err);
    else
        m->targets.values = cr_alloc(m->count * n, sizeof *m->targets.values, err);
    if (!m->rows || !m->order || !m->group || !m->x || !m->changed || !m->y || !m->kept ||
        !m->rises || !(m->targets.labels || m->targets.values))
        return false;
    for (size_t i = 0; i < m->count; i++)
        m->rows[i] = s->rows[i * s->count / m->count];
    find_groups(m);
    return true;
}

static void write(const importance *m, const char *key, cr_page_json *out)
{
    const cr_encoding *encoding = m->model->encoding;
    char name[CR_PAGE_EXAMPLES_CELL];
    cr_page_json_open(out, key, '{');
    cr_page_json_number(out, "examples", (double)m->count);
    cr_page_json_number(out, "repeats", (double)m->repeats);
    cr_page_json_number(out, "loss", m->loss);
    if (encoding->shape.rank == 3) {
        cr_page_json_number(out, "down", (double)m->down);
        cr_page_json_number(out, "across", (double)m->across);
    } else {
        cr_page_json_open(out, "columns", '[');
        for (size_t g = 0; g < m->groups; g++)
            cr_page_json_string(out, NULL, cr_page_examples_input(encoding, g, name));
        cr_page_json_close(out, ']');
    }
    cr_page_json_numbers(out, "rises", m->rises, m->groups, 6);
    cr_page_json_close(out, '}');
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    enum { FEWEST = 20 }; /* examples, of which means say something */
    importance m = {.model = run->model, .scores = run->scores};
    plan(&m);
    if (m.count < FEWEST || m.groups < 2)
        return true;
    bool good = prepare(&m, err) && measure(&m, err);
    if (good && !isfinite(m.loss))
        good = cr_fail(err, CR_E_DATA,
                       "the loss of these examples is infinite or no number, so that "
                       "nothing can make it larger");
    if (good)
        write(&m, key, out);
    cr_free(m.group);
    cr_free(m.rows);
    cr_free(m.order);
    cr_free(m.x);
    cr_free(m.changed);
    cr_free(m.y);
    cr_free(m.kept);
    cr_free(m.rises);
    cr_free(m.targets.labels);
    cr_free(m.targets.values);
    return good;
}

const cr_page_section cr_page_section_importance = {
    .key = "importance", .of_part = true, .add = add};
