#include "data/cell.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <float.h>
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

/* 1,5 for 1.5. */
bool cr_cell_has_decimal_comma(const char *cell, size_t length)
{
    char copy[40];
    double number = 0;
    char *comma = NULL;
    snprintf(copy, sizeof copy, "%s", cell);
    if (length < sizeof copy)
        comma = strchr(copy, ',');
    if (!comma)
        return false;
    *comma = '.';
    return cr_number_parse(copy, length, &number);
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
            cell->line, name, found, column->kind == CR_COLUMN_WORD ? "word" : "number",
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

bool cr_cell_refuse_number(const cr_cell *cell, const cr_column *column, bool infinite,
                           cr_error *err)
{
    char name[96];
    const char *why = "";
    if (cr_cell_has_decimal_comma(cell->text, cell->length))
        why = " with a decimal point, not a comma";
    else if (column->kind == CR_COLUMN_TARGET && !infinite && err && err->count == 0)
        why = ": with this loss the target is a number; words are classes, for "
              "\"softmax\", "
              "\"svm\" or \"logistic\"";
    cr_error_add(err, CR_E_DATA,
                 "%s:%zu: column %s: found \"%.60s\", expected a %snumber%s", cell->file,
                 cell->line, cr_cell_format_column(cell, name), cell->text,
                 infinite ? "finite " : "", why);
    return false;
}

bool cr_cell_is_finite(double number)
{
    return fabs(number) <= (double)FLT_MAX;
}

bool cr_cell_read(const cr_cell *cell, const cr_column *column, cr_missing missing,
                  double *value, cr_error *err)
{
    bool words = column->kind == CR_COLUMN_WORD;
    bool parsed = !words && cr_number_parse(cell->text, cell->length, value);
    if (parsed && cr_cell_is_finite(*value))
        return true;
    *value = NAN;
    bool may_miss = missing >= CR_MISSING_MEAN && column->kind != CR_COLUMN_TARGET;
    if (cr_cell_is_missing(cell->text, cell->length))
        return may_miss || cr_cell_refuse_missing(cell, column, err);
    if (!words)
        return cr_cell_refuse_number(cell, column, parsed, err);
    int32_t place = cr_names_place(column->known, cell->text); /* −1 stays NaN */
    if (place >= 0)
        *value = (double)place;
    return place >= 0 || may_miss || refuse_word(cell, column->known, err);
}
