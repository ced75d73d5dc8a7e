#include "data/cell.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/cell_cure.h"
#include "data/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *const cr_missing_names[] = {
    [CR_MISSING_ERROR] = "error",
    [CR_MISSING_DROP] = "drop",
    [CR_MISSING_MEAN] = "mean",
    [CR_MISSING_INDICATOR] = "indicator",
    NULL,
};

bool cr_cell_is_missing(const char *cell, size_t length)
{
    static const char *const spellings[] = {"?", "na", "n/a", "nan", "null"};
    if (length == 0)
        return true;
    bool maybe = length < 5 && strchr("?nN", *cell);
    for (size_t i = 0; maybe && i < CR_COUNT(spellings); i++)
        if (strcasecmp(cell, spellings[i]) == 0)
            return true;
    return false;
}

bool cr_cell_parse_formatted(const cr_column *column, const char *cell, size_t length,
                             double *value)
{
    const cr_cell_format *format = column->format;
    if (column->kind == CR_COLUMN_DATE)
        return cr_date_parse(format->date, cell, length, value);
    return cr_number_format_parse(&format->number, cell, length, value);
}

bool cr_cell_is_gap(const cr_column *column, const char *cell, size_t length)
{
    double number = 0;
    if (cr_cell_is_missing(cell, length))
        return true;
    if (!column->gaps)
        return false;
    const cr_column as_number = {.format = column->format};
    return cr_missing_words_have(column->gaps, cell) ||
           (column->gaps->numeric && column->kind != CR_COLUMN_DATE &&
            cr_cell_parse(&as_number, cell, length, &number) &&
            cr_missing_words_have_number(column->gaps, number));
}

/* For messages: "name" or a number. */
const char *cr_cell_format_column(const cr_cell *cell, char out[96])
{
    if (cell->column_name)
        snprintf(out, 96, "\"%.80s\"", cell->column_name);
    else
        snprintf(out, 96, "%zu (from 0)", cell->column);
    return out;
}

bool cr_cell_refuse_missing(const cr_cell *cell, const cr_column *column, cr_error *err)
{
    char name[96], found[80];
    snprintf(found, sizeof found,
             cell->length ? "\"%.60s\", a missing value" : "an empty cell", cell->text);
    cr_cell_format_column(cell, name);
    if (column->kind == CR_COLUMN_TARGET || column->kind == CR_COLUMN_CLASS)
        cr_error_add(
            err, CR_E_DATA,
            "%s:%zu: column %s: the target is missing: found %s; remove the row, "
            "or leave out such rows with \"missing\": \"drop\" in \"data\"",
            cell->file, cell->line, name, found);
    else
        cr_error_add(
            err, CR_E_DATA, "%s:%zu: column %s: found %s, expected a %s%s", cell->file,
            cell->line, name, found,
            column->kind == CR_COLUMN_WORD   ? "word"
            : column->kind == CR_COLUMN_DATE ? "date"
                                             : "number",
            err && err->count > 0 /* the cure was said */
                ? ""
                : "; missing values need \"missing\": \"mean\" or "
                  "\"indicator\" in \"data\" of the training (\"drop\" leaves out "
                  "such rows there, and predictions need them all)");
    return false;
}

static bool refuse_word(const cr_cell *cell, const cr_names *known, cr_error *err)
{
    char name[96];
    const char *near =
        cr_text_nearest(cell->text, (const char *const *)known->items, known->count);
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: found \"%.60s\", which is not in the training data%s%.60s%s; "
        "to take such words for missing values, train with \"missing\": \"mean\" "
        "or \"indicator\"",
        cell->file, cell->line, cr_cell_format_column(cell, name), cell->text,
        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return false;
}

/* What the column holds, for messages. */
static const char *expectation(const cr_column *column, char out[96])
{
    const cr_cell_format *format = column->format;
    if (column->kind != CR_COLUMN_DATE && format && *format->number.only) {
        snprintf(out, 96, "number in %.8s as in the training data", format->number.only);
        return out;
    }
    if (column->kind != CR_COLUMN_DATE)
        return "number";
    if (!format->date)
        return "date in ISO 8601 (2024-03-01)";
    snprintf(out, 96, "date as \"%.60s\" says", format->date);
    return out;
}

/* A number or date was expected. infinite: the text is a number that is not finite. */
static bool refuse_value(const cr_cell *cell, const cr_column *column, bool infinite,
                         cr_error *err)
{
    char name[96], expected[96];
    cr_text cure = {0};
    if (!infinite)
        cr_cell_cure(cell, column, &cure);
    const char *why = cure.length > 0 && !cure.failed ? cure.data : "";
    if (*why && err && strstr(err->text, why))
        why = ""; /* it was said */
    else if (!*why && column->kind == CR_COLUMN_TARGET && !infinite && err &&
             err->count == 0)
        why = ": with this loss the target is a number; words are classes, for "
              "\"softmax\", "
              "\"svm\" or \"logistic\"";
    cr_error_add(err, CR_E_DATA,
                 "%s:%zu: column %s: found \"%.60s\", expected a %s%s%s%s", cell->file,
                 cell->line, cr_cell_format_column(cell, name), cell->text,
                 infinite ? "finite " : "", expectation(column, expected),
                 cure.length > 0 && *why ? "; " : "", why);
    cr_text_finish(&cure);
    return false;
}

bool cr_cell_read(const cr_cell *cell, const cr_column *column, cr_missing missing,
                  double *value, cr_error *err)
{
    bool words = column->kind == CR_COLUMN_WORD;
    bool parsed = !words && cr_cell_parse(column, cell->text, cell->length, value);
    if (parsed && cr_cell_is_finite(*value) && !column->gaps)
        return true;
    double number = *value;
    *value = NAN;
    bool may_miss = missing >= CR_MISSING_MEAN && column->kind != CR_COLUMN_TARGET;
    if (cr_cell_is_gap(column, cell->text, cell->length))
        return may_miss || cr_cell_refuse_missing(cell, column, err);
    if (!words && (!parsed || !cr_cell_is_finite(number)))
        return refuse_value(cell, column, parsed, err);
    if (!words) {
        *value = number;
        return true;
    }
    int32_t place = cr_names_place(column->known, cell->text); /* −1 stays NaN */
    if (place >= 0)
        *value = (double)place;
    return place >= 0 || may_miss || refuse_word(cell, column->known, err);
}
