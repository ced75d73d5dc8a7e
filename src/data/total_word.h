/* Rows that sum up those above them. */
#ifndef CHAINRULE_DATA_TOTAL_WORD_H
#define CHAINRULE_DATA_TOTAL_WORD_H

#include "data/csv.h"

/* The row's cell that says total, sum, Summe, …; the row's count where none does. Such a cell
 * is the first one that is not empty, or half of the others are empty. */
size_t cr_total_word_find(const cr_csv_row *row);

#endif
