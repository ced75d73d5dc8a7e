#include "data/date.h"

#include "base/memory.h"
#include "data/calendar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const months[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};

static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};

/* What a text says, and how far it has been read. */
typedef struct reading {
    const char *at, *end;
    int year, month, day, day_of_year; /* the last 0: it is not said */
    int hour, minute, second;
    int half;                /* of the day: 0 am, 1 pm; -1: not said */
    int hour_12;             /* 1 to 12; 0: not said */
    int short_year, weekday; /* -1: not said */
    int offset;              /* east of UTC, in seconds */
    double fraction;         /* of a second */
    bool is_epoch;           /* seconds since 1970 were said: */
    double epoch;
} reading;

static bool take(reading *r, char c)
{
    bool there = r->at < r->end && *r->at == c;
    r->at += there;
    return there;
}

/* A whole number of at least `least` and at most `most` digits, from low to high: with
 * fewer digits where more would be too many. */
static bool take_number(reading *r, const int digits[2], const int range[2], int *number)
{
    int value = 0, count = 0, good_value = -1, good_count = 0;
    while (count < digits[1] && r->at + count < r->end &&
           isdigit((unsigned char)r->at[count])) {
        value = value * 10 + (r->at[count++] - '0');
        if (count >= digits[0] && value >= range[0] && value <= range[1]) {
            good_value = value;
            good_count = count;
        }
    }
    r->at += good_count;
    *number = good_value;
    return good_count > 0;
}

/* Digits behind a decimal point of seconds, as many as there are. */
static bool take_fraction(reading *r, int most)
{
    double digits = 0, scale = 1;
    int count = 0;
    for (; r->at < r->end && isdigit((unsigned char)*r->at) && count < most; count++) {
        if (count < 15) {
            digits = digits * 10 + (*r->at - '0');
            scale *= 10;
        }
        r->at++;
    }
    r->fraction = digits / scale;
    return count > 0;
}

/* Z, +01, +0100, +01:00, +01:00:30. */
static bool take_offset(reading *r)
{
    static const int two[] = {2, 2}, hours[] = {0, 23}, sixty[] = {0, 59};
    int hour = 0, minute = 0, second = 0;
    if (take(r, 'Z') || take(r, 'z'))
        return true;
    bool west = take(r, '-');
    if ((!west && !take(r, '+')) || !take_number(r, two, hours, &hour))
        return false;
    bool colon = take(r, ':');
    if (take_number(r, two, sixty, &minute)) {
        if (colon && take(r, ':') && !take_number(r, two, sixty, &second))
            return false;
    } else if (colon) {
        return false;
    }
    r->offset = (hour * 60 + minute) * 60 + second;
    r->offset = west ? -r->offset : r->offset;
    return true;
}

/* The number of the name that stands there, whole or its first three letters; -1. */
static int take_name(reading *r, const char *const *names, int count)
{
    size_t left = (size_t)(r->end - r->at);
    for (int i = 0; i < count; i++) {
        size_t length = strlen(names[i]);
        bool whole = left >= length && strncasecmp(r->at, names[i], length) == 0;
        if (whole || (left >= 3 && strncasecmp(r->at, names[i], 3) == 0)) {
            r->at += whole ? length : 3;
            return i;
        }
    }
    return -1;
}

static bool take_epoch(reading *r)
{
    bool negative = take(r, '-');
    double value = 0;
    int count = 0;
    for (; r->at < r->end && isdigit((unsigned char)*r->at) && count < 12; count++)
        value = value * 10 + (*r->at++ - '0');
    r->is_epoch = true;
    r->epoch = negative ? -value : value;
    return count > 0;
}

static void take_spaces(reading *r)
{
    while (r->at < r->end && isspace((unsigned char)*r->at))
        r->at++;
}

/* Directives that are a whole number. */
static const struct number {
    char letter;
    int digits[2], range[2];
    size_t offset; /* of an int in a reading */
} numbers[] = {
    {'Y', {4, 4}, {1, 9999}, offsetof(reading, year)},
    {'m', {1, 2}, {1, 12}, offsetof(reading, month)},
    {'d', {1, 2}, {1, 31}, offsetof(reading, day)},
    {'j', {1, 3}, {1, 366}, offsetof(reading, day_of_year)},
    {'y', {2, 2}, {0, 99}, offsetof(reading, short_year)},
    {'H', {1, 2}, {0, 23}, offsetof(reading, hour)},
    {'I', {1, 2}, {1, 12}, offsetof(reading, hour_12)},
    {'M', {1, 2}, {0, 59}, offsetof(reading, minute)},
    {'S', {1, 2}, {0, 60}, offsetof(reading, second)},
};

/* The others, but for those that are made of several; %Z is UTC or GMT. */
static const char other_directives[] = "bBaApzZfs%";

/* The directives that one stands for; NULL. */
static const char *composite(char letter)
{
    switch (letter) {
    case 'T':
        return "%H:%M:%S";
    case 'R':
        return "%H:%M";
    case 'F':
        return "%Y-%m-%d";
    case 'D':
        return "%m/%d/%y";
    default:
        return NULL;
    }
}

static bool take_word(reading *r, const char *word)
{
    size_t length = strlen(word);
    bool there =
        (size_t)(r->end - r->at) >= length && strncasecmp(r->at, word, length) == 0;
    r->at += there ? length : 0;
    return there;
}

static bool take_other(reading *r, char letter)
{
    int month = 0;
    switch (letter) {
    case 'b':
    case 'B':
        month = take_name(r, months, 12);
        r->month = month + 1;
        return month >= 0;
    case 'a':
    case 'A':
        r->weekday = take_name(r, weekdays, 7);
        return r->weekday >= 0;
    case 'p':
        r->half = take_word(r, "am") ? 0 : take_word(r, "pm") ? 1 : -1;
        return r->half >= 0;
    case 'z':
        return take_offset(r);
    case 'Z':
        return take_word(r, "utc") || take_word(r, "gmt") || take_word(r, "z");
    case 'f':
        return take_fraction(r, 9);
    case 's':
        return take_epoch(r);
    default:
        return take(r, '%');
    }
}

static bool take_directive(reading *r, char letter)
{
    for (size_t i = 0; i < CR_COUNT(numbers); i++)
        if (numbers[i].letter == letter)
            return take_number(r, numbers[i].digits, numbers[i].range,
                               (int *)(void *)((char *)r + numbers[i].offset));
    return take_other(r, letter);
}

/* The text as far as the format goes. */
static bool take_format(reading *r, const char *format)
{
    bool good = true;
    for (const char *f = format; good && *f; f++) {
        if (*f == '%') {
            const char *several = composite(*++f);
            for (; good && several && *several; several++)
                good =
                    *several == '%' ? take_directive(r, *++several) : take(r, *several);
            good = good && (composite(*f) || take_directive(r, *f));
        } else if (isspace((unsigned char)*f)) {
            take_spaces(r);
        } else {
            good = take(r, *f);
        }
    }
    return good && r->at == r->end;
}

/* ISO 8601 as cr_date_parse says. */
static bool take_iso(reading *r)
{
    static const int four[] = {4, 4}, two[] = {2, 2}, years[] = {1, 9999};
    static const int month[] = {1, 12}, day[] = {1, 31}, hours[] = {0, 23},
                     minutes[] = {0, 59}, seconds[] = {0, 60};
    if (!take_number(r, four, years, &r->year) || !take(r, '-') ||
        !take_number(r, two, month, &r->month) || !take(r, '-') ||
        !take_number(r, two, day, &r->day))
        return false;
    if (r->at == r->end)
        return true;
    if ((!take(r, 'T') && !take(r, 't') && !take(r, ' ')) ||
        !take_number(r, two, hours, &r->hour) || !take(r, ':') ||
        !take_number(r, two, minutes, &r->minute))
        return false;
    if (take(r, ':') && !take_number(r, two, seconds, &r->second))
        return false;
    if ((take(r, '.') || take(r, ',')) && !take_fraction(r, 30))
        return false;
    take(r, ' ');
    return r->at == r->end || (take_offset(r) && r->at == r->end);
}

/* What was read, as an instant. False for a day that there is not. */
static bool settle(reading *r, double *seconds)
{
    if (r->is_epoch) {
        *seconds = r->epoch;
        return true;
    }
    if (r->short_year >= 0) /* as POSIX has it */
        r->year = r->short_year + (r->short_year < 69 ? 2000 : 1900);
    if (r->hour_12 > 0)
        r->hour = r->hour_12 % 12 + (r->half == 1 ? 12 : 0);
    if (r->day > cr_calendar_days_of_month(r->year, r->month) ||
        r->day_of_year > 365 + cr_calendar_is_leap(r->year))
        return false;
    long days = cr_calendar_days(r->year, r->month, r->day);
    days += r->day_of_year > 0 ? r->day_of_year - 1 : 0;
    if (r->weekday >= 0 && r->weekday != cr_calendar_weekday(days))
        return false;
    long whole = days * 86400 + r->hour * 3600L + r->minute * 60L + r->second - r->offset;
    *seconds = (double)whole + r->fraction;
    return true;
}

bool cr_date_parse(const char *format, const char *text, size_t length, double *seconds)
{
    if (!format && (length < 10 || text[4] != '-')) /* most cells */
        return false;
    reading r = {.at = text,
                 .end = text + length,
                 .year = 1970,
                 .month = 1,
                 .day = 1,
                 .half = -1,
                 .short_year = -1,
                 .weekday = -1};
    return (format ? take_format(&r, format) : take_iso(&r)) && settle(&r, seconds);
}

/* Notes the directive in seen[256]. False with why where it is not known. */
static bool note_directive(char letter, bool *seen, char why[CR_DATE_WHY])
{
    const char *several = composite(letter);
    for (; several && *several; several++)
        if (*several == '%' && !note_directive(*++several, seen, why))
            return false;
    bool known = composite(letter) || (letter && strchr(other_directives, letter));
    for (size_t i = 0; i < CR_COUNT(numbers); i++)
        known |= numbers[i].letter == letter;
    if (!known) {
        snprintf(why, CR_DATE_WHY,
                 "%%%.1s is none of %%Y %%m %%d %%H %%M %%S %%y %%b %%B %%I %%p %%j %%z "
                 "%%Z %%f %%a %%A %%s %%T %%R %%F %%D %%%%",
                 (char[]){letter, '\0'});
        return false;
    }
    if (letter != '%' && seen[(unsigned char)letter]) {
        snprintf(why, CR_DATE_WHY, "%%%c is there twice", letter);
        return false;
    }
    seen[(unsigned char)letter] = true;
    return true;
}

/* Directives that say the same, or nothing without another one. */
static const char *contradiction(const bool *seen)
{
    bool month = seen['m'] || seen['b'] || seen['B'], any = month || seen['d'];
    for (const char *c = "YyjHIMSfs"; *c; c++)
        any |= seen[(unsigned char)*c];
    if (!any)
        return "it names no part of a date, as %Y, %m, %d or %H do";
    if (seen['s'] && (month || seen['Y'] || seen['y'] || seen['d'] || seen['H']))
        return "%s, seconds since 1970, stands alone";
    if ((seen['Y'] && seen['y']) || seen['m'] + seen['b'] + seen['B'] > 1)
        return "it has the year or the month twice";
    if (seen['j'] && (month || seen['d']))
        return "%j, the day of the year, says the month and the day already";
    if (seen['H'] && seen['I'])
        return "it has the hour twice, as %H and as %I";
    if ((seen['a'] || seen['A']) && !seen['d'] && !seen['j'])
        return "%a, the weekday, says nothing without %d, the day";
    if (seen['p'] != seen['I'])
        return "%I, the hour from 1 to 12, and %p, am or pm, go together";
    return NULL;
}

bool cr_date_check_format(const char *format, char why[CR_DATE_WHY])
{
    bool seen[256] = {false};
    for (const char *f = format; *f; f++)
        if (*f == '%' && !note_directive(*++f, seen, why))
            return false;
    const char *wrong = contradiction(seen);
    if (wrong)
        snprintf(why, CR_DATE_WHY, "%s", wrong);
    return wrong == NULL;
}
