#include "data/weight.h"

bool cr_weight_read(const cr_cell *cell, const cr_column *column, double *weight,
                    cr_error *err)
{
    char name[96];
    cr_column number = *column;
    number.kind = CR_COLUMN_NUMBER;
    if (cr_cell_is_gap(column, cell->text, cell->length)) {
        cr_error_add(
            err, CR_E_DATA,
            "%s:%zu: column %s: the weight is missing; write 0 for a row that is not "
            "to count, or leave out such rows with \"missing\": \"drop\" in \"data\"",
            cell->file, cell->line, cr_cell_format_column(cell, name));
        return false;
    }
    if (!cr_cell_read(cell, &number, CR_MISSING_ERROR, weight, err))
        return false;
    if (*weight >= 0)
        return true;
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: found \"%.60s\", but a weight is 0 or more; is this the "
        "column that \"weight\" in \"data\" is to name?",
        cell->file, cell->line, cr_cell_format_column(cell, name), cell->text);
    return false;
}
