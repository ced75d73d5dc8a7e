/* Numbers that are read as words, or as other numbers than were meant. */
#include "base/memory.h"
#include "data/oddity.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the separators of a column's cells show; counts of cells. */
typedef struct separators {
    size_t decimal_point, decimal_comma;
    size_t either_point, either_comma;
    char thousands;
    size_t plain; /* whole numbers below 1000: alike with separators and without */
} separators;

static separators find_separators(const cr_look *look, size_t column)
{
    separators s = {0};
    for (size_t i = 0; i < look->sample->rows; i++) {
        cr_form form;
        const char *cell = cr_sample_cell(look->sample, i, column);
        cr_oddity_form(look, column, i, &form);
        s.decimal_point += form.decimal == '.';
        s.decimal_comma += form.decimal == ',';
        s.either_point += form.either == '.';
        s.either_comma += form.either == ',';
        if (form.thousands)
            s.thousands = form.thousands;
        s.plain += form.kind == CR_FORM_NUMBER && form.whole && !strchr(cell, '.') &&
                   fabs(form.value) < 1000;
    }
    return s;
}

/* Settles what a separator before three digits is: of thousands, unless others of the
 * column show it to be decimal. */
static void decide(const cr_look *look, separators s, char *decimal, char *thousands)
{
    *thousands = s.thousands;
    *decimal = s.decimal_comma > s.decimal_point ? ',' : '.';
    if (s.either_comma > 0 && *decimal == '.') {
        bool decimals = look->delimiter == ';' && s.plain == 0 && s.decimal_point == 0 &&
                        s.thousands == 0 && s.either_point == 0;
        *thousands = decimals ? *thousands : ',';
        *decimal = decimals ? ',' : '.';
    }
    if (s.either_point > 0 && *decimal == ',')
        *thousands = '.';
    if (s.thousands == '.')
        *decimal = ',';
}

/* The entry in "types". */
static void write_type(cr_oddity *found, const char *type, const char *unit, char decimal,
                       char thousands)
{
    char more[2 * CR_FORM_UNIT_TEXT + 56] = "", quoted[2 * CR_FORM_UNIT_TEXT + 10];
    size_t used = 0;
    if (unit && *unit) {
        cr_oddity_quote(unit, quoted, sizeof quoted);
        used += (size_t)snprintf(more, sizeof more, ", \"unit\": %s", quoted);
    }
    if (decimal == ',')
        used += (size_t)snprintf(more + used, sizeof more - used, ", \"decimal\": \",\"");
    if (thousands)
        snprintf(more + used, sizeof more - used, ", \"thousands\": \"%c\"", thousands);
    snprintf(found->type, sizeof found->type, *more ? "{\"type\": \"%s\"%s}" : "\"%s\"%s",
             type, more);
}

/* The unit that most cells have, into out. Returns how many have it. */
static size_t find_unit(const cr_look *look, size_t column, char out[CR_FORM_UNIT_TEXT])
{
    enum { TRIED = 4 }; /* candidates: the first few that are found */
    char units[TRIED][CR_FORM_UNIT_TEXT] = {{0}};
    size_t counts[TRIED] = {0}, known = 0, best = 0;
    for (size_t i = 0; i < look->sample->rows; i++) {
        cr_form form;
        cr_oddity_form(look, column, i, &form);
        if (form.kind != CR_FORM_UNIT)
            continue;
        size_t k = 0;
        while (k < known && strcmp(units[k], form.unit) != 0)
            k++;
        if (k == known && known < TRIED)
            memcpy(units[known++], form.unit, sizeof form.unit);
        if (k < known)
            counts[k]++;
    }
    for (size_t k = 1; k < known; k++)
        best = counts[k] > counts[best] ? k : best;
    memcpy(out, units[best], CR_FORM_UNIT_TEXT);
    return known > 0 ? counts[best] : 0;
}

/* Classes are words, however they are written. */
static bool is_class(const cr_look *look, size_t column)
{
    return look->roles[column] == CR_LOOK_TARGET && look->classify;
}

/* The kinds of numbers with signs, and what is said of them. */
enum { GROUPED, PERCENT, CURRENCY, UNIT, SIGNS };

static const struct {
    cr_form_kind kind;
    const char *type, *what;
} signs[SIGNS] = {
    [GROUPED] = {CR_FORM_GROUPED, "number", "numbers with separators"},
    [PERCENT] = {CR_FORM_PERCENT, "percent", "numbers with a per cent sign"},
    [CURRENCY] = {CR_FORM_CURRENCY, "currency", "amounts of money"},
    [UNIT] = {CR_FORM_UNIT, "number", "numbers with a unit"},
};

/* The number that the cell begins with, with a decimal point or comma. */
static double read_plain(const char *cell)
{
    char text[32];
    double number = NAN;
    size_t length = strspn(cell, "+-0123456789.,");
    if (length >= sizeof text)
        return NAN;
    memcpy(text, cell, length);
    text[length] = '\0';
    char *comma = strchr(text, ',');
    if (comma)
        *comma = '.';
    return cr_number_parse(text, length, &number) ? number : (double)NAN;
}

bool cr_oddity_numbers_scales(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    size_t percents = 0, small = 0, fractions = 0, fraction = 0;
    for (size_t i = 0; t->kinds[CR_FORM_PERCENT] > 1 && i < t->rows; i++) {
        cr_form form;
        const char *cell = cr_sample_cell(look->sample, i, column);
        cr_oddity_form(look, column, i, &form);
        double number = read_plain(cell);
        if (form.kind == CR_FORM_PERCENT) {
            percents++;
            small += fabs(number) <= 1;
        } else if (form.kind == CR_FORM_NUMBER || form.kind == CR_FORM_GROUPED) {
            if (!(fabs(number) <= 1))
                return false; /* a sign is missing there */
            if (number != 0 && fractions++ == 0)
                fraction = i;
        }
    }
    if (fractions < 2 || small * 10 > percents)
        return false;
    found->what = "per cents and fractions of 1";
    found->so = "5% would be 5 and 0.05 less: write them alike in the file, or leave the "
                "column out with";
    cr_oddity_show(look, column, t->first[CR_FORM_PERCENT], found);
    cr_oddity_show(look, column, fraction, found);
    return true;
}

/* Whether numbers are measured in it; 12A, 14B may be seats. */
static bool is_known_unit(const char *unit)
{
    static const char *const units[] = {
        "mg",   "g",     "kg",    "KG",   "t",     "lb",     "lbs",   "oz",   "mm",
        "cm",   "m",     "km",    "in",   "ft",    "mi",     "miles", "yd",   "ml",
        "cl",   "l",     "L",     "gal",  "m²",    "m2",     "km²",   "sqm",  "sq ft",
        "sqft", "ha",    "acres", "acre", "qm",    "m³",     "kB",    "KB",   "MB",
        "GB",   "TB",    "ms",    "s",    "sec",   "min",    "mins",  "h",    "hr",
        "hrs",  "hours", "day",   "days", "weeks", "months", "years", "W",    "kW",
        "MW",   "hp",    "bhp",   "PS",   "mV",    "V",      "mA",    "Hz",   "kHz",
        "MHz",  "GHz",   "Pa",    "hPa",  "kPa",   "bar",    "mbar",  "psi",  "°C",
        "°F",   "km/h",  "mph",   "kWh",  "kcal",  "kJ",     "Std",   "Tage", "Jahre"};
    for (size_t i = 0; i < CR_COUNT(units); i++)
        if (strcmp(unit, units[i]) == 0)
            return true;
    return false;
}

bool cr_oddity_numbers_units(const cr_look *look, size_t column, cr_oddity *found)
{
    enum { SHOWN = 3 };
    char units[SHOWN][CR_FORM_UNIT_TEXT];
    const cr_tally *t = &look->tallies[column];
    size_t known = 0, plain = t->kinds[CR_FORM_NUMBER];
    if ((t->kinds[CR_FORM_UNIT] + plain) * 10 < t->present * 8)
        return false;
    for (size_t i = 0; t->kinds[CR_FORM_UNIT] > 1 && known < SHOWN && i < t->rows; i++) {
        cr_form form;
        cr_oddity_form(look, column, i, &form);
        bool is_new = form.kind == CR_FORM_UNIT && is_known_unit(form.unit);
        for (size_t k = 0; k < known; k++)
            is_new &= strcmp(units[k], form.unit) != 0;
        if (!is_new)
            continue;
        memcpy(units[known++], form.unit, sizeof form.unit);
        cr_oddity_show(look, column, i, found);
    }
    found->what = "numbers in several units";
    found->so = "one unit alone can be read: write them alike in the file, or leave the "
                "column out with";
    return known > 1;
}

bool cr_oddity_numbers_signs(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    size_t with_signs = 0, best = 0;
    for (size_t i = 0; i < SIGNS; i++) {
        with_signs += t->kinds[signs[i].kind];
        best = t->kinds[signs[i].kind] > t->kinds[signs[best].kind] ? i : best;
    }
    if (is_class(look, column) || with_signs < 2 ||
        (with_signs + t->kinds[CR_FORM_NUMBER]) * 10 < t->present * 8)
        return false;
    char unit[CR_FORM_UNIT_TEXT] = "", decimal = '.', thousands = 0;
    if (best == GROUPED && t->kinds[CR_FORM_CURRENCY] > 0)
        best = CURRENCY; /* 5- among others */
    else if (best == GROUPED && t->kinds[CR_FORM_PERCENT] > 0)
        best = PERCENT;
    else if (best == GROUPED && find_unit(look, column, unit) > 0 && is_known_unit(unit))
        best = UNIT;
    bool of_unit = best == UNIT;
    if (of_unit && find_unit(look, column, unit) * 10 < t->kinds[CR_FORM_UNIT] * 6)
        return false; /* 12A, 14B: seats */
    decide(look, find_separators(look, column), &decimal, &thousands);
    write_type(found, signs[best].type, of_unit ? unit : NULL, decimal, thousands);
    found->what = signs[best].what;
    found->so = "to read them as numbers:";
    cr_oddity_show(look, column, t->first[signs[best].kind], found);
    return true;
}

/* Whether another column has commas as decimal separators, or points between thousands
 * that can be nothing else. */
static bool is_european(const cr_look *look, size_t column)
{
    if (look->delimiter == ';')
        return true;
    for (size_t i = 0; i < look->columns; i++) {
        const cr_tally *t = &look->tallies[i];
        size_t with_signs = t->kinds[CR_FORM_GROUPED] + t->kinds[CR_FORM_CURRENCY] +
                            t->kinds[CR_FORM_PERCENT] + t->kinds[CR_FORM_UNIT];
        if (i == column || with_signs * 2 < t->present || with_signs == 0)
            continue;
        separators s = find_separators(look, i);
        if (s.decimal_comma > 0 || s.thousands == '.')
            return true;
    }
    return false;
}

bool cr_oddity_numbers_thousands(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column];
    if (is_class(look, column) || !t->numeric ||
        t->whole * 2 > t->present + t->present / 2)
        return false;
    size_t with_point = 0, short_ones = 0, long_ones = 0, row = t->rows;
    separators s = find_separators(look, column);
    for (size_t i = 0; i < t->rows; i++) {
        const char *cell = cr_sample_cell(look->sample, i, column);
        if (t->codes[i] < 0 || !strchr(cell, '.'))
            continue;
        with_point++;
        row = row == t->rows ? i : row;
        short_ones += fabs(t->values[i]) < 10;
        long_ones += fabs(t->values[i]) >= 10;
    }
    if (with_point < 3 || s.either_point < with_point ||
        with_point + s.plain < t->present)
        return false;
    if (s.plain == 0 && (short_ones == 0 || long_ones == 0) && !is_european(look, column))
        return false;
    found->what = "numbers with three digits behind every point";
    found->so = "if the point parts thousands, they are read a thousand times too small "
                "(if not, \"number\" says so); then:";
    write_type(found, "number", NULL, ',', '.');
    cr_oddity_show(look, column, row, found);
    return true;
}

/* Whether they are codes of digits, and one that shows it. */
static bool are_codes(const cr_look *look, size_t column, size_t *row)
{
    static const char *const codes[] = {"zip",      "zipcode",      "postcode", "plz",
                                        "postal",   "postleitzahl", "zcta",     "cep",
                                        "areacode", "naics",        "icd",      NULL};
    const cr_tally *t = &look->tallies[column];
    if (!t->numeric || t->whole < t->present || t->present < 3)
        return false;
    size_t with_zero = 0;
    *row = t->first[CR_FORM_NUMBER];
    for (size_t i = 0; i < t->rows; i++) {
        const char *cell = cr_sample_cell(look->sample, i, column);
        if (cell[0] == '0' && isdigit((unsigned char)cell[1]) && with_zero++ == 0)
            *row = i;
    }
    return with_zero > 1 ||
           (cr_oddity_is_called(look, column, codes) && t->different > 2);
}

bool cr_oddity_numbers_many_codes(const cr_look *look, size_t column, cr_oddity *found)
{
    enum { MANY = 1000 };
    size_t row = 0;
    const cr_tally *t = &look->tallies[column];
    bool sampled = look->sample->stride > 1 && t->different * 2 > t->present &&
                   t->present * look->sample->stride > 2 * (size_t)MANY;
    if ((look->words[column] <= MANY && (look->words[column] || !sampled)) ||
        !are_codes(look, column, &row))
        return false;
    found->what = "codes of digits, more than 1000 different ones";
    found->so =
        "01067 is no number, and as words each would be an input, which few rows tell "
        "of: leave them out with";
    cr_oddity_show(look, column, row, found);
    return true;
}

bool cr_oddity_numbers_codes(const cr_look *look, size_t column, cr_oddity *found)
{
    size_t row = 0;
    if (!are_codes(look, column, &row))
        return false;
    found->what = "codes of digits";
    found->so =
        "they are read as numbers, in which 01067 is 1067 and near 1068; as words:";
    cr_oddity_show(look, column, row, found);
    return true;
}
