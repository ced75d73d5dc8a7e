#include "data/unknown.h"

#include "base/memory.h"

#include <stdio.h>

enum { MOST_COLUMNS = 5 }; /* that are named */

static cr_unknown_column *find(cr_unknown *unknown, size_t column)
{
    for (size_t i = 0; i < unknown->count; i++)
        if (unknown->columns[i].column == column)
            return &unknown->columns[i];
    return NULL;
}

bool cr_unknown_add(cr_unknown *unknown, const cr_cell *cell, const cr_names *known,
                    cr_error *err)
{
    cr_unknown_column *column = find(unknown, cell->column);
    unknown->cells++;
    if (column) {
        column->cells++;
        return true;
    }
    if (!cr_reserve(&unknown->columns, &unknown->capacity, unknown->count + 1,
                    sizeof *unknown->columns, err))
        return false;
    column = &unknown->columns[unknown->count++];
    *column = (cr_unknown_column){.column = cell->column, .cells = 1, .line = cell->line};
    cr_cell_format_column(cell, column->name);
    const char *near =
        cr_text_nearest(cell->text, (const char *const *)known->items, known->count);
    snprintf(column->word, sizeof column->word, "%.60s", cell->text);
    snprintf(column->near, sizeof column->near, "%.60s", near ? near : "");
    return true;
}

void cr_unknown_describe(const cr_unknown *unknown, cr_text *lines)
{
    if (unknown->cells == 0)
        return;
    cr_text_add_line(lines,
                     "%zu cell%s words that the training data did not have, and counted "
                     "as missing",
                     unknown->cells, unknown->cells == 1 ? " has" : "s have");
    for (size_t i = 0; i < unknown->count && i < MOST_COLUMNS; i++) {
        const cr_unknown_column *c = &unknown->columns[i];
        char more[48] = "";
        if (c->cells > 1)
            snprintf(more, sizeof more, " and %zu more cell%s", c->cells - 1,
                     c->cells == 2 ? "" : "s");
        cr_text_add_line(lines, "column %s: \"%s\" (line %zu%s)%s%s%s", c->name, c->word,
                         c->line, more, *c->near ? "; \"" : "", c->near,
                         *c->near ? "\" is meant?" : "");
    }
    if (unknown->count > MOST_COLUMNS)
        cr_text_add_line(lines, "… and such words in %zu more columns",
                         unknown->count - MOST_COLUMNS);
}

void cr_unknown_finish(cr_unknown *unknown)
{
    cr_free(unknown->columns);
    *unknown = (cr_unknown){0};
}
