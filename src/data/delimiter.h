/* The character between the cells of a table, as its first row tells. */
#ifndef CHAINRULE_DATA_DELIMITER_H
#define CHAINRULE_DATA_DELIMITER_H

#include <stdbool.h>
#include <stddef.h>

/* How far a row was looked at whose end is not there yet. Starts as {0}. */
typedef struct cr_delimiter_look {
    size_t bytes;
    bool quoted; /* within quotes */
} cr_delimiter_look;

/* Bytes of the first row, without its line end; length where it has none. The look goes
 * on where it stopped with less of the text. */
size_t cr_delimiter_row(cr_delimiter_look *look, const char *text, size_t length);

/* Of a row such as sep=; which spreadsheets write in front of a table: the character that
 * it names. 0 for any other. */
char cr_delimiter_named(const char *row, size_t length);

/* The one of comma, tab, semicolon and | that the row has most of, outside quotes. */
char cr_delimiter_guess(const char *row, size_t length);

#endif
