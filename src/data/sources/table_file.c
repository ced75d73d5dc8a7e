#include "data/sources/table_file.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "data/cell.h"
#include "data/cell_cure.h"
#include "data/csv.h"
#include "data/date.h"
#include "data/gzip.h"

#include <stdio.h>
#include <string.h>

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
        p->columns[i].says = row->lengths[i] > 0;
    }
    return p->columns != NULL;
}

static bool peek_row(void *user, const cr_csv_row *row, cr_error *err)
{
    peek *p = user;
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

static size_t line_length(const char *text, size_t length)
{
    const char *end = memchr(text, '\n', length);
    return end ? (size_t)(end - text) + 1 : length;
}

/* Whether the last cell of the row, of as many as the first row has, is empty. */
static bool check_last(void *user, const cr_csv_row *row, cr_error *err)
{
    (void)err;
    const cr_table_file *file = user;
    return row->count != file->columns || row->lengths[row->count - 1] == 0;
}

/* Whether the last of several columns, of which the first rows say nothing, is empty to
 * the end. */
static bool is_last_empty(cr_table_file *file)
{
    cr_error ignored = CR_ERROR_INIT; /* reading says what is wrong with the file */
    cr_csv *csv = cr_csv_create(file->path, file->delimiter, check_last, file, &ignored);
    bool empty = csv && cr_csv_feed(csv, file->text, file->length, &ignored) &&
                 cr_csv_end(csv, &ignored);
    cr_csv_destroy(csv);
    return empty;
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
        step = cr_text_utf8_length(file->text + at, file->length - at);
        if (step == 0)
            return cr_fail(err, CR_E_DATA,
                           "%s:%zu: not valid UTF-8; save it as UTF-8 (if it is Latin-1: "
                           "iconv -f LATIN1 -t UTF-8)",
                           file->path, line);
        line += file->text[at] == '\n';
    }
    return true;
}

bool cr_table_file_open(cr_table_file *file, const cr_source *source, cr_error *err)
{
    const char *path = source->path;
    *file = (cr_table_file){0};
    file->path = cr_text_copy(path, strlen(path), err);
    cr_content content;
    if (!file->path || !cr_gzip_read_all(path, source->max_bytes, "data.max_bytes allows",
                                         &content, err)) {
        cr_table_file_close(file);
        return false;
    }
    file->text = content.text;
    file->length = content.length;
    file->crc32 = content.crc32;
    if (!check_utf8(file, err)) {
        cr_table_file_close(file);
        return false;
    }
    size_t mark = cr_csv_mark(file->text, file->length);
    if (mark > 0) {
        file->length -= mark;
        memmove(file->text, file->text + mark, file->length + 1);
    }
    file->delimiter = source->format.delimiter;
    if (!file->delimiter)
        file->delimiter = cr_csv_delimiter(file->text, file->length);
    if (look_at_first_rows(file, err))
        return true;
    cr_table_file_close(file);
    return false;
}

void cr_table_file_close(cr_table_file *file)
{
    cr_names_finish(&file->first);
    cr_free(file->text);
    cr_free(file->path);
    *file = (cr_table_file){0};
}
