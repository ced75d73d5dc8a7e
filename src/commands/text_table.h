/* A table of texts, printed in columns as wide as they need. */
#ifndef CHAINRULE_COMMANDS_TEXT_TABLE_H
#define CHAINRULE_COMMANDS_TEXT_TABLE_H

#include <chainrule/error.h>
#include <stdbool.h>
#include <stddef.h>

enum { CR_TEXT_CELL = 96 }; /* bytes of a cell */

typedef struct cr_text_table {
    char (*cells)[CR_TEXT_CELL]; /* [rows, columns], empty at first */
    bool *hidden;                /* [columns] that are not printed */
    size_t rows, columns;        /* row 0 is the heading */
} cr_text_table;

/* False with err; cr_text_table_finish in any case. */
CR_MUST_CHECK bool cr_text_table_init(cr_text_table *table, size_t rows, size_t columns,
                                      cr_error *err);
void cr_text_table_finish(cr_text_table *table);

/* Writes a cell; what does not fit is cut off. */
void cr_text_table_set(cr_text_table *table, size_t row, size_t column,
                       const char *format, ...) CR_PRINTF(4, 5);

/* Whether all cells below the heading hold this text. */
bool cr_text_table_is_all(const cr_text_table *table, size_t column, const char *text);

/* Characters of a column, with the two spaces behind it. */
size_t cr_text_table_width(const cr_text_table *table, size_t column);

/* To stdout; columns that are hidden, or empty below the heading, are left out. */
void cr_text_table_print(const cr_text_table *table);

#endif
