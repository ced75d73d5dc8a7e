#include "sweep/sweep_identity.h"

#include "base/memory.h"

#include <stdlib.h>

/* What is done to the data in training is an option of a setting, and not of the data. */
static bool add_augment(const cr_json *root, cr_hash *hash)
{
    const cr_json *augment = cr_json_get(cr_json_get(root, "data"), "augment");
    char *text = augment ? cr_json_print(augment, false) : NULL;
    if (text)
        *hash = cr_hash_text(*hash, text);
    cr_free(text);
    return text || !augment;
}

bool cr_sweep_identity_of_setting(const cr_experiment *e, cr_hash *hash, cr_error *err)
{
    cr_json *root = e->model.document.root;
    *hash = (cr_hash){0};
    if (!add_augment(root, hash))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_json_remove(root, "seed");
    cr_json_remove(root, "data");
    cr_json_remove(root, "comment");
    cr_json_sort(root); /* an override comes behind what was there, or in its place */
    char *text = cr_json_print(root, false);
    if (!text)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    *hash = cr_hash_text(*hash, text);
    *hash = cr_hash_bytes(*hash, &e->weights_crc32, sizeof e->weights_crc32);
    cr_free(text);
    return true;
}

bool cr_sweep_identity_of_data(const cr_experiment *e, cr_hash *hash, cr_error *err)
{
    cr_json *data = cr_json_edit(e->model.document.root, "data");
    const cr_json *validation = cr_json_get(data, "validation");
    cr_json_remove(data, "augment");
    cr_json_remove(data, "train");
    cr_json_remove(data, "test");
    cr_json_remove(data, "max_bytes");
    cr_json_remove(data, "max_line");
    cr_json_remove(data, "comment");
    if (validation && !cr_json_get(validation, "seed") &&
        !cr_json_get(validation, "last"))
        cr_json_remove(data, "validation"); /* a file */
    cr_json *files = cr_json_new(CR_JSON_OBJECT);
    char *options = cr_json_print(data, false);
    char *content =
        files && cr_data_checksums(e->data, files) ? cr_json_print(files, false) : NULL;
    bool good = (options && content) || cr_fail(err, CR_E_MEMORY, "out of memory");
    if (good)
        *hash = cr_hash_text(cr_hash_text((cr_hash){0}, options), content);
    cr_json_free(files);
    cr_free(options);
    cr_free(content);
    return good;
}

/* For qsort: the same settings beside one another, in their order. */
static int by_hash(const void *a, const void *b)
{
    const cr_setting *x = *(cr_setting *const *)a, *y = *(cr_setting *const *)b;
    int order = cr_hash_compare(x->hash, y->hash);
    if (order == 0 && x->seed != y->seed)
        order = x->seed < y->seed ? -1 : 1;
    return order != 0 ? order : x < y ? -1 : 1;
}

bool cr_sweep_identity_find_duplicates(cr_sweep_plan *plan, size_t count, cr_error *err)
{
    cr_setting **sorted = cr_alloc(count, sizeof(cr_setting *), err);
    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &plan->settings[i];
    qsort(sorted, count, sizeof(cr_setting *), by_hash);
    plan->duplicates = 0;
    for (size_t i = 1; i < count; i++)
        if (cr_hash_compare(sorted[i]->hash, sorted[i - 1]->hash) == 0 &&
            sorted[i]->seed == sorted[i - 1]->seed) {
            sorted[i]->same = sorted[i - 1]->same;
            plan->duplicates++;
        }
    cr_free(sorted);
    return true;
}

bool cr_sweep_identity_of_plan(cr_sweep_plan *plan, cr_error *err)
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
    bool makes = plan->section.method->schedule->point != NULL;
    if (makes) /* the settings follow from the base, the section and the results */
        hash = cr_hash_bytes(hash, &plan->base, sizeof(cr_hash));
    for (size_t i = 0; !makes && i < plan->section.settings; i++) {
        hash = cr_hash_bytes(hash, &plan->settings[i].hash, sizeof(cr_hash));
        hash = cr_hash_bytes(hash, &plan->settings[i].seed, sizeof(int64_t));
    }
    plan->identity = cr_hash_bytes(hash, &plan->shard, sizeof plan->shard);
    return true;
}
