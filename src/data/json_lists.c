#include "data/json_lists.h"

#include "base/memory.h"

bool cr_json_lists_write_names(cr_json *parent, const char *key, const cr_names *names)
{
    cr_json *list = cr_json_add(parent, key, CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < names->count; i++)
        good = cr_json_set_string(list, NULL, names->items[i]);
    return good;
}

bool cr_json_lists_write_reals(cr_json *parent, const char *key, const double *values,
                               size_t count)
{
    size_t distinct = 1; /* one number stands for all when they are the same */
    for (size_t i = 1; i < count && distinct == 1; i++)
        if (values[i] != values[0])
            distinct = count;
    cr_json *list = cr_json_add(parent, key, CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < distinct; i++)
        good = cr_json_set_number(list, NULL, values[i]);
    return good;
}

bool cr_json_lists_write_runs(cr_json *parent, const char *key, const double *values,
                              size_t count, size_t runs)
{
    size_t length = count / runs, j = 0;
    while (j < count && values[j] == values[j - j % length])
        j++;
    if (j < count)
        return cr_json_lists_write_reals(parent, key, values, count);
    double *firsts = cr_alloc(runs, sizeof *firsts, NULL);
    for (size_t i = 0; firsts && i < runs; i++)
        firsts[i] = values[i * length];
    bool good = firsts && cr_json_lists_write_reals(parent, key, firsts, runs);
    cr_free(firsts);
    return good;
}

bool cr_json_lists_write_numbers(cr_json *parent, const char *key, const size_t *values,
                                 size_t count)
{
    cr_json *list = cr_json_add(parent, key, CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = cr_json_set_number(list, NULL, (double)values[i]);
    return good;
}

bool cr_json_lists_read_names(cr_names *names, const cr_json *list, cr_error *err)
{
    if (!cr_json_is(list, CR_JSON_ARRAY))
        return false;
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item))
        if (!cr_json_is(item, CR_JSON_STRING) ||
            !cr_names_add(names, cr_json_string(item), err))
            return false;
    return true;
}

bool cr_json_lists_is_count(const cr_json *value, double limit)
{
    if (!cr_json_is(value, CR_JSON_NUMBER))
        return false;
    double number = cr_json_number(value);
    return number >= 0 && number <= limit && number == (double)(size_t)number;
}

double *cr_json_lists_read_reals(const cr_json *list, size_t count, cr_error *err)
{
    if (!cr_json_is(list, CR_JSON_ARRAY))
        return NULL;
    size_t given = cr_json_count(list);
    if (given != 1 && given != count)
        return NULL;
    double *values = cr_alloc(count, sizeof *values, err);
    const cr_json *item = cr_json_first(list);
    for (size_t i = 0; values && i < count; i++) {
        if (!cr_json_is(item, CR_JSON_NUMBER)) {
            cr_free(values);
            return NULL;
        }
        values[i] = cr_json_number(item);
        if (given > 1)
            item = cr_json_next(item);
    }
    return values;
}

double *cr_json_lists_read_runs(const cr_json *list, size_t count, size_t runs,
                                cr_error *err)
{
    if (!list || cr_json_count(list) != runs)
        return cr_json_lists_read_reals(list, count, err);
    double *firsts = cr_json_lists_read_reals(list, runs, err);
    double *values = firsts ? cr_alloc(count, sizeof *values, err) : NULL;
    for (size_t j = 0; values && j < count; j++)
        values[j] = firsts[j / (count / runs)];
    cr_free(firsts);
    return values;
}
