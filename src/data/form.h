/* What a cell looks like to a person: a plain number, one with signs that a program does
 * not read without being told, a date, a word. */
#ifndef CHAINRULE_DATA_FORM_H
#define CHAINRULE_DATA_FORM_H

#include "data/cell.h"

typedef enum cr_form_kind {
    CR_FORM_MISSING,
    CR_FORM_NUMBER,   /* as the column's cells are read: 12, 1.5, 1e3 */
    CR_FORM_GROUPED,  /* 1,230 or 1.234,5 or 1 230 */
    CR_FORM_PERCENT,  /* 12.5% */
    CR_FORM_CURRENCY, /* $5, 5 EUR, (5.00), 5- */
    CR_FORM_UNIT,     /* 5 kg */
    CR_FORM_DATE,     /* also a time of the day */
    CR_FORM_WORD,
    CR_FORM_KINDS
} cr_form_kind;

/* Which comes first in a date of numbers. */
typedef enum cr_form_order {
    CR_ORDER_PLAIN, /* the year, or the month is a word, or there is no day */
    CR_ORDER_DAY,
    CR_ORDER_MONTH,
    CR_ORDER_EITHER /* both are 12 at most */
} cr_form_order;

enum { CR_FORM_UNIT_TEXT = 24, CR_FORM_DATE_TEXT = 48 };

typedef struct cr_form {
    cr_form_kind kind;
    double value;            /* of a plain number */
    bool whole;              /* a plain number without a fraction: 5, 5.0 */
    char decimal, thousands; /* the separators that can be told; 0: none */
    char either;             /* one separator, before three digits: of thousands, or of
                                      decimals */
    char unit[CR_FORM_UNIT_TEXT]; /* of a CR_FORM_UNIT */
    char date[CR_FORM_DATE_TEXT]; /* a CR_FORM_DATE's format, as strptime has it; with the
                                      day first where it can be either */
    cr_form_order order;          /* of a date */
} cr_form;

/* The form of a cell that ends with a 0. column: what the config says of its column; a
 * cell that can be read so is a plain number, or missing. */
void cr_form_of(const cr_column *column, const char *cell, size_t length, cr_form *form);

#endif
