/* chainrule eval: figures of a trained model. */
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/figures.h"
#include "config/json.h"
#include "data/data_section.h"
#include "data/idx.h"
#include "runs/model_file.h"
#include "runs/summary.h"
#include "train/evaluate.h"

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
        cr_file_problem(path) ? cr_nearest_name(path, cr_part_names, CR_PARTS) : NULL;
    if (near)
        return cr_fail(err, CR_E_USAGE,
                       "--on %s: no part of the data, and no file; did you mean "
                       "\"%s\"?",
                       path, near);
    bool images = cr_idx_recognize(path);
    cr_encoding encoding = *model->encoding; /* not learned, so not changed */
    if (images && !labels)
        return cr_fail(err, CR_E_USAGE,
                       "%s holds IDX images; name their labels with --labels FILE", path);
    bool good =
        images ? cr_dataset_read_images(&s->file, &encoding, path, labels, false,
                                        encoding.classify, err)
               : cr_dataset_read_table(&s->file, model->encoding, path,
                                       CR_TABLE_MAX_BYTES, -1, CR_TARGET_NEEDED, err);
    cr_dataset_normalize(&s->file, model->encoding);
    s->part = (cr_part){.dataset = &s->file, .count = s->file.examples};
    s->name = "file";
    return good;
}

/* Loads the config's own data again, as the model's encoding says. */
static bool load_own(subject *s, cr_model *model, const char *on, cr_error *err)
{
    cr_text warnings = {0};
    cr_reader reader = {.document = &model->document,
                        .directory =
                            (char[]){""}, /* a resolved config's paths are absolute */
                        .err = err,
                        .warnings = &warnings};
    cr_data_section section;
    cr_data_section_read(&reader, model->document.root, &section);
    bool good =
        err->count == 0 && cr_data_load(&s->data, &reader, &section,
                                        model->encoding->classify, model->encoding);
    cr_text_finish(&warnings);
    if (!good)
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

static bool print_json(const cr_model *model, const subject *s, const cr_figures *figures)
{
    cr_json *summary = cr_json_new(CR_JSON_OBJECT);
    bool good =
        summary &&
        cr_json_set_number(summary, "parameters",
                           (double)model->network->parameter_count) &&
        cr_summary_add_figures(summary, s->name, figures, model->loss.type->classify) &&
        cr_summary_add_machine(summary);
    char *text = good ? cr_json_print(summary, true) : NULL;
    if (text)
        puts(text);
    cr_free(text);
    cr_json_free(summary);
    return text != NULL;
}

static bool evaluate(cr_model *model, const char *const *values, cr_error *err)
{
    subject s = {0};
    const char *on = values[ON];
    bool good = on && !is_part(on) ? load_file(&s, model, on, values[LABELS], err)
                                   : load_own(&s, model, on, err);
    cr_evaluator *evaluator = good ? cr_evaluator_create(model, ROWS, false, err) : NULL;
    if (evaluator) {
        cr_figures figures = cr_evaluate(evaluator, &s.part, NULL);
        if (!values[JSON])
            cr_print_figures(&s.name, &figures, 1, model->loss.type->classify);
        else if (!print_json(model, &s, &figures))
            good = cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    good = good && evaluator;
    cr_evaluator_destroy(evaluator);
    cr_dataset_finish(&s.file);
    cr_data_finish(&s.data);
    return good;
}

static int run(const cr_context *context, int argc, char **argv)
{
    (void)context;
    const char *values[FLAGS];
    size_t count = 0;
    int status = cr_arguments_parse(&cr_command_eval, flags, FLAGS, details, argc, argv,
                                    values, &count);
    if (status >= 0)
        return status;
    if (count != 1)
        return cr_report_usage(&cr_command_eval,
                               count ? "one RUN at a time" : "which RUN?");
    cr_error err = CR_ERROR_INIT;
    cr_model *model = cr_model_load(argv[1], &err);
    bool good = model && evaluate(model, values, &err);
    cr_model_destroy(model);
    return good ? CR_EXIT_DONE : cr_report_error(&err);
}

const cr_command cr_command_eval = {
    .name = "eval",
    .arguments = "RUN [--on train|validation|test|FILE] [--json]",
    .summary = "Loss and accuracy (or rmse) of a trained model.",
    .run = run,
};
