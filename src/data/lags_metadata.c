#include "data/lags_metadata.h"

#include <math.h>

static bool write_column(cr_json *object, const char *position, const char *name,
                         const cr_lag_column *column)
{
    return cr_json_set_number(object, position, (double)column->position) &&
           (!column->name || cr_json_set_string(object, name, column->name));
}

bool cr_lags_metadata_write(const cr_encoding *encoding, cr_json *object)
{
    const cr_lags *lags = &encoding->lags;
    if (lags->count == 0)
        return true;
    cr_json *list = cr_json_add(object, "lags", CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < lags->count; i++) {
        const cr_lag *lag = &lags->items[i];
        cr_json *item = cr_json_add(list, NULL, CR_JSON_OBJECT);
        good =
            item &&
            write_column(item, "position", "column", &lags->columns[lag->value]) &&
            cr_json_set_number(item, "step", (double)lag->step) &&
            (lag->group == CR_LAGS_ONE_GROUP ||
             write_column(item, "group_position", "group", &lags->columns[lag->group]));
    }
    return good;
}

static bool read_count(const cr_json *object, const char *key, double least,
                       size_t *count)
{
    double number = cr_json_get_number(object, key, -1);
    if (!(number >= least) || number > 1e9 || floor(number) != number)
        return false;
    *count = (size_t)number;
    return true;
}

/* The name stays in the tree: cr_lags_add copies it. */
static bool read_column(const cr_json *object, const char *position, const char *name,
                        cr_lag_column *column)
{
    column->name = (char *)cr_json_get_string(object, name);
    return read_count(object, position, 0, &column->position);
}

bool cr_lags_metadata_read(cr_encoding *encoding, const cr_json *list, cr_error *err)
{
    if (!list)
        return true;
    if (!cr_json_is(list, CR_JSON_ARRAY) || cr_json_count(list) == 0)
        return false;
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item)) {
        cr_lag_column value = {0}, group = {0};
        size_t step = 0;
        bool grouped =
            cr_json_is(item, CR_JSON_OBJECT) && cr_json_get(item, "group_position");
        if (!cr_json_is(item, CR_JSON_OBJECT) ||
            !read_column(item, "position", "column", &value) ||
            !read_count(item, "step", 1, &step) ||
            (grouped && !read_column(item, "group_position", "group", &group)) ||
            !cr_lags_add(&encoding->lags, &value, grouped ? &group : NULL, step, err))
            return false;
    }
    return true;
}

bool cr_lags_metadata_is_consistent(const cr_encoding *encoding)
{
    const cr_lags *lags = &encoding->lags;
    if (lags->count == 0)
        return true;
    if (!encoding->inputs || !encoding->target_positions ||
        lags->count > encoding->input_count)
        return false;
    for (size_t i = 0; i < lags->column_count; i++)
        if (lags->columns[i].position >= encoding->file_columns ||
            (encoding->columns.count > 0) != (lags->columns[i].name != NULL))
            return false;
    for (size_t i = 0; i < lags->count; i++) {
        const cr_input *input = &encoding->inputs[cr_encoding_file_inputs(encoding) + i];
        if (input->words.count > 0 || cr_input_is_date(input) ||
            input->position != lags->columns[lags->items[i].value].position)
            return false;
    }
    return true;
}
