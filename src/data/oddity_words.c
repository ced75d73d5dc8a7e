/* Words that are meant to be alike, and are not. */
#include "base/memory.h"
#include "data/oddity.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 104 };

/* A different cell of the column. */
typedef struct spelling {
    char plain
        [LONGEST]; /* in small letters, without spaces at its ends, one between words */
    size_t row;    /* the first that has it */
} spelling;

static void simplify(const char *cell, char *out)
{
    size_t used = 0;
    unsigned char before = ' ';
    for (const char *c = cell; *c && used + 1 < LONGEST; c++) {
        unsigned char byte = (unsigned char)*c;
        bool latin_capital =
            before == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97;
        byte = isspace(byte) ? ' ' : (unsigned char)tolower(byte);
        if (byte != ' ' || before != ' ')
            out[used++] = (char)(latin_capital ? byte + 0x20 : byte);
        before = byte;
    }
    while (used > 0 && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
}

static int compare(const void *a, const void *b)
{
    const spelling *x = a, *y = b;
    int order = strcmp(x->plain, y->plain);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* The different cells, those alike behind each other. The caller frees them; NULL when out of
 * memory. */
static spelling *sort_spellings(const cr_look *look, size_t column)
{
    const cr_tally *t = &look->tallies[column];
    spelling *all = cr_alloc(t->different, sizeof *all, NULL);
    for (size_t i = t->rows; all && i-- > 0;)
        if (t->codes[i] >= 0)
            all[t->codes[i]].row = i;
    for (size_t k = 0; all && k < t->different; k++)
        simplify(cr_sample_cell(look->sample, all[k].row, column), all[k].plain);
    if (all)
        qsort(all, t->different, sizeof *all, compare);
    return all;
}

bool cr_oddity_words_spelt(const cr_look *look, size_t column, cr_oddity *found)
{
    enum { SHOWN = 6 };
    const cr_tally *t = &look->tallies[column];
    size_t shown = 0;
    if (t->kinds[CR_FORM_WORD] * 2 < t->present || t->different * 2 > t->present)
        return false;
    spelling *all = sort_spellings(look, column);
    for (size_t k = 0; all && k < t->different && shown < SHOWN; k++) {
        const char *plain = all[k].plain;
        bool again = (k > 0 && strcmp(all[k - 1].plain, plain) == 0) ||
                     (k + 1 < t->different && strcmp(all[k + 1].plain, plain) == 0);
        if (again && *plain && shown++ < SHOWN)
            cr_oddity_show(look, column, all[k].row, found);
    }
    cr_free(all);
    found->what = "words that differ in capital letters or spaces alone";
    found->so = "each spelling is a word of its own: write them alike in the file";
    return shown > 0;
}
