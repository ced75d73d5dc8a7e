#include "data/table.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/csv.h"
#include "data/gzip.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PEEKED_ROWS = 20 };

const char *const cr_missing_names[] = {
    [CR_MISSING_ERROR] = "error",
    [CR_MISSING_DROP] = "drop",
    [CR_MISSING_MEAN] = "mean",
    [CR_MISSING_INDICATOR] = "indicator",
    NULL,
};

/* A look at the first rows: does the first one name what stands below it? */
typedef struct peek {
    cr_table_file *file;
    size_t rows;
    cr_names second; /* cells of the row below */
    struct peeked {
        bool word_above;
        size_t numbers, words; /* below */
        bool again;            /* the first cell stands below too */
        bool repeats;          /* the second one does */
    } * columns;               /* [file->columns] */
} peek;

bool cr_is_missing(const char *cell, size_t length)
{
    static const char *const spellings[] = {"?", "na", "n/a", "nan", "null"};
    if (length == 0)
        return true;
    bool maybe = length < 5 && strchr("?nN", *cell);
    for (size_t i = 0; maybe && i < sizeof spellings / sizeof spellings[0]; i++)
        if (strcasecmp(cell, spellings[i]) == 0)
            return true;
    return false;
}

static bool peek_first_row(peek *p, const cr_csv_row *row, cr_error *err)
{
    p->file->columns = row->count;
    for (size_t i = 0; i < row->count; i++)
        if (!cr_names_add(&p->file->first, row->cells[i], err))
            return false;
    p->columns = cr_alloc(row->count, sizeof *p->columns, err);
    double number = 0;
    for (size_t i = 0; p->columns && i < row->count; i++)
        p->columns[i].word_above =
            !cr_is_missing(row->cells[i], row->lengths[i]) &&
            !cr_parse_number(row->cells[i], row->lengths[i], &number);
    return p->columns != NULL;
}

/* 1,5 for 1.5. */
static bool has_decimal_comma(const char *cell, size_t length)
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
    return cr_parse_number(copy, length, &number);
}

static bool peek_row(void *user, const cr_csv_row *row, cr_error *err)
{
    peek *p = user;
    size_t index = p->rows++;
    if (index == 0)
        return peek_first_row(p, row, err);
    double number = 0;
    for (size_t i = 0; i < row->count && i < p->file->columns; i++) {
        struct peeked *column = &p->columns[i];
        const char *cell = row->cells[i];
        bool missing = cr_is_missing(cell, row->lengths[i]);
        bool is_number = cr_parse_number(cell, row->lengths[i], &number) ||
                         has_decimal_comma(cell, row->lengths[i]);
        column->numbers += !missing && is_number;
        column->words += !missing && !is_number;
        column->again |= strcmp(cell, p->file->first.items[i]) == 0;
        if (index == 1 && !cr_names_add(&p->second, cell, err))
            return false;
        column->repeats |=
            index > 1 && i < p->second.count && strcmp(cell, p->second.items[i]) == 0;
    }
    return true;
}

/* A word above numbers; or, where all are words, a line that is like none below it, while
 * some of those are alike; or a line of words alone. */
static bool is_header(const peek *p)
{
    bool over_numbers = false, all_words = true, numbers = false, again = false,
         repeats = false;
    for (size_t i = 0; i < p->file->columns; i++) {
        const struct peeked *column = &p->columns[i];
        over_numbers |= column->word_above && column->numbers > column->words;
        all_words &= column->word_above;
        numbers |= column->numbers > 0;
        again |= column->again;
        repeats |= column->repeats;
    }
    return over_numbers ||
           (all_words && (p->rows == 1 || (!numbers && !again && repeats)));
}

static size_t line_length(const char *text, size_t length)
{
    const char *end = memchr(text, '\n', length);
    return end ? (size_t)(end - text) + 1 : length;
}

static bool look_at_first_rows(cr_table_file *file, cr_error *err)
{
    peek p = {.file = file};
    cr_csv *csv = cr_csv_create(file->path, file->delimiter, peek_row, &p, err);
    size_t at = 0;
    bool good = csv != NULL;
    while (good && at < file->length && p.rows < PEEKED_ROWS) {
        size_t length = line_length(file->text + at, file->length - at);
        good = cr_csv_feed(csv, file->text + at, length, err);
        at += length;
    }
    if (good && at == file->length)
        good = cr_csv_end(csv, err);
    file->has_header = good && p.rows > 0 && is_header(&p);
    if (good && p.rows == 0)
        good = cr_fail(err, CR_E_DATA,
                       "%s: the file is empty; rows of data were expected", file->path);
    cr_csv_destroy(csv);
    cr_names_finish(&p.second);
    cr_free(p.columns);
    return good;
}

/* Whether a byte is beyond ASCII; a loop that is vectorised. */
static bool has_high_byte(const char *text, size_t length)
{
    unsigned char all = 0;
    for (size_t i = 0; i < length; i++)
        all |= (unsigned char)text[i];
    return all >= 0x80;
}

/* Names and classes go into the model, which is UTF-8. */
static bool check_utf8(const cr_table_file *file, cr_error *err)
{
    if (!has_high_byte(file->text, file->length))
        return true;
    if (memcmp(file->text, "\xFF\xFE", 2) == 0 || memcmp(file->text, "\xFE\xFF", 2) == 0)
        return cr_fail(err, CR_E_DATA,
                       "%s: it is in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)",
                       file->path);
    size_t line = 1, step = 0;
    for (size_t at = 0; at < file->length; at += step) {
        step = cr_utf8_length(file->text + at, file->length - at);
        if (step == 0)
            return cr_fail(err, CR_E_DATA,
                           "%s:%zu: not valid UTF-8; save it as UTF-8 (if it is Latin-1: "
                           "iconv -f LATIN1 -t UTF-8)",
                           file->path, line);
        line += file->text[at] == '\n';
    }
    return true;
}

bool cr_table_open(cr_table_file *file, const char *path, size_t max_bytes, cr_error *err)
{
    *file = (cr_table_file){0};
    file->path = cr_copy_text(path, strlen(path), err);
    cr_content content;
    if (!file->path ||
        !cr_gzip_read_all(path, max_bytes, "data.max_bytes allows", &content, err)) {
        cr_table_close(file);
        return false;
    }
    file->text = content.text;
    file->length = content.length;
    file->crc32 = content.crc32;
    if (!check_utf8(file, err)) {
        cr_table_close(file);
        return false;
    }
    size_t mark = cr_csv_mark(file->text, file->length);
    if (mark > 0) {
        file->length -= mark;
        memmove(file->text, file->text + mark, file->length + 1);
    }
    file->delimiter = cr_csv_delimiter(file->text, file->length);
    if (look_at_first_rows(file, err))
        return true;
    cr_table_close(file);
    return false;
}

void cr_table_close(cr_table_file *file)
{
    cr_names_finish(&file->first);
    cr_free(file->text);
    cr_free(file->path);
    *file = (cr_table_file){0};
}

/* For messages: "name" or a number. */
static const char *format_column(const cr_cell *cell, char out[96])
{
    if (cell->column_name)
        snprintf(out, 96, "\"%.80s\"", cell->column_name);
    else
        snprintf(out, 96, "%zu (from 0)", cell->column);
    return out;
}

static bool refuse_missing(const cr_cell *cell, const cr_column *column, cr_error *err)
{
    char name[96], found[80];
    snprintf(found, sizeof found,
             cell->length ? "\"%.60s\", a missing value" : "an empty cell", cell->text);
    format_column(cell, name);
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
        cr_nearest_name(cell->text, (const char *const *)known->items, known->count);
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: found \"%.60s\", which is not in the training data%s%.60s%s; "
        "to take such words for missing values, train with \"missing\": \"mean\" "
        "or \"indicator\"",
        cell->file, cell->line, format_column(cell, name), cell->text,
        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return false;
}

static bool refuse_number(const cr_cell *cell, const cr_column *column, bool infinite,
                          cr_error *err)
{
    char name[96];
    const char *why = "";
    if (has_decimal_comma(cell->text, cell->length))
        why = " with a decimal point, not a comma";
    else if (column->kind == CR_COLUMN_TARGET && !infinite && err && err->count == 0)
        why = ": with this loss the target is a number; words are classes, for "
              "\"softmax\", "
              "\"svm\" or \"logistic\"";
    cr_error_add(err, CR_E_DATA,
                 "%s:%zu: column %s: found \"%.60s\", expected a %snumber%s", cell->file,
                 cell->line, format_column(cell, name), cell->text,
                 infinite ? "finite " : "", why);
    return false;
}

/* In both builds alike. */
static bool is_finite(double number)
{
    return fabs(number) <= (double)FLT_MAX;
}

bool cr_cell_read(const cr_cell *cell, const cr_column *column, cr_missing missing,
                  double *value, cr_error *err)
{
    bool words = column->kind == CR_COLUMN_WORD;
    bool parsed = !words && cr_parse_number(cell->text, cell->length, value);
    if (parsed && is_finite(*value))
        return true;
    *value = NAN;
    bool may_miss = missing >= CR_MISSING_MEAN && column->kind != CR_COLUMN_TARGET;
    if (cr_is_missing(cell->text, cell->length))
        return may_miss || refuse_missing(cell, column, err);
    if (!words)
        return refuse_number(cell, column, parsed, err);
    int32_t place = cr_names_place(column->known, cell->text); /* −1 stays NaN */
    if (place >= 0)
        *value = (double)place;
    return place >= 0 || may_miss || refuse_word(cell, column->known, err);
}

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
    bool is_number = cr_parse_number(cell->text, cell->length, &number);
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
        cell->file, cell->line, format_column(cell, name), cell->text,
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
    if (guessed && has_decimal_comma(cell->text, cell->length))
        return refuse_number(cell, &f->columns[cell->column], false, err);
    if (guessed && cr_parse_number(cell->text, cell->length, &number))
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
        cell->file, cell->line, format_column(cell, name), CR_MOST_WORDS);
    return false;
}

static bool take_missing(filling *f, const cr_cell *cell, double *value, cr_error *err)
{
    const cr_column *column = &f->columns[cell->column];
    if (f->missing < CR_MISSING_MEAN || column->kind == CR_COLUMN_TARGET ||
        column->kind == CR_COLUMN_CLASS)
        return refuse_missing(cell, column, err);
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
    bool is_number = of_numbers && cr_parse_number(cell->text, cell->length, value);
    if (is_number && is_finite(*value))
        return true;
    if (cr_is_missing(cell->text, cell->length))
        return take_missing(f, cell, value, err);
    if (column->kind == CR_COLUMN_GUESS)
        decide(f, cell);
    if (column->kind == CR_COLUMN_CLASS)
        return cr_words_number(&table->classes, cell->text, cell->line,
                               &table->codes[table->rows], err);
    if (column->kind == CR_COLUMN_WORD && !column->known)
        return learn_word(f, cell, value, err);
    if (f->firsts[cell->column].line > 0 && of_numbers && !is_number &&
        !has_decimal_comma(cell->text, cell->length))
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
        if (cr_is_missing(row->cells[i], row->lengths[i]) ||
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
