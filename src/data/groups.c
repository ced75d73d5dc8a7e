#include "data/groups.h"

#include "base/number.h"

#include <string.h>

static bool refuse(const cr_cell *cell, bool of_model, cr_error *err)
{
    char name[96];
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: found %s%.60s%s, expected the group of the row; fill it in%s",
        cell->file, cell->line, cr_cell_format_column(cell, name),
        cell->length ? "\"" : "an empty cell", cell->text, cell->length ? "\"" : "",
        of_model ? ""
                 : ", or leave out such rows with \"missing\": \"drop\" in \"data\"");
    return false;
}

bool cr_groups_number(cr_words *groups, const cr_cell *cell, const cr_column *column,
                      cr_missing missing, uint32_t *number, cr_error *err)
{
    char spelling[CR_NUMBER_TEXT];
    const char *word = cell->text;
    double value = 0;
    int32_t found = 0;
    bool is_plain = !column->gaps && cell->length > 0 && cell->length < 16 &&
                    strspn(word, "0123456789") == cell->length;
    if (!is_plain && cr_cell_is_gap(column, word, cell->length)) {
        if (missing < CR_MISSING_MEAN)
            return refuse(cell, column->of_model, err);
        word = "";
    } else if (!is_plain && cr_names_is_number(word, &value)) {
        word = cr_number_format_double(value + 0.0 /* not −0 */, spelling);
    }
    if (!cr_words_number(groups, word, cell->line, &found, err))
        return false;
    *number = (uint32_t)found;
    return true;
}
