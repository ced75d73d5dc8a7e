#include "data/table.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "data/csv.h"
#include "data/gzip.h"
#include "data/words.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MOST_BAD = 10 }; /* cells that are reported */

typedef struct filling {
    cr_table *table;
    const cr_table_file *file;
    cr_column *columns;
    cr_missing missing;
    bool has_header, has_class;
    bool past_first;
    size_t first_line;
    size_t bad;
    struct first {
        size_t line;
        char text[40];
    } * firsts; /* [columns] of guesses: the cell that decided */
} filling;

/* A guess is decided by its first cell; whether the others agree is seen later. */
static void decide(filling *f, const cr_cell *cell)
{
    double number = 0;
    struct first *first = &f->firsts[cell->column];
    bool is_number = cr_number_parse(cell->text, cell->length, &number);
    first->line = cell->line;
    snprintf(first->text, sizeof first->text, "%s", cell->text);
    f->columns[cell->column].kind = is_number ? CR_COLUMN_NUMBER : CR_COLUMN_WORD;
}

static bool refuse_mixture(const filling *f, const cr_cell *cell, cr_error *err)
{
    const struct first *first = &f->firsts[cell->column];
    bool words = f->columns[cell->column].kind == CR_COLUMN_WORD;
    char name[96];
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: found \"%.60s\", expected a %s as in line %zu (\"%s\"); "
        "correct the cell, or list the column in \"categorical\" (all words) or in "
        "\"ignore\" in \"data\"",
        cell->file, cell->line, cr_cell_format_column(cell, name), cell->text,
        words ? "word" : "number", first->line, first->text);
    return false;
}

/* Of a column whose dictionary grows with what is found. */
static bool learn_word(filling *f, const cr_cell *cell, double *value, cr_error *err)
{
    cr_words *words = &f->table->words[cell->column];
    double number = 0;
    char name[96];
    int32_t place = 0;
    bool guessed = f->firsts[cell->column].line > 0;
    if (guessed && cr_cell_has_decimal_comma(cell->text, cell->length))
        return cr_cell_refuse_number(cell, &f->columns[cell->column], false, err);
    if (guessed && cr_number_parse(cell->text, cell->length, &number))
        return refuse_mixture(f, cell, err);
    if (!cr_words_number(words, cell->text, cell->line, &place, err))
        return false;
    *value = (double)place;
    if (words->names.count <= CR_MOST_WORDS)
        return true;
    f->bad = MOST_BAD; /* that is enough */
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: more than %d different words, which would each become "
        "an input of the network; leave the column out with \"ignore\" in \"data\"",
        cell->file, cell->line, cr_cell_format_column(cell, name), CR_MOST_WORDS);
    return false;
}

static bool take_missing(filling *f, const cr_cell *cell, double *value, cr_error *err)
{
    const cr_column *column = &f->columns[cell->column];
    if (f->missing < CR_MISSING_MEAN || column->kind == CR_COLUMN_TARGET ||
        column->kind == CR_COLUMN_CLASS)
        return cr_cell_refuse_missing(cell, column, err);
    f->table->missing[cell->column]++;
    *value = NAN;
    return true;
}

static bool fill_cell(filling *f, const cr_cell *cell, cr_error *err)
{
    cr_table *table = f->table;
    cr_column *column = &f->columns[cell->column];
    double *value = table->numbers + table->rows * table->width + column->to;
    bool of_numbers =
        column->kind == CR_COLUMN_NUMBER || column->kind == CR_COLUMN_TARGET;
    bool is_number = of_numbers && cr_number_parse(cell->text, cell->length, value);
    if (is_number && cr_cell_is_finite(*value))
        return true;
    if (cr_cell_is_missing(cell->text, cell->length))
        return take_missing(f, cell, value, err);
    if (column->kind == CR_COLUMN_GUESS)
        decide(f, cell);
    if (column->kind == CR_COLUMN_CLASS)
        return cr_words_number(&table->classes, cell->text, cell->line,
                               &table->codes[table->rows], err);
    if (column->kind == CR_COLUMN_WORD && !column->known)
        return learn_word(f, cell, value, err);
    if (f->firsts[cell->column].line > 0 && of_numbers && !is_number &&
        !cr_cell_has_decimal_comma(cell->text, cell->length))
        return refuse_mixture(f, cell, err);
    bool good = cr_cell_read(cell, column, f->missing, value, err);
    table->unknown += good && isnan(*value) ? 1 : 0; /* missing cells were seen to */
    return good;
}

/* Whether the row is one of those that `missing` leaves out. */
static bool leaves_out(const filling *f, const cr_csv_row *row)
{
    for (size_t i = 0; i < row->count && f->missing != CR_MISSING_ERROR; i++) {
        const cr_column *column = &f->columns[i];
        bool is_target =
            column->kind == CR_COLUMN_TARGET || column->kind == CR_COLUMN_CLASS;
        if (column->kind == CR_COLUMN_SKIP ||
            (f->missing != CR_MISSING_DROP && !is_target))
            continue;
        if (cr_cell_is_missing(row->cells[i], row->lengths[i]) ||
            (column->known && cr_names_place(column->known, row->cells[i]) < 0))
            return true;
    }
    return false;
}

/* Goes on after a bad cell, so that one message shows several. */
static bool fill_cells(filling *f, const cr_csv_row *row, cr_error *err)
{
    cr_cell cell = {.file = f->file->path, .line = row->line};
    for (size_t i = 0; i < row->count && f->bad < MOST_BAD; i++) {
        if (f->columns[i].kind == CR_COLUMN_SKIP)
            continue;
        cell.column_name = f->has_header ? f->file->first.items[i] : NULL;
        cell.column = i;
        cell.text = row->cells[i];
        cell.length = row->lengths[i];
        f->bad += !fill_cell(f, &cell, err);
        if (err && err->code == CR_E_MEMORY)
            return false;
    }
    if (f->bad >= MOST_BAD)
        cr_error_add(err, CR_E_DATA, "%s: there may be more; these came first",
                     f->file->path);
    return f->bad < MOST_BAD;
}

static bool fill_row(void *user, const cr_csv_row *row, cr_error *err)
{
    filling *f = user;
    cr_table *table = f->table;
    if (!f->past_first) {
        f->past_first = true;
        f->first_line = row->line;
        if (f->has_header)
            return true;
    }
    if (row->count != f->file->columns)
        return cr_fail(
            err, CR_E_DATA, "%s:%zu: found %zu cells, expected %zu as in line %zu",
            f->file->path, row->line, row->count, f->file->columns, f->first_line);
    if (leaves_out(f, row)) {
        table->left_out++;
        return true;
    }
    if (!cr_reserve(&table->numbers, &table->number_capacity,
                    (table->rows + 1) * (table->width ? table->width : 1),
                    sizeof *table->numbers, err))
        return false;
    if (f->has_class && !cr_reserve(&table->codes, &table->code_capacity, table->rows + 1,
                                    sizeof *table->codes, err))
        return false;
    if (!fill_cells(f, row, err))
        return false;
    table->rows++;
    return true;
}

bool cr_table_read(cr_table *table, const cr_table_file *file, bool has_header,
                   cr_column *columns, size_t width, cr_missing missing, cr_error *err)
{
    *table = (cr_table){.width = width, .columns = file->columns};
    filling f = {table, file, columns, .missing = missing, .has_header = has_header};
    for (size_t i = 0; i < file->columns; i++)
        f.has_class |= columns[i].kind == CR_COLUMN_CLASS;
    table->words = cr_alloc(file->columns, sizeof *table->words, err);
    table->missing = cr_alloc(file->columns, sizeof *table->missing, err);
    f.firsts = cr_alloc(file->columns, sizeof *f.firsts, err);
    cr_csv *csv = table->words && table->missing && f.firsts
                      ? cr_csv_create(file->path, file->delimiter, fill_row, &f, err)
                      : NULL;
    bool good = csv && cr_csv_feed(csv, file->text, file->length, err) &&
                cr_csv_end(csv, err) && f.bad == 0;
    cr_csv_destroy(csv);
    cr_free(f.firsts);
    if (good && table->rows == 0)
        good =
            table->left_out > 0
                ? cr_fail(err, CR_E_DATA, "%s: every row has a missing value", file->path)
                : cr_fail(err, CR_E_DATA,
                          "%s: a header line and no rows of data below it", file->path);
    if (!good)
        cr_table_finish(table);
    return good;
}

void cr_table_finish(cr_table *table)
{
    cr_free(table->numbers);
    cr_free(table->codes);
    cr_words_finish(&table->classes);
    for (size_t i = 0; table->words && i < table->columns; i++)
        cr_words_finish(&table->words[i]);
    cr_free(table->words);
    cr_free(table->missing);
    *table = (cr_table){0};
}
