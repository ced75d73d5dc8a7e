#include "data/sources/memory.h"

#include "base/memory.h"
#include "data/sources/array.h"

#include <float.h>
#include <string.h>

bool cr_memory_name(cr_json *root, const cr_arrays *parts, cr_error *err)
{
    if (!cr_json_is(root, CR_JSON_OBJECT))
        return true; /* which is said when it is read */
    cr_json *data = cr_json_edit(root, "data");
    data = data ? data : cr_json_add(root, "data", CR_JSON_OBJECT);
    for (size_t i = 0; i < CR_PARTS && (!data || cr_json_is(data, CR_JSON_OBJECT)); i++) {
        bool is_table = parts[i].columns != NULL;
        if (!parts[i].inputs.data && !is_table)
            continue;
        if (data) { /* a table has a header, whatever files have, and arrays no columns */
            cr_json_remove(data, cr_part_names[i]);
            cr_json_remove(data, is_table ? "header" : "target");
        }
        cr_json *part = data ? cr_json_add(data, cr_part_names[i], CR_JSON_OBJECT) : NULL;
        if (!part ||
            !cr_json_set_string(part, is_table ? CR_MEMORY_TABLE : CR_MEMORY_ARRAYS,
                                cr_part_names[i]))
            return cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    return true;
}

void cr_memory_attach(cr_source *sources, const cr_arrays *parts, size_t count)
{
    static const char *const targets[CR_PARTS] = {
        "train's targets", "validation's targets", "test's targets"};
    for (size_t i = 0; parts && i < count; i++) {
        cr_source *source = &sources[i];
        if (!source->type || !source->type->in_memory)
            continue;
        source->arrays = &parts[i];
        source->targets = parts[i].targets.data ? targets[i] : NULL;
    }
}

/* Whether there are elements of that kind and size. */
static bool is_known(cr_array_kind kind, size_t size)
{
    switch (kind) {
    case CR_ARRAY_UNSIGNED:
    case CR_ARRAY_SIGNED:
        return size == 1 || size == 2 || size == 4 || size == 8;
    case CR_ARRAY_REAL:
        return size == 2 || size == 4 || size == 8;
    case CR_ARRAY_BYTES:
        return size > 0;
    case CR_ARRAY_UNICODE:
        return size > 0 && size % 4 == 0;
    case CR_ARRAY_TEXTS:
        return size == sizeof(char *);
    }
    return false;
}

static bool check_view(const cr_view *view, const char *name, cr_error *err)
{
    if (!is_known(view->kind, view->size))
        return cr_fail(err, CR_E_USAGE, "%s: elements of kind %d with %zu bytes: unknown",
                       name, (int)view->kind, view->size);
    if (!view->data)
        return cr_fail(err, CR_E_USAGE, "%s: there is no array", name);
    if (view->rank < 1 || view->rank > CR_ARRAY_DIMENSIONS)
        return cr_fail(err, CR_E_USAGE, "%s: %zu dimensions; 1 to %d were expected", name,
                       view->rank, CR_ARRAY_DIMENSIONS);
    for (size_t i = 0; i < view->rank; i++)
        if (view->dim[i] == 0)
            return cr_fail(err, CR_E_DATA,
                           "%s: dimension %zu (from 0) of the array is 0; it holds "
                           "nothing",
                           name, i);
    return true;
}

/* Whether its elements lie one behind the other. */
static bool is_dense(const cr_view *view)
{
    size_t step = view->size;
    for (size_t i = view->rank; i-- > 0; step *= view->dim[i])
        if (view->dim[i] > 1 && view->stride[i] != (ptrdiff_t)step)
            return false;
    bool is_text = view->kind == CR_ARRAY_BYTES || view->kind == CR_ARRAY_UNICODE;
    return is_text || (uintptr_t)view->data % view->size == 0;
}

/* The elements one behind the other. */
static char *gather(const cr_view *view, size_t bytes, cr_error *err)
{
    size_t at[CR_ARRAY_DIMENSIONS] = {0};
    char *copy = cr_alloc_raw(bytes, 1, err), *to = copy;
    const char *from = view->data;
    for (; copy && to < copy + bytes; to += view->size) {
        memcpy(to, from, view->size);
        size_t k = view->rank;
        while (k-- > 0) {
            from += view->stride[k];
            if (++at[k] < view->dim[k])
                break;
            from -= view->stride[k] * (ptrdiff_t)view->dim[k];
            at[k] = 0;
        }
    }
    return copy;
}

bool cr_memory_view(cr_array *array, const cr_view *view, const char *name, bool copies,
                    cr_error *err)
{
    size_t bytes = 0;
    *array = (cr_array){.path = name,
                        .kind = view->kind,
                        .size = view->size,
                        .big_endian = view->big_endian,
                        .rank = view->rank,
                        .data = view->data};
    if (!check_view(view, name, err))
        return false;
    memcpy(array->dim, view->dim, sizeof array->dim);
    if (!cr_array_count_bytes(array, &bytes))
        return cr_fail(err, CR_E_USAGE, "%s: more bytes than there can be", name);
    if (!copies && is_dense(view))
        return true;
    array->content = gather(view, bytes, err);
    array->data = (const uint8_t *)array->content;
    return array->content != NULL;
}

bool cr_memory_check(const cr_source *source, const void *data, cr_error *err)
{
    return data ||
           cr_fail(err, CR_E_DATA,
                   "%s: this part of the data was in the memory of the program that "
                   "trained, and is not in a file; hand it over again, or name files in "
                   "\"data\"",
                   source->path);
}

/* Several targets of an example are known before the values are read. */
static bool open_memory(cr_opened *opened, cr_error *err)
{
    const cr_source *source = opened->source;
    const cr_arrays *arrays = source->arrays;
    if (!cr_memory_check(source, arrays ? arrays->inputs.data : NULL, err))
        return false;
    if (source->targets)
        opened->targets = arrays->targets.rank == 2 ? arrays->targets.dim[1] : 1;
    return true;
}

/* The examples' weights, each a number from 0 on. */
static bool take_weights(cr_raw *raw, const cr_arrays *arrays, cr_error *err)
{
    size_t count = arrays->inputs.dim[0];
    cr_array array = {0};
    if (!arrays->weights.data)
        return true;
    bool good = cr_memory_view(&array, &arrays->weights, "weights", false, err);
    if (good && (array.rank != 1 || array.dim[0] != count || cr_array_is_text(&array)))
        good = cr_fail(err, CR_E_DATA,
                       "weights: one number for each of the %zu examples was expected",
                       count);
    raw->weights = good ? cr_alloc_raw(count, sizeof *raw->weights, err) : NULL;
    good = raw->weights != NULL;
    if (good)
        cr_array_read(&array, 0, count, raw->weights);
    for (size_t i = 0; good && i < count; i++)
        if (!(raw->weights[i] >= 0 && raw->weights[i] <= DBL_MAX))
            good =
                cr_fail(err, CR_E_DATA,
                        "weights: found %g for example %zu (from 0), expected a number "
                        "from 0 on",
                        raw->weights[i], i);
    cr_array_finish(&array);
    return good;
}

static bool read_memory(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                        cr_error *err)
{
    const cr_source *source = opened->source;
    const cr_arrays *arrays = source->arrays;
    bool wanted = reading->targets > 0, listed = arrays->classes.data && !reading->known;
    cr_array inputs = {0}, targets = {0}, classes = {0};
    if (wanted && !source->targets)
        return cr_fail(err, CR_E_DATA, "%s: there are inputs without targets",
                       source->path);
    /* bytes of examples that are left out are overwritten */
    bool may_leave_out = reading->missing != CR_MISSING_ERROR || reading->without_targets;
    bool good =
        cr_memory_view(&inputs, &arrays->inputs, source->path, may_leave_out, err) &&
        (!wanted ||
         cr_memory_view(&targets, &arrays->targets, source->targets, false, err)) &&
        (!listed || cr_memory_view(&classes, &arrays->classes, "classes", false, err)) &&
        (!wanted || take_weights(raw, arrays, err)) &&
        cr_array_fill_from(raw, reading, &inputs, wanted ? &targets : NULL,
                           listed ? &classes : NULL, err);
    cr_array_finish(&inputs);
    cr_array_finish(&targets);
    cr_array_finish(&classes);
    return good;
}

static const cr_option options[] = {
    {.key = CR_MEMORY_ARRAYS,
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(cr_source, path),
     .fallback = CR_REQUIRED,
     .no_effect = true,
     .help = "the part's name; the library writes this into the config of a model that "
             "was trained on arrays of the program that called it"},
};

const cr_source_type cr_source_memory = {
    .name = "arrays in memory",
    .content = "arrays",
    .options = options,
    .option_count = CR_COUNT(options),
    .heading = "For arrays in memory:",
    .target_place = "in the array of targets",
    .in_memory = true,
    .open = open_memory,
    .read = read_memory,
};
