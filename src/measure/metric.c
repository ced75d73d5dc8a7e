#include "measure/metric.h"

#include "config/options.h"
#include "config/synonyms.h"
#include "data/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double loss(const cr_figures *f)
{
    return f->loss;
}

static double accuracy(const cr_figures *f)
{
    return f->accuracy;
}

static double rmse(const cr_figures *f)
{
    return f->rmse;
}

/* Of a class or label, or the mean over all. */
static cr_class_report of_class(const cr_report *r, size_t index)
{
    if (index == CR_METRIC_MEAN)
        return cr_report_mean(r);
    return r->labels ? cr_report_class(r->labels[index], 1) : cr_report_class(r, index);
}

static double precision(cr_report *r, size_t index)
{
    return of_class(r, index).precision;
}

static double recall(cr_report *r, size_t index)
{
    return of_class(r, index).recall;
}

static double f1(cr_report *r, size_t index)
{
    return of_class(r, index).f1;
}

static double top(cr_report *r, size_t index)
{
    return cr_report_top(r, index);
}

/* A figure of classes; where there are labels, of one of them, or the mean over all. */
static double of_labels(cr_report *r, size_t index, double (*of)(cr_report *))
{
    if (!r->labels)
        return of(r);
    size_t first = index == CR_METRIC_MEAN ? 0 : index;
    size_t last = index == CR_METRIC_MEAN ? r->outputs : index + 1;
    double sum = 0;
    for (size_t i = first; i < last; i++)
        sum += of(r->labels[i]);
    return sum / (double)(last - first);
}

static double roc_auc(cr_report *r, size_t index)
{
    return of_labels(r, index, cr_report_auc);
}

static double average_precision(cr_report *r, size_t index)
{
    if (!r->labels && index == 0)
        return cr_report_average_precision_first(r);
    return of_labels(r, index, cr_report_average_precision);
}

static double brier(cr_report *r, size_t index)
{
    return of_labels(r, index, cr_report_brier);
}

static double calibration_error(cr_report *r, size_t index)
{
    return of_labels(r, index, cr_report_calibration_error);
}

static double balanced_accuracy(cr_report *r, size_t index)
{
    return of_labels(r, index, cr_report_balanced_accuracy);
}

static double matthews(cr_report *r, size_t index)
{
    return of_labels(r, index, cr_report_matthews);
}

static double cohen_kappa(cr_report *r, size_t index)
{
    return of_labels(r, index, cr_report_kappa);
}

static double log_loss(cr_report *r, size_t index)
{
    (void)index;
    return cr_report_log_loss(r);
}

static double mae(cr_report *r, size_t index)
{
    (void)index;
    return cr_report_mae(r);
}

static double r2(cr_report *r, size_t index)
{
    (void)index;
    return cr_report_r2(r);
}

enum {
    NUMBERS = CR_METRIC_OF(CR_REPORT_NUMBERS),
    CLASSES = CR_METRIC_OF(CR_REPORT_CLASSES),
    LABELS = CR_METRIC_OF(CR_REPORT_LABELS)
};

#define NAMED(text)                                                                      \
    .name = (text), .full_names = {[CR_PART_TRAIN] = "train_" text,                      \
                                   [CR_PART_VALIDATION] = "validation_" text,            \
                                   [CR_PART_TEST] = "test_" text}

const cr_metric_type cr_metric_types[] = {
    {NAMED("loss"), .stem = "loss", .targets = NUMBERS | CLASSES | LABELS,
     .of_figures = loss,
     .help = "mean loss of the examples, without what regularization adds"},
    {NAMED("accuracy"), .stem = "accuracy", .targets = CLASSES | LABELS, .maximize = true,
     .is_share = true, .is_default = true, .of_figures = accuracy,
     .help = "share of the examples whose class has the highest score, or of the labels "
             "that are right"},
    {NAMED("rmse"), .stem = "rmse", .targets = NUMBERS, .is_default = true,
     .of_figures = rmse,
     .help = "root of the mean squared error, over examples and target columns"},
    {NAMED("precision"), .stem = "precision", .targets = CLASSES | LABELS,
     .takes = CR_METRIC_TAKES_CLASS, .maximize = true, .is_share = true,
     .of_decisions = true, .of_report = precision,
     .help =
         "of what was taken for a class, the share that is of it: unweighted mean over "
         "the classes that occur (or the labels); `precision_<class>`: of a class or "
         "label; 0 where nothing was taken for it"},
    {NAMED("recall"), .stem = "recall", .targets = CLASSES | LABELS,
     .takes = CR_METRIC_TAKES_CLASS, .maximize = true, .is_share = true,
     .of_decisions = true, .of_report = recall,
     .help = "of what is of a class, the share that was taken for it: unweighted mean or "
             "`recall_<class>`, as of precision"},
    {NAMED("f1"), .stem = "f1", .targets = CLASSES | LABELS,
     .takes = CR_METRIC_TAKES_CLASS, .maximize = true, .is_share = true,
     .of_decisions = true, .of_report = f1,
     .help = "harmonic mean of precision and recall of a class: unweighted mean or "
             "`f1_<class>`, as of precision"},
    {NAMED("top_<k>"), .stem = "top", .title = "right class among the <k> highest scores",
     .targets = CLASSES, .takes = CR_METRIC_TAKES_K, .maximize = true, .is_share = true,
     .of_report = top,
     .help = "share of the examples whose class is among the k highest scores (of equal "
             "ones, the first classes count)"},
    {NAMED("roc_auc"), .stem = "roc_auc",
     .title = "area under the ROC curve of \"<class>\"", .targets = CLASSES | LABELS,
     .takes = CR_METRIC_TAKES_LABEL, .maximize = true, .is_share = true,
     .line = CR_METRIC_OF_RANKS, .of_two = true, .of_report = roc_auc,
     .help = "area under the ROC curve; of two classes, or mean over labels; none where "
             "a part has one class alone",
     .none = "all examples are of one class"},
    {NAMED("average_precision"), .stem = "average_precision",
     .title = "average precision of \"<class>\"", .targets = CLASSES | LABELS,
     .takes = CR_METRIC_TAKES_LABEL, .maximize = true, .is_share = true,
     .line = CR_METRIC_OF_RANKS, .of_two = true, .of_report = average_precision,
     .help =
         "area under precision over recall, the sum of (R_n - R_n-1) P_n over the "
         "thresholds; of the second of two classes in their order, or mean over labels; "
         "`average_precision_<class>`: of that class or label; none where a part has "
         "no example of it",
     .none = "no example is of that class"},
    {NAMED("log_loss"), .stem = "log_loss", .title = "log loss", .targets = CLASSES,
     .of_probabilities = true, .line = CR_METRIC_OF_PROBABILITIES, .of_report = log_loss,
     .help = "mean of -log of the right class's probability, without weights and "
             "smoothing"},
    {NAMED("brier"), .stem = "brier", .title = "Brier score", .targets = CLASSES | LABELS,
     .takes = CR_METRIC_TAKES_LABEL, .of_probabilities = true,
     .line = CR_METRIC_OF_PROBABILITIES, .of_report = brier,
     .help = "mean squared difference of a probability from 1 or 0: of two classes that "
             "of the second (0 to 1), of more the sum over all classes (0 to 2), of "
             "labels the mean over them"},
    {NAMED("calibration_error"), .stem = "calibration_error",
     .title = "calibration error", .targets = CLASSES | LABELS,
     .takes = CR_METRIC_TAKES_LABEL, .is_share = true, .of_probabilities = true,
     .line = CR_METRIC_OF_PROBABILITIES, .of_report = calibration_error,
     .help = "how far the highest probability is from the share of examples whose class "
             "has it: mean over 15 equal bins, weighted by their examples; of labels "
             "the mean over them"},
    {NAMED("balanced_accuracy"), .stem = "balanced_accuracy",
     .title = "balanced accuracy", .targets = CLASSES | LABELS,
     .takes = CR_METRIC_TAKES_LABEL, .maximize = true, .is_share = true,
     .of_decisions = true, .line = CR_METRIC_OF_DECISIONS, .of_report = balanced_accuracy,
     .help = "mean recall of the classes that have examples, of labels of both their "
             "values; 0.5 for guessing between two"},
    {NAMED("matthews"), .stem = "matthews", .title = "Matthews correlation",
     .targets = CLASSES | LABELS, .takes = CR_METRIC_TAKES_LABEL, .maximize = true,
     .is_share = true, .of_decisions = true, .line = CR_METRIC_OF_DECISIONS,
     .of_report = matthews,
     .help = "correlation of right and predicted class, from -1 to 1 (Matthews; Gorodkin "
             "for more classes than two); 0 where either is always the same"},
    {NAMED("cohen_kappa"), .stem = "cohen_kappa", .title = "Cohen's kappa",
     .targets = CLASSES | LABELS, .takes = CR_METRIC_TAKES_LABEL, .maximize = true,
     .is_share = true, .of_decisions = true, .line = CR_METRIC_OF_DECISIONS,
     .of_report = cohen_kappa,
     .help = "how much of what is beyond chance is right, from -1 to 1; none where all "
             "examples are of one class and taken for it",
     .none = "all examples are of one class, and taken for it"},
    {NAMED("mae"), .stem = "mae", .title = "mean absolute error", .targets = NUMBERS,
     .of_report = mae, .help = "mean absolute error, over examples and target columns"},
    {NAMED("r2"), .stem = "r2", .title = "R2", .targets = NUMBERS, .maximize = true,
     .is_share = true, .of_report = r2,
     .help = "share of the variance explained, 1 - sum (s - t)^2 / sum (t - mean t)^2, "
             "over all target columns together; none where all targets are equal",
     .none = "all targets are equal"},
};

enum { TYPES = CR_COUNT(cr_metric_types) };

const size_t cr_metric_type_count = TYPES;

/* The row that a name without its part belongs to, with what stands behind the stem. Of
 * several stems that the name begins with, the longest is meant. */
static const cr_metric_type *find_type(const char *name, const char **argument)
{
    const cr_metric_type *found = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < TYPES; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        size_t length = strlen(type->stem);
        if (length <= longest || strncmp(name, type->stem, length) != 0)
            continue;
        bool is_whole = name[length] == '\0';
        if (!is_whole && (type->takes == CR_METRIC_TAKES_NOTHING || name[length] != '_'))
            continue;
        found = type;
        longest = length;
        *argument = name + length + !is_whole;
    }
    return found;
}

cr_metric cr_metric_find(const char *name)
{
    for (size_t part = 0; part < CR_PARTS; part++) {
        size_t length = strlen(cr_part_names[part]);
        if (strncmp(name, cr_part_names[part], length) != 0 || name[length] != '_')
            continue;
        const char *argument = "";
        const cr_metric_type *type = find_type(name + length + 1, &argument);
        if (type)
            return (cr_metric){.type = type,
                               .name = name,
                               .part = (cr_part_name)part,
                               .argument = argument,
                               .index = CR_METRIC_MEAN,
                               .maximize = type->maximize};
    }
    return (cr_metric){0};
}

const char *cr_metric_default(cr_part_name part, bool classify)
{
    size_t i = 0;
    while (!cr_metric_types[i].is_default ||
           !cr_metric_exists(&cr_metric_types[i], classify))
        i++;
    return cr_metric_types[i].full_names[part];
}

bool cr_metric_exists(const cr_metric_type *type, bool classify)
{
    return type->targets & (classify ? CLASSES | LABELS : NUMBERS);
}

static bool resolve_class(cr_metric *metric, cr_reader *reader, const char *path,
                          const cr_encoding *encoding)
{
    const cr_names *names = encoding->classify ? &encoding->classes : &encoding->targets;
    if (*metric->argument == '\0')
        return true;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], metric->argument) == 0) {
            metric->index = i;
            return true;
        }
    cr_reader_unknown(reader, path, "class", metric->argument,
                      (const char *const *)names->items, names->count);
    return false;
}

static bool resolve_k(cr_metric *metric, cr_reader *reader, const char *path,
                      const cr_encoding *encoding)
{
    char *end = NULL;
    unsigned long k = strtoul(metric->argument, &end, 10);
    metric->index = k;
    if (*metric->argument >= '1' && *metric->argument <= '9' && *end == '\0' &&
        k < encoding->classes.count)
        return true;
    cr_reader_error(reader, path,
                    "found \"%s\", expected %s_ and a number from 1 to %zu, one less "
                    "than there are classes",
                    metric->name, metric->type->stem, encoding->classes.count - 1);
    return false;
}

/* Whether the model's targets, loss and classes have the metric. */
static bool check_existence(const cr_metric *metric, cr_reader *reader, const char *path,
                            const cr_model *model)
{
    const cr_metric_type *type = metric->type;
    const cr_encoding *encoding = model->encoding;
    size_t errors = reader->err->count;
    if (!(type->targets & CR_METRIC_OF(cr_report_kind_of(model))))
        cr_reader_error(reader, path, "there is no \"%s\" with this loss and target",
                        metric->name);
    else if (type->of_probabilities && !model->loss.type->present)
        cr_reader_error(
            reader, path,
            "there is no \"%s\" with the loss \"%s\", whose scores are no "
            "probabilities; take another loss, such as \"softmax\", or remove "
            "it here",
            metric->name, model->loss.type->name);
    else if (type->of_two && encoding->classify && encoding->classes.count != 2)
        cr_reader_error(reader, path,
                        "there is no \"%s\" of %zu classes, only of two, or of labels; "
                        "remove it here",
                        metric->name, encoding->classes.count);
    return reader->err->count == errors;
}

bool cr_metric_resolve(cr_metric *metric, cr_reader *reader, const char *path,
                       const cr_model *model)
{
    metric->index = CR_METRIC_MEAN;
    if (!check_existence(metric, reader, path, model))
        return false;
    switch (metric->type->takes) {
    case CR_METRIC_TAKES_NOTHING:
        break;
    case CR_METRIC_TAKES_K:
        return resolve_k(metric, reader, path, model->encoding);
    case CR_METRIC_TAKES_CLASS:
    case CR_METRIC_TAKES_LABEL:
        return resolve_class(metric, reader, path, model->encoding);
    }
    return true;
}

void cr_metric_check(cr_reader *reader, const char *path, const char *name)
{
    const char *known[CR_METRIC_TRAINING_PARTS * TYPES], *argument = "";
    const cr_metric metric = cr_metric_find(name);
    const cr_metric_type *without_part = find_type(name, &argument);
    size_t count = 0;
    if (metric.type && metric.part != CR_PART_TEST) {
        if (metric.type->of_figures)
            cr_reader_error(reader, path,
                            "\"%s\" is a column already, of every run; remove it here",
                            name);
        return;
    }
    if (without_part && without_part->of_report) {
        cr_reader_error(reader, path,
                        "found \"%s\", expected \"train_%s\" or \"validation_%s\"", name,
                        name, name);
        return;
    }
    for (size_t part = 0; part < CR_METRIC_TRAINING_PARTS; part++)
        for (size_t i = 0; i < TYPES; i++)
            if (cr_metric_types[i].of_report)
                known[count++] = cr_metric_types[i].full_names[part];
    cr_reader_unknown(reader, path, "metric", name, known, count);
}

/* Behind a part's name only what follows is compared: with it, all metrics of the part
 * would look alike. */
const char *cr_metric_nearest(const char *name, size_t parts, bool figures)
{
    const char *known[CR_PARTS * TYPES], *stems[TYPES];
    const char *argument = "";
    size_t count = 0, stem_count = 0;
    for (size_t i = 0; i < TYPES; i++) {
        if (figures && !cr_metric_types[i].of_figures)
            continue;
        stems[stem_count++] = cr_metric_types[i].stem;
        for (size_t part = 0; part < parts; part++)
            known[count++] = cr_metric_types[i].full_names[part];
    }
    const char *ours = cr_synonyms_find(name, known, count);
    if (ours)
        return ours;
    for (size_t part = 0; part < parts; part++) {
        size_t length = strlen(cr_part_names[part]);
        if (strncmp(name, cr_part_names[part], length) != 0 || name[length] != '_')
            continue;
        const char *stem = cr_text_nearest(name + length + 1, stems, stem_count);
        const cr_metric_type *type = stem ? find_type(stem, &argument) : NULL;
        return type ? type->full_names[part] : NULL;
    }
    for (size_t i = 0; i < TYPES; i++) /* without its part */
        if (strcmp(name, cr_metric_types[i].stem) == 0 &&
            (!figures || cr_metric_types[i].of_figures))
            return cr_metric_types[i].full_names[CR_PART_VALIDATION];
    return cr_text_nearest(name, known, count);
}

bool cr_metric_is_better(bool maximize, double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(b) && !isnan(a);
    return maximize ? a > b : a < b;
}
