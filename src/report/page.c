#include "report/page.h"

#include "base/memory.h"
#include "base/path.h"
#include "report/page_list.h"
#include "report/page_section.h"
#include "report/page_sweep.h"
#include "report/page_text.h"

#include <chainrule/chainrule.h>
#include <string.h>
#include <time.h>

/* With more runs than this, their models are not looked at. */
enum { MOST_MODELS = 12 };

/* Lines as elements of an array. */
static void add_lines(cr_page_json *out, const char *key, const cr_text *lines)
{
    char line[CR_TEXT_LINE];
    cr_page_json_open(out, key, '[');
    for (const char *at = lines->data; at && *at;) {
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, at);
        cr_page_json_string(out, NULL, line);
        at += length + (at[length] == '\n');
    }
    cr_page_json_close(out, ']');
}

/* A section, or a note why it is not there. */
static bool add_section(cr_page_run *run, const cr_page_section *section,
                        cr_page_json *out, cr_error *err)
{
    cr_error why = CR_ERROR_INIT;
    const cr_page_json before = *out;
    if (((section->of_model || section->of_part) && !run->model) ||
        (section->of_part && !run->part) || section->add(run, section->key, out, &why))
        return true;
    out->text.length = before.text.length;
    out->follows = before.follows;
    if (why.code == CR_E_MEMORY)
        return cr_fail(err, CR_E_MEMORY, "%s", why.text);
    cr_text_add_line(&run->notes, "%s: %s", section->key, why.text);
    return true;
}

static bool add_run(const char *directory, bool model, cr_page_json *out, cr_error *err)
{
    cr_page_run run;
    char *path = cr_path_absolute(directory, err);
    bool good = path && cr_page_run_init(&run, directory, model, err);
    if (path) {
        cr_page_json_open(out, NULL, '{');
        cr_page_json_string(out, "path", directory);
        cr_page_json_string(out, "name", cr_page_list_name(path));
        cr_page_json_string(out, "state", cr_run_state_names[run.state]);
        cr_page_json_value(out, "config", run.config.root);
        cr_page_json_value(out, "summary", run.summary.root);
        for (size_t i = 0; good && i < cr_page_section_count; i++)
            good = add_section(&run, cr_page_sections[i], out, err);
        add_lines(out, "notes", &run.notes);
        cr_page_json_close(out, '}');
        cr_page_run_finish(&run);
    }
    cr_free(path);
    return good;
}

static void add_head(cr_page_json *out)
{
    char made[40];
    time_t now = time(NULL);
    struct tm parts;
    cr_page_json_number(out, "version", CR_PAGE_VERSION);
    cr_page_json_string(out, "program", cr_version());
    if (gmtime_r(&now, &parts) &&
        strftime(made, sizeof made, "%Y-%m-%dT%H:%M:%SZ", &parts))
        cr_page_json_string(out, "made", made);
}

static bool add_all(cr_page_list *list, cr_page_json *out, cr_error *err)
{
    bool good = true, models = list->runs.count <= MOST_MODELS;
    if (!models)
        cr_text_add_line(
            &list->notes,
            "of %zu runs, curves and configs are shown; a page of at most %d "
            "also has what each model gets right and wrong",
            list->runs.count, MOST_MODELS);
    cr_page_json_open(out, NULL, '{');
    add_head(out);
    cr_page_json_open(out, "runs", '[');
    for (size_t i = 0; good && i < list->runs.count; i++)
        good = add_run(list->runs.items[i], models, out, err);
    cr_page_json_close(out, ']');
    cr_page_json_open(out, "sweeps", '[');
    for (size_t i = 0; good && i < list->sweeps.count; i++)
        good = cr_page_sweep_add(list->sweeps.items[i], out, err);
    cr_page_json_close(out, ']');
    add_lines(out, "notes", &list->notes);
    cr_page_json_close(out, '}');
    return good && (!out->text.failed || cr_fail(err, CR_E_MEMORY, "out of memory"));
}

/* What cannot be written is seen by whoever closes the stream, and knows its name. */
static void write(FILE *stream, const cr_page_json *data)
{
    fwrite(cr_page_head, 1, cr_page_head_length, stream);
    fwrite(data->text.data, 1, data->text.length, stream);
    fwrite(cr_page_tail, 1, cr_page_tail_length, stream);
}

bool cr_page_write(FILE *stream, const char *const *directories, size_t count,
                   cr_text *notes, cr_error *err)
{
    cr_page_list list = {0};
    cr_page_json out = {0};
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = cr_page_list_add(&list, directories[i], err);
    if (good && list.runs.count + list.sweeps.count == 0)
        good = cr_fail(err, CR_E_USAGE, "%.*s",
                       (int)strcspn(list.notes.data ? list.notes.data : "", "\n"),
                       list.notes.data ? list.notes.data : "");
    good = good && add_all(&list, &out, err);
    if (good)
        write(stream, &out);
    if (good && list.notes.length > 0)
        cr_text_add_bytes(notes, list.notes.data, list.notes.length);
    cr_page_list_finish(&list);
    cr_text_finish(&out.text);
    return good;
}
