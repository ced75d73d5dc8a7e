/* Words and numbers that stand for a missing value. */
#include "base/memory.h"
#include "data/oddity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Whether the word is one that people write where nothing is known. */
static bool says_nothing(const char *word)
{
    static const char *const words[] = {
        "-",       "--",   "---",           ".",        "..",     "*",
        "n.a.",    "n.a",  "n/k",           "nk",       "nil",    "none",
        "unknown", "unk",  "missing",       "k.a.",     "k. a.",  "k.A.",
        "nd",      "n.d.", "n/d",           "#n/a",     "(null)", "empty",
        "tbd",     "<na>", "not available", "unbekannt"};
    for (size_t i = 0; i < CR_COUNT(words); i++)
        if (strcasecmp(word, words[i]) == 0)
            return true;
    return false;
}

/* The different words of a column, as they stand behind each other in "missing_values". */
typedef struct gap_words {
    size_t count;
    bool known; /* all are of those that say nothing */
} gap_words;

static gap_words list_words(const cr_look *look, size_t column, cr_oddity *found)
{
    gap_words words = {.known = true};
    const cr_tally *t = &look->tallies[column];
    for (size_t i = 0; i < t->rows; i++) {
        cr_form form;
        char word[CR_ODDITY_TYPE];
        const char *cell = cr_sample_cell(look->sample, i, column);
        cr_oddity_form(look, column, i, &form);
        if (form.kind != CR_FORM_WORD)
            continue;
        cr_oddity_quote(cell, word, sizeof word);
        size_t used = strlen(found->type);
        if (strstr(found->type, word) || used + strlen(word) + 3 > sizeof found->type)
            continue; /* what does not fit is found when the others are settled */
        snprintf(found->type + used, sizeof found->type - used, "%s%s",
                 used > 0 ? ", " : "", word);
        words.known &= says_nothing(cell);
        words.count++;
    }
    return words;
}

bool cr_oddity_gaps_words(const cr_look *look, size_t column, cr_oddity *found)
{
    enum { FEW_WORDS = 3, MANY_NUMBERS = 10 };
    const cr_tally *t = &look->tallies[column];
    size_t words = t->kinds[CR_FORM_WORD], numbers = t->kinds[CR_FORM_NUMBER];
    if (words == 0 || numbers < words || words + numbers < t->present)
        return false;
    gap_words gaps = list_words(look, column, found);
    bool few = gaps.count <= FEW_WORDS && t->different >= MANY_NUMBERS + gaps.count;
    if (numbers * 10 < t->present * 8 && !gaps.known && !few)
        return false;
    found->what = "words among numbers";
    found->so = "if they stand for missing values:";
    cr_oddity_show(look, column, t->first[CR_FORM_WORD], found);
    return true;
}

/* Numbers that stand for a gap in many tables, the surest first. */
static const double codes[] = {-999999, -99999, -9999, -999, 999999, 99999, 9999,
                               999,     -99,    99,    -9,   9,      -1,    0};
enum { SURE = 8 }; /* of these, at the start, are hardly ever measured */

/* A column's numbers but for one of the codes and the sure ones. */
typedef struct others {
    double least, most;
    size_t count, row; /* of the code, and its first row */
} others;

static others find_others(const cr_tally *t, double code)
{
    others o = {.least = INFINITY, .most = -INFINITY};
    for (size_t i = 0; i < t->rows; i++) {
        bool sure = false;
        for (size_t k = 0; k < SURE; k++)
            sure |= t->values[i] == codes[k];
        if (t->values[i] == code) {
            o.row = o.count++ == 0 ? i : o.row;
        } else if (!isnan(t->values[i]) && !sure) {
            o.least = fmin(o.least, t->values[i]);
            o.most = fmax(o.most, t->values[i]);
        }
    }
    return o;
}

static size_t count_cells(const cr_tally *t, double code)
{
    size_t count = 0;
    for (size_t i = 0; i < t->rows; i++)
        count += t->values[i] == code;
    return count;
}

/* Whether codes[k] repeats in the column, and lies far outside of all others there. *o: of
 * one that does not repeat, the count alone. */
static bool is_gap(const cr_tally *t, size_t k, others *o)
{
    enum { TWICE = 2, THRICE = 3, OFTEN = 5 };
    double code = codes[k];
    *o = (others){.count = count_cells(t, code)};
    if (o->count < TWICE || o->count * 2 > t->present)
        return false;
    *o = find_others(t, code);
    double range = o->most - o->least;
    double distance = code < o->least ? o->least - code : code - o->most;
    if (o->least > o->most)
        return false;
    if (code <= -9 && o->least >= 0)
        return true;
    if (range == 0 || distance <= 0)
        return false;
    bool far = distance > 5 * range;
    if (k < SURE)
        return far || (distance > (fabs(code) > 99998 ? 1 : 2) * range &&
                       o->count >= THRICE); /* 999 may be a price */
    return far && o->count >= (fabs(code) >= 99 ? THRICE : OFTEN);
}

/* Whether another column has the number among its others: "missing_values" holds for all. */
static bool is_measured_elsewhere(const cr_look *look, size_t column, size_t k)
{
    for (size_t i = 0; i < look->columns; i++) {
        others o;
        if (i != column && look->roles[i] != CR_LOOK_LEFT_OUT &&
            look->tallies[i].numeric && !is_gap(&look->tallies[i], k, &o) && o.count > 0)
            return true;
    }
    return false;
}

bool cr_oddity_gaps_numbers(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    bool measured = t->numeric && look->how[column].kind != CR_COLUMN_WORD &&
                    !cr_oddity_is_date(look, column);
    for (size_t k = 0; measured && k < CR_COUNT(codes); k++) {
        others o;
        if (!is_gap(t, k, &o) || (k >= SURE && is_measured_elsewhere(look, column, k)))
            continue;
        found->what = "a number far from all others";
        found->so = "if it stands for a missing value:";
        cr_oddity_show(look, column, o.row, found);
        cr_oddity_quote(cr_sample_cell(look->sample, o.row, column), found->type,
                        sizeof found->type);
        return true;
    }
    return false;
}
