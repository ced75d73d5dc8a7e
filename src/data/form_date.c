#include "data/form_date.h"

#include "base/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A text on its way to a format. */
typedef struct dating {
    const char *at; /* what is left of the text */
    cr_form *form;
    size_t length; /* of form->date */
    bool full;     /* the format is longer than form->date has room for */
} dating;

static void add(dating *d, const char *format, size_t length)
{
    d->full |= d->length + length >= sizeof d->form->date;
    if (d->full)
        return;
    memcpy(d->form->date + d->length, format, length);
    d->length += length;
    d->form->date[d->length] = '\0';
}

static void add_text(dating *d, const char *format)
{
    add(d, format, strlen(format));
}

/* Reads digits, at most `most`; their number is returned, 0 for none or more. */
static size_t read_number(dating *d, size_t most, unsigned *number)
{
    size_t digits = 0;
    *number = 0;
    for (; isdigit((unsigned char)d->at[digits]) && digits <= most; digits++)
        *number = *number * 10 + (unsigned)(d->at[digits] - '0');
    if (digits == 0 || digits > most)
        return 0;
    d->at += digits;
    return digits;
}

/* Reads an English month's name, whole or its first three letters: adds %B or %b. */
static bool read_month(dating *d)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    size_t letters = 0;
    while (isalpha((unsigned char)d->at[letters]))
        letters++;
    for (size_t i = 0; letters >= 3 && i < CR_COUNT(months); i++)
        if ((letters == 3 || letters == strlen(months[i])) &&
            strncasecmp(d->at, months[i], letters) == 0) {
            d->at += letters;
            add_text(d, letters == 3 ? "%b" : "%B");
            return true;
        }
    return false;
}

/* Takes the separators that stand there over into the format. */
static size_t read_separators(dating *d, const char *which)
{
    size_t length = strspn(d->at, which);
    add(d, d->at, length);
    d->at += length;
    return length;
}

static const char *year_format(size_t digits)
{
    return digits == 4 ? "%Y" : "%y";
}

/* Two or four digits, which are a year. */
static bool read_year(dating *d)
{
    unsigned year = 0;
    size_t digits = read_number(d, 4, &year);
    bool good = digits == 2 || (digits == 4 && year >= 1000 && year < 3000);
    if (good)
        add_text(d, year_format(digits));
    return good;
}

/* 3 Mar 2024, 03-Mar-24, 03MAR2024. */
static bool read_day_and_name(dating d, dating *after)
{
    unsigned day = 0;
    size_t digits = read_number(&d, 2, &day);
    if (digits == 0 || day < 1 || day > 31)
        return false;
    add_text(&d, "%d");
    read_separators(&d, " -./");
    if (!read_month(&d))
        return false;
    read_separators(&d, " -./,");
    *after = d;
    return read_year(after);
}

/* Mar 3, 2024; Mar 2024; Mar-24. */
static bool read_name_first(dating d, dating *after)
{
    unsigned day = 0;
    if (!read_month(&d))
        return false;
    if (read_separators(&d, " -./") == 0)
        return false;
    dating with_day = d;
    size_t digits = read_number(&with_day, 2, &day);
    if (digits > 0 && day >= 1 && day <= 31) {
        add_text(&with_day, "%d");
        if (read_separators(&with_day, " -./,") > 0 && read_year(&with_day)) {
            *after = with_day;
            return true;
        }
    }
    *after = d;
    return read_year(after);
}

/* 2024-03-01, 2024/03/01, 2024-03. */
static bool read_year_first(dating d, dating *after)
{
    unsigned year = 0, month = 0, day = 0;
    if (read_number(&d, 4, &year) != 4 || year < 1000 || year >= 3000)
        return false;
    add_text(&d, "%Y");
    char separator[2] = {*d.at, '\0'};
    if (!*d.at || !strchr("-/.", *d.at) || read_separators(&d, separator) != 1)
        return false;
    if (read_number(&d, 2, &month) == 0 || month < 1 || month > 12)
        return false;
    add_text(&d, "%m");
    *after = d;
    if (*d.at != separator[0])
        return separator[0] != '.'; /* 2024.03 is a number */
    read_separators(&d, separator);
    if (read_number(&d, 2, &day) == 0 || day < 1 || day > 31)
        return false;
    add_text(&d, "%d");
    *after = d;
    return true;
}

/* Which of two numbers is the day; a point stands behind days in the languages that have
 * it. */
static bool find_order(unsigned first, unsigned second, char separator, cr_form *form)
{
    bool day_first = first >= 1 && first <= 31 && second >= 1 && second <= 12;
    bool month_first = first >= 1 && first <= 12 && second >= 1 && second <= 31;
    form->order = day_first && month_first
                      ? separator == '.' ? CR_ORDER_DAY : CR_ORDER_EITHER
                  : day_first ? CR_ORDER_DAY
                              : CR_ORDER_MONTH;
    return day_first || month_first;
}

/* 31.12.2024, 12/31/24, 12/2024. */
static bool read_year_last(dating d, dating *after)
{
    unsigned first = 0, second = 0;
    size_t digits = read_number(&d, 2, &first), begin = d.length;
    char separator[2] = {*d.at, '\0'};
    if (digits == 0 || !*d.at || !strchr("-/.", *d.at))
        return false;
    dating short_one = d;
    add_text(&d, "%d");
    if (read_separators(&d, separator) != 1 || read_number(&d, 4, &second) == 0)
        return false;
    if (second >= 1000) { /* 12/2024 */
        add_text(&short_one, "%m");
        read_separators(&short_one, separator);
        *after = short_one;
        return first >= 1 && first <= 12 && separator[0] != '.' && read_year(after);
    }
    add_text(&d, "%m");
    if (!find_order(first, second, separator[0], d.form) ||
        read_separators(&d, separator) != 1 || !read_year(&d))
        return false;
    if (d.form->order == CR_ORDER_MONTH)
        memcpy(d.form->date + begin, (char[]){'%', 'm', separator[0], '%', 'd'}, 5);
    *after = d;
    return true;
}

/* AM or PM behind a time. */
static bool read_half(dating *d)
{
    const char *at = d->at + (*d->at == ' ');
    if (strncasecmp(at, "am", 2) != 0 && strncasecmp(at, "pm", 2) != 0)
        return false;
    add(d, d->at, (size_t)(at - d->at));
    add_text(d, "%p");
    d->at = at + 2;
    return true;
}

/* Z, +01:00, +0100. */
static void read_zone(dating *d)
{
    const char *at = d->at + (*d->at == ' ');
    size_t length = 0;
    if (*at == 'Z')
        length = 1;
    else if ((*at == '+' || *at == '-') && strspn(at + 1, "0123456789:") >= 2)
        length = 1 + strspn(at + 1, "0123456789:");
    if (length == 0)
        return;
    add(d, d->at, (size_t)(at - d->at));
    add_text(d, "%z");
    d->at = at + length;
}

/* 14:05, 2:05:30.25 PM. */
static bool read_time(dating *d)
{
    unsigned hour = 0, minute = 0, second = 0;
    if (read_number(d, 2, &hour) == 0 || hour > 24 || *d->at != ':')
        return false;
    size_t begin = d->length;
    add_text(d, "%H:%M");
    d->at++;
    if (read_number(d, 2, &minute) != 2 || minute > 59)
        return false;
    if (*d->at == ':') {
        d->at++;
        if (read_number(d, 2, &second) != 2 || second > 60)
            return false;
        add_text(d, ":%S");
        if (*d->at == '.' || *d->at == ',') {
            add(d, d->at, 1);
            d->at += 1 + strspn(d->at + 1, "0123456789");
            add_text(d, "%f");
        }
    }
    if (!read_half(d))
        read_zone(d);
    else if (!d->full)
        d->form->date[begin + 1] = 'I';
    return !d->full;
}

bool cr_form_date(const char *text, cr_form *form)
{
    if (!strpbrk(text, "0123456789"))
        return false;
    dating start = {.at = text, .form = form}, d = start;
    form->order = CR_ORDER_PLAIN;
    bool time_alone = read_time(&d);
    if (time_alone && !*d.at)
        return true;
    bool (*const ways[])(dating, dating *) = {read_year_first, read_year_last,
                                              read_day_and_name, read_name_first};
    for (size_t i = 0; i < CR_COUNT(ways); i++) {
        form->order = CR_ORDER_PLAIN;
        if (!ways[i](start, &d))
            continue;
        if (!*d.at && !d.full)
            return true;
        if (*d.at == 'T' || *d.at == ' ' || *d.at == ',') {
            read_separators(&d, "T ,");
            if (read_time(&d) && !*d.at)
                return true;
        }
    }
    form->date[0] = '\0';
    return false;
}

bool cr_form_date_is_compact(double number)
{
    if (!(number >= 19000101 && number <= 20991231))
        return false;
    unsigned date = (unsigned)number, month = date / 100 % 100, day = date % 100;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
