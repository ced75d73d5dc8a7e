#include "data/lag_match.h"

#include "base/memory.h"

#include <string.h>

/* The name of an input that needs the column. */
static const char *name_need(const cr_lags *lags, size_t column, char out[CR_LAGS_NAME])
{
    size_t i = 0;
    while (lags->items[i].value != column && lags->items[i].group != column)
        i++;
    return cr_lags_name(lags, i, out);
}

static bool match_name(const cr_encoding *encoding, const char *file,
                       const cr_names *header, size_t column, size_t *position,
                       cr_error *err)
{
    const char *name = encoding->lags.columns[column].name;
    char need[CR_LAGS_NAME];
    size_t found = 0;
    for (size_t i = 0; i < header->count; i++)
        if (strcmp(header->items[i], name) == 0) {
            *position = i;
            found++;
        }
    if (found == 1)
        return true;
    name_need(&encoding->lags, column, need);
    if (found > 1)
        return cr_fail(err, CR_E_DATA,
                       "%s: several columns are called \"%.60s\", whose earlier rows the "
                       "input %s needs; give them different names",
                       file, name, need);
    return cr_fail(err, CR_E_DATA,
                   "%s: the model needs the column \"%.60s\", which is not in this file: "
                   "the input %s looks at its earlier rows (cells that are not known yet "
                   "may be empty)",
                   file, name, need);
}

/* Without names: as in the training file, or in one without its targets. */
static bool match_position(const cr_encoding *encoding, const char *file, size_t count,
                           size_t column, size_t *position, cr_error *err)
{
    const cr_lags *lags = &encoding->lags;
    char need[CR_LAGS_NAME];
    size_t before = 0, at = lags->columns[column].position;
    *position = at;
    if (count == encoding->file_columns)
        return true;
    for (size_t t = 0; t < encoding->target_count; t++) {
        if (encoding->target_positions[t] == at)
            return cr_fail(err, CR_E_DATA,
                           "%s: found %zu columns, expected %zu, with the target: the "
                           "input %s looks at its earlier rows (cells that are not known "
                           "yet may be empty)",
                           file, count, encoding->file_columns,
                           name_need(lags, column, need));
        before += encoding->target_positions[t] < at;
    }
    *position = at - before;
    return true;
}

bool cr_lag_match_columns(const cr_encoding *encoding, const char *file,
                          const cr_names *header, size_t count, cr_lag_cells **cells,
                          cr_error *err)
{
    size_t columns = encoding->lags.column_count;
    *cells = NULL;
    if (columns == 0)
        return true;
    *cells = cr_alloc(columns, sizeof **cells, err);
    size_t in_order = cr_encoding_in_order(encoding, header, count);
    bool by_name = header && encoding->columns.count > 0 && in_order == 0;
    bool good = *cells != NULL;
    count = in_order > 0 ? in_order : count;
    for (size_t i = 0; good && i < columns; i++) {
        cr_lag_cells *found = &(*cells)[i];
        found->as = cr_encoding_lag_column(encoding, i);
        good = by_name ? match_name(encoding, file, header, i, &found->position, err)
                       : match_position(encoding, file, count, i, &found->position, err);
    }
    return good;
}
