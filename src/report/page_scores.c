#include "report/page_scores.h"

#include "base/memory.h"
#include "math/kernel.h"
#include "measure/inference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What bounds the examples: memory for their shares, and time. */
enum { MOST_SHARES = 2000000, LEAST_EXAMPLES = 200 };
static const double most_seconds = 0.12;

/* Products of images run at 45 GFLOP/s or more with AVX2, and writing a value and reading it takes a nanosecond. */
double cr_page_scores_cost(const cr_network *network)
{
    double values = 0;
    for (size_t i = 0; i < network->value_count; i++)
        values += (double)network->values[i].size;
    return cr_network_flops(network, false) / 4.5e10 + values * 1e-9;
}

static size_t count_examples(const cr_page_scores *s)
{
    double by_time = most_seconds / cr_page_scores_cost(s->model->network);
    double most = fmin(MOST_SHARES / (double)s->outputs, by_time);
    most = fmax(most, LEAST_EXAMPLES);
    return most < (double)s->part->count ? (size_t)most : s->part->count;
}

/* Of two classes with one score, the second's, there are two shares. */
static void take_classes(cr_page_scores *s, size_t i, size_t width, const cr_real *scores,
                         const cr_real *shown, int32_t label)
{
    double *shares = s->shares + i * s->outputs;
    for (size_t j = 0; j < s->outputs; j++)
        shares[j] = width == s->outputs ? (double)shown[j]
                    : j == 1            ? (double)shown[0]
                                        : (s->probabilities ? 1 : 0) - (double)shown[0];
    s->right[i] = (uint32_t)label;
    s->said[i] =
        width == s->outputs ? (uint32_t)cr_kernel_argmax(width, scores) : scores[0] > 0;
}

static void take_values(cr_page_scores *s, size_t i, const cr_real *shown,
                        const cr_real *targets)
{
    const cr_encoding *encoding = s->model->encoding;
    for (size_t j = 0; j < s->outputs; j++) {
        size_t at = i * s->outputs + j;
        bool numbers = s->kind == CR_REPORT_NUMBERS;
        s->shares[at] = numbers
                            ? cr_encoding_restore_target(encoding, j, (double)shown[j])
                            : (double)shown[j];
        s->targets[at] = numbers
                             ? cr_encoding_restore_target(encoding, j, (double)targets[j])
                             : (double)targets[j];
    }
}

/* The scores, and the room for what is shown of an example's. */
typedef struct taking {
    cr_page_scores *scores;
    cr_real *shown;
} taking;

static void take_batch(void *user, const cr_evaluator *batch, size_t first, size_t count)
{
    const taking *t = user;
    cr_page_scores *s = t->scores;
    const cr_loss_type *loss = s->model->loss.type;
    const cr_loss_io *io = &batch->loss;
    const size_t width = io->outputs;
    for (size_t i = 0; i < count; i++) {
        memcpy(t->shown, io->scores + i * width, width * sizeof *t->shown);
        if (loss->present)
            loss->present(1, width, t->shown);
        if (s->kind == CR_REPORT_CLASSES)
            take_classes(s, first + i, width, io->scores + i * width, t->shown,
                         io->targets.labels[i]);
        else
            take_values(s, first + i, t->shown, io->targets.values + i * width);
    }
    cr_report_add_batch(s->report, batch, count);
}

static bool pass(cr_page_scores *s, cr_error *err)
{
    const cr_part part = {s->part->dataset, s->rows, s->count, false};
    cr_real *shown = cr_alloc(cr_model_outputs(s->model), sizeof *shown, err);
    cr_sums sums = {0};
    taking t = {s, shown};
    bool good = shown && cr_inference_run(s->model, &part, take_batch, &t, &sums, err);
    s->figures = cr_sums_figures(&sums, s->model);
    cr_free(shown);
    return good;
}

bool cr_page_scores_init(cr_page_scores *scores, cr_model *model, const cr_part *part,
                         cr_error *err)
{
    *scores =
        (cr_page_scores){.model = model, .part = part, .kind = cr_report_kind_of(model)};
    cr_page_scores *s = scores;
    bool classes = s->kind == CR_REPORT_CLASSES;
    s->outputs = classes ? model->encoding->classes.count : cr_model_outputs(model);
    s->probabilities = s->kind != CR_REPORT_NUMBERS && model->loss.type->present;
    s->count = count_examples(s);
    s->rows = cr_alloc(s->count, sizeof *s->rows, err);
    s->shares = cr_alloc(s->count * s->outputs, sizeof *s->shares, err);
    s->report = cr_report_for(model, s->count, err);
    if (classes) {
        s->right = cr_alloc(s->count, sizeof *s->right, err);
        s->said = cr_alloc(s->count, sizeof *s->said, err);
    } else {
        s->targets = cr_alloc(s->count * s->outputs, sizeof *s->targets, err);
    }
    if (!s->rows || !s->shares || !s->report ||
        !(classes ? s->right && s->said : s->targets != NULL))
        return false;
    for (size_t i = 0; i < s->count; i++)
        s->rows[i] = (uint32_t)cr_part_row(
            part, (size_t)((double)i * (double)part->count / (double)s->count));
    return pass(s, err);
}

void cr_page_scores_finish(cr_page_scores *scores)
{
    cr_free(scores->rows);
    cr_free(scores->shares);
    cr_free(scores->targets);
    cr_free(scores->right);
    cr_free(scores->said);
    cr_report_destroy(scores->report);
    *scores = (cr_page_scores){0};
}

/* The standard deviation of a target, in the table's units; 1 of one that is constant. */
static double deviation_of(const cr_page_scores *s, size_t j)
{
    double squares = s->report->targets[j].squares / s->report->weight;
    return squares > 0 ? sqrt(squares) : 1;
}

double cr_page_scores_error(const cr_page_scores *s, size_t i)
{
    const double *shares = s->shares + i * s->outputs;
    double error = -1;
    if (s->kind == CR_REPORT_CLASSES) {
        error = shares[s->said[i]];
        return s->said[i] == s->right[i] ? -1
               : s->probabilities        ? error
                                         : error - shares[s->right[i]];
    }
    for (size_t j = 0; j < s->outputs; j++) {
        double target = s->targets[i * s->outputs + j], d = fabs(shares[j] - target);
        bool is_right =
            s->kind == CR_REPORT_LABELS && (shares[j] > 0.5) == (target > 0.5);
        d = s->kind == CR_REPORT_NUMBERS ? d / deviation_of(s, j) : d;
        error = is_right ? error : fmax(error, d);
    }
    return error;
}

typedef struct ranked {
    double error;
    uint32_t example;
} ranked;

static int compare(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->error != y->error)
        return x->error < y->error ? 1 : -1;
    return x->example < y->example ? -1 : x->example > y->example;
}

uint32_t *cr_page_scores_order(const cr_page_scores *s, cr_error *err)
{
    ranked *items = cr_alloc(s->count, sizeof *items, err);
    uint32_t *order = cr_alloc(s->count, sizeof *order, err);
    for (size_t i = 0; items && order && i < s->count; i++) {
        double error = cr_page_scores_error(s, i);
        items[i] = (ranked){isnan(error) ? INFINITY : error, (uint32_t)i};
    }
    if (items && order)
        qsort(items, s->count, sizeof *items, compare);
    for (size_t i = 0; items && order && i < s->count; i++)
        order[i] = items[i].example;
    if (!items)
        cr_free(order);
    cr_free(items);
    return items ? order : NULL;
}
