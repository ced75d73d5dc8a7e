/* chainrule eval: figures of a trained model. */
#include "commands/command.h"
#include "commands/eval_report.h"
#include "commands/eval_threshold.h"
#include "commands/figures.h"
#include "commands/remarks.h"
#include "commands/subject.h"
#include "config/json.h"
#include "measure/inference.h"
#include "measure/report.h"
#include "model/model_data.h"
#include "runs/model_file.h"
#include "runs/summary.h"

#include <stdio.h>
#include <string.h>

enum { ON, LABELS, RESIZE, THRESHOLD, THRESHOLD_BY, JSON, FLAGS };

static const cr_flag flags[FLAGS] = {
    [ON] = {0, "on", "WHAT",
            "train, validation, test, a FILE or a FOLDER of pictures (default: test, or "
            "else validation, or else train)"},
    [LABELS] = {0, "labels", "FILE",
                "labels for --on FILE, when that holds IDX images or a NumPy array"},
    [RESIZE] =
        {0, "resize", NULL,
         "make pictures of --on FOLDER fit that have another size than the model's "
         "(always where its config has \"size\")"},
    [THRESHOLD] = {0, "threshold", "P",
                   "also the figures where the second of two classes is predicted from "
                   "this probability on (labels: each, or P,P,…)"},
    [THRESHOLD_BY] = {0, "threshold-by", "HOW",
                      "the same with a threshold that is chosen on validation: f1, "
                      "recall=SHARE, precision=SHARE or cost=FP:FN"},
    [JSON] = {0, "json", NULL, "print JSON in place of the table"},
};

static const char details[] =
    "RUN is a run directory or a model file. A table FILE needs the target column;\n"
    "columns are matched by name where both files have a header, else by position. Rows\n"
    "where the target is missing are left out.\n"
    "\n"
    "--threshold-by f1 takes the probability with the highest F1, recall=0.9 the "
    "highest\n"
    "with at least that recall, precision=0.9 the one with the highest recall among "
    "those\n"
    "with at least that precision, and cost=1:5 that with the lowest cost, where a "
    "false\n"
    "positive costs 1 and a false negative 5. The positive class is the second, that of "
    "the\n"
    "last column of probabilities. predict --threshold then decides in the same way.\n"
    "\n"
    "Examples:\n"
    "  chainrule eval runs/digits\n"
    "  chainrule eval runs/digits/best.safetensors --on validation\n"
    "  chainrule eval runs/iris --on more.csv --json\n"
    "  chainrule eval runs/adult --threshold-by recall=0.9\n";

/* What is printed of the subject. */
typedef struct result {
    cr_figures figures;
    cr_report *report;
    cr_eval_threshold threshold; /* without any: {0} */
} result;

/* The thresholds that the options ask for, chosen on the validation part of the config. */
static bool decide(result *r, cr_subject *s, cr_model *model, const char *const *values,
                   cr_error *err)
{
    const char *by = values[THRESHOLD_BY], *given = values[THRESHOLD];
    if (by && given)
        return cr_fail(
            err, CR_E_USAGE,
            "--threshold and --threshold-by together: one gives the threshold, "
            "the other chooses it; leave one out");
    if (!by && !given)
        return true;
    cr_eval_threshold *t = &r->threshold;
    if (!cr_eval_threshold_init(t, model, by ? by : given, by != NULL, err))
        return false;
    if (given)
        return cr_eval_threshold_add(t, &s->part, s->name, s->label, err);
    if (s->part.dataset == &s->file && !cr_model_data_load(&s->data, model, err))
        return false;
    const cr_part *validation = &s->data.parts[CR_PART_VALIDATION];
    const char *name = cr_part_names[CR_PART_VALIDATION];
    if (!validation->dataset)
        return cr_fail(err, CR_E_USAGE,
                       "--threshold-by %s: the run's config has no validation part to "
                       "choose the threshold on; train with \"validation\" in \"data\", "
                       "or give it with --threshold P",
                       by);
    return cr_eval_threshold_choose(t, validation, name, err) &&
           (s->name == name ||
            cr_eval_threshold_add(t, &s->part, s->name, s->label, err));
}

static bool print_json(const cr_model *model, const cr_subject *s, const result *r)
{
    cr_json *summary = cr_json_new(CR_JSON_OBJECT);
    bool good = summary &&
                cr_json_set_number(summary, "parameters",
                                   (double)model->network->parameter_count) &&
                cr_summary_add_figures(summary, s->name, &r->figures,
                                       model->loss.type->classify) &&
                cr_summary_add_machine(summary);
    cr_json *more = good ? cr_json_add(summary, "report", CR_JSON_OBJECT) : NULL;
    good =
        more && cr_eval_report_add(model, r->report, more) &&
        (r->threshold.count == 0 || cr_eval_threshold_add_json(&r->threshold, summary));
    good = good && cr_print_json(stdout, summary, true);
    cr_json_free(summary);
    return good;
}

static void add_batch(void *user, const cr_evaluator *batch, size_t first, size_t count)
{
    (void)first;
    cr_report_add_batch(user, batch, count);
}

static bool measure(result *r, const cr_subject *s, const cr_model *model, cr_error *err)
{
    cr_sums sums = {0};
    r->report = cr_report_for(model, s->part.count, err);
    if (!r->report ||
        !cr_inference_run(model, &s->part, add_batch, r->report, &sums, err))
        return false;
    r->figures = cr_sums_figures(&sums, model);
    return true;
}

static bool evaluate(cr_model *model, const char *const *values, cr_error *err)
{
    cr_subject s = {0};
    result r = {0};
    const cr_subject_choice choice = {values[ON], values[LABELS], values[RESIZE] != NULL,
                                      values[THRESHOLD_BY] != NULL};
    bool good = cr_subject_load(&s, model, &choice, err);
    good = good && decide(&r, &s, model, values, err) && measure(&r, &s, model, err);
    if (good && values[JSON]) {
        good = print_json(model, &s, &r) || cr_fail(err, CR_E_MEMORY, "out of memory");
    } else if (good) {
        cr_figures_print(&s.label, &r.figures, 1, model->loss.type->classify);
        cr_eval_report_print(model, r.report);
        if (r.threshold.count > 0)
            cr_eval_threshold_print(&r.threshold);
    }
    cr_report_destroy(r.report);
    cr_eval_threshold_finish(&r.threshold);
    cr_subject_finish(&s);
    return good;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    if (arguments->count > 1)
        return cr_command_usage(&cr_command_eval,
                                "one RUN at a time; other data is named by --on: "
                                "chainrule eval %s --on %s",
                                arguments->items[0], arguments->items[1]);
    cr_error err = CR_ERROR_INIT;
    cr_model *model = cr_command_load_model(arguments->items[0], &err);
    bool good = model && evaluate(model, values, &err);
    if (good && !values[JSON])
        cr_remarks_on_best(arguments->items[0], model);
    cr_model_destroy(model);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_eval = {
    .name = "eval",
    .arguments = "RUN [--on train|validation|test|FILE|FOLDER] [--resize] [--threshold P "
                 "| --threshold-by HOW] "
                 "[--json]",
    .summary = "Loss, accuracy and more of a trained model, class by class.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .missing = "which RUN?",
    .run = run,
};
