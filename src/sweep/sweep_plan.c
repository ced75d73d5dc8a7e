#include "sweep/sweep_plan.h"

#include "base/memory.h"
#include "config/document.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a step costs besides its products, in operations: some 2 µs at 50 GFLOP/s. */
static const double step_cost = 1e5;

/* Overrides of one experiment: the caller's, then more. */
typedef struct override_list {
    const char **items; /* [count], owned; the first `borrowed` texts are the plan's */
    size_t count, borrowed;
} override_list;

static void finish_overrides(override_list *list)
{
    for (size_t i = list->borrowed; i < list->count; i++)
        cr_free((void *)list->items[i]);
    cr_free(list->items);
    *list = (override_list){0};
}

/* Takes ownership of the text, which may have failed. */
static bool add_override(override_list *list, cr_text *text, cr_error *err)
{
    if (text->failed) {
        cr_text_finish(text);
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    list->items[list->count++] = text->data;
    return true;
}

static bool begin_overrides(const cr_sweep_plan *plan, size_t more, override_list *list,
                            cr_error *err)
{
    *list = (override_list){0};
    list->items = cr_alloc(plan->override_count + more, sizeof *list->items, err);
    if (!list->items)
        return false;
    for (size_t i = 0; i < plan->override_count; i++)
        list->items[i] = plan->overrides[i];
    list->count = list->borrowed = plan->override_count;
    return true;
}

/* The caller's overrides, the resolved data, the setting's values, one thread. */
static bool override_setting(const cr_sweep_plan *plan, size_t setting, size_t data,
                             override_list *list, cr_error *err)
{
    const cr_sweep_section *section = &plan->section;
    if (!begin_overrides(plan, section->parameter_count + 3, list, err))
        return false;
    list->items[list->count++] = plan->data_overrides[data];
    list->items[list->count++] = "training.threads=1";
    list->borrowed = list->count;
    bool good = true;
    for (size_t i = 0; good && i < section->parameter_count; i++) {
        cr_text text = {0};
        char *value = cr_sweep_section_value(section, setting, i);
        if (value)
            cr_text_add(&text, "%s=%s", section->parameters[i].path, value);
        else
            text.failed = true;
        cr_free(value);
        good = add_override(list, &text, err);
    }
    return good;
}

static bool override_seed(int64_t seed, override_list *list, cr_error *err)
{
    cr_text text = {0};
    cr_text_add(&text, "seed=%" PRId64, seed);
    return add_override(list, &text, err);
}

static cr_experiment *create(const cr_sweep_plan *plan, const override_list *list,
                             unsigned load_for, cr_data *data, cr_error *err)
{
    return cr_experiment_create(&(cr_recipe){.path = plan->document.name,
                                             .text = plan->document.text,
                                             .overrides = list->items,
                                             .override_count = list->count,
                                             .load_for = load_for,
                                             .data = data},
                                err);
}

cr_trial cr_sweep_plan_trial(const cr_sweep_plan *plan, size_t number)
{
    cr_trial t = {.fold = number % plan->data_count};
    number /= plan->data_count;
    t.repeat = number % plan->section.repeats;
    t.setting = number / plan->section.repeats;
    t.seed = plan->settings[t.setting].seed + (int64_t)t.repeat;
    return t;
}

bool cr_sweep_plan_has(const cr_sweep_plan *plan, size_t number)
{
    size_t setting = cr_sweep_plan_trial(plan, number).setting;
    return number % plan->shard.count == plan->shard.index &&
           plan->settings[setting].same == setting;
}

size_t cr_sweep_plan_each(const cr_sweep_plan *plan)
{
    return plan->section.repeats * plan->data_count;
}

size_t cr_sweep_plan_expected(const cr_sweep_plan *plan, size_t setting)
{
    size_t each = cr_sweep_plan_each(plan), expected = 0;
    for (size_t i = 0; i < each; i++)
        expected += cr_sweep_plan_has(plan, setting * each + i);
    return expected;
}

cr_hash cr_sweep_plan_hash(const cr_sweep_plan *plan, size_t number)
{
    cr_trial t = cr_sweep_plan_trial(plan, number);
    cr_hash hash = plan->settings[t.setting].hash;
    hash = cr_hash_bytes(hash, &plan->data_hashes[t.fold], sizeof(cr_hash));
    return cr_hash_bytes(hash, &t.seed, sizeof t.seed);
}

cr_experiment *cr_sweep_plan_experiment(const cr_sweep_plan *plan, size_t number,
                                        cr_error *err)
{
    cr_trial t = cr_sweep_plan_trial(plan, number);
    override_list list;
    cr_experiment *experiment = NULL;
    if (override_setting(plan, t.setting, t.fold, &list, err) &&
        override_seed(t.seed, &list, err))
        experiment = create(plan, &list, CR_LOAD_TO_TRAIN, plan->data[t.fold]->data, err);
    finish_overrides(&list);
    return experiment;
}

char *cr_sweep_plan_parameters(const cr_sweep_plan *plan, size_t setting)
{
    const cr_sweep_section *section = &plan->section;
    cr_json *object = cr_json_new(CR_JSON_OBJECT);
    bool good = object != NULL;
    for (size_t i = 0; good && i < section->parameter_count; i++) {
        char *value = cr_sweep_section_value(section, setting, i);
        good = value && cr_json_set_text(object, section->parameters[i].path, value);
        cr_free(value);
    }
    char *text = good ? cr_json_print(object, false) : NULL;
    cr_json_free(object);
    return text;
}

/* The message behind "override PATH=VALUE: " of a line, if it is about that path; NULL if
 * not. "found VALUE, …" stands for itself, others say the value first. */
static const char *behind_override(const char *line, size_t length, const char *path)
{
    static const char begin[] = "override ", found[] = ": found ";
    size_t size = strlen(path), at = strlen(begin);
    if (strncmp(line, begin, at) != 0 || strncmp(line + at, path, size) != 0 ||
        line[at + size] != '=')
        return NULL;
    const char *value = line + at + size + 1, *shown = strstr(value, found);
    return shown && shown < line + length ? shown + 2 : value;
}

/* What the reader of a setting's config said, at the parameters that the setting gave. */
static void report_setting(cr_reader *reader, const cr_sweep_plan *plan, size_t setting,
                           const cr_error *found)
{
    bool explained = true;
    for (const char *line = found->text; *line;) {
        size_t length = strcspn(line, "\n");
        const char *message = NULL, *path = NULL;
        for (size_t i = 0; i < plan->section.parameter_count && !message; i++) {
            path = plan->section.parameters[i].path;
            message = behind_override(line, length, path);
        }
        char where[CR_WHERE];
        if (message)
            cr_reader_error(reader, cr_json_path("sweep.parameters", path, where), "%.*s",
                            (int)(line + length - message), message);
        else
            cr_error_add(reader->err, found->code, "%.*s", (int)length, line);
        explained = explained && message;
        line += length + (line[length] == '\n');
    }
    char *values = cr_sweep_plan_parameters(plan, setting);
    if (values && (plan->section.parameter_count > 1 || !explained))
        cr_reader_error(reader, "sweep", "no trial was started: setting %zu is %s",
                        setting, values);
    cr_free(values);
}

static bool hash_setting(const cr_experiment *e, cr_setting *setting, cr_error *err)
{
    /* what is hashed on its own, or means nothing for the result */
    cr_json *root = e->model.document.root;
    cr_json_remove(root, "seed");
    cr_json_remove(root, "data");
    cr_json_remove(root, "comment");
    char *text = cr_json_print(root, false);
    if (!text)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    setting->hash = cr_hash_text((cr_hash){0}, text);
    setting->hash =
        cr_hash_bytes(setting->hash, &e->weights_crc32, sizeof e->weights_crc32);
    cr_free(text);
    return true;
}

static double cost(const cr_experiment *e)
{
    double rows = (double)e->data->parts[CR_PART_TRAIN].count;
    double steps = rows / (double)e->training.batch_size + 1;
    return (double)e->training.epochs *
           (cr_network_flops(e->model.network, true) * rows + step_cost * steps);
}

static bool check_setting(cr_reader *reader, cr_sweep_plan *plan, size_t number)
{
    cr_setting *setting = &plan->settings[number];
    cr_error found = CR_ERROR_INIT;
    override_list list;
    cr_experiment *e = NULL;
    if (override_setting(plan, number, 0, &list, &found))
        e = create(plan, &list, CR_LOAD_TO_CHECK, plan->data[0]->data, &found);
    finish_overrides(&list);
    if (e && plan->section.method == CR_SWEEP_HALVING &&
        (size_t)e->training.epochs < plan->section.min_epochs)
        cr_reader_error(reader, "sweep.min_epochs",
                        "found %zu, expected at most training.epochs, which is %" PRId64,
                        plan->section.min_epochs, e->training.epochs);
    bool good = reader->err->count == 0 && e && hash_setting(e, setting, reader->err);
    if (good) {
        setting->seed = e->seed;
        setting->cost = cost(e);
        setting->same = (uint32_t)number;
    } else if (found.count > 0) {
        report_setting(reader, plan, number, &found);
    }
    cr_experiment_destroy(e);
    return good;
}

/* For sorting: the same settings beside one another, in their order. */
static int by_hash(const void *a, const void *b)
{
    const cr_setting *x = *(cr_setting *const *)a, *y = *(cr_setting *const *)b;
    int order = cr_hash_compare(x->hash, y->hash);
    if (order == 0 && x->seed != y->seed)
        order = x->seed < y->seed ? -1 : 1;
    return order != 0 ? order : x < y ? -1 : 1;
}

static bool find_duplicates(cr_sweep_plan *plan, cr_error *err)
{
    size_t count = plan->section.settings;
    cr_setting **sorted = cr_alloc(count, sizeof(cr_setting *), err);
    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &plan->settings[i];
    qsort(sorted, count, sizeof(cr_setting *), by_hash);
    for (size_t i = 1; i < count; i++)
        if (cr_hash_compare(sorted[i]->hash, sorted[i - 1]->hash) == 0 &&
            sorted[i]->seed == sorted[i - 1]->seed) {
            sorted[i]->same = sorted[i - 1]->same;
            plan->duplicates++;
        }
    cr_free(sorted);
    return true;
}

/* The data's options and content, without its files' names. */
static bool hash_data(cr_sweep_plan *plan, size_t i, cr_error *err)
{
    cr_experiment *e = plan->data[i];
    cr_json *data = cr_json_edit(e->model.document.root, "data");
    const cr_json *validation = cr_json_get(data, "validation");
    cr_json_remove(data, "train");
    cr_json_remove(data, "test");
    cr_json_remove(data, "max_bytes");
    cr_json_remove(data, "comment");
    if (validation && !cr_json_get(validation, "seed"))
        cr_json_remove(data, "validation"); /* a file */
    cr_json *files = cr_json_new(CR_JSON_OBJECT);
    char *options = cr_json_print(data, false);
    char *content =
        files && cr_data_checksums(e->data, files) ? cr_json_print(files, false) : NULL;
    bool good = (options && content) || cr_fail(err, CR_E_MEMORY, "out of memory");
    if (good)
        plan->data_hashes[i] = cr_hash_text(cr_hash_text((cr_hash){0}, options), content);
    cr_json_free(files);
    cr_free(options);
    cr_free(content);
    return good;
}

/* "data.validation={…}" of a fold, split as the config says of its own split. */
static bool override_fold(const cr_sweep_plan *plan, size_t fold, override_list *list,
                          cr_error *err)
{
    const cr_json *data = cr_json_get(plan->document.root, "data");
    const cr_json *split = data ? cr_json_get(data, "validation") : NULL;
    const cr_json *seed = split ? cr_json_get(split, "seed") : NULL;
    const cr_json *stratify = split ? cr_json_get(split, "stratify") : NULL;
    cr_text text = {0};
    cr_text_add(&text, "data.validation={\"folds\": %zu, \"fold\": %zu, \"seed\": %.0f",
                plan->section.folds, fold, seed ? cr_json_number(seed) : 1);
    if (stratify)
        cr_text_add(&text, ", \"stratify\": %s",
                    cr_json_bool(stratify) ? "true" : "false");
    cr_text_add(&text, "}");
    return add_override(list, &text, err);
}

/* What is wrong with a fold is wrong with sweep.folds. */
static void report_fold(cr_reader *reader, const cr_error *found)
{
    const char *message = NULL;
    if (strncmp(found->text, "override data.validation={", 26) == 0)
        message = strstr(found->text, "}: ");
    if (message)
        cr_reader_error(reader, "sweep.folds", "%s", message + 3);
    else
        *reader->err = *found;
}

static bool load_data(cr_sweep_plan *plan, size_t i, cr_reader *reader)
{
    cr_error *err = reader->err, found = CR_ERROR_INIT;
    override_list list;
    bool good = begin_overrides(plan, 1, &list, &found) &&
                (plan->section.folds == 0 || override_fold(plan, i, &list, &found));
    if (good)
        plan->data[i] = create(plan, &list, CR_LOAD_TO_CHECK, NULL, &found);
    finish_overrides(&list);
    if (!plan->data[i]) {
        report_fold(reader, &found);
        return false;
    }
    if (i == 0)
        cr_text_add(reader->warnings, "%s", cr_experiment_warnings(plan->data[i]));
    char *resolved =
        cr_json_print(cr_json_get(plan->data[i]->model.document.root, "data"), false);
    cr_text text = {0};
    if (resolved)
        cr_text_add(&text, "data=%s", resolved);
    good = resolved && !text.failed;
    cr_free(resolved);
    plan->data_overrides[i] = text.data;
    return good ? hash_data(plan, i, err) : cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* Of everything that says which trials there are. */
static bool identify(cr_sweep_plan *plan, cr_error *err)
{
    cr_json *sweep = cr_json_edit(plan->document.root, "sweep");
    cr_json_remove(sweep, "keep");
    cr_json_remove(sweep, "comment");
    char *text = cr_json_print(sweep, false);
    if (!text)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_hash hash = cr_hash_text((cr_hash){0}, text);
    cr_free(text);
    for (size_t i = 0; i < plan->data_count; i++)
        hash = cr_hash_bytes(hash, &plan->data_hashes[i], sizeof(cr_hash));
    for (size_t i = 0; i < plan->section.settings; i++) {
        hash = cr_hash_bytes(hash, &plan->settings[i].hash, sizeof(cr_hash));
        hash = cr_hash_bytes(hash, &plan->settings[i].seed, sizeof(int64_t));
    }
    plan->identity = cr_hash_bytes(hash, &plan->shard, sizeof plan->shard);
    return true;
}

/* The section alone, and the loss that says which metrics there are. */
static bool read_section(cr_reader *reader, cr_sweep_plan *plan)
{
    const cr_json *root = plan->document.root;
    if (cr_json_kind_of(root) != CR_JSON_OBJECT || !cr_json_get(root, "sweep")) {
        cr_reader_error(reader, "sweep",
                        "this section is missing; expected an object such as "
                        "{\"parameters\": {\"optimizer.learning_rate\": {\"values\": "
                        "[0.01, 0.1]}}}");
        return false;
    }
    cr_loss loss = {0};
    cr_error ignored = CR_ERROR_INIT; /* reading the whole config says it again */
    cr_text no_warnings = {0};
    cr_reader quiet = *reader;
    quiet.err = &ignored;
    quiet.warnings = &no_warnings;
    if (cr_json_get(root, "loss"))
        cr_loss_read(&quiet, plan->document.root, &loss);
    cr_sweep_section_read(reader, plan->document.root,
                          loss.type ? loss.type->classify : true, &plan->section);
    cr_free(loss.options);
    cr_text_finish(&no_warnings);
    return reader->err->count == 0;
}

static bool load(cr_reader *reader, cr_sweep_plan *plan)
{
    const cr_sweep_section *section = &plan->section;
    cr_error *err = reader->err;
    plan->data_count = section->folds ? section->folds : 1;
    plan->trials = section->settings * section->repeats * plan->data_count;
    plan->data = cr_alloc(plan->data_count, sizeof *plan->data, err);
    plan->data_overrides = cr_alloc(plan->data_count, sizeof *plan->data_overrides, err);
    plan->data_hashes = cr_alloc(plan->data_count, sizeof *plan->data_hashes, err);
    plan->settings = cr_alloc(section->settings, sizeof *plan->settings, err);
    bool good = plan->data && plan->data_overrides && plan->data_hashes && plan->settings;
    for (size_t i = 0; good && i < plan->data_count; i++)
        good = load_data(plan, i, reader);
    if (good && !plan->data[0]->data->parts[section->judge.metric.part].dataset) {
        cr_reader_error(reader, "sweep.metric",
                        "there is no validation part to take %s of; add "
                        "data.validation, or \"folds\": 5 to the sweep",
                        section->judge.metric.name);
        good = false;
    }
    return good;
}

cr_sweep_plan *cr_sweep_plan_create(const char *path, const char *const *overrides,
                                    size_t count, cr_shard shard, cr_text *warnings,
                                    cr_error *err)
{
    cr_sweep_plan *plan = cr_alloc(1, sizeof *plan, err);
    if (!plan)
        return NULL;
    plan->overrides = overrides;
    plan->override_count = count;
    plan->shard = shard;
    cr_reader reader = {.document = &plan->document, .err = err, .warnings = warnings};
    bool good = cr_document_read(&plan->document, path, err);
    for (size_t i = 0; good && i < count; i++)
        good = cr_document_override(&plan->document, overrides[i], err);
    good = good && read_section(&reader, plan);
    if (good && plan->section.method == CR_SWEEP_HALVING && shard.count > 1)
        good = cr_fail(err, CR_E_USAGE,
                       "successive halving compares all its settings, so it has no "
                       "shards; run it in one place");
    good = good && load(&reader, plan);
    for (size_t i = 0; good && i < plan->section.settings; i++)
        good = check_setting(&reader, plan, i);
    if (good && find_duplicates(plan, err) && identify(plan, err))
        return plan;
    cr_sweep_plan_destroy(plan);
    return NULL;
}

void cr_sweep_plan_destroy(cr_sweep_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->data_count; i++) {
        if (plan->data)
            cr_experiment_destroy(plan->data[i]);
        if (plan->data_overrides)
            cr_free(plan->data_overrides[i]);
    }
    cr_free(plan->data);
    cr_free(plan->data_overrides);
    cr_free(plan->data_hashes);
    cr_free(plan->settings);
    cr_sweep_section_finish(&plan->section);
    cr_document_finish(&plan->document);
    cr_free(plan);
}
