#include "data/lags.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

void cr_lags_finish(cr_lags *lags)
{
    for (size_t i = 0; i < lags->column_count; i++)
        cr_free(lags->columns[i].name);
    cr_free(lags->columns);
    cr_free(lags->items);
    *lags = (cr_lags){0};
}

static bool take_column(cr_lags *lags, const cr_lag_column *wanted, size_t *number,
                        cr_error *err)
{
    for (*number = 0; *number < lags->column_count; ++*number)
        if (lags->columns[*number].position == wanted->position)
            return true;
    if (!cr_reserve(&lags->columns, &lags->column_capacity, lags->column_count + 1,
                    sizeof *lags->columns, err))
        return false;
    cr_lag_column *column = &lags->columns[lags->column_count];
    *column = *wanted;
    if (wanted->name &&
        !(column->name = cr_text_copy(wanted->name, strlen(wanted->name), err)))
        return false;
    lags->column_count++;
    return true;
}

bool cr_lags_add(cr_lags *lags, const cr_lag_column *value, const cr_lag_column *group,
                 size_t step, cr_error *err)
{
    cr_lag lag = {.group = CR_LAGS_ONE_GROUP, .step = step};
    if (!cr_reserve(&lags->items, &lags->capacity, lags->count + 1, sizeof *lags->items,
                    err) ||
        !take_column(lags, value, &lag.value, err) ||
        (group && !take_column(lags, group, &lag.group, err)))
        return false;
    lags->items[lags->count++] = lag;
    return true;
}

bool cr_lags_copy(cr_lags *lags, const cr_lags *from, cr_error *err)
{
    *lags = (cr_lags){0};
    for (size_t i = 0; i < from->count; i++) {
        const cr_lag *lag = &from->items[i];
        bool grouped = lag->group != CR_LAGS_ONE_GROUP;
        if (!cr_lags_add(lags, &from->columns[lag->value],
                         grouped ? &from->columns[lag->group] : NULL, lag->step, err))
            return false;
    }
    return true;
}

const char *cr_lags_name(const cr_lags *lags, size_t i, char out[CR_LAGS_NAME])
{
    const cr_lag_column *column = &lags->columns[lags->items[i].value];
    char number[24];
    snprintf(number, sizeof number, "%zu", column->position);
    snprintf(out, CR_LAGS_NAME, "%.90s_lag%zu", column->name ? column->name : number,
             lags->items[i].step);
    return out;
}

size_t cr_lags_reach(const cr_lags *lags)
{
    size_t reach = 0;
    for (size_t i = 0; i < lags->count; i++)
        reach = lags->items[i].step > reach ? lags->items[i].step : reach;
    return reach;
}

bool cr_lags_look_at(const cr_lags *lags, size_t position)
{
    bool look = false;
    for (size_t i = 0; i < lags->count; i++)
        look |= lags->columns[lags->items[i].value].position == position;
    return look;
}

bool cr_lags_have_value(const cr_lags *lags, size_t column)
{
    bool have = false;
    for (size_t i = 0; i < lags->count; i++)
        have |= lags->items[i].value == column;
    return have;
}

bool cr_lags_have_group(const cr_lags *lags, size_t column)
{
    bool have = false;
    for (size_t i = 0; i < lags->count; i++)
        have |= lags->items[i].group == column;
    return have;
}
