/* Dates, which are words or numbers as long as nobody says what they are. */
#include "data/form_date.h"
#include "data/oddity.h"

#include <stdio.h>
#include <string.h>

enum { WAYS = 6, FEWEST = 3 };

/* A way in which dates of a column are written. */
typedef struct way {
    char format[CR_FORM_DATE_TEXT];
    cr_form_order order;
    size_t count, row; /* of the first one */
} way;

typedef struct ways {
    way list[WAYS];
    size_t count;
} ways;

static void add_way(ways *all, const cr_form *form, size_t row)
{
    size_t k = 0;
    while (k < all->count && (strcmp(all->list[k].format, form->date) != 0 ||
                              all->list[k].order != form->order))
        k++;
    if (k == WAYS)
        return;
    if (k == all->count) {
        way *added = &all->list[all->count++];
        *added = (way){.order = form->order, .row = row};
        memcpy(added->format, form->date, sizeof added->format);
    }
    all->list[k].count++;
}

/* %d and %m change places. */
static void swap_day_and_month(char *format)
{
    for (char *c = format; *c; c++)
        if (c[0] == '%' && (c[1] == 'd' || c[1] == 'm'))
            c[1] = c[1] == 'd' ? 'm' : 'd';
}

static bool fits(const way *other, const char *format)
{
    return strcmp(other->format, format) == 0;
}

/* Dates that can be either are what a sure one of the same form is; day first without. */
static void settle(ways *all)
{
    for (size_t k = 0; k < all->count;) {
        way *one = &all->list[k], *same = NULL;
        char swapped[CR_FORM_DATE_TEXT];
        memcpy(swapped, one->format, sizeof swapped);
        swap_day_and_month(swapped);
        for (size_t i = 0; one->order == CR_ORDER_EITHER && i < all->count; i++) {
            way *other = &all->list[i];
            bool alike = (other->order == CR_ORDER_DAY && fits(other, one->format)) ||
                         (other->order == CR_ORDER_MONTH && fits(other, swapped));
            same = alike ? other : same;
        }
        if (!same) {
            k++;
            continue;
        }
        same->count += one->count;
        *one = all->list[--all->count];
    }
}

/* The ways of the column, the most frequent first; none when most cells are no dates. */
static ways find_ways(const cr_look *look, size_t column, size_t tenths)
{
    ways all = {.count = 0};
    const cr_tally *t = &look->tallies[column];
    if (t->kinds[CR_FORM_DATE] < FEWEST ||
        t->kinds[CR_FORM_DATE] * 10 < t->present * tenths)
        return all;
    for (size_t i = 0; i < t->rows; i++) {
        cr_form form;
        cr_oddity_form(look, column, i, &form);
        if (form.kind == CR_FORM_DATE)
            add_way(&all, &form, i);
    }
    settle(&all);
    for (size_t k = 1; k < all.count; k++)
        if (all.list[k].count > all.list[0].count) {
            way most = all.list[k];
            all.list[k] = all.list[0];
            all.list[0] = most;
        }
    return all;
}

static void write_type(cr_oddity *found, const char *format)
{
    if (strncmp(format, "%Y-%m-%d", 8) == 0)
        snprintf(found->type, sizeof found->type, "\"date\"");
    else
        snprintf(found->type, sizeof found->type,
                 "{\"type\": \"date\", \"format\": \"%s\"}", format);
}

bool cr_oddity_dates_mixed(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    ways all = find_ways(look, column, 6);
    bool numbers = all.count > 0 && t->kinds[CR_FORM_NUMBER] > 0; /* days since 1900 */
    if (all.count < 2 && !numbers)
        return false;
    found->what = "dates written in several ways";
    found->so =
        "no one format reads them all: write them alike in the file, or the others "
        "are no dates to";
    for (size_t k = 0; k < all.count && k < 3; k++)
        cr_oddity_show(look, column, all.list[k].row, found);
    if (numbers)
        cr_oddity_show(look, column, t->first[CR_FORM_NUMBER], found);
    write_type(found, all.list[0].format);
    return true;
}

/* 20241231 or 202412: the format of whole numbers that are dates; NULL: they are none. */
static const char *find_compact(const cr_tally *t)
{
    bool days = true, months = true;
    for (size_t i = 0; i < t->rows; i++)
        if (t->codes[i] >= 0) {
            days &= cr_form_date_is_compact(t->values[i]);
            months &= cr_form_date_is_compact(t->values[i] * 100 + 1);
        }
    if (!t->numeric || t->whole < t->present || t->present < FEWEST ||
        t->different < FEWEST)
        return NULL;
    return days ? "%Y%m%d" : months ? "%Y%m" : NULL;
}

bool cr_oddity_dates_any(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    ways all = find_ways(look, column, 8);
    found->what = "dates";
    found->so = "to read them as dates:";
    if (all.count > 0) {
        if (all.list[0].order == CR_ORDER_EITHER) {
            found->what = "dates in which the day or the month may come first";
            found->so = "to read them with the day first (else %m before %d):";
        }
        write_type(found, all.list[0].format);
        cr_oddity_show(look, column, all.list[0].row, found);
        return true;
    }
    const char *compact = find_compact(t);
    if (!compact)
        return false;
    write_type(found, compact);
    cr_oddity_show(look, column, t->first[CR_FORM_NUMBER], found);
    return true;
}
