#include "data/form.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/form_date.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 63 };

/* Characters that are written in several ways, as ASCII. */
static const struct {
    const char *from;
    char to;
} spellings[] = {
    {"\xC2\xA0", ' '},      /* no-break space */
    {"\xE2\x80\xAF", ' '},  /* narrow no-break space */
    {"\xE2\x80\x89", ' '},  /* thin space */
    {"\xE2\x80\x99", '\''}, /* right single quotation mark */
    {"\xE2\x88\x92", '-'},  /* minus */
};

/* The cell with these in ASCII, without spaces at its ends. False when it is long. */
static bool simplify(const char *cell, size_t length, char out[LONGEST + 1])
{
    size_t used = 0;
    if (length > LONGEST)
        return false;
    for (size_t at = 0; at < length;) {
        char c = cell[at];
        size_t step = 1;
        for (size_t i = 0; (unsigned char)c >= 0x80 && i < CR_COUNT(spellings); i++)
            if (strncmp(cell + at, spellings[i].from, strlen(spellings[i].from)) == 0) {
                c = spellings[i].to;
                step = strlen(spellings[i].from);
            }
        if (used > 0 || c != ' ')
            out[used++] = c;
        at += step;
    }
    while (used > 0 && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
    return true;
}

static bool is_separator(char c)
{
    return c != '\0' && strchr(".,' _", c) != NULL;
}

/* Whether the separator `thousands` of text[0..length) parts groups of three digits. */
static bool has_groups(const char *text, size_t length, char thousands)
{
    size_t digits = 0, groups = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && text[i] != thousands) {
            digits++;
            continue;
        }
        if (groups++ == 0 ? digits < 1 || digits > 3 : digits != 3)
            return false;
        digits = 0;
    }
    return true;
}

/* What the separators of text[0..length), digits and separators, say. False when it is no
 * number. */
static bool read_separators(const char *text, size_t length, cr_form *form)
{
    size_t count = 0, last = 0;
    bool two = false;
    for (size_t i = 0; i < length; i++)
        if (is_separator(text[i])) {
            two |= count > 0 && text[i] != text[last];
            last = i;
            count++;
        } else if (!isdigit((unsigned char)text[i])) {
            return false;
        }
    if (count == 0)
        return length > 0;
    char separator = text[last];
    bool can_be_decimal = separator == '.' || separator == ',';
    if (two) { /* 1.234,5: the last is the decimal one, and stands once */
        char thousands = text[strcspn(text, ".,' _")];
        form->decimal = separator;
        form->thousands = thousands;
        return can_be_decimal && !memchr(text, separator, last) &&
               has_groups(text, last, thousands);
    }
    bool groups = has_groups(text, length, separator);
    bool begins_with_zero = text[0] == '0';
    if (count == 1 && can_be_decimal && groups && !begins_with_zero)
        form->either = separator;
    else if (count == 1 && can_be_decimal)
        form->decimal = separator;
    else
        form->thousands = separator;
    return form->thousands == 0 || (groups && !begins_with_zero);
}

/* In small letters, codes are units more often: 2 cup. */
static bool is_currency(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (islower((unsigned char)text[i]))
            return false;
    return cr_number_format_is_currency(text, length);
}

/* Letters and the signs that units are written with, behind a number. 1st, 2nd, 3rd and
 * 4th are words. */
static bool is_unit_behind(const char *text, size_t length)
{
    static const char *const ordinals[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < CR_COUNT(ordinals); i++)
        if (length == 2 && memcmp(text, ordinals[i], 2) == 0)
            return false;
    for (size_t i = 0; i < length; i++) {
        bool fits = isalpha((unsigned char)text[i]) || (unsigned char)text[i] >= 0x80 ||
                    strchr("/ .\"'*^+", text[i]);
        if (!fits)
            return false;
    }
    return length <= 16;
}

/* Before a number stand ids ("A-1043") more often than units; these are none. */
static bool is_unit_before(const char *text, size_t length)
{
    static const char *const signs[] = {"<",  ">",   "<=",  ">=", "≤",   "≥",
                                        "~",  "≈",   "ca.", "kr", "kr.", "zł",
                                        "Kč", "Fr.", "Rs",  "Rs."};
    for (size_t i = 0; i < CR_COUNT(signs); i++)
        if (strlen(signs[i]) == length && memcmp(text, signs[i], length) == 0)
            return true;
    return false;
}

/* Takes the characters of `which` off both ends of text[*from..*to). */
static bool strip(const char *text, size_t *from, size_t *to, const char *which)
{
    size_t length = *to - *from;
    while (*from < *to && strchr(which, text[*from]))
        ++*from;
    while (*from < *to && strchr(which, text[*to - 1]))
        --*to;
    return *to - *from < length;
}

/* What stands before and behind the digits decides. */
static cr_form_kind of_affixes(const char *before, size_t before_length,
                               const char *behind, size_t behind_length, cr_form *form)
{
    bool percent = behind_length == 1 && *behind == '%';
    if (percent && before_length == 0)
        return CR_FORM_PERCENT;
    if (before_length + behind_length == 0)
        return CR_FORM_GROUPED;
    if (before_length > 0 && behind_length > 0)
        return CR_FORM_WORD;
    const char *unit = before_length > 0 ? before : behind;
    size_t length = before_length + behind_length;
    if (is_currency(unit, length))
        return CR_FORM_CURRENCY;
    bool fits =
        before_length > 0 ? is_unit_before(unit, length) : is_unit_behind(unit, length);
    if (!fits || length >= sizeof form->unit)
        return CR_FORM_WORD;
    memcpy(form->unit, unit, length);
    form->unit[length] = '\0';
    return CR_FORM_UNIT;
}

static cr_form_kind of_number(const char *text, cr_form *form)
{
    size_t length = strlen(text), first = strcspn(text, "0123456789"), last = length;
    if (first == length)
        return CR_FORM_WORD;
    while (!isdigit((unsigned char)text[last - 1]))
        last--;
    first -= first > 0 && (text[first - 1] == '.' || text[first - 1] == ',');
    if (!read_separators(text + first, last - first, form))
        return CR_FORM_WORD;
    size_t from = 0, to = first, behind = last, end = length;
    strip(text, &from, &to, " +-(");
    bool in_parentheses = first > 0 && text[0] == '(' && text[length - 1] == ')';
    bool minus_behind = strip(text, &behind, &end, " -)") && text[length - 1] == '-';
    cr_form_kind kind =
        of_affixes(text + from, to - from, text + behind, end - behind, form);
    if (kind == CR_FORM_GROUPED && (in_parentheses || minus_behind))
        return CR_FORM_CURRENCY;
    return kind;
}

/* Whether the config says how numbers, or dates, are written. */
static bool has_format(const cr_column *column)
{
    return column->kind == CR_COLUMN_DATE ||
           (column->format && column->kind != CR_COLUMN_WORD &&
            column->kind != CR_COLUMN_CLASS);
}

/* A plain number; one with three digits behind its point may be more. */
static bool read_number(const cr_column *column, const char *cell, size_t length,
                        cr_form *form)
{
    bool formatted = has_format(column);
    bool read = formatted ? cr_cell_parse_formatted(column, cell, length, &form->value)
                          : cr_number_parse(cell, length, &form->value);
    if (!read || !cr_cell_is_finite(form->value))
        return false;
    size_t sign = cell[0] == '-' || cell[0] == '+';
    form->whole = floor(form->value) == form->value;
    if (!formatted && strchr(cell, '.'))
        read_separators(cell + sign, length - sign, form);
    return true;
}

void cr_form_of(const cr_column *column, const char *cell, size_t length, cr_form *form)
{
    char text[LONGEST + 1];
    *form = (cr_form){.kind = CR_FORM_WORD};
    if (cr_cell_is_gap(column, cell, length))
        form->kind = CR_FORM_MISSING;
    else if (read_number(column, cell, length, form))
        form->kind = CR_FORM_NUMBER;
    else if (simplify(cell, length, text))
        form->kind = cr_form_date(text, form) ? CR_FORM_DATE : of_number(text, form);
}
