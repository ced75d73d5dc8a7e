#include "report/page_run.h"

#include "base/memory.h"
#include "base/path.h"
#include "model/model_data.h"

#include <math.h>
#include <sys/stat.h>

/* Adds why something could not be read, of which memory is no reason to go on. */
static bool note(cr_page_run *run, const char *what, const cr_error *why, cr_error *err)
{
    if (why->code == CR_E_MEMORY)
        return cr_fail(err, CR_E_MEMORY, "%s", why->text);
    cr_text_add_line(&run->notes, "%s: %s", what, why->text);
    return true;
}

static bool read_document(cr_page_run *run, const char *name, bool expected,
                          cr_document *document, cr_error *err)
{
    cr_error why = CR_ERROR_INIT;
    char *path = cr_path_join(run->path, name, err);
    if (!path)
        return false;
    struct stat status;
    bool good = true;
    if ((expected || lstat(path, &status) == 0) &&
        !cr_document_read(document, path, &why)) {
        cr_document_finish(document);
        *document = (cr_document){0};
        good = note(run, name, &why, err);
    } else if (document->root && !cr_json_is(document->root, CR_JSON_OBJECT)) {
        cr_document_finish(document);
        *document = (cr_document){0};
        cr_text_add_line(&run->notes, "%s: found no object, which begins with {", name);
    }
    cr_free(path);
    return good;
}

/* Whether the data is what it was: by the number of examples that training counted, and by
 * the loss of the part, where all of it was looked at. */
static void compare_data(cr_page_run *run)
{
    const double close = 1e-3; /* other kernels and thread numbers are far closer */
    const cr_page_scores *s = run->scores;
    const char *on = cr_part_names[run->on];
    double then = cr_json_get_number(
        cr_json_get_kind(run->summary.root, "examples", CR_JSON_OBJECT), on, NAN);
    double loss = cr_json_get_number(
        cr_json_get_kind(run->summary.root, on, CR_JSON_OBJECT), "loss", NAN);
    if (!isnan(then) && then != (double)run->part->count)
        cr_text_add_line(&run->notes,
                         "the data has changed since training: the %s part had %.0f "
                         "examples and has %zu now, which figures are of",
                         on, then, run->part->count);
    else if (s->count == run->part->count &&
             fabs(s->figures.loss - loss) > close * (1 + fabs(loss)))
        cr_text_add_line(&run->notes,
                         "data or model have changed since training: the loss of the %s "
                         "part was %.6g and is %.6g now, which figures are of",
                         on, loss, s->figures.loss);
}

/* The data; without it the model has still weights to show. */
static bool read_data(cr_page_run *run, cr_error *err)
{
    static const cr_part_name preference[] = {CR_PART_TEST, CR_PART_VALIDATION,
                                              CR_PART_TRAIN};
    cr_error why = CR_ERROR_INIT;
    const cr_json *data =
        cr_json_get_kind(run->model->document.root, "data", CR_JSON_OBJECT);
    if (!data || !cr_json_get(data, "train")) {
        cr_text_add_line(&run->notes, "the config names no data, so that what the model "
                                      "gets right and wrong is not shown");
        return true;
    }
    if (!cr_model_data_load_last(&run->data, run->model, &why))
        return note(
            run,
            "the data cannot be read again, so that what the model gets right and "
            "wrong is not shown",
            &why, err);
    for (size_t i = 0; i < CR_COUNT(preference) && !run->part; i++) {
        const cr_part *part = &run->data.parts[preference[i]];
        run->part = part->dataset && part->count > 0 ? part : NULL;
        run->on = preference[i];
    }
    if (!run->part)
        return true;
    run->scores = cr_alloc(1, sizeof *run->scores, err);
    if (!run->scores || !cr_page_scores_init(run->scores, run->model, run->part, err))
        return false;
    compare_data(run);
    return true;
}

static bool read_model(cr_page_run *run, cr_error *err)
{
    cr_error why = CR_ERROR_INIT;
    if (!cr_run_state_has_model(run->path)) {
        cr_text_add_line(&run->notes, "%s",
                         run->state == CR_RUN_DIVERGED
                             ? "there is no model: training diverged before there was "
                               "a checkpoint to go back to"
                             : "there is no model yet: it is written when training ends");
        return true;
    }
    run->model = cr_model_load(run->path, &why);
    return run->model ? read_data(run, err)
                      : note(run, "the model cannot be read", &why, err);
}

bool cr_page_run_init(cr_page_run *run, const char *path, bool model, cr_error *err)
{
    *run = (cr_page_run){.path = path};
    run->state = cr_run_state_of(path);
    bool ended = run->state != CR_RUN_NONE && run->state != CR_RUN_RUNNING &&
                 run->state != CR_RUN_INTERRUPTED;
    return read_document(run, "config.json", true, &run->config, err) &&
           read_document(run, "summary.json", ended, &run->summary, err) &&
           (!model || read_model(run, err));
}

void cr_page_run_finish(cr_page_run *run)
{
    cr_document_finish(&run->config);
    cr_document_finish(&run->summary);
    if (run->scores)
        cr_page_scores_finish(run->scores);
    cr_free(run->scores);
    cr_data_finish(&run->data);
    cr_model_destroy(run->model);
    cr_text_finish(&run->notes);
    *run = (cr_page_run){0};
}
