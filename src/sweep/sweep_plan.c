#include "sweep/sweep_plan.h"

#include "base/memory.h"
#include "sweep/sweep_identity.h"
#include "sweep/sweep_overrides.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What a step costs besides its products, in operations: some 2 µs at 50 GFLOP/s. */
static const double step_cost = 1e5;

cr_trial cr_sweep_plan_trial(const cr_sweep_plan *plan, size_t number)
{
    cr_trial t = {.fold = number % plan->data_count};
    number /= plan->data_count;
    t.repeat = number % plan->section.repeats;
    t.setting = number / plan->section.repeats;
    t.seed = plan->settings[t.setting].seed + (int64_t)t.repeat;
    return t;
}

cr_hash cr_sweep_plan_hash(const cr_sweep_plan *plan, size_t number)
{
    cr_trial t = cr_sweep_plan_trial(plan, number);
    cr_hash hash = plan->settings[t.setting].hash;
    hash = cr_hash_bytes(hash, &plan->data_hashes[t.fold], sizeof(cr_hash));
    return cr_hash_bytes(hash, &t.seed, sizeof t.seed);
}

/* What a trial's experiment is made of, but for the setting. The section of the data is not
 * read for each, unless it varies; where runs are gone on with, they ask which options of
 * it are without effect. */
static cr_recipe describe(const cr_sweep_plan *plan, size_t fold)
{
    bool reads = plan->varies_data || plan->section.method->schedule->rungs;
    return (cr_recipe){.document = &plan->configs[fold],
                       .load_for = reads ? 0u : CR_LOAD_DATA_AS_READ,
                       .elsewhere = plan->elsewhere,
                       .data = plan->data[fold]->data,
                       .files = plan->files,
                       .file_count = plan->file_count};
}

cr_experiment *cr_sweep_plan_experiment(const cr_sweep_plan *plan, size_t number,
                                        cr_kept_draws *draws, cr_error *err)
{
    cr_trial t = cr_sweep_plan_trial(plan, number);
    cr_sweep_overrides list;
    cr_experiment *experiment = NULL;
    cr_recipe how = describe(plan, t.fold);
    how.draws = draws;
    if (cr_sweep_overrides_setting(plan, t.setting, &list, err) &&
        cr_sweep_overrides_seed(&list, t.seed, err))
        experiment = cr_sweep_overrides_apply(plan, &list, &how, err);
    cr_sweep_overrides_finish(&list);
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

/* The message of a line that is about that path (config/document.h: "override PATH=VALUE: ",
 * "override PATH: ", or "override PATH.INSIDE: ", of which INSIDE stays); NULL if it is not.
 * "found VALUE, …" stands for itself, others say the value first. */
static const char *behind_override(const char *line, size_t length, const char *path)
{
    static const char begin[] = "override ", found[] = ": found ";
    size_t size = strlen(path), at = strlen(begin);
    if (strncmp(line, begin, at) != 0 || strncmp(line + at, path, size) != 0 ||
        !strchr("=:.", line[at + size]))
        return NULL;
    if (line[at + size] != '=')
        return line + at + size + (line[at + size] == ':' ? strlen(": ") : 1);
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
    cr_sweep_overrides list;
    cr_experiment *e = NULL;
    cr_recipe how = describe(plan, 0);
    how.load_for |= CR_LOAD_TO_CHECK;
    if (cr_sweep_overrides_setting(plan, number, &list, &found))
        e = cr_sweep_overrides_apply(plan, &list, &how, &found);
    cr_sweep_overrides_finish(&list);
    if (e && plan->section.method->schedule->rungs &&
        (size_t)e->training.epochs < plan->section.min_epochs)
        cr_reader_error(reader, "sweep.min_epochs",
                        "found %zu, expected at most training.epochs, which is %" PRId64,
                        plan->section.min_epochs, e->training.epochs);
    bool good = reader->err->count == 0 && e &&
                cr_sweep_identity_of_setting(e, &setting->hash, reader->err);
    if (good) {
        setting->seed = e->seed;
        plan->workload.costs[number] = cost(e);
        setting->same = (uint32_t)number;
    } else if (found.count > 0) {
        report_setting(reader, plan, number, &found);
    }
    cr_experiment_destroy(e);
    return good;
}

/* What is wrong with a fold stands in the sweep, which says how many there are, or in the
 * config's own split. */
static void report_fold(cr_reader *reader, const cr_error *found)
{
    static const char split[] = "override data.validation";
    const char *rest = NULL, *message = NULL; /* what stands behind the split's value */
    if (strncmp(found->text, split, strlen(split)) == 0)
        rest = found->text + strlen(split);
    if (rest && *rest == '=')
        rest = strstr(rest, "}: ");
    message = rest ? strstr(rest, ": ") : NULL;
    if (message)
        cr_reader_error(reader, strstr(rest, "folds") ? "sweep.folds" : "data.validation",
                        "%s", message + strlen(": "));
    else
        *reader->err = *found;
}

/* What the folds, which are drawn, do to rows in order of time. */
static void warn_folds(cr_reader *reader)
{
    const cr_json *data = cr_json_get(reader->document->root, "data");
    const cr_json *split = cr_json_get(data, "validation");
    if (split && cr_json_get(split, "last"))
        cr_reader_warn(
            reader, "sweep.folds",
            "folds are drawn from all rows and take the place of \"last\" in "
            "data.validation, so that settings are judged on rows that lie "
            "before rows of training; leave out \"folds\" to keep the order of "
            "time");
}

bool cr_sweep_plan_make_config(cr_sweep_plan *plan, size_t fold, const char *data,
                               cr_error *err)
{
    cr_document *config = &plan->configs[fold];
    const cr_recipe recipe = {.path = plan->document.name, .text = plan->document.text};
    cr_text text = {0};
    cr_text_add(&text, "data=%s", data);
    bool good = (!text.failed || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_experiment_read_document(config, &recipe, err);
    for (size_t i = 0; good && i < plan->override_count; i++)
        good = cr_document_override(config, plan->overrides[i], err);
    good = good && cr_document_override(config, text.data, err) &&
           cr_document_override(config, "training.threads=1", err);
    if (good)
        cr_json_remove(config->root, "sweep");
    cr_text_finish(&text);
    return good;
}

/* The config of the fold's trials, when its data is there. */
static bool make_config(cr_sweep_plan *plan, size_t fold, cr_error *err)
{
    const cr_json *data = cr_json_get(plan->data[fold]->model.document.root, "data");
    char *resolved = cr_json_print(data, false);
    bool good = (resolved || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_sweep_plan_make_config(plan, fold, resolved, err);
    cr_free(resolved);
    return good;
}

static bool load_data(cr_sweep_plan *plan, size_t i, cr_reader *reader)
{
    cr_error *err = reader->err, found = CR_ERROR_INIT;
    cr_sweep_overrides list;
    if (cr_sweep_overrides_data(plan, i, &list, &found))
        plan->data[i] = cr_sweep_overrides_apply(
            plan, &list, &(cr_recipe){.load_for = CR_LOAD_TO_CHECK}, &found);
    cr_sweep_overrides_finish(&list);
    if (!plan->data[i]) {
        report_fold(reader, &found);
        return false;
    }
    if (i == 0)
        cr_text_add(reader->warnings, "%s", cr_experiment_warnings(plan->data[i]));
    if (i == 0 && plan->section.folds > 0)
        warn_folds(reader);
    return make_config(plan, i, err) &&
           cr_sweep_identity_of_data(plan->data[i], &plan->data_hashes[i], err);
}

/* The section alone, and the loss that says which metrics there are. */
static bool read_section(cr_reader *reader, cr_sweep_plan *plan)
{
    const cr_json *root = plan->document.root;
    if (!cr_json_is(root, CR_JSON_OBJECT) || !cr_json_get(root, "sweep")) {
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
    plan->workload.costs = cr_alloc(section->settings, sizeof(double), err);
    plan->workload.included = cr_alloc(plan->trials, sizeof(bool), err);
    plan->data = cr_alloc(plan->data_count, sizeof *plan->data, err);
    plan->configs = cr_alloc(plan->data_count, sizeof *plan->configs, err);
    plan->data_hashes = cr_alloc(plan->data_count, sizeof *plan->data_hashes, err);
    plan->settings = cr_alloc(section->settings, sizeof *plan->settings, err);
    bool good = plan->workload.costs && plan->workload.included && plan->data &&
                plan->configs && plan->data_hashes && plan->settings;
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

/* What the schedule is told: the costs are known already. */
static void describe_workload(cr_sweep_plan *plan)
{
    const cr_sweep_section *section = &plan->section;
    cr_sweep_workload *w = &plan->workload;
    w->settings = section->settings;
    w->trials_per_setting = section->repeats * plan->data_count;
    w->metric = section->judge.metric;
    w->epochs = (size_t)plan->data[0]->training.epochs;
    w->factor = section->factor;
    w->min_epochs = section->min_epochs;
    w->parameters = section->parameters;
    w->parameter_count = section->parameter_count;
    w->points = section->points;
    w->made = section->given;
    w->seed = (uint64_t)section->seed;
    for (size_t i = 0; i < plan->trials; i++) {
        size_t setting = i / w->trials_per_setting;
        w->included[i] = i % plan->shard.count == plan->shard.index &&
                         plan->settings[setting].same == setting;
    }
}

bool cr_sweep_plan_read(cr_sweep_plan *plan, const cr_recipe *recipe, cr_text *warnings,
                        cr_error *err)
{
    plan->overrides = recipe->overrides;
    plan->override_count = recipe->override_count;
    cr_reader reader = {.document = &plan->document, .err = err, .warnings = warnings};
    bool good = cr_experiment_read_document(&plan->document, recipe, err);
    for (size_t i = 0; good && i < recipe->override_count; i++)
        good = cr_document_override(&plan->document, recipe->overrides[i], err);
    if (!good || !read_section(&reader, plan))
        return false;
    const cr_sweep_section *section = &plan->section;
    plan->data_count = section->folds ? section->folds : 1;
    plan->trials = section->settings * section->repeats * plan->data_count;
    for (size_t i = 0; i < section->parameter_count; i++)
        plan->varies_data |= strncmp(section->parameters[i].path, "data.", 5) == 0;
    return true;
}

/* Where settings are made, the first of them are drawn; the others cost what these do, as
 * far as is known. */
static bool begin_making(cr_reader *reader, cr_sweep_plan *plan)
{
    cr_sweep_section *section = &plan->section;
    size_t starts = section->method->schedule->starts, numbers = section->parameter_count;
    cr_recipe how = describe(plan, 0);
    how.load_for |= CR_LOAD_TO_CHECK;
    cr_experiment *e =
        cr_sweep_overrides_apply(plan, &(cr_sweep_overrides){0}, &how, reader->err);
    bool good = e && cr_sweep_identity_of_setting(e, &plan->base, reader->err) &&
                cr_sweep_section_give(section, section->points, section->given,
                                      section->settings, reader->err);
    if (good)
        plan->base = cr_hash_bytes(plan->base, &e->seed, sizeof e->seed);
    for (; good && section->given < starts && section->given < section->settings;
         section->given++)
        for (size_t k = 0; k < numbers; k++)
            section->points[section->given * numbers + k] =
                cr_sweep_section_draw(section, section->given, k);
    for (size_t i = 0; good && i < section->settings; i++) {
        plan->settings[i] = (cr_setting){.seed = e->seed, .same = (uint32_t)i};
        plan->workload.costs[i] = cost(e);
    }
    cr_experiment_destroy(e);
    return good;
}

/* Checks the settings that there are and says which trials follow. */
static bool settle(cr_reader *reader, cr_sweep_plan *plan)
{
    const cr_sweep_section *section = &plan->section;
    bool makes = section->method->schedule->point != NULL;
    bool good = !makes || begin_making(reader, plan);
    size_t count = makes ? section->given : section->settings;
    for (size_t i = 0; good && i < count; i++)
        good = check_setting(reader, plan, i);
    if (!good || !cr_sweep_identity_find_duplicates(plan, count, reader->err) ||
        !cr_sweep_identity_of_plan(plan, reader->err))
        return false;
    describe_workload(plan);
    return true;
}

bool cr_sweep_plan_give(cr_sweep_plan *plan, const double *points, size_t count,
                        cr_error *err)
{
    cr_reader reader = {.document = &plan->document, .err = err};
    return cr_sweep_section_give(&plan->section, points, count, count, err) &&
           settle(&reader, plan);
}

void cr_sweep_plan_place(cr_sweep_plan *plan, size_t setting, const double *point)
{
    cr_sweep_section *section = &plan->section;
    size_t numbers = section->parameter_count;
    memcpy(section->points + setting * numbers, point, numbers * sizeof *point);
    if (section->given <= setting)
        section->given = setting + 1;
}

bool cr_sweep_plan_make(cr_sweep_plan *plan, size_t setting, const double *point,
                        cr_error *err)
{
    cr_reader reader = {.document = &plan->document, .err = err};
    cr_sweep_plan_place(plan, setting, point);
    return check_setting(&reader, plan, setting);
}

cr_sweep_plan *cr_sweep_plan_create(const cr_recipe *recipe, cr_shard shard,
                                    cr_text *warnings, cr_error *err)
{
    cr_sweep_plan *plan = cr_alloc(1, sizeof *plan, err);
    if (!plan)
        return NULL;
    plan->shard = shard;
    cr_reader reader = {.document = &plan->document, .err = err, .warnings = warnings};
    bool good = cr_sweep_plan_read(plan, recipe, warnings, err);
    const cr_sweep_method *method = plan->section.method;
    if (good && (method->schedule->rungs || method->schedule->adapts) && shard.count > 1)
        good = cr_fail(err, CR_E_USAGE,
                       "%s compares all its settings, so it has no shards; run it in one "
                       "place",
                       method->title);
    if (good && load(&reader, plan) && settle(&reader, plan))
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
        if (plan->configs)
            cr_document_finish(&plan->configs[i]);
        if (plan->received)
            cr_data_finish(&plan->received[i]);
    }
    for (size_t i = 0; i < plan->file_count; i++) {
        cr_free(plan->files[i].name);
        cr_free(plan->files[i].bytes);
    }
    cr_free(plan->files);
    cr_free(plan->elsewhere);
    cr_free(plan->received);
    cr_free(plan->data);
    cr_free(plan->configs);
    cr_free(plan->data_hashes);
    cr_free(plan->settings);
    cr_free(plan->workload.costs);
    cr_free(plan->workload.included);
    cr_sweep_section_finish(&plan->section);
    cr_document_finish(&plan->document);
    cr_free(plan);
}
