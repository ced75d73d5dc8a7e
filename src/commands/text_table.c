#include "commands/text_table.h"

#include "base/memory.h"
#include "base/text_visible.h"
#include "commands/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool cr_text_table_init(cr_text_table *table, size_t rows, size_t columns, cr_error *err)
{
    *table = (cr_text_table){.rows = rows, .columns = columns};
    table->cells = cr_alloc(rows * columns, sizeof *table->cells, err);
    table->hidden = cr_alloc(columns, sizeof *table->hidden, err);
    return table->cells && table->hidden;
}

void cr_text_table_finish(cr_text_table *table)
{
    cr_free(table->cells);
    cr_free(table->hidden);
    *table = (cr_text_table){0};
}

static const char *cell(const cr_text_table *table, size_t row, size_t column)
{
    return table->cells[row * table->columns + column];
}

void cr_text_table_set(cr_text_table *table, size_t row, size_t column,
                       const char *format, ...)
{
    char text[CR_TEXT_CELL];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cr_text_visible(text, strlen(text), table->cells[row * table->columns + column],
                    CR_TEXT_CELL);
}

bool cr_text_table_is_all(const cr_text_table *table, size_t column, const char *text)
{
    for (size_t row = 1; row < table->rows; row++)
        if (strcmp(cell(table, row, column), text) != 0)
            return false;
    return true;
}

static size_t width_of(const char *text)
{
    return cr_text_visible_width(text, strlen(text));
}

size_t cr_text_table_width(const cr_text_table *table, size_t column)
{
    size_t widest = 0;
    for (size_t row = 0; row < table->rows; row++) {
        size_t width = width_of(cell(table, row, column));
        widest = width > widest ? width : widest;
    }
    return widest + 2;
}

void cr_text_table_print(const cr_text_table *table)
{
    for (size_t row = 0; row < table->rows; row++) {
        size_t behind = 0; /* spaces owed before the next cell */
        for (size_t column = 0; column < table->columns; column++) {
            if (table->hidden[column] || cr_text_table_is_all(table, column, ""))
                continue;
            const char *text = cell(table, row, column);
            cr_print("%*s%s", *text ? (int)behind : 0, "", text);
            behind = (*text ? 0 : behind) + cr_text_table_width(table, column) -
                     width_of(text);
        }
        cr_print("\n");
    }
}
