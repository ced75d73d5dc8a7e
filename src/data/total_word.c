#include "data/total_word.h"

#include "base/memory.h"

#include <string.h>
#include <strings.h>

enum { SHORTEST = 3, LONGEST = 12 };

/* A colon behind the word is no part of it. */
static bool is_word(const char *cell, size_t length)
{
    static const char *const words[] = {"total",       "totals",      "sum",      "summe",
                                        "gesamt",      "insgesamt",   "totale",   "summa",
                                        "gesamtsumme", "grand total", "endsumme", "somme",
                                        "suma",        "sub-total",   "subtotal"};
    static const char firsts[] = "tTsSgGiIeE";
    if (length < SHORTEST || length > LONGEST || !strchr(firsts, *cell))
        return false;
    length -= cell[length - 1] == ':';
    for (size_t i = 0; i < CR_COUNT(words); i++)
        if (strlen(words[i]) == length && strncasecmp(words[i], cell, length) == 0)
            return true;
    return false;
}

size_t cr_total_word_find(const cr_csv_row *row)
{
    size_t at = 0, empty = 0;
    for (size_t i = 0; i < row->count; i++)
        empty += row->lengths[i] == 0;
    while (at < row->count && row->lengths[at] == 0)
        at++;
    /* most rows end here: their first word is looked at alone */
    bool anywhere = empty * 2 >= row->count - 1;
    while (at < row->count && !is_word(row->cells[at], row->lengths[at]))
        at = anywhere ? at + 1 : row->count;
    return at;
}
