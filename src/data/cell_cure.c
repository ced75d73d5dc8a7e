#include "data/cell_cure.h"

#include "base/memory.h"
#include "data/date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* How numbers may be parted and their fraction marked. */
static const struct signs {
    char decimal, thousands;
} all_signs[] = {{'.', '\0'}, {'.', ','}, {'.', ' '}, {'.', '\''}, {'.', '_'},
                 {',', '\0'}, {',', '.'}, {',', ' '}, {',', '\''}, {',', '_'}};

/* A way to read a cell as a number. */
typedef struct reading {
    struct signs signs;
    double value;
} reading;

/* The ways to read the cell that differ in its value, two at most, as a number of this
 * kind; first those with the decimal mark that the format has. Returns how many. */
static size_t read_in_two_ways(const char *cell, size_t length, cr_number_format format,
                               reading out[2])
{
    char decimal = format.decimal;
    size_t found = 0;
    for (size_t i = 0; i < 2 * CR_COUNT(all_signs) && found < 2; i++) {
        const struct signs *signs = &all_signs[i % CR_COUNT(all_signs)];
        reading *r = &out[found];
        bool is_turn = (signs->decimal == decimal) == (i < CR_COUNT(all_signs));
        format.decimal = signs->decimal;
        format.thousands = signs->thousands;
        r->signs = *signs;
        found += is_turn && cr_number_format_parse(&format, cell, length, &r->value) &&
                 (found == 0 || r->value != out[0].value);
    }
    return found;
}

/* A text in quotes, as JSON has it. */
static void add_quoted(cr_text *out, const char *text)
{
    cr_text_add(out, "\"");
    for (; *text; text++)
        cr_text_add(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    cr_text_add(out, "\"");
}

/* "types": {"price": */
static void add_column(cr_text *out, const cr_cell *cell)
{
    char number[24];
    cr_text_add(out, "\"types\": {\"%s\": ",
                cr_cell_format_key(cell->column_name, cell->column, number));
}

/* "decimal": ",", "thousands": "." where they are not what holds already. */
static void add_signs(cr_text *out, const struct signs *signs,
                      const cr_number_format *now)
{
    const char *before = "";
    if (signs->decimal != now->decimal) {
        cr_text_add(out, "\"decimal\": \"%c\"", signs->decimal);
        before = ", ";
    }
    if (signs->thousands != now->thousands && signs->thousands)
        cr_text_add(out, "%s\"thousands\": \"%c\"", before, signs->thousands);
    else if (signs->thousands != now->thousands && now->thousands == signs->decimal)
        cr_text_add(out, "%s\"thousands\": \"none\"", before);
}

/* What to write for one reading: the keys of "data" where no type is needed, else the
 * column's type. `wanted` is the kind of number, `now` what holds of the column. */
static void add_reading(cr_text *out, const cr_cell *cell, const reading *r,
                        const char *type, const cr_cell_format *now, const char *unit)
{
    cr_text signs = {0};
    cr_number_format said = now->number;
    if (now->type != CR_CELL_ANY) /* then the whole object is written anew */
        said = (cr_number_format){.decimal = said.decimal == '.' ? '.' : '\0'};
    add_signs(&signs, &r->signs, &said);
    if (now->type == CR_CELL_ANY && !unit && signs.length &&
        strcmp(type, "number") == 0) {
        cr_text_add(out, "%s in \"data\"", signs.data);
    } else {
        add_column(out, cell);
        cr_text_add(out, signs.length || unit ? "{\"type\": \"%s\"" : "\"%s\"", type);
        if (unit) {
            cr_text_add(out, ", \"unit\": ");
            add_quoted(out, unit);
        }
        if (signs.length)
            cr_text_add(out, ", %s", signs.data);
        cr_text_add(out, signs.length || unit ? "}} in \"data\"" : "} in \"data\"");
    }
    cr_text_finish(&signs);
}

static bool add_readings(cr_text *out, const cr_cell *cell, const char *type,
                         const cr_cell_format *now, cr_number_format format)
{
    reading found[2];
    char number[CR_NUMBER_TEXT];
    size_t count = read_in_two_ways(cell->text, cell->length, format, found);
    for (size_t i = 0; i < count; i++) {
        cr_text_add(out, i > 0 ? ", " : "");
        add_reading(out, cell, &found[i], type, now, format.unit);
        cr_text_add(out, i > 0 ? " as %s" : " reads it as %s",
                    cr_number_format_double(found[i].value, number));
    }
    return count > 0;
}

/* The letters before or behind a number, into unit: 5 kg, EUR5, h 5. False where there
 * are both or none. */
static bool find_unit(const cr_cell *cell, char unit[24])
{
    const char *digits = "0123456789", *text = cell->text;
    size_t first = strcspn(text, digits), last = cell->length;
    while (last > first && !isdigit((unsigned char)text[last - 1]))
        last--;
    bool before = first > 0 && text[first - 1] != '-' && text[first - 1] != '.';
    if (first >= cell->length || before == (last < cell->length))
        return false;
    const char *at = before ? text : text + last;
    const char *end = before ? text + first : text + cell->length;
    while (at < end && *at == ' ')
        at++;
    while (at < end && end[-1] == ' ')
        end--;
    if (at == end || end - at >= 24 || !isalpha((unsigned char)*at))
        return false;
    memcpy(unit, at, (size_t)(end - at));
    unit[end - at] = '\0';
    return true;
}

/* The same behind a number, with digits in it: 123 m2, 5.6 l/100km. */
static bool find_unit_with_digits(const cr_cell *cell, char unit[24])
{
    size_t at = strspn(cell->text, "+-0123456789.,'_ ");
    size_t end = cell->length;
    while (end > at && cell->text[end - 1] == ' ')
        end--;
    if (at == 0 || at == end || end - at >= 24 ||
        memchr(cell->text + at, ' ', end - at) || !isdigit((unsigned char)*cell->text) ||
        !isalpha((unsigned char)cell->text[at]))
        return false;
    memcpy(unit, cell->text + at, end - at);
    unit[end - at] = '\0';
    return true;
}

static bool cure_number(const cr_cell *cell, const cr_column *column, cr_text *out)
{
    const cr_cell_format *now = column->format ? column->format : &cr_cell_format_plain;
    cr_number_format format = {.decimal = now->number.decimal};
    char unit[24];
    bool typed = now->type > CR_CELL_NUMBER && now->type <= CR_CELL_PERCENT;
    if (typed) { /* what it has been said to be, in another form */
        format = now->number;
        return add_readings(out, cell, cr_cell_format_types[now->type - 1], now, format);
    }
    format.unit = now->unit;
    if (add_readings(out, cell, "number", now, format))
        return true;
    format.currency = true;
    if (add_readings(out, cell, "currency", now, format))
        return true;
    format.currency = false;
    format.percent = true;
    if (add_readings(out, cell, "percent", now, format))
        return true;
    format.percent = false;
    format.unit = unit;
    return (find_unit(cell, unit) && add_readings(out, cell, "number", now, format)) ||
           (find_unit_with_digits(cell, unit) &&
            add_readings(out, cell, "number", now, format));
}

/* The ways to write a date, to which a time may be added. */
static const char *const days[] = {"%d.%m.%Y", "%d/%m/%Y",  "%m/%d/%Y", "%d-%m-%Y",
                                   "%m-%d-%Y", "%Y/%m/%d",  "%Y.%m.%d", "%d/%m/%y",
                                   "%m/%d/%y", "%d.%m.%y",  "%d %b %Y", "%d-%b-%Y",
                                   "%d-%b-%y", "%b %d, %Y", "%b %d %Y"};
static const char *const times[] = {
    "", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", ", %H:%M"};

enum { LONGEST_DATE = 40, FORMAT = 32 };

/* The formats that read the cell as different dates, two at most. */
static size_t find_formats(const char *cell, size_t length, char out[2][FORMAT])
{
    size_t found = 0;
    double first = 0, seconds = 0;
    size_t digits = 0;
    for (size_t i = 0; i < length; i++)
        digits += isdigit((unsigned char)cell[i]) != 0;
    bool maybe = length <= LONGEST_DATE && digits >= 3 && digits < length;
    for (size_t d = 0; maybe && d < CR_COUNT(days); d++)
        for (size_t t = 0; t < CR_COUNT(times) && found < 2; t++) {
            snprintf(out[found], FORMAT, "%s%s", days[d], times[t]);
            if (!cr_date_parse(out[found], cell, length, &seconds) ||
                (found > 0 && seconds == first))
                continue;
            first = seconds;
            found++;
        }
    return found;
}

static bool cure_date(const cr_cell *cell, cr_text *out)
{
    char formats[2][FORMAT];
    double seconds = 0;
    if (cr_date_parse(NULL, cell->text, cell->length, &seconds)) {
        add_column(out, cell);
        cr_text_add(out, "\"date\"} in \"data\" reads it");
        return true;
    }
    size_t count = find_formats(cell->text, cell->length, formats);
    for (size_t i = 0; i < count; i++) {
        cr_text_add(out, i > 0 ? ", or " : "");
        add_column(out, cell);
        cr_text_add(out, "{\"type\": \"date\", \"format\": \"%s\"}}", formats[i]);
    }
    cr_text_add(out, count > 0 ? " in \"data\" reads it" : "");
    return count > 0;
}

/* Whether the word is often written for a gap. */
static bool is_gap_word(const char *word)
{
    static const char *const words[] = {"-",
                                        "--",
                                        "---",
                                        "?",
                                        "??",
                                        ".",
                                        "..",
                                        "n.a.",
                                        "n.a",
                                        "#n/a",
                                        "n.d.",
                                        "nd",
                                        "nil",
                                        "none",
                                        "void",
                                        "missing",
                                        "unknown",
                                        "undefined",
                                        "not available",
                                        "<na>",
                                        "nat",
                                        "\\n",
                                        "#ref!",
                                        "#value!",
                                        "#div/0!",
                                        "tbd",
                                        "\xE2\x80\x93",
                                        "\xE2\x80\x94"};
    for (size_t i = 0; i < CR_COUNT(words); i++)
        if (strcasecmp(words[i], word) == 0)
            return true;
    return false;
}

bool cr_cell_cure_is_quantity(const char *cell, size_t length)
{
    reading found[2];
    char formats[2][FORMAT];
    const cr_number_format plain = {.decimal = '.'};
    const cr_number_format money = {.decimal = '.', .currency = true};
    const cr_number_format percent = {.decimal = '.', .percent = true};
    bool marked = *cell == '('; /* by more than a minus behind it */
    for (const char *c = cell; *c; c++)
        marked |= *c == '$' || isalpha((unsigned char)*c) || (unsigned char)*c >= 0x80;
    return strpbrk(cell, "0123456789") &&
           (read_in_two_ways(cell, length, plain, found) > 0 ||
            (marked && read_in_two_ways(cell, length, money, found) > 0) ||
            read_in_two_ways(cell, length, percent, found) > 0 ||
            find_formats(cell, length, formats) > 0);
}

void cr_cell_cure(const cr_cell *cell, const cr_column *column, cr_text *out)
{
    if (column->of_model)
        cr_text_add(out, "to read such cells, train with other keys: ");
    size_t length = out->length;
    if (is_gap_word(cell->text)) {
        cr_text_add(out, "\"missing_values\": [");
        add_quoted(out, cell->text);
        cr_text_add(out, "] in \"data\" takes it for a gap");
    } else if (column->kind == CR_COLUMN_DATE || !cure_number(cell, column, out)) {
        cure_date(cell, out);
    }
    if (out->length == length)
        cr_text_finish(out);
}
