/* Columns that name or number the rows. */
#include "data/oddity.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    FEWEST = 8,     /* rows that show something */
    MANY_ROWS = 20, /* rows that show it surely */
    FEW_WORDS = 10
};

/* Names of columns that rise with time, as the rows of many tables do. */
static const char *const times[] = {
    "year",   "yr",     "jahr",   "date",    "datum", "time", "zeit", "timestamp",
    "epoch",  "unix",   "month",  "monat",   "week",  "day",  "tag",  "hour",
    "stunde", "minute", "second", "seconds", "t",     "at",   "ts",   NULL};

/* Names of what numbers the rows, and no property of theirs. */
static const char *const indices[] = {"unnamed", "index",  "idx",      "row",     "rows",
                                      "rowid",   "rownum", "rownames", "rowname", "rn",
                                      "zeile",   "lfd",    NULL};

/* Names of what names the rows. */
static const char *const ids[] = {
    "id",      "ids",     "uid",        "uuid",     "guid",     "oid",       "pid",
    "rowid",   "userid",  "custid",     "objectid", "recordid", "patientid", "customerid",
    "orderid", "key",     "pk",         "number",   "num",      "no",        "nr",
    "nbr",     "nummer",  "ticket",     "code",     "ref",      "reference", "serial",
    "account", "acct",    "iban",       "isbn",     "ean",      "sku",       "passport",
    "ssn",     "invoice", "matnr",      "kunnr",    "vbeln",    "belnr",     "pernr",
    "lifnr",   "aufnr",   "identifier", "kennung",  "token",    "hash",      "phone",
    "telefon", "record",  NULL};

static const char *const sure_ids[] = {
    "id",       "ids",      "uid",       "uuid",       "guid",    "userid",     "custid",
    "objectid", "recordid", "patientid", "customerid", "orderid", "identifier", NULL};

/* KdNr, Kundennummer, ORDER_NO: names that end so. */
static bool ends_like_id(const cr_look *look, size_t column)
{
    static const char *const ends[] = {"nummer", "number", "nr", "_no", "_id",
                                       "Nr",     "ID",     "Id", "NR",  "_NO"};
    const char *name = look->names ? look->names->items[column] : "";
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (length > end && strcmp(name + length - end, ends[i]) == 0)
            return true;
    }
    return false;
}

static bool is_called_id(const cr_look *look, size_t column)
{
    return cr_oddity_is_called(look, column, ids) || ends_like_id(look, column);
}

static bool is_unnamed(const cr_look *look, size_t column)
{
    return look->names && !*look->names->items[column];
}

static bool is_of_whole_numbers(const cr_tally *t)
{
    return t->numeric && t->whole == t->present;
}

static void show_rows(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    for (size_t i = 0, shown = 0; i < t->rows && shown < 3; i++)
        if (t->codes[i] >= 0) {
            cr_oddity_show(look, column, i, found);
            shown++;
        }
}

/* How the values go from row to row of the sample. */
typedef struct course {
    bool even;     /* by the same step, which is not 0 */
    bool rising;   /* strictly */
    size_t by_one; /* steps of one a row */
    double least, most;
} course;

static course follow(const cr_look *look, const cr_tally *t)
{
    double stride = (double)look->sample->stride;
    course c = {
        .even = true, .rising = true, .least = t->values[0], .most = t->values[0]};
    for (size_t i = 1; i < t->rows; i++) {
        double step = t->values[i] - t->values[i - 1];
        c.even &= step == t->values[1] - t->values[0] && step != 0;
        c.rising &= step > 0;
        c.by_one += fabs(step - stride) < 0.5;
        c.least = fmin(c.least, t->values[i]);
        c.most = fmax(c.most, t->values[i]);
    }
    return c;
}

bool cr_oddity_rows_numbers(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    if (!is_of_whole_numbers(t) || t->present < t->rows || t->rows < FEWEST ||
        cr_oddity_count_inputs(look) < 2 || cr_oddity_is_called(look, column, times))
        return false;
    course c = follow(look, t);
    bool all_different = t->different == t->rows;
    bool an_index =
        is_unnamed(look, column) || cr_oddity_is_called(look, column, indices);
    double rows = (double)look->sample->seen, span = c.most - c.least + 1;
    double most = column == 0 ? 10 * rows : 3 * rows; /* rows may have been taken out */
    bool dense = all_different && t->rows >= MANY_ROWS && span < most;
    bool shuffled = dense && span < rows + (double)look->sample->stride &&
                    span > 0.95 * rows && (c.least == 0 || c.least == 1) && !look->names;
    if (c.even || (c.rising && dense) || shuffled ||
        (an_index && (all_different || c.by_one * 10 > t->rows * 8))) {
        found->what = "numbers of the rows";
        found->so = "they tell nothing of new rows: leave them out with";
        show_rows(look, column, found);
        return true;
    }
    return false;
}

/* Eight, four, four, four and twelve hexadecimal digits; 24 and more of them. */
static bool is_hexadecimal(const char *text)
{
    size_t digits = strspn(text, "0123456789abcdefABCDEF-");
    return text[digits] == '\0' && digits >= 24;
}

/* All cells have so many digits, and their last ones differ. */
static bool has_width(const cr_look *look, size_t column, size_t least)
{
    size_t width = 0, zeros = 0;
    const cr_tally *t = &look->tallies[column];
    for (size_t i = 0; i < t->rows; i++) {
        const char *cell = cr_sample_cell(look->sample, i, column);
        size_t length = strlen(cell);
        if (t->codes[i] < 0)
            continue;
        width = width ? width : length;
        if (length != width || length < least || cell[strspn(cell, "0123456789")])
            return false;
        zeros += cell[length - 1] == '0';
    }
    return zeros * 4 < t->present;
}

/* Whole numbers, all different, that look like nobody had measured them: of one width; or
 * in the first place and so long that measured ones would be rounded. */
static bool looks_like_ids(const cr_look *look, size_t column)
{
    const cr_tally *t = &look->tallies[column];
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < t->rows; i++) {
        least = fmin(least, t->values[i]);
        most = fmax(most, t->values[i]);
    }
    bool a_time = cr_oddity_is_called(look, column, times) ||
                  (least > 6e8 && most < 2.2e9) || (least > 6e11 && most < 2.2e12);
    if (t->present < MANY_ROWS || least < 0 || a_time)
        return false;
    bool first = column == 0 && t->rows >= 50 && most >= 1e6 &&
                 most > (double)t->rows * (double)t->rows;
    return first || has_width(look, column, column == 0 ? 5 : 6);
}

static bool say_ids(const cr_look *look, size_t column, const char *what,
                    cr_oddity *found)
{
    found->what = what;
    found->so = "they tell nothing of new rows: leave them out with";
    show_rows(look, column, found);
    return true;
}

bool cr_oddity_rows_ids(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    bool all_different = t->different == t->present;
    if (t->present < FEWEST)
        return false;
    if (!t->numeric) {
        if (t->kinds[CR_FORM_NUMBER] * 10 >= t->present * 8)
            return false; /* numbers, and a few words among them */
        const char *cell = cr_sample_cell(look->sample, t->first[CR_FORM_WORD], column);
        bool an_id = is_hexadecimal(cell) && t->different * 2 > t->present;
        bool of_words = t->kinds[CR_FORM_NUMBER] * 2 < t->present;
        if (!of_words || (!all_different && !an_id))
            return false;
        return say_ids(look, column, "words that are all different, as names and ids are",
                       found);
    }
    if (!is_of_whole_numbers(t))
        return false;
    bool many = t->different > MANY_ROWS && t->different * 10 > t->present;
    if ((many && cr_oddity_is_called(look, column, sure_ids)) ||
        (all_different && (is_called_id(look, column) || looks_like_ids(look, column))))
        return say_ids(look, column, "numbers that name something, as ids do", found);
    return false;
}

bool cr_oddity_rows_words(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    size_t words = look->words[column] ? look->words[column] : t->different;
    size_t rows = look->words[column] ? look->sample->seen : t->rows;
    if (look->roles[column] == CR_LOOK_SETTLED || t->numeric || words <= FEW_WORDS ||
        words * 10 <= rows)
        return false;
    found->what = "more different words than a tenth of the rows";
    found->so = "each is an input, which few rows tell of: leave them out with";
    snprintf(found->seen, sizeof found->seen, "%zu in %zu rows: ", words, rows);
    size_t used = strlen(found->seen);
    cr_oddity shown = {.column = column};
    show_rows(look, column, &shown);
    snprintf(found->seen + used, sizeof found->seen - used, "%.150s", shown.seen);
    return true;
}

bool cr_oddity_rows_none(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    if (t->present > 0 || t->rows < FEWEST)
        return false;
    found->what = "no value in any row that was looked at";
    found->so = "nothing can be learned from that: leave them out with";
    for (size_t row = 0; row < 2; row++)
        cr_oddity_show(look, column, row, found);
    return true;
}
