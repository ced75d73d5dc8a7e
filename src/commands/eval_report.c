#include "commands/eval_report.h"

#include "base/text_visible.h"
#include "commands/confusion_table.h"
#include "commands/print.h"
#include "measure/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_SHOWN = 20 }; /* classes in the tables */
enum { NAME_WIDTH = 16 }; /* columns of a table's names, at least */
enum { MOST_K = 5 };      /* the largest k of a metric that takes one */

/* Whether the report has the metric, and it is one that takes this. */
static bool is_shown(const cr_model *model, const cr_report *r,
                     const cr_metric_type *type, cr_metric_takes takes)
{
    return type->of_report && type->takes == takes &&
           type->targets & CR_METRIC_OF(r->kind) &&
           (!type->of_two || r->kind == CR_REPORT_LABELS || r->outputs == 2) &&
           (!type->of_probabilities || model->loss.type->present);
}

/* The name of a label, or of a class: in `number`, its number, when it has none. */
static const char *name_of(const cr_model *model, size_t i, char number[24])
{
    const char *name = cr_model_class(model, i);
    snprintf(number, 24, "%zu", i);
    return name ? name : number;
}

/* Adds the metrics that take this, each under its stem; null where there is nothing that
 * it could be of. index: that of cr_metric. */
static bool add_metrics(const cr_model *model, cr_report *r, cr_metric_takes takes,
                        size_t index, cr_json *out)
{
    bool good = true;
    for (size_t i = 0; good && i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        if (!is_shown(model, r, type, takes))
            continue;
        double value = type->of_report(r, index);
        bool left_out = isnan(value) && !type->none;
        good = left_out || cr_json_set_number(out, type->stem, value);
    }
    return good;
}

/* Adds a list "<stem>_k" of the values for k from 1 on, of each metric that takes a k. */
static bool add_lists(const cr_model *model, cr_report *r, cr_json *out)
{
    bool good = true;
    for (size_t i = 0; good && i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        char key[32];
        if (!is_shown(model, r, type, CR_METRIC_TAKES_K))
            continue;
        snprintf(key, sizeof key, "%s_k", type->stem);
        cr_json *list = cr_json_add(out, key, CR_JSON_ARRAY);
        good = list != NULL;
        for (size_t k = 1; good && k <= MOST_K && k < r->outputs; k++)
            good = cr_json_set_number(list, NULL, type->of_report(r, k));
    }
    return good;
}

static bool add_class(const cr_model *model, cr_report *r, size_t class, cr_json *classes,
                      cr_json *confusion)
{
    const char *name = model->encoding->classes.items[class];
    cr_json *object = cr_json_add(classes, NULL, CR_JSON_OBJECT);
    bool good =
        object && cr_json_set_string(object, "class", name) &&
        cr_json_set_number(object, "examples", cr_report_class(r, class).examples) &&
        add_metrics(model, r, CR_METRIC_TAKES_CLASS, class, object) &&
        (r->outputs != 2 ||
         cr_json_set_number(object, "average_precision",
                            class == 0 ? cr_report_average_precision_first(r)
                                       : cr_report_average_precision(r)));
    cr_json *row = good ? cr_json_add(confusion, NULL, CR_JSON_ARRAY) : NULL;
    good = row != NULL;
    for (size_t j = 0; good && j < r->outputs; j++)
        good = cr_json_set_number(row, NULL, r->confusion[class * r->outputs + j]);
    return good;
}

static bool add_classes(const cr_model *model, cr_report *r, cr_json *out)
{
    bool good = add_metrics(model, r, CR_METRIC_TAKES_NOTHING, CR_METRIC_MEAN, out) &&
                add_metrics(model, r, CR_METRIC_TAKES_LABEL, CR_METRIC_MEAN, out) &&
                add_lists(model, r, out);
    if (!good || !r->confusion)
        return good;
    cr_json *classes = cr_json_add(out, "classes", CR_JSON_ARRAY);
    cr_json *confusion = classes ? cr_json_add(out, "confusion", CR_JSON_ARRAY) : NULL;
    good = confusion != NULL;
    for (size_t i = 0; good && i < r->outputs; i++)
        good = add_class(model, r, i, classes, confusion);
    cr_json *mean = good ? cr_json_add(out, "mean", CR_JSON_OBJECT) : NULL;
    return mean && add_metrics(model, r, CR_METRIC_TAKES_CLASS, CR_METRIC_MEAN, mean);
}

/* A label has all metrics of two classes, those of the class 1. */
static bool add_label(const cr_model *model, const cr_report *r, size_t i,
                      cr_json *labels)
{
    char number[24];
    cr_report *label = r->labels[i];
    cr_json *object = cr_json_add(labels, NULL, CR_JSON_OBJECT);
    return object && cr_json_set_string(object, "label", name_of(model, i, number)) &&
           cr_json_set_number(object, "examples", cr_report_class(label, 1).examples) &&
           add_metrics(model, label, CR_METRIC_TAKES_CLASS, 1, object) &&
           add_metrics(model, label, CR_METRIC_TAKES_NOTHING, 1, object) &&
           add_metrics(model, label, CR_METRIC_TAKES_LABEL, 1, object);
}

static bool add_labels(const cr_model *model, cr_report *r, cr_json *out)
{
    bool good = add_metrics(model, r, CR_METRIC_TAKES_LABEL, CR_METRIC_MEAN, out);
    cr_json *labels = good ? cr_json_add(out, "labels", CR_JSON_ARRAY) : NULL;
    good = labels != NULL;
    for (size_t i = 0; good && i < r->outputs; i++)
        good = add_label(model, r, i, labels);
    return good;
}

bool cr_eval_report_add(const cr_model *model, cr_report *report, cr_json *out)
{
    switch (report->kind) {
    case CR_REPORT_CLASSES:
        return add_classes(model, report, out);
    case CR_REPORT_LABELS:
        return add_labels(model, report, out);
    case CR_REPORT_NUMBERS:
        break;
    }
    return add_metrics(model, report, CR_METRIC_TAKES_NOTHING, CR_METRIC_MEAN, out);
}

/* "right class among the 3 highest scores 0.9876" */
static void print_metric(const cr_report *r, const cr_metric_type *type,
                         const char *argument, double value)
{
    const char *gap = strchr(type->title, '<');
    const char *end = gap ? strchr(gap, '>') : NULL;
    if (end)
        cr_print("%.*s%s%s", (int)(gap - type->title), type->title, argument, end + 1);
    else
        cr_print("%s", type->title);
    if (isnan(value))
        cr_print(": none, since %s%s", r->labels ? "of a label " : "", type->none);
    else
        cr_print(type->is_share ? " %.4f" : " %.6g", value);
}

/* The metrics of the whole report that share a line; before: what the line begins with. */
static void print_line(const cr_model *model, cr_report *r, cr_metric_line line,
                       const char *before, const char *argument)
{
    size_t printed = 0;
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        bool shown = is_shown(model, r, type, CR_METRIC_TAKES_NOTHING) ||
                     is_shown(model, r, type, CR_METRIC_TAKES_LABEL);
        double value = shown && type->line == line ? type->of_report(r, CR_METRIC_MEAN)
                                                   : (double)NAN;
        if (!shown || type->line != line || (isnan(value) && !type->none))
            continue;
        cr_print("%s", printed++ ? ", " : before);
        print_metric(r, type, argument, value);
    }
    if (printed)
        cr_print("\n");
}

/* A k of 1 is left out: among one score, that is the accuracy. */
static void print_lists(const cr_model *model, cr_report *r)
{
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        char number[24];
        if (!is_shown(model, r, type, CR_METRIC_TAKES_K))
            continue;
        for (size_t k = 2; k <= MOST_K && k < r->outputs; k++) {
            snprintf(number, sizeof number, "%zu", k);
            print_metric(r, type, number, type->of_report(r, k));
            cr_print("\n");
        }
    }
}

/* Whether the tables have a column of it: a class's figures, and of labels the ranks. */
static bool is_column(const cr_model *model, const cr_report *r,
                      const cr_metric_type *type)
{
    return is_shown(model, r, type, CR_METRIC_TAKES_CLASS) ||
           (r->kind == CR_REPORT_LABELS && type->line == CR_METRIC_OF_RANKS);
}

static int cell_width(const cr_metric_type *type)
{
    size_t length = strlen(type->stem);
    return length > 10 ? (int)length : 10;
}

static void print_heads(const cr_model *model, const cr_report *r)
{
    for (size_t i = 0; i < cr_metric_type_count; i++)
        if (is_column(model, r, &cr_metric_types[i]))
            cr_print(" %*s", cell_width(&cr_metric_types[i]), cr_metric_types[i].stem);
}

static void print_cells(const cr_model *model, cr_report *r, size_t index)
{
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        double value =
            is_column(model, r, type) ? type->of_report(r, index) : (double)NAN;
        if (is_column(model, r, type) && isnan(value))
            cr_print(" %*s", cell_width(type), "none");
        else if (is_column(model, r, type))
            cr_print(type->is_share ? " %*.4f" : " %*.6g", cell_width(type), value);
    }
}

/* Columns that the widest of the names takes, and `least` at least. */
static int width_of(const cr_model *model, const cr_report *r, int least)
{
    int width = least;
    for (size_t i = 0; i < r->outputs; i++) {
        char number[24];
        const char *name = r->kind == CR_REPORT_CLASSES
                               ? model->encoding->classes.items[i]
                               : name_of(model, i, number);
        int own = (int)cr_text_visible_width(name, strlen(name));
        width = own > width ? own : width;
    }
    return width;
}

static void print_table(const cr_model *model, cr_report *r)
{
    int width = width_of(model, r, NAME_WIDTH);
    cr_print("\n%-*s %10s", width, "class", "examples");
    print_heads(model, r);
    for (size_t i = 0; i < r->outputs; i++) {
        cr_print("\n%-*s %10.10g", width, model->encoding->classes.items[i],
                 cr_report_class(r, i).examples);
        print_cells(model, r, i);
    }
    cr_print("\n%-*s %10.10g", width, "mean", r->weight);
    print_cells(model, r, CR_METRIC_MEAN);
    cr_print("\n");
    cr_confusion_table_print(&model->encoding->classes, r);
}

/* Of two classes, the average precision of the first where it is far rarer: that of
 * the second, which the metric is of, is high then whatever the model does. */
static void print_rarer(const cr_model *model, cr_report *r)
{
    double value = cr_report_average_precision_first(r);
    if (r->outputs == 2 && !isnan(value) &&
        2 * cr_report_class(r, 0).examples < cr_report_class(r, 1).examples)
        cr_print("average precision of \"%s\", which is rarer, %.4f\n",
                 model->encoding->classes.items[0], value);
}

static void print_classes(const cr_model *model, cr_report *r)
{
    if (r->outputs <= MOST_SHOWN)
        print_table(model, r);
    else
        cr_print("\n%zu classes; --json has the figures of each\n", r->outputs);
    cr_print("\n");
    const char *second = r->outputs == 2 ? model->encoding->classes.items[1] : "";
    print_line(model, r, CR_METRIC_OF_PROBABILITIES, "", "");
    print_line(model, r, CR_METRIC_OF_RANKS, "", second);
    print_rarer(model, r);
    print_line(model, r, CR_METRIC_OF_DECISIONS, "", "");
    print_lists(model, r);
}

static void print_labels(const cr_model *model, cr_report *r)
{
    int width = width_of(model, r, NAME_WIDTH);
    cr_print("\n%-*s %10s", width, "label", "examples");
    print_heads(model, r);
    for (size_t i = 0; i < r->outputs; i++) {
        char number[24];
        cr_print("\n%-*s %10.10g", width, name_of(model, i, number),
                 cr_report_class(r->labels[i], 1).examples);
        print_cells(model, r, i);
    }
    cr_print("\n\n");
    print_line(model, r, CR_METRIC_OF_PROBABILITIES, "mean over the labels: ", "");
    print_line(model, r, CR_METRIC_OF_DECISIONS, "mean over the labels: ", "");
}

void cr_eval_report_print(const cr_model *model, cr_report *report)
{
    switch (report->kind) {
    case CR_REPORT_CLASSES:
        print_classes(model, report);
        break;
    case CR_REPORT_LABELS:
        print_labels(model, report);
        break;
    case CR_REPORT_NUMBERS:
        print_line(model, report, CR_METRIC_OF_NUMBERS, "", "");
        break;
    }
}
