#include "measure/threshold.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

static const struct goal {
    const char *name, *value; /* what stands behind "=", or NULL */
} goals[] = {
    [CR_THRESHOLD_F1] = {"f1", NULL},
    [CR_THRESHOLD_COST] = {"cost", "FP:FN"},
    [CR_THRESHOLD_RECALL] = {"recall", "SHARE"},
    [CR_THRESHOLD_PRECISION] = {"precision", "SHARE"},
};

/* "a:b" as two numbers of at least 0, one of them above. */
static bool read_costs(const char *text, cr_threshold_rule *rule)
{
    const char *colon = strchr(text, ':');
    double *fp = &rule->false_positive, *fn = &rule->false_negative;
    return colon && cr_number_parse(text, (size_t)(colon - text), fp) &&
           cr_number_parse(colon + 1, strlen(colon + 1), fn) && *fp >= 0 && *fn >= 0 &&
           *fp + *fn > 0 && isfinite(*fp + *fn);
}

static bool read_value(const char *value, cr_threshold_rule *rule)
{
    switch (rule->goal) {
    case CR_THRESHOLD_F1:
        return value == NULL;
    case CR_THRESHOLD_COST:
        return value && read_costs(value, rule);
    case CR_THRESHOLD_RECALL:
    case CR_THRESHOLD_PRECISION:
        break;
    }
    return value && cr_number_parse(value, strlen(value), &rule->share) &&
           rule->share > 0 && rule->share <= 1;
}

bool cr_threshold_read_rule(cr_threshold_rule *rule, const char *text, cr_error *err)
{
    const char *equals = strchr(text, '=');
    size_t length = equals ? (size_t)(equals - text) : strlen(text);
    *rule = (cr_threshold_rule){0};
    for (size_t i = 0; i < CR_COUNT(goals); i++) {
        rule->goal = (cr_threshold_goal)i;
        if (strlen(goals[i].name) == length &&
            strncmp(goals[i].name, text, length) == 0 &&
            read_value(equals ? equals + 1 : NULL, rule))
            return true;
    }
    return cr_fail(err, CR_E_USAGE,
                   "found \"%.60s\", expected f1, recall=SHARE or precision=SHARE with a "
                   "share above 0 and up to 1, such as recall=0.9, or cost=FP:FN with "
                   "what a false positive and a false negative cost, such as cost=1:5",
                   text);
}

double *cr_threshold_read_list(const char *text, size_t *count, cr_error *err)
{
    size_t most = 1;
    for (const char *c = text; *c; c++)
        most += *c == ',';
    double *list = cr_alloc(most, sizeof *list, err);
    *count = 0;
    while (list && *count < most) {
        size_t length = strcspn(text, ",");
        if (!cr_number_parse(text, length, &list[*count])) {
            cr_free(list);
            (void)cr_fail(err, CR_E_USAGE,
                          "found the threshold \"%.*s\", expected a probability from 0 "
                          "to 1",
                          (int)(length < 60 ? length : 60), text);
            return NULL;
        }
        (*count)++;
        text += length + (text[length] == ',');
    }
    return list;
}

bool cr_threshold_collect(cr_predictor *predictor, const cr_part *part, cr_curve *curves,
                          cr_error *err)
{
    const cr_model *model = predictor->model;
    const cr_dataset *set = part->dataset;
    bool classify = model->encoding->classify;
    size_t labels = cr_predictor_thresholds(model, err);
    for (size_t i = 0; i < part->count; i++) {
        size_t row = cr_part_row(part, i);
        if (!cr_predictor_example(predictor, set, row, err))
            return false;
        for (size_t j = 0; j < labels; j++)
            cr_curve_add(&curves[j], (double)predictor->shares[classify ? 1 : j],
                         classify
                             ? set->labels[row] == 1
                             : cr_dataset_target(set, row * labels + j) > (cr_real)0.5,
                         set->weights ? set->weights[row] : 1);
    }
    return labels > 0;
}

/* What a threshold comes to: examples from it on that are positive, and others. */
typedef struct counts {
    double right, wrong; /* true and false positives */
    double positives;
} counts;

/* How good a threshold is; more is better. −∞: it is not what the rule wants. */
static double value_of(const cr_threshold_rule *rule, const counts *c)
{
    double recall = c->right / c->positives, taken = c->right + c->wrong;
    switch (rule->goal) {
    case CR_THRESHOLD_F1:
        return 2 * c->right / (taken + c->positives);
    case CR_THRESHOLD_COST:
        return -(rule->false_positive * c->wrong +
                 rule->false_negative * (c->positives - c->right));
    case CR_THRESHOLD_RECALL: /* of those that have it, the first, which is the highest */
        return recall >= rule->share ? 1 : -INFINITY;
    case CR_THRESHOLD_PRECISION:
        return c->right / taken >= rule->share ? recall : -INFINITY;
    }
    return -INFINITY;
}

bool cr_threshold_choose(const cr_threshold_rule *rule, cr_curve *curve,
                         double *threshold, cr_error *err)
{
    counts c = {.positives = curve->positives};
    double best = -INFINITY;
    if (curve->positives == 0)
        return cr_fail(err, CR_E_DATA,
                       "there is no example of it, so that no threshold is better than "
                       "another");
    if (curve->has_nan)
        return cr_fail(err, CR_E_DATA, "a probability is no number");
    cr_curve_sort(curve);
    if (rule->goal == CR_THRESHOLD_COST && curve->examples[0].score < 1) {
        *threshold = 1;
        best = value_of(rule, &c);
    }
    for (size_t first = 0, end = 0; first < curve->count; first = end) {
        end = cr_curve_end(curve, first);
        for (size_t i = first; i < end; i++) {
            const cr_scored *example = &curve->examples[i];
            c.right += example->positive ? example->weight : 0;
            c.wrong += example->positive ? 0 : example->weight;
        }
        double value = value_of(rule, &c);
        if (value > best) {
            best = value;
            *threshold = curve->examples[first].score;
        }
    }
    return best > -INFINITY ||
           cr_fail(err, CR_E_DATA, "no threshold has a precision of at least %g",
                   rule->share);
}

cr_report *cr_threshold_report(const cr_curve *curve, double threshold, cr_error *err)
{
    cr_report *report = cr_report_create(CR_REPORT_CLASSES, 2, curve->count, err);
    for (size_t i = 0; report && i < curve->count; i++) {
        const cr_scored *example = &curve->examples[i];
        const cr_real decided = example->score >= (double)(cr_real)threshold ? 1 : -1;
        int32_t right = example->positive;
        double weight = example->weight;
        const cr_targets targets = {.labels = &right, .weights = &weight};
        cr_report_add_targets(report, 1, 1, &decided, &targets);
    }
    return report;
}

double cr_threshold_cost(const cr_threshold_rule *rule, const cr_report *report)
{
    return rule->false_positive * report->confusion[1] +
           rule->false_negative * report->confusion[2];
}
