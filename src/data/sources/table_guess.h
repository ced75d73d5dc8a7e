/* What a column holds of which nothing is said: its first cell tells, and the others have
 * to agree. */
#ifndef CHAINRULE_DATA_SOURCES_TABLE_GUESS_H
#define CHAINRULE_DATA_SOURCES_TABLE_GUESS_H

#include "data/cell.h"

/* The cells that decided. */
typedef struct cr_table_guess {
    size_t line; /* 0: none; what the column holds was said */
    char text[40];
    size_t currency_line;       /* of the first amount in a currency; 0: none so far */
    char currency[CR_CURRENCY]; /* of all amounts */
} cr_table_guess;

/* Decides by a cell that is no gap what the column holds: its kind is a guess so far. */
void cr_table_guess_decide(cr_table_guess *guess, const cr_cell *cell, cr_column *column);

/* Whether a cell of a column of words is one: neither a number nor a date, written in
 * whatever way. Else an error, after which the column may be one to skip: then the next
 * cells would only say the same. */
CR_MUST_CHECK bool cr_table_guess_check_word(const cr_table_guess *guess,
                                             const cr_cell *cell, cr_column *column,
                                             cr_error *err);

/* An error for a cell that is not as the one that decided; returns false. The column may
 * be one to skip afterwards. */
bool cr_table_guess_refuse(const cr_table_guess *guess, const cr_cell *cell,
                           cr_column *column, cr_error *err);

/* Whether an amount is in the same currency as those before it; else an error. */
CR_MUST_CHECK bool cr_table_guess_check_currency(cr_table_guess *guess,
                                                 const cr_cell *cell, cr_error *err);

#endif
