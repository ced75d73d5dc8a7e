#include "data/sources/table_guess.h"

#include "data/cell_cure.h"

#include <stdio.h>
#include <string.h>

/* The column as one of another kind. */
static cr_column of_kind(const cr_column *column, cr_column_kind kind)
{
    cr_column as = *column;
    as.kind = kind;
    if (kind == CR_COLUMN_DATE && !as.format)
        as.format = &cr_cell_format_plain;
    return as;
}

/* Whether the cell can be read in a column of another kind. */
static bool is_of_kind(const cr_cell *cell, const cr_column *column, cr_column_kind kind)
{
    double value = 0;
    cr_column as = of_kind(column, kind);
    return cr_cell_parse(&as, cell->text, cell->length, &value);
}

void cr_table_guess_decide(cr_table_guess *guess, const cr_cell *cell, cr_column *column)
{
    guess->line = cell->line;
    snprintf(guess->text, sizeof guess->text, "%s", cell->text);
    *column =
        of_kind(column, is_of_kind(cell, column, CR_COLUMN_NUMBER) ? CR_COLUMN_NUMBER
                        : is_of_kind(cell, column, CR_COLUMN_DATE) ? CR_COLUMN_DATE
                                                                   : CR_COLUMN_WORD);
}

static const char *name_of(cr_column_kind kind)
{
    return kind == CR_COLUMN_WORD ? "word" : kind == CR_COLUMN_DATE ? "date" : "number";
}

bool cr_table_guess_refuse(const cr_table_guess *guess, const cr_cell *cell,
                           cr_column *column, cr_error *err)
{
    char name[96];
    cr_text cure = {0};
    cr_cell blamed = *cell;
    if (column->kind == CR_COLUMN_WORD) { /* the first one is what is no number */
        blamed.text = guess->text;
        blamed.length = strlen(guess->text);
    }
    cr_cell_cure(&blamed, column, &cure);
    bool cured = cure.length > 0 && !cure.failed;
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: found \"%.60s\", expected a %s as in line %zu (\"%s\"); %s",
        cell->file, cell->line, cr_cell_format_column(cell, name), cell->text,
        name_of(column->kind), guess->line, guess->text,
        cured ? cure.data
              : "correct the cell, or list the column in \"categorical\" (all words) or "
                "in \"ignore\", or the word in \"missing_values\" (a gap) in \"data\"");
    cr_text_finish(&cure);
    if (cured)
        column->kind = CR_COLUMN_SKIP;
    return false;
}

/* A column that would be of words, but its first cell is an amount or a date. */
static bool refuse_quantity(const cr_cell *cell, cr_column *column, cr_error *err)
{
    char name[96];
    cr_text cure = {0};
    cr_cell_cure(cell, column, &cure);
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: found \"%.60s\", which does not look like a word; %s (if "
        "such cells are words, list the column in \"categorical\")",
        cell->file, cell->line, cr_cell_format_column(cell, name), cell->text,
        cure.length > 0 && !cure.failed ? cure.data : "");
    cr_text_finish(&cure);
    column->kind = CR_COLUMN_SKIP;
    return false;
}

bool cr_table_guess_check_word(const cr_table_guess *guess, const cr_cell *cell,
                               cr_column *column, cr_error *err)
{
    bool is_quantity = cr_cell_cure_is_quantity(cell->text, cell->length);
    if (is_quantity && cell->line == guess->line)
        return refuse_quantity(cell, column, err);
    return (!is_quantity && !is_of_kind(cell, column, CR_COLUMN_NUMBER) &&
            !is_of_kind(cell, column, CR_COLUMN_DATE)) ||
           cr_table_guess_refuse(guess, cell, column, err);
}

bool cr_table_guess_check_currency(cr_table_guess *guess, const cr_cell *cell,
                                   cr_error *err)
{
    char currency[CR_CURRENCY], name[96];
    cr_number_format_find_currency(cell->text, cell->length, currency);
    if (!*currency || strcmp(currency, guess->currency) == 0)
        return true;
    if (guess->currency_line == 0) {
        guess->currency_line = cell->line;
        memcpy(guess->currency, currency, sizeof currency);
        return true;
    }
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: found \"%.60s\", expected an amount in %s as in line "
        "%zu; amounts in several currencies cannot be compared: convert them, or "
        "leave the column out with \"ignore\" in \"data\"",
        cell->file, cell->line, cr_cell_format_column(cell, name), cell->text,
        guess->currency, guess->currency_line);
    return false;
}
