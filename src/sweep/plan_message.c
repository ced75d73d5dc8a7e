#include "sweep/plan_message.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "data/data_pack.h"

#include <string.h>

/* The head; its last digit counts changes of what follows. */
static const char head[] = "chainrule plan 2";

static bool put_fold(const cr_sweep_plan *plan, size_t fold, cr_byte_stream *to,
                     cr_error *err)
{
    const cr_json *section = cr_json_get(plan->configs[fold].root, "data");
    char *resolved = cr_json_print(section, false);
    bool good = (resolved || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_byte_stream_put_text(to, resolved, err) &&
                cr_data_pack_put(plan->data[fold]->data, NULL, to, err);
    cr_free(resolved);
    return good;
}

/* Puts a file, if it can be read; else a trial that needs it says why not. */
static bool put_file(const char *path, cr_byte_stream *to, cr_error *err)
{
    char *bytes = NULL, *name = cr_path_absolute(path, err);
    size_t length = 0;
    cr_error ignored = CR_ERROR_INIT;
    bool found =
        name && cr_file_read(name, SIZE_MAX, CR_E_DATA, &bytes, &length, &ignored);
    bool good = name && cr_byte_stream_put_text(to, found ? name : "", err) &&
                cr_byte_stream_put_whole(to, length, err) &&
                cr_byte_stream_put_array(to, bytes, length, 1, err);
    cr_free(name);
    cr_free(bytes);
    return good;
}

/* The files that model.weights names: the config's, and each that is tried. */
static bool put_files(const cr_sweep_plan *plan, cr_byte_stream *to, cr_error *err)
{
    const char *own = plan->data[0]->model.section.weights;
    const cr_sweep_parameter *tried = NULL;
    for (size_t i = 0; i < plan->section.parameter_count; i++)
        if (strcmp(plan->section.parameters[i].path, "model.weights") == 0)
            tried = &plan->section.parameters[i];
    size_t count = (own != NULL) + (tried ? tried->count : 0);
    char *here = cr_path_absolute(".", err);
    bool good = here && cr_byte_stream_put_text(to, here, err) &&
                cr_byte_stream_put_whole(to, count, err) &&
                (!own || put_file(own, to, err));
    cr_free(here);
    for (size_t i = 0; good && tried && i < tried->count; i++) {
        const char *name = cr_json_string(tried->values[i]);
        good = put_file(name ? name : "", to, err);
    }
    return good;
}

bool cr_plan_message_put(const cr_sweep_plan *plan, cr_byte_stream *to, cr_error *err)
{
    bool good = cr_byte_stream_put_text(to, head, err) &&
                cr_byte_stream_put_text(to, plan->document.name, err) &&
                cr_byte_stream_put_text(to, plan->document.text, err) &&
                cr_byte_stream_put_whole(to, plan->override_count, err);
    for (size_t i = 0; good && i < plan->override_count; i++)
        good = cr_byte_stream_put_text(to, plan->overrides[i], err);
    good = good && cr_byte_stream_put_whole(to, plan->section.settings, err);
    for (size_t i = 0; good && i < plan->section.settings; i++)
        good = cr_byte_stream_put_whole(to, (uint64_t)plan->settings[i].seed, err);
    good = good && cr_byte_stream_put_whole(to, plan->section.given, err) &&
           cr_byte_stream_put_array(to, plan->section.points,
                                    plan->section.given * plan->section.parameter_count,
                                    sizeof(double), err);
    good = good && put_files(plan, to, err);
    for (size_t i = 0; good && i < plan->data_count; i++)
        good = put_fold(plan, i, to, err);
    return good && cr_byte_stream_put_end(to, err);
}

/* The config as it was read there. */
static bool get_config(cr_sweep_plan *plan, cr_byte_stream *from, cr_error *err)
{
    size_t count = 0;
    cr_text warnings = {0}; /* said there */
    char *name = cr_byte_stream_get_text(from, err);
    char *text = name ? cr_byte_stream_get_text(from, err) : NULL;
    bool good = text && cr_byte_stream_get_count(from, CR_MOST_TRIALS, &count, err);
    const char **overrides = good ? cr_alloc(count, sizeof *overrides, err) : NULL;
    plan->overrides = overrides;
    while (overrides && plan->override_count < count &&
           (overrides[plan->override_count] = cr_byte_stream_get_text(from, err)))
        plan->override_count++;
    const cr_recipe recipe = {.path = name,
                              .text = text,
                              .overrides = overrides,
                              .override_count = plan->override_count};
    good = overrides && plan->override_count == count &&
           cr_sweep_plan_read(plan, &recipe, &warnings, err);
    cr_text_finish(&warnings);
    cr_free(name);
    cr_free(text);
    return good;
}

/* Values of settings that were given or made so far; more come with jobs. */
static bool get_points(cr_sweep_section *section, cr_byte_stream *from, cr_error *err)
{
    size_t given = 0, numbers = section->parameter_count;
    double *points = NULL;
    if (!cr_byte_stream_get_count(from, section->settings, &given, err) ||
        !cr_byte_stream_get_array(from, &points, given * numbers, sizeof *points, err))
        return false;
    bool makes = points || section->method->schedule->point;
    bool good =
        !makes || cr_sweep_section_give(section, points, given, section->settings, err);
    cr_free(points);
    return good;
}

static bool get_settings(cr_sweep_plan *plan, cr_byte_stream *from, cr_error *err)
{
    size_t count = 0, wanted = plan->section.settings;
    bool good = cr_byte_stream_get_count(from, wanted, &count, err) &&
                (count == wanted || cr_byte_stream_fail(err));
    plan->settings = good ? cr_alloc(count, sizeof *plan->settings, err) : NULL;
    for (size_t i = 0; plan->settings && good && i < count; i++) {
        uint64_t seed = 0;
        good = cr_byte_stream_get_whole(from, &seed, err);
        plan->settings[i].seed = (int64_t)seed;
    }
    return good && plan->settings && get_points(&plan->section, from, err);
}

static bool get_file(cr_given_file *file, cr_byte_stream *from, cr_error *err)
{
    file->name = cr_byte_stream_get_text(from, err);
    return file->name && cr_byte_stream_get_count(from, SIZE_MAX, &file->length, err) &&
           cr_byte_stream_get_array(from, &file->bytes, file->length, 1, err);
}

static bool get_files(cr_sweep_plan *plan, cr_byte_stream *from, cr_error *err)
{
    size_t count = 0;
    plan->elsewhere = cr_byte_stream_get_text(from, err);
    bool good =
        plan->elsewhere && cr_byte_stream_get_count(from, CR_MOST_TRIALS, &count, err);
    plan->files = good ? cr_alloc(count, sizeof *plan->files, err) : NULL;
    while (plan->files && good && plan->file_count < count)
        good = get_file(&plan->files[plan->file_count++], from, err);
    return good && plan->files;
}

/* The fold's data and config, and with them an experiment, as the plan has one there. */
static bool get_fold(cr_sweep_plan *plan, size_t fold, cr_byte_stream *from,
                     cr_error *err)
{
    char *section = cr_byte_stream_get_text(from, err);
    bool good = section && cr_data_pack_get(&plan->received[fold], from, err) &&
                cr_sweep_plan_make_config(plan, fold, section, err);
    const cr_recipe recipe = {.path = plan->document.name,
                              .document = &plan->configs[fold],
                              .load_for = CR_LOAD_TO_CHECK | CR_LOAD_DATA_AS_READ,
                              .data = &plan->received[fold],
                              .elsewhere = plan->elsewhere,
                              .files = plan->files,
                              .file_count = plan->file_count};
    if (good)
        plan->data[fold] = cr_experiment_create(&recipe, err);
    cr_free(section);
    return good && plan->data[fold];
}

static bool get_folds(cr_sweep_plan *plan, cr_byte_stream *from, cr_error *err)
{
    plan->received = cr_alloc(plan->data_count, sizeof *plan->received, err);
    plan->data = cr_alloc(plan->data_count, sizeof *plan->data, err);
    plan->configs = cr_alloc(plan->data_count, sizeof *plan->configs, err);
    bool good = plan->received && plan->data && plan->configs;
    for (size_t i = 0; good && i < plan->data_count; i++)
        good = get_fold(plan, i, from, err);
    return good && cr_byte_stream_get_end(from, err);
}

cr_sweep_plan *cr_plan_message_get(cr_byte_stream *from, cr_error *err)
{
    cr_sweep_plan *plan = cr_alloc(1, sizeof *plan, err);
    char *begin = plan ? cr_byte_stream_get_text(from, err) : NULL;
    bool good = begin && (strcmp(begin, head) == 0 || cr_byte_stream_fail(err)) &&
                get_config(plan, from, err) && get_settings(plan, from, err) &&
                get_files(plan, from, err) && get_folds(plan, from, err);
    cr_free(begin);
    if (good)
        return plan;
    cr_plan_message_destroy(plan);
    return NULL;
}

void cr_plan_message_destroy(cr_sweep_plan *plan)
{
    if (!plan)
        return;
    const char *const *overrides = plan->overrides;
    for (size_t i = 0; i < plan->override_count; i++)
        cr_free((void *)overrides[i]);
    cr_sweep_plan_destroy(plan);
    cr_free((void *)overrides);
}
