#include "commands/eval_threshold.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text_visible.h"
#include "commands/print.h"
#include "measure/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool cr_eval_threshold_init(cr_eval_threshold *t, cr_model *model, const char *text,
                            bool by_rule, cr_error *err)
{
    *t = (cr_eval_threshold){.model = model, .by = by_rule ? text : NULL};
    t->count = cr_predictor_thresholds(model, err);
    if (t->count == 0)
        return false;
    t->thresholds = cr_alloc(t->count, sizeof *t->thresholds, err);
    if (!t->thresholds || by_rule)
        return t->thresholds && cr_threshold_read_rule(&t->rule, text, err);
    size_t given = 0;
    double *list = cr_threshold_read_list(text, &given, err);
    cr_predictor *predictor = list ? cr_predictor_create(model, "", err) : NULL;
    bool good = predictor && cr_predictor_use_thresholds(predictor, list, given, err);
    for (size_t i = 0; good && i < t->count; i++)
        t->thresholds[i] = list[given == 1 ? 0 : i];
    cr_predictor_destroy(predictor);
    cr_free(list);
    return good;
}

void cr_eval_threshold_finish(cr_eval_threshold *t)
{
    for (size_t i = 0; i < t->part_count; i++) {
        for (size_t j = 0; t->parts[i].reports && j < t->count; j++)
            cr_report_destroy(t->parts[i].reports[j]);
        cr_free(t->parts[i].reports);
    }
    cr_free(t->thresholds);
    *t = (cr_eval_threshold){0};
}

/* The class or label that threshold i is of; its number where it has no name. */
static const char *name_of(const cr_eval_threshold *t, size_t i, char number[24])
{
    bool classify = t->model->encoding->classify;
    const char *name =
        classify ? t->model->encoding->classes.items[1] : cr_model_class(t->model, i);
    snprintf(number, 24, "%zu", i);
    return name ? name : number;
}

static bool choose_one(cr_eval_threshold *t, size_t i, cr_curve *curve, const char *part,
                       cr_error *err)
{
    char number[24];
    cr_error reason = CR_ERROR_INIT;
    return cr_threshold_choose(&t->rule, curve, &t->thresholds[i], &reason) ||
           cr_fail(err, reason.code,
                   "--threshold-by %s: on the %s part, of \"%.60s\": %s", t->by, part,
                   name_of(t, i, number), reason.text);
}

/* Adds a part, on which the thresholds are chosen first if asked for. */
static bool decide(cr_eval_threshold *t, const cr_part *part, const char *name,
                   bool choose, cr_error *err)
{
    cr_eval_decided *at = &t->parts[t->part_count++];
    *at = (cr_eval_decided){.name = name, .label = name};
    at->reports = cr_alloc(t->count, sizeof(cr_report *), err);
    cr_curve *curves = cr_alloc(t->count, sizeof *curves, err);
    cr_predictor *predictor = cr_predictor_create(t->model, "", err);
    bool good = at->reports && curves && predictor;
    for (size_t i = 0; good && i < t->count; i++)
        good = cr_curve_init(&curves[i], part->count, err);
    good = good && cr_threshold_collect(predictor, part, curves, err);
    for (size_t i = 0; good && i < t->count; i++) {
        if (choose && !choose_one(t, i, &curves[i], name, err))
            good = false;
        else
            at->reports[i] = cr_threshold_report(&curves[i], t->thresholds[i], err);
        good = good && at->reports[i];
    }
    for (size_t i = 0; curves && i < t->count; i++)
        cr_curve_finish(&curves[i]);
    cr_free(curves);
    cr_predictor_destroy(predictor);
    return good;
}

bool cr_eval_threshold_choose(cr_eval_threshold *t, const cr_part *part, const char *name,
                              cr_error *err)
{
    return decide(t, part, name, true, err);
}

bool cr_eval_threshold_add(cr_eval_threshold *t, const cr_part *part, const char *name,
                           const char *label, cr_error *err)
{
    const bool good = decide(t, part, name, false, err);
    t->parts[t->part_count - 1].label = label;
    return good;
}

/* Columns that the widest of the names takes. */
static int name_width(const cr_eval_threshold *t)
{
    int width = 5;
    for (size_t i = 0; i < t->count; i++) {
        char number[24];
        const char *name = name_of(t, i, number);
        int own = (int)cr_text_visible_width(name, strlen(name));
        width = own > width ? own : width;
    }
    return width;
}

static int width_of(const char *stem)
{
    size_t length = strlen(stem);
    return length > 10 ? (int)length : 10;
}

/* A decision's metric of a report of two classes; of the second, if it takes one. */
static double value_of(const cr_metric_type *type, cr_report *report)
{
    return type->of_report(report,
                           type->takes == CR_METRIC_TAKES_CLASS ? 1 : CR_METRIC_MEAN);
}

static void print_row(const cr_eval_threshold *t, const cr_eval_decided *part, size_t i)
{
    char number[24];
    cr_report *r = part->reports[i];
    cr_print("%-*s %-10s %10zu %10.4f", name_width(t), name_of(t, i, number), part->label,
             r->examples, cr_report_top(r, 1));
    for (size_t k = 0; k < cr_metric_type_count; k++) {
        const cr_metric_type *type = &cr_metric_types[k];
        double value = type->of_decisions ? value_of(type, r) : (double)NAN;
        if (type->of_decisions && isnan(value))
            cr_print(" %*s", width_of(type->stem), "none");
        else if (type->of_decisions)
            cr_print(" %*.4f", width_of(type->stem), value);
    }
    if (t->by && t->rule.goal == CR_THRESHOLD_COST)
        cr_print(" %10.6g", cr_threshold_cost(&t->rule, r));
    cr_print("\n");
}

void cr_eval_threshold_print(const cr_eval_threshold *t)
{
    char number[24], text[CR_NUMBER_TEXT];
    cr_print("\nthreshold%s%s%s%s: ", t->by ? " by " : "", t->by ? t->by : "",
             t->by ? " on " : "", t->by ? t->parts[0].name : "");
    for (size_t i = 0; i < t->count; i++)
        cr_print("%s%s of \"%s\"", i ? ", " : "",
                 cr_number_format_float((float)t->thresholds[i], text),
                 name_of(t, i, number));
    cr_print("\n%*s %-10s %10s %10s", name_width(t), "", "", "examples", "accuracy");
    for (size_t k = 0; k < cr_metric_type_count; k++)
        if (cr_metric_types[k].of_decisions)
            cr_print(" %*s", width_of(cr_metric_types[k].stem), cr_metric_types[k].stem);
    cr_print("%s\n", t->by && t->rule.goal == CR_THRESHOLD_COST ? "       cost" : "");
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = 0; k < t->part_count; k++)
            print_row(t, &t->parts[k], i);
    if (!t->by)
        return;
    cr_print("to use it: chainrule predict RUN FILE --threshold ");
    for (size_t i = 0; i < t->count; i++)
        cr_print("%s%s", i ? "," : "",
                 cr_number_format_float((float)t->thresholds[i], text));
    cr_print("\n");
}

static bool add_figures(const cr_eval_threshold *t, const cr_eval_decided *part, size_t i,
                        cr_json *out)
{
    cr_report *r = part->reports[i];
    cr_json *object = cr_json_add(out, part->name, CR_JSON_OBJECT);
    bool good = object && cr_json_set_number(object, "examples", (double)r->examples) &&
                cr_json_set_number(object, "accuracy", cr_report_top(r, 1));
    for (size_t k = 0; good && k < cr_metric_type_count; k++)
        if (cr_metric_types[k].of_decisions)
            good = cr_json_set_number(object, cr_metric_types[k].stem,
                                      value_of(&cr_metric_types[k], r));
    if (good && t->by && t->rule.goal == CR_THRESHOLD_COST)
        good = cr_json_set_number(object, "cost", cr_threshold_cost(&t->rule, r));
    cr_json *confusion = good ? cr_json_add(object, "confusion", CR_JSON_ARRAY) : NULL;
    good = confusion != NULL;
    for (size_t k = 0; good && k < 4; k += 2) {
        cr_json *row = cr_json_add(confusion, NULL, CR_JSON_ARRAY);
        good = row && cr_json_set_number(row, NULL, r->confusion[k]) &&
               cr_json_set_number(row, NULL, r->confusion[k + 1]);
    }
    return good;
}

static bool add_threshold(const cr_eval_threshold *t, size_t i, cr_json *list)
{
    char number[24];
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    const char *key = t->model->encoding->classify ? "class" : "label";
    bool good = object && cr_json_set_string(object, key, name_of(t, i, number)) &&
                cr_json_set_number(object, "threshold", t->thresholds[i]);
    for (size_t k = 0; good && k < t->part_count; k++)
        good = add_figures(t, &t->parts[k], i, object);
    return good;
}

bool cr_eval_threshold_add_json(const cr_eval_threshold *t, cr_json *out)
{
    cr_json *object = cr_json_add(out, "threshold", CR_JSON_OBJECT);
    bool good =
        object && (!t->by || (cr_json_set_string(object, "by", t->by) &&
                              cr_json_set_string(object, "chosen_on", t->parts[0].name)));
    const char *key = t->model->encoding->classify ? "classes" : "labels";
    cr_json *list = good ? cr_json_add(object, key, CR_JSON_ARRAY) : NULL;
    good = list != NULL;
    for (size_t i = 0; good && i < t->count; i++)
        good = add_threshold(t, i, list);
    return good;
}
