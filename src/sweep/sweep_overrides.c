#include "sweep/sweep_overrides.h"

#include "base/memory.h"

#include <inttypes.h>

void cr_sweep_overrides_finish(cr_sweep_overrides *list)
{
    for (size_t i = list->borrowed; i < list->count; i++)
        cr_free((void *)list->items[i]);
    cr_free(list->items);
    *list = (cr_sweep_overrides){0};
}

/* Takes ownership of the text, which may have failed. */
static bool add_override(cr_sweep_overrides *list, cr_text *text, cr_error *err)
{
    if (text->failed) {
        cr_text_finish(text);
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    list->items[list->count++] = text->data;
    return true;
}

static bool begin_overrides(cr_sweep_overrides *list, size_t most, cr_error *err)
{
    *list = (cr_sweep_overrides){0};
    list->items = cr_alloc(most, sizeof *list->items, err);
    return list->items != NULL;
}

/* What of the config's own split its folds keep. */
static void add_kept(cr_text *text, const cr_json *split)
{
    static const char *const keys[] = {"stratify", "group"};
    for (size_t i = 0; i < CR_COUNT(keys); i++) {
        const cr_json *value = cr_json_get(split, keys[i]);
        char *printed = value ? cr_json_print(value, false) : NULL;
        if (printed)
            cr_text_add(text, ", \"%s\": %s", keys[i], printed);
        text->failed |= value && !printed;
        cr_free(printed);
    }
}

bool cr_sweep_overrides_data(const cr_sweep_plan *plan, size_t fold,
                             cr_sweep_overrides *list, cr_error *err)
{
    if (!begin_overrides(list, plan->override_count + 1, err))
        return false;
    for (size_t i = 0; i < plan->override_count; i++)
        list->items[i] = plan->overrides[i];
    list->count = list->borrowed = plan->override_count;
    if (plan->section.folds == 0)
        return true;
    const cr_json *data = cr_json_get(plan->document.root, "data");
    const cr_json *split = data ? cr_json_get(data, "validation") : NULL;
    const cr_json *seed = split ? cr_json_get(split, "seed") : NULL;
    cr_text text = {0};
    cr_text_add(&text, "data.validation={\"folds\": %zu, \"fold\": %zu, \"seed\": %.0f",
                plan->section.folds, fold, seed ? cr_json_number(seed) : 1);
    if (split)
        add_kept(&text, split);
    cr_text_add(&text, "}");
    return add_override(list, &text, err);
}

bool cr_sweep_overrides_setting(const cr_sweep_plan *plan, size_t setting,
                                cr_sweep_overrides *list, cr_error *err)
{
    const cr_sweep_section *section = &plan->section;
    if (!begin_overrides(list, section->parameter_count + 1, err)) /* and a seed */
        return false;
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

bool cr_sweep_overrides_seed(cr_sweep_overrides *list, int64_t seed, cr_error *err)
{
    cr_text text = {0};
    cr_text_add(&text, "seed=%" PRId64, seed);
    return add_override(list, &text, err);
}

cr_experiment *cr_sweep_overrides_apply(const cr_sweep_plan *plan,
                                        const cr_sweep_overrides *list,
                                        const cr_recipe *how, cr_error *err)
{
    cr_recipe recipe = *how;
    recipe.path = plan->document.name;
    recipe.text = plan->document.text;
    recipe.overrides = list->items;
    recipe.override_count = list->count;
    return cr_experiment_create(&recipe, err);
}
