/* chainrule eval: figures of a trained model. */
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/figures.h"
#include "config/json.h"
#include "measure/report.h"
#include "model/model_data.h"
#include "runs/model_file.h"
#include "runs/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ON, LABELS, JSON, FLAGS, ROWS = 256 };

static const cr_flag flags[FLAGS] = {
    [ON] = {0, "on", "WHAT",
            "train, validation, test or a FILE (default: test, or else validation, or "
            "else train)"},
    [LABELS] = {0, "labels", "FILE", "labels for --on FILE, when that holds IDX images"},
    [JSON] = {0, "json", NULL, "print JSON in place of the table"},
};

static const char details[] =
    "RUN is a run directory or a model file. A table FILE needs the target column;\n"
    "columns are matched by name where both files have a header, else by position.\n"
    "\n"
    "Examples:\n"
    "  chainrule eval runs/digits\n"
    "  chainrule eval runs/digits/best.safetensors --on validation\n"
    "  chainrule eval runs/iris --on more.csv --json\n";

/* The data that figures are wanted on. */
typedef struct subject {
    cr_data data;    /* of the model's own config */
    cr_dataset file; /* or of a file */
    cr_part part;    /* either's, borrowed from data */
    const char *name;
} subject;

static bool load_file(subject *s, const cr_model *model, const char *path,
                      const char *labels, cr_error *err)
{
    const char *near =
        cr_file_problem(path) ? cr_text_nearest(path, cr_part_names, CR_PARTS) : NULL;
    if (near)
        return cr_fail(err, CR_E_USAGE,
                       "--on %s: no part of the data, and no file; did you mean "
                       "\"%s\"?",
                       path, near);
    const cr_source source = cr_source_of_file(path, labels);
    if (source.type->has_target_file && !labels)
        return cr_fail(err, CR_E_USAGE,
                       "%s holds %s; name their labels with --labels FILE", path,
                       source.type->content);
    bool good =
        cr_dataset_load(&s->file, &source, model->encoding, CR_TARGET_NEEDED, err);
    s->part = (cr_part){.dataset = &s->file, .count = s->file.examples};
    s->name = "file";
    return good;
}

/* A part of the config's own data. */
static bool load_own(subject *s, cr_model *model, const char *on, cr_error *err)
{
    if (!cr_model_data_load(&s->data, model, err))
        return false;
    static const int preference[] = {CR_PART_TEST, CR_PART_VALIDATION, CR_PART_TRAIN};
    for (int i = 0; i < CR_PARTS && !s->name; i++) {
        int part = preference[i];
        bool wanted = on ? strcmp(on, cr_part_names[part]) == 0
                         : s->data.parts[part].dataset != NULL;
        if (!wanted)
            continue;
        s->part = s->data.parts[part];
        s->name = cr_part_names[part];
    }
    return s->part.dataset ||
           cr_fail(err, CR_E_USAGE, "the run's config has no %s part", s->name);
}

static bool is_part(const char *on)
{
    for (int i = 0; i < CR_PARTS; i++)
        if (strcmp(on, cr_part_names[i]) == 0)
            return true;
    return false;
}

enum { MOST_SHOWN = 20, TOP = 5 }; /* classes in the table; the k of top-k in JSON */

static bool set_number(cr_json *object, const char *key, double number)
{
    return isnan(number) || cr_json_set_number(object, key, number);
}

static bool add_class(const cr_model *model, const cr_report *r, size_t class,
                      cr_json *classes, cr_json *confusion)
{
    cr_class_report c = cr_report_class(r, class);
    cr_json *object = cr_json_add(classes, NULL, CR_JSON_OBJECT);
    bool good =
        object &&
        cr_json_set_string(object, "class", model->encoding->classes.items[class]) &&
        cr_json_set_number(object, "examples", (double)c.examples) &&
        cr_json_set_number(object, "precision", c.precision) &&
        cr_json_set_number(object, "recall", c.recall) &&
        cr_json_set_number(object, "f1", c.f1);
    cr_json *row = good ? cr_json_add(confusion, NULL, CR_JSON_ARRAY) : NULL;
    good = row != NULL;
    for (size_t j = 0; good && j < r->outputs; j++)
        good =
            cr_json_set_number(row, NULL, (double)r->confusion[class * r->outputs + j]);
    return good;
}

/* Label number i, or class. */
static bool add_label(const cr_model *model, const cr_report *r, size_t i,
                      cr_json *labels)
{
    cr_class_report yes = cr_report_class(r->labels[i], 1);
    char number[24];
    snprintf(number, sizeof number, "%zu", i);
    const char *name = cr_model_class(model, i);
    cr_json *object = cr_json_add(labels, NULL, CR_JSON_OBJECT);
    return object && cr_json_set_string(object, "label", name ? name : number) &&
           cr_json_set_number(object, "examples", (double)yes.examples) &&
           cr_json_set_number(object, "precision", yes.precision) &&
           cr_json_set_number(object, "recall", yes.recall) &&
           cr_json_set_number(object, "f1", yes.f1) &&
           cr_json_set_number(object, "log_loss", cr_report_log_loss(r->labels[i])) &&
           set_number(object, "roc_auc", cr_report_auc(r->labels[i]));
}

static bool add_labels(const cr_model *model, const cr_report *r, cr_json *out)
{
    cr_json *labels = cr_json_add(out, "labels", CR_JSON_ARRAY);
    bool good = labels != NULL;
    for (size_t i = 0; good && i < r->outputs; i++)
        good = add_label(model, r, i, labels);
    return good;
}

/* What the part's loss and accuracy, or rmse, do not say. */
static bool add_report(const cr_model *model, cr_report *r, cr_json *out)
{
    if (r->labels)
        return add_labels(model, r, out);
    if (!r->ranks)
        return cr_json_set_number(out, "mae", cr_report_mae(r)) &&
               set_number(out, "r2", cr_report_r2(r));
    bool probabilities = model->loss.type->present != NULL;
    bool good =
        (!probabilities || cr_json_set_number(out, "log_loss", cr_report_log_loss(r))) &&
        set_number(out, "roc_auc", cr_report_auc(r));
    cr_json *top = good ? cr_json_add(out, "top_k", CR_JSON_ARRAY) : NULL;
    good = top != NULL;
    for (size_t k = 1; good && k <= TOP && k < r->outputs; k++)
        good = cr_json_set_number(top, NULL, cr_report_top(r, k));
    if (!good || !r->confusion)
        return good;
    cr_json *classes = cr_json_add(out, "classes", CR_JSON_ARRAY);
    cr_json *confusion = classes ? cr_json_add(out, "confusion", CR_JSON_ARRAY) : NULL;
    good = confusion != NULL;
    for (size_t i = 0; good && i < r->outputs; i++)
        good = add_class(model, r, i, classes, confusion);
    const cr_class_report mean = cr_report_mean(r);
    cr_json *object = good ? cr_json_add(out, "mean", CR_JSON_OBJECT) : NULL;
    return object && cr_json_set_number(object, "precision", mean.precision) &&
           cr_json_set_number(object, "recall", mean.recall) &&
           cr_json_set_number(object, "f1", mean.f1);
}

static bool print_json(const cr_model *model, const subject *s, const cr_figures *figures,
                       cr_report *report)
{
    cr_json *summary = cr_json_new(CR_JSON_OBJECT);
    bool good =
        summary &&
        cr_json_set_number(summary, "parameters",
                           (double)model->network->parameter_count) &&
        cr_summary_add_figures(summary, s->name, figures, model->loss.type->classify) &&
        cr_summary_add_machine(summary);
    cr_json *more = good ? cr_json_add(summary, "report", CR_JSON_OBJECT) : NULL;
    good = more && add_report(model, report, more);
    char *text = good ? cr_json_print(summary, true) : NULL;
    if (text)
        puts(text);
    cr_free(text);
    cr_json_free(summary);
    return text != NULL;
}

/* Rows of examples of a class, columns of what they were taken for. */
static void print_confusion(const cr_model *model, const cr_report *r)
{
    const cr_names *classes = &model->encoding->classes;
    int width = 5;
    for (size_t i = 0; i < r->outputs; i++) {
        int length = (int)strlen(classes->items[i]);
        width = length > width ? length : width;
    }
    printf("\n%-*s  taken for\n%*s", width, "class", width, "");
    for (size_t j = 0; j < r->outputs; j++)
        printf("  %*s", width, classes->items[j]);
    puts("");
    for (size_t i = 0; i < r->outputs; i++) {
        printf("%-*s", width, classes->items[i]);
        for (size_t j = 0; j < r->outputs; j++)
            printf("  %*zu", width, r->confusion[i * r->outputs + j]);
        puts("");
    }
}

static void print_classes(const cr_model *model, cr_report *r)
{
    const cr_class_report mean = cr_report_mean(r);
    printf("\n%-16s %10s %10s %10s %10s\n", "class", "examples", "precision", "recall",
           "f1");
    for (size_t i = 0; i < r->outputs; i++) {
        cr_class_report c = cr_report_class(r, i);
        printf("%-16s %10zu %10.4f %10.4f %10.4f\n", model->encoding->classes.items[i],
               c.examples, c.precision, c.recall, c.f1);
    }
    printf("%-16s %10zu %10.4f %10.4f %10.4f\n", "mean", mean.examples, mean.precision,
           mean.recall, mean.f1);
    print_confusion(model, r);
}

/* What classes have as a whole. */
static void print_ranks(const cr_model *model, cr_report *r)
{
    double auc = cr_report_auc(r);
    puts("");
    if (model->loss.type->present)
        printf("log loss %.6g\n", cr_report_log_loss(r));
    if (!isnan(auc))
        printf("area under the ROC curve of \"%s\" %.4f\n",
               model->encoding->classes.items[1], auc);
    for (size_t k = 2; k <= TOP && k < r->outputs; k++)
        printf("right class among the %zu highest scores %.4f\n", k, cr_report_top(r, k));
}

static void print_labels(const cr_model *model, const cr_report *r)
{
    printf("\n%-16s %10s %10s %10s %10s %10s\n", "label", "examples", "precision",
           "recall", "f1", "roc_auc");
    for (size_t i = 0; i < r->outputs; i++) {
        cr_class_report yes = cr_report_class(r->labels[i], 1);
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        const char *name = cr_model_class(model, i);
        printf("%-16s %10zu %10.4f %10.4f %10.4f", name ? name : number, yes.examples,
               yes.precision, yes.recall, yes.f1);
        printf(" %10.4f\n", cr_report_auc(r->labels[i]));
    }
}

static void print_report(const cr_model *model, cr_report *r)
{
    if (r->labels)
        print_labels(model, r);
    else if (!r->ranks)
        printf("mean absolute error %.6g, R2 %.4f\n", cr_report_mae(r), cr_report_r2(r));
    else if (r->outputs <= MOST_SHOWN)
        print_classes(model, r);
    else
        printf("\n%zu classes; --json has the figures of each\n", r->outputs);
    if (r->ranks)
        print_ranks(model, r);
}

static bool evaluate(cr_model *model, const char *const *values, cr_error *err)
{
    subject s = {0};
    const char *on = values[ON];
    bool good = on && !is_part(on) ? load_file(&s, model, on, values[LABELS], err)
                                   : load_own(&s, model, on, err);
    cr_evaluator *evaluator =
        good ? cr_evaluator_create(model, ROWS, 1, false, err) : NULL;
    cr_report *report = evaluator ? cr_report_for(model, s.part.count, err) : NULL;
    good = report != NULL;
    if (good) {
        cr_report_add_part(report, evaluator, &s.part);
        cr_figures figures = cr_evaluator_figures(evaluator, &s.part, NULL);
        if (!values[JSON]) {
            cr_figures_print(&s.name, &figures, 1, model->loss.type->classify);
            print_report(model, report);
        } else if (!print_json(model, &s, &figures, report)) {
            good = cr_fail(err, CR_E_MEMORY, "out of memory");
        }
    }
    cr_report_destroy(report);
    cr_evaluator_destroy(evaluator);
    cr_dataset_finish(&s.file);
    cr_data_finish(&s.data);
    return good;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    if (arguments->count > 1)
        return cr_command_usage(&cr_command_eval, "one RUN at a time");
    cr_error err = CR_ERROR_INIT;
    cr_model *model = cr_model_load(arguments->items[0], &err);
    bool good = model && evaluate(model, values, &err);
    cr_model_destroy(model);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_eval = {
    .name = "eval",
    .arguments = "RUN [--on train|validation|test|FILE] [--json]",
    .summary = "Loss, accuracy and more of a trained model, class by class.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .missing = "which RUN?",
    .run = run,
};
