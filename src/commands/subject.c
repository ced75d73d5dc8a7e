#include "commands/subject.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/kind.h"
#include "commands/remarks.h"
#include "model/model_data.h"

#include <string.h>

static bool load_file(cr_subject *s, cr_model *model, const cr_subject_choice *choice,
                      cr_error *err)
{
    const char *path = choice->on;
    bool missing = cr_file_problem(path) && cr_directory_problem(path);
    const char *near = missing ? cr_text_nearest(path, cr_part_names, CR_PARTS) : NULL;
    if (near)
        return cr_fail(err, CR_E_USAGE,
                       "--on %s: no part of the data, and no file; did you mean "
                       "\"%s\"?",
                       path, near);
    cr_table_format format;
    if (!cr_kind_check_data(path, err) || !cr_model_data_format(&format, model, err))
        return false;
    cr_remarks_on_encoding(path, &format);
    cr_source source = cr_source_of_file(path, choice->labels, &format);
    source.resize = choice->resize || cr_model_data_resizes(model);
    if (source.type->has_target_file && !choice->labels)
        return cr_fail(err, CR_E_USAGE,
                       "%s holds %s; name their labels with --labels FILE", path,
                       source.type->content);
    bool good =
        cr_dataset_load(&s->file, &source, model->encoding, CR_TARGET_WHERE_GIVEN, err);
    if (good && s->file.kept_line > 0)
        cr_command_warn_of_header(path, s->file.kept_line);
    if (good) {
        cr_remarks_on_rows(&s->file, model->encoding);
        cr_remarks_on_words(&s->file.unknown);
        cr_remarks_on_notes(&s->file.notes);
    }
    s->part = (cr_part){.dataset = &s->file, .count = s->file.examples};
    s->name = "file";
    s->label = cr_directory_problem(path) ? "file" : "folder";
    s->of = path;
    return good;
}

/* A part of the config's own data; training's is not read for another's sake. */
static bool load_own(cr_subject *s, cr_model *model, const cr_subject_choice *choice,
                     cr_error *err)
{
    const char *on = choice->on;
    bool last = !on || strcmp(on, cr_part_names[CR_PART_TEST]) == 0;
    if (!(last && !choice->with_others ? cr_model_data_load_last
                                       : cr_model_data_load)(&s->data, model, err))
        return false;
    static const char *const of[CR_PARTS] = {[CR_PART_TRAIN] = "the training part",
                                             [CR_PART_VALIDATION] = "the validation part",
                                             [CR_PART_TEST] = "the test part"};
    static const int preference[] = {CR_PART_TEST, CR_PART_VALIDATION, CR_PART_TRAIN};
    for (int i = 0; i < CR_PARTS && !s->name; i++) {
        int part = preference[i];
        bool wanted = on ? strcmp(on, cr_part_names[part]) == 0
                         : s->data.parts[part].dataset != NULL;
        if (!wanted)
            continue;
        s->part = s->data.parts[part];
        s->name = s->label = cr_part_names[part];
        s->of = of[part];
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

bool cr_subject_load(cr_subject *subject, cr_model *model,
                     const cr_subject_choice *choice, cr_error *err)
{
    *subject = (cr_subject){0};
    return choice->on && !is_part(choice->on) ? load_file(subject, model, choice, err)
                                              : load_own(subject, model, choice, err);
}

void cr_subject_finish(cr_subject *subject)
{
    cr_dataset_finish(&subject->file);
    cr_data_finish(&subject->data);
    *subject = (cr_subject){0};
}
