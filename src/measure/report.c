#include "measure/report.h"

#include "base/memory.h"
#include "math/kernel.h"
#include "measure/confusion.h"

#include <math.h>
#include <string.h>

static bool allocate_classes(cr_report *r, size_t most_examples, cr_error *err)
{
    size_t n = r->outputs;
    bool is_confused = n <= CR_MOST_CONFUSED, is_ranked = n == 2;
    r->ranks = cr_alloc(n, sizeof *r->ranks, err);
    if (is_confused)
        r->confusion = cr_alloc(n * n, sizeof *r->confusion, err);
    return r->ranks && (r->confusion || !is_confused) &&
           (!is_ranked || cr_curve_init(&r->curve, most_examples, err));
}

static bool allocate_labels(cr_report *r, size_t most_examples, cr_error *err)
{
    r->labels = cr_alloc(r->outputs, sizeof(cr_report *), err);
    bool good = r->labels != NULL;
    for (size_t i = 0; good && i < r->outputs; i++) {
        r->labels[i] = cr_report_create(CR_REPORT_CLASSES, 2, most_examples, err);
        good = r->labels[i] != NULL;
    }
    return good;
}

static bool allocate(cr_report *r, size_t most_examples, cr_error *err)
{
    switch (r->kind) {
    case CR_REPORT_CLASSES:
        return allocate_classes(r, most_examples, err);
    case CR_REPORT_LABELS:
        return allocate_labels(r, most_examples, err);
    case CR_REPORT_NUMBERS:
        break;
    }
    r->targets = cr_alloc(r->outputs, sizeof *r->targets, err);
    return r->targets != NULL;
}

cr_report *cr_report_create(cr_report_kind kind, size_t outputs, size_t most_examples,
                            cr_error *err)
{
    cr_report *r = cr_alloc(1, sizeof *r, err);
    if (!r)
        return NULL;
    r->kind = kind;
    r->outputs = outputs;
    if (allocate(r, most_examples, err))
        return r;
    cr_report_destroy(r);
    return NULL;
}

cr_report_kind cr_report_kind_of(const cr_model *model)
{
    if (model->encoding->classify)
        return CR_REPORT_CLASSES;
    return model->loss.type->binary ? CR_REPORT_LABELS : CR_REPORT_NUMBERS;
}

cr_report *cr_report_for(const cr_model *model, size_t most_examples, cr_error *err)
{
    const cr_encoding *encoding = model->encoding;
    size_t outputs =
        encoding->classify ? encoding->classes.count : cr_model_outputs(model);
    cr_report *r =
        cr_report_create(cr_report_kind_of(model), outputs, most_examples, err);
    if (r)
        r->scale = encoding->target_scale;
    return r;
}

void cr_report_destroy(cr_report *report)
{
    if (!report)
        return;
    for (size_t i = 0; report->labels && i < report->outputs; i++)
        cr_report_destroy(report->labels[i]);
    cr_free(report->labels);
    cr_free(report->confusion);
    cr_free(report->ranks);
    cr_curve_finish(&report->curve);
    cr_free(report->targets);
    cr_free(report);
}

static void clear(void *array, size_t bytes)
{
    if (array)
        memset(array, 0, bytes);
}

void cr_report_clear(cr_report *report)
{
    size_t n = report->outputs;
    for (size_t i = 0; report->labels && i < n; i++)
        cr_report_clear(report->labels[i]);
    clear(report->confusion, n * n * sizeof *report->confusion);
    clear(report->ranks, n * sizeof *report->ranks);
    clear(report->targets, n * sizeof *report->targets);
    cr_curve_clear(&report->curve);
    memset(report->bins, 0, sizeof report->bins);
    report->examples = 0;
    report->weight = 0;
    report->log_loss = report->squares = 0;
    report->absolute_error = report->squared_error = 0;
}

/* What the scores say as probabilities: p = exp(s) / Σ exp(s), the highest score
 * subtracted first. 1 − p of the right class is the sum of the others, so that it has
 * digits also where p is next to 1. */
static void add_probabilities(cr_report *r, const cr_real *s, size_t right,
                              size_t highest, double weight)
{
    double top = (double)s[highest], wrong = 0, squares = 0, below = 0;
    for (size_t j = 0; j < r->outputs; j++) {
        double e = exp((double)s[j] - top);
        below += j != highest ? e : 0;
        wrong += j != right ? e : 0;
        squares += j != right ? e * e : 0;
    }
    double sum = 1 + below, bin = ceil(CR_CALIBRATION_BINS / sum);
    r->log_loss += weight * (log1p(below) + (top - (double)s[right]));
    r->squares += weight * (wrong * wrong + squares) / (sum * sum);
    cr_calibration_bin *at = &r->bins[bin > 1 ? (size_t)bin - 1 : 0]; /* 0 also of NaN */
    at->confidence += weight / sum;
    at->examples += weight;
    at->right += right == highest ? weight : 0;
}

static void add_classified(cr_report *r, const cr_real *s, size_t right, double weight)
{
    size_t highest = cr_kernel_argmax(r->outputs, s), above = 0;
    for (size_t j = 0; j < r->outputs; j++)
        above += s[j] > s[right] || (s[j] == s[right] && j < right);
    if (r->confusion)
        r->confusion[right * r->outputs + highest] += weight;
    r->ranks[above] += weight;
    add_probabilities(r, s, right, highest, weight);
}

static void add_numbers(cr_report *r, const cr_real *s, const cr_real *t, double weight)
{
    for (size_t j = 0; j < r->outputs; j++) {
        double unit = r->scale ? 1 / r->scale[j] : 1;
        double target = (double)t[j] * unit, d = (double)s[j] * unit - target;
        r->absolute_error += weight * fabs(d);
        r->squared_error += weight * d * d;
        cr_moments_add_weighted(&r->targets[j], target, weight);
    }
}

/* Row `row` of the targets, whose scores these are. */
static void add_row(cr_report *r, size_t width, const cr_real *scores,
                    const cr_targets *targets, size_t row)
{
    size_t n = r->outputs;
    double weight = targets->weights ? targets->weights[row] : 1;
    const cr_real *values = targets->values ? targets->values + row * n : NULL;
    r->examples++;
    r->weight += weight;
    if (weight == 0)
        return;
    if (r->kind == CR_REPORT_NUMBERS) {
        add_numbers(r, scores, values, weight);
    } else if (r->kind == CR_REPORT_LABELS) {
        for (size_t j = 0; j < n; j++) {
            int32_t yes = values[j] > (cr_real)0.5;
            const cr_targets label = {.labels = &yes, .weights = &weight};
            cr_report_add_targets(r->labels[j], 1, 1, scores + j, &label);
        }
    } else {
        const cr_real two[] = {0, scores[0]};
        const cr_real *s = width < n ? two : scores;
        add_classified(r, s, (size_t)targets->labels[row], weight);
        if (n == 2)
            cr_curve_add(&r->curve, (double)s[1] - (double)s[0],
                         targets->labels[row] == 1, weight);
    }
}

void cr_report_add_targets(cr_report *report, size_t rows, size_t width,
                           const cr_real *scores, const cr_targets *targets)
{
    for (size_t row = 0; row < rows; row++)
        add_row(report, width, scores + row * width, targets, row);
}

void cr_report_add(cr_report *report, size_t rows, size_t width, const cr_real *scores,
                   const int32_t *labels, const cr_real *values)
{
    const cr_targets targets = {.labels = (int32_t *)labels, .values = (cr_real *)values};
    cr_report_add_targets(report, rows, width, scores, &targets);
}

void cr_report_add_batch(cr_report *report, const cr_evaluator *batch, size_t rows)
{
    cr_report_add_targets(report, rows, batch->loss.outputs,
                          cr_loss_values(batch->model->loss.type, &batch->loss),
                          &batch->loss.targets);
}

void cr_report_add_part(cr_report *report, cr_evaluator *evaluator, const cr_part *part)
{
    for (size_t first = 0; first < part->count; first += evaluator->rows) {
        size_t left = part->count - first;
        size_t count = left < evaluator->rows ? left : evaluator->rows;
        cr_pass pass = {.rows = count, .batch_rows = count, .shares = 1};
        cr_sums sums = {0};
        for (size_t i = 0; i < count; i++)
            evaluator->order[i] = (uint32_t)cr_part_row(part, first + i);
        cr_evaluator_forward(evaluator, part->dataset, evaluator->order, &pass, &sums);
        cr_report_add_batch(report, evaluator, count);
    }
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

cr_class_report cr_report_class(const cr_report *report, size_t class)
{
    size_t n = report->outputs;
    double right = report->confusion[class * n + class], examples = 0, predicted = 0;
    for (size_t j = 0; j < n; j++) {
        examples += report->confusion[class * n + j];
        predicted += report->confusion[j * n + class];
    }
    return (cr_class_report){examples, share(right, predicted), share(right, examples),
                             share(2 * right, predicted + examples)};
}

cr_class_report cr_report_mean(const cr_report *report)
{
    cr_class_report mean = {report->weight, 0, 0, 0};
    size_t n = report->outputs, count = 0;
    for (size_t i = 0; i < n && (report->labels || report->confusion); i++) {
        double taken = 0;
        for (size_t j = 0; j < n && !report->labels; j++)
            taken += report->confusion[j * n + i];
        cr_class_report c = report->labels ? cr_report_class(report->labels[i], 1)
                                           : cr_report_class(report, i);
        if (c.examples == 0 && taken == 0 && !report->labels)
            continue;
        mean.precision += c.precision;
        mean.recall += c.recall;
        mean.f1 += c.f1;
        count++;
    }
    double share_of = count > 0 ? 1 / (double)count : NAN;
    mean.precision *= share_of;
    mean.recall *= share_of;
    mean.f1 *= share_of;
    return mean;
}

double cr_report_top(const cr_report *report, size_t k)
{
    double hits = 0;
    for (size_t i = 0; i < k && i < report->outputs; i++)
        hits += report->ranks[i];
    return share(hits, report->weight);
}

double cr_report_log_loss(const cr_report *report)
{
    return report->log_loss / report->weight;
}

double cr_report_auc(cr_report *report)
{
    return report->curve.examples ? cr_curve_auc(&report->curve) : (double)NAN;
}

double cr_report_average_precision(cr_report *report)
{
    return report->curve.examples ? cr_curve_average_precision(&report->curve)
                                  : (double)NAN;
}

double cr_report_average_precision_first(cr_report *report)
{
    return report->curve.examples ? cr_curve_average_precision_below(&report->curve)
                                  : (double)NAN;
}

double cr_report_balanced_accuracy(cr_report *report)
{
    return report->confusion
               ? cr_confusion_balanced_accuracy(report->outputs, report->confusion)
               : (double)NAN;
}

double cr_report_matthews(cr_report *report)
{
    return report->confusion ? cr_confusion_matthews(report->outputs, report->confusion)
                             : (double)NAN;
}

double cr_report_kappa(cr_report *report)
{
    return report->confusion ? cr_confusion_kappa(report->outputs, report->confusion)
                             : (double)NAN;
}

double cr_report_brier(cr_report *report)
{
    double halves = report->outputs == 2 ? 2 : 1; /* two classes err by the same */
    return report->squares / (report->weight * halves);
}

double cr_report_calibration_error(cr_report *report)
{
    double sum = 0;
    for (size_t i = 0; i < CR_CALIBRATION_BINS; i++)
        sum += fabs(report->bins[i].right - report->bins[i].confidence);
    return sum / report->weight;
}

double cr_report_mae(const cr_report *report)
{
    return report->absolute_error / (report->weight * (double)report->outputs);
}

double cr_report_r2(const cr_report *report)
{
    double total = 0;
    for (size_t j = 0; j < report->outputs; j++)
        total += report->targets[j].squares;
    return total > 0 ? 1 - report->squared_error / total : NAN;
}
