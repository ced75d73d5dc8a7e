#include "data/sources/table_file.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "data/cell.h"
#include "data/cell_cure.h"
#include "data/date.h"
#include "data/sources/table_columns.h"
#include "data/table_text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PEEKED_ROWS = 20 };

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
        bool says;             /* a cell is not empty, the first one or one below */
    } * columns;               /* [file->columns] */
} peek;

/* A number or a date, however it is written. */
static bool is_quantity(const char *cell, size_t length)
{
    double value = 0;
    return cr_number_parse(cell, length, &value) ||
           cr_date_parse(NULL, cell, length, &value) ||
           cr_cell_cure_is_quantity(cell, length);
}

/* Whether a cell is empty, or what pandas calls a column without a name: "Unnamed: 4". */
static bool is_no_name(const char *cell)
{
    static const char unnamed[] = "Unnamed: ";
    return *cell == '\0' || strncmp(cell, unnamed, sizeof unnamed - 1) == 0;
}

static bool peek_first_row(peek *p, const cr_csv_row *row, cr_error *err)
{
    p->file->columns = row->count;
    for (size_t i = 0; i < row->count; i++)
        if (!cr_names_add(&p->file->first, row->cells[i], err))
            return false;
    p->columns = cr_alloc(row->count, sizeof *p->columns, err);
    for (size_t i = 0; p->columns && i < row->count; i++) {
        p->columns[i].word_above = !cr_cell_is_missing(row->cells[i], row->lengths[i]) &&
                                   !is_quantity(row->cells[i], row->lengths[i]);
        p->columns[i].says = !is_no_name(row->cells[i]);
    }
    return p->columns != NULL;
}

static bool peek_row(void *user, const cr_csv_row *row, cr_error *err)
{
    peek *p = user;
    if (p->rows == PEEKED_ROWS)
        return false;
    size_t index = p->rows++;
    if (index == 0)
        return peek_first_row(p, row, err);
    for (size_t i = 0; i < row->count && i < p->file->columns; i++) {
        struct peeked *column = &p->columns[i];
        const char *cell = row->cells[i];
        bool missing = cr_cell_is_missing(cell, row->lengths[i]);
        bool is_number = is_quantity(cell, row->lengths[i]);
        column->numbers += !missing && is_number;
        column->words += !missing && !is_number;
        column->says |= row->lengths[i] > 0;
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
        if (p->file->empty_last && i + 1 == p->file->columns)
            continue;
        over_numbers |= column->word_above && column->numbers > column->words;
        all_words &= column->word_above;
        numbers |= column->numbers > 0;
        again |= column->again;
        repeats |= column->repeats;
    }
    return over_numbers ||
           (all_words && (p->rows == 1 || (!numbers && !again && repeats)));
}

/* Keeps a piece for the reading. */
static bool keep(cr_table_file *file, const char *piece, size_t length, cr_error *err)
{
    if (!cr_reserve(&file->head, &file->head_room, file->head_length + length + 1, 1,
                    err))
        return false;
    if (length > 0)
        memcpy(file->head + file->head_length, piece, length);
    file->head_length += length;
    return true;
}

/* Reads as much as the first rows need, and what can be read once only to its end. */
static bool read_first_rows(cr_table_file *file, cr_csv *csv, const peek *p,
                            cr_error *err)
{
    const char *piece = NULL;
    size_t length = 1;
    while (length > 0 && (p->rows < PEEKED_ROWS || file->whole)) {
        if (!cr_table_text_read(file->text, &piece, &length, err) ||
            !keep(file, piece, length, err))
            return false;
        if (p->rows < PEEKED_ROWS && !cr_csv_feed(csv, piece, length, err) &&
            p->rows < PEEKED_ROWS)
            return false;
    }
    if (length == 0)
        file->crc32 = cr_table_text_crc32(file->text);
    return length > 0 || p->rows == PEEKED_ROWS || cr_csv_end(csv, err);
}

/* What the text has from here on. */
static bool read_rest(cr_table_file *file, cr_csv *csv, cr_error *err)
{
    const char *piece = NULL;
    size_t length = 1;
    while (length > 0)
        if (!cr_table_text_read(file->text, &piece, &length, err) ||
            !cr_csv_feed(csv, piece, length, err))
            return false;
    file->crc32 = cr_table_text_crc32(file->text);
    return cr_csv_end(csv, err);
}

static bool open_text(cr_table_file *file, cr_error *err)
{
    const cr_source *source = file->source;
    file->text =
        cr_table_text_open(source->path, &source->format, source->max_bytes, err);
    return file->text != NULL;
}

static bool read_rows(cr_table_file *file, cr_csv *csv, cr_error *err)
{
    if (file->head && !cr_csv_feed(csv, file->head, file->head_length, err))
        return false;
    if (file->whole)
        return cr_csv_end(csv, err);
    return (file->head || open_text(file, err)) && read_rest(file, csv, err);
}

bool cr_table_file_read(cr_table_file *file, cr_csv_on_row on_row, void *user,
                        cr_error *err)
{
    if (file->source->arrays)
        return cr_table_columns_read(file->source, on_row, user, err);
    cr_csv *csv = cr_csv_create(file->path, &file->source->format, on_row, user, err);
    bool good = csv && read_rows(file, csv, err);
    cr_csv_destroy(csv);
    if (file->whole)
        return good;
    cr_table_text_close(file->text);
    cr_free(file->head);
    file->text = NULL;
    file->head = NULL;
    return good;
}

/* Whether the last cell of the row, of as many as the first row has, is empty. */
static bool check_last(void *user, const cr_csv_row *row, cr_error *err)
{
    (void)err;
    const cr_table_file *file = user;
    return row->count != file->columns || is_no_name(row->cells[row->count - 1]);
}

/* Whether the last of several columns, of which the first rows say nothing, is empty to
 * the end. */
static bool is_last_empty(cr_table_file *file)
{
    cr_error ignored = CR_ERROR_INIT; /* reading says what is wrong with the file */
    return cr_table_file_read(file, check_last, file, &ignored);
}

static bool look_at_first_rows(cr_table_file *file, cr_error *err)
{
    peek p = {.file = file};
    cr_error why = CR_ERROR_INIT;
    cr_csv *csv = cr_csv_create(file->path, &file->source->format, peek_row, &p, &why);
    bool good = csv && read_first_rows(file, csv, &p, &why);
    if (good) /* what is wrong behind the first rows is found once more */
        file->delimiter = cr_csv_delimiter(csv);
    else
        cr_error_add(err, why.code, "%s", why.text);
    file->kept_line = csv ? cr_csv_kept_line(csv) : 0;
    file->empty_last = good && p.rows > 1 && file->columns > 1 &&
                       !p.columns[file->columns - 1].says && is_last_empty(file);
    file->has_header = good && p.rows > 0 && is_header(&p);
    if (good && p.rows == 0)
        good = cr_fail(err, CR_E_DATA,
                       "%s: the file is empty; rows of data were expected", file->path);
    cr_csv_destroy(csv);
    cr_names_finish(&p.second);
    cr_free(p.columns);
    return good;
}

/* Whether the file can be read again. */
static bool is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* A table in memory has names, and nothing to guess. */
static bool look_at_columns(cr_table_file *file, cr_error *err)
{
    file->has_header = true;
    file->columns = file->source->arrays->column_count;
    return cr_table_columns_open(file->source, &file->first, err);
}

bool cr_table_file_open(cr_table_file *file, const cr_source *source, cr_error *err)
{
    *file = (cr_table_file){
        .source = source, .path = source->path, .whole = !is_regular(source->path)};
    bool good = source->arrays ? look_at_columns(file, err)
                               : open_text(file, err) && look_at_first_rows(file, err);
    if (good)
        return true;
    cr_table_file_close(file);
    return false;
}

bool cr_table_file_refuse_count(const cr_table_file *file, const cr_csv_row *row,
                                size_t first_line, cr_error *err)
{
    const char *cure =
        row->count < file->columns
            ? "remove the line if it is no row, such as one below the table "
              "(\"comment_prefix\" in \"data\" skips lines that begin with a sign); else "
              "a "
              "cell is missing, or a quote makes one of two"
        : row->line <= first_line + PEEKED_ROWS
            ? "if there are lines above the table, \"skip_rows\" in \"data\" skips them; "
              "else a cell with a delimiter in it needs quotes"
            : "a cell with a delimiter in it needs quotes, and a quote in it is doubled; "
              "correct or remove the line";
    return cr_fail(err, CR_E_DATA,
                   "%s:%zu: found %zu cell%s, expected %zu as in line %zu; %s",
                   file->path, row->line, row->count, row->count == 1 ? "" : "s",
                   file->columns, first_line, cure);
}

void cr_table_file_close(cr_table_file *file)
{
    cr_names_finish(&file->first);
    cr_table_text_close(file->text);
    cr_free(file->head);
    *file = (cr_table_file){0};
}
