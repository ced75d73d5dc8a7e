#include "commands/remarks.h"

#include "base/memory.h"
#include "base/path.h"
#include "commands/command.h"
#include "commands/kind.h"
#include "data/table_text.h"

#include <string.h>

void cr_remarks_on_notes(const cr_text *notes)
{
    if (notes->length > 0 && !notes->failed)
        cr_command_warn(notes->data);
}

static void warn(cr_text *lines)
{
    cr_remarks_on_notes(lines);
    cr_text_finish(lines);
}

void cr_remarks_on_words(const cr_unknown *unknown)
{
    cr_text lines = {0};
    cr_unknown_describe(unknown, &lines);
    warn(&lines);
}

void cr_remarks_on_encoding(const char *path, cr_table_format *format)
{
    cr_text lines = {0};
    if (!cr_table_text_is_utf8_after_all(path, format))
        return;
    cr_text_add_line(
        &lines,
        "%s: it is written in UTF-8, and not in \"%s\" as the training data; "
        "it is read as UTF-8",
        path, format->encoding);
    format->encoding = NULL;
    warn(&lines);
}

static void print_best(const char *run, const cr_json *summary, const cr_model *model)
{
    const cr_json *stopping = cr_json_get(model->document.root, "early_stopping");
    const char *status = cr_json_get_string(summary, "status");
    bool restored = stopping && cr_json_get_bool(stopping, "restore_best", true) &&
                    status && strcmp(status, "interrupted") != 0;
    double best = cr_json_get_number(cr_json_get(summary, "best"), "epoch", 0);
    double last = cr_json_get_number(summary, "epochs", 0);
    if (best > 0 && best < last && !restored)
        cr_print("\nthis is the model of the last epoch, %.0f; the best is that of epoch "
                 "%.0f: chainrule eval %s/best.safetensors\n",
                 last, best, run);
}

void cr_remarks_on_best(const char *run, const cr_model *model)
{
    cr_document document = {0};
    char *file =
        cr_kind_of(run) == CR_KIND_RUN ? cr_path_join(run, "summary.json", NULL) : NULL;
    if (file && cr_document_read(&document, file, NULL))
        print_best(run, document.root, model);
    cr_document_finish(&document);
    cr_free(file);
}

void cr_remarks_on_rows(const cr_dataset *dataset, const cr_encoding *encoding)
{
    cr_text history = {0}, gaps = {0};
    cr_dataset_tell_without_history(dataset, encoding, "", &history);
    cr_dataset_tell_left_out(dataset, encoding, "", &gaps);
    warn(&history);
    warn(&gaps);
}

bool cr_remarks_on_memory(const cr_step_memory *memory, const cr_experiment *e)
{
    cr_text lines = {0};
    cr_step_memory_warn(memory, e, &lines);
    bool warned = lines.length > 0;
    warn(&lines);
    return warned;
}
