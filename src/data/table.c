#include "data/table.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/csv.h"
#include "data/gzip.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PEEKED_ROWS = 20 };

bool cr_names_add(cr_names *names, const char *text, cr_error *err)
{
    if (!cr_reserve(&names->items, &names->capacity, names->count + 1,
                    sizeof *names->items, err))
        return false;
    char *copy = cr_copy_text(text, strlen(text), err);
    if (!copy)
        return false;
    names->items[names->count++] = copy;
    return true;
}

bool cr_names_find(const cr_names *names, const char *text, size_t *position)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], text) == 0) {
            *position = i;
            return true;
        }
    return false;
}

void cr_names_finish(cr_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        cr_free(names->items[i]);
    cr_free(names->items);
    *names = (cr_names){0};
}

/* A look at the first rows: does the first one name what stands below it? */
typedef struct peek {
    cr_table_file *file;
    size_t rows;
    bool *word_above, *numbers_below; /* per column; [columns] each */
} peek;

static bool is_missing(const char *cell)
{
    return *cell == '\0' || strcmp(cell, "?") == 0 || strcasecmp(cell, "na") == 0;
}

static bool peek_first_row(peek *p, const cr_csv_row *row, cr_error *err)
{
    p->file->columns = row->count;
    for (size_t i = 0; i < row->count; i++)
        if (!cr_names_add(&p->file->first, row->cells[i], err))
            return false;
    p->word_above = cr_alloc(row->count, sizeof(bool), err);
    p->numbers_below = cr_alloc(row->count, sizeof(bool), err);
    if (!p->word_above || !p->numbers_below)
        return false;
    double number = 0;
    for (size_t i = 0; i < row->count; i++)
        p->word_above[i] = !is_missing(row->cells[i]) &&
                           !cr_parse_number(row->cells[i], row->lengths[i], &number);
    return true;
}

static bool peek_row(void *user, const cr_csv_row *row, cr_error *err)
{
    peek *p = user;
    size_t index = p->rows++;
    if (index == 0)
        return peek_first_row(p, row, err);
    double number = 0;
    for (size_t i = 0; i < row->count && i < p->file->columns; i++) {
        bool is_number = cr_parse_number(row->cells[i], row->lengths[i], &number);
        if (index == 1)
            p->numbers_below[i] = is_number;
        else if (!is_number && !is_missing(row->cells[i]))
            p->numbers_below[i] = false;
    }
    return true;
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
    bool all_words =
        good && p.rows == 1; /* one line without a number: names of nothing */
    for (size_t i = 0; good && i < file->columns; i++) {
        file->has_header |= p.word_above[i] && p.numbers_below[i];
        all_words &= p.word_above[i];
    }
    file->has_header |= all_words;
    if (good && p.rows == 0)
        good = cr_fail(err, CR_E_DATA,
                       "%s: the file is empty; rows of data were expected", file->path);
    cr_csv_destroy(csv);
    cr_free(p.word_above);
    cr_free(p.numbers_below);
    return good;
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

/* The place of a word in the hash table, or the empty one where it belongs (linear
 * probing). */
static uint32_t *find_slot(const cr_table *table, const char *word)
{
    size_t at = 14695981039346656037u;
    for (const char *c = word; *c; c++)
        at = (at ^ (unsigned char)*c) * 1099511628211u;
    for (;; at++) {
        uint32_t *slot = &table->slots[at % table->slot_count];
        if (*slot == 0 || strcmp(table->words.items[*slot - 1], word) == 0)
            return slot;
    }
}

static bool grow_slots(cr_table *table, cr_error *err)
{
    size_t wanted = table->slot_count ? table->slot_count * 2 : 64;
    uint32_t *slots = cr_alloc(wanted, sizeof *slots, err);
    if (!slots)
        return false;
    cr_free(table->slots);
    table->slots = slots;
    table->slot_count = wanted;
    for (size_t i = 0; i < table->words.count; i++)
        *find_slot(table, table->words.items[i]) = (uint32_t)i + 1;
    return true;
}

static bool code_word(cr_table *table, const char *word, size_t line, int32_t *code,
                      cr_error *err)
{
    if (table->words.count * 2 >= table->slot_count && !grow_slots(table, err))
        return false;
    uint32_t *slot = find_slot(table, word);
    if (*slot == 0) {
        if (table->words.count >= INT32_MAX || !cr_names_add(&table->words, word, err) ||
            !cr_reserve(&table->word_lines, &table->line_capacity, table->words.count,
                        sizeof *table->word_lines, err))
            return false;
        table->word_lines[table->words.count - 1] = line;
        *slot = (uint32_t)table->words.count;
    }
    *code = (int32_t)*slot - 1;
    return true;
}

bool cr_cell_number(const char *file, size_t line, const char *column_name, size_t column,
                    const char *cell, size_t length, cr_real *number, cr_error *err)
{
    double value = 0;
    bool parsed = cr_parse_number(cell, length, &value);
    *number = (cr_real)value;
    if (parsed && isfinite(*number))
        return true;
    char name[96];
    if (column_name)
        snprintf(name, sizeof name, "\"%.80s\"", column_name);
    else
        snprintf(name, sizeof name, "%zu (from 0)", column);
    if (length == 0)
        return cr_fail(err, CR_E_DATA,
                       "%s:%zu: column %s: found an empty cell, expected a number", file,
                       line, name);
    return cr_fail(err, CR_E_DATA,
                   "%s:%zu: column %s: found \"%.60s\", expected a %snumber", file, line,
                   name, cell, parsed ? "finite " : "");
}

typedef struct filling {
    cr_table *table;
    const cr_table_file *file;
    const cr_column *columns;
    bool has_header, has_words;
    bool past_first;
    size_t first_line;
} filling;

static bool fill_cells(filling *f, const cr_csv_row *row, cr_error *err)
{
    cr_table *table = f->table;
    cr_real *numbers = table->numbers + table->rows * table->width;
    for (size_t i = 0; i < row->count; i++) {
        if (f->columns[i].kind == CR_COLUMN_NUMBER) {
            const char *name = f->has_header ? f->file->first.items[i] : NULL;
            if (!cr_cell_number(f->file->path, row->line, name, i, row->cells[i],
                                row->lengths[i], &numbers[f->columns[i].to], err))
                return false;
        } else if (f->columns[i].kind == CR_COLUMN_WORD) {
            if (row->lengths[i] == 0)
                return cr_fail(err, CR_E_DATA, "%s:%zu: the class is an empty cell",
                               f->file->path, row->line);
            if (!code_word(table, row->cells[i], row->line, &table->codes[table->rows],
                           err))
                return false;
        }
    }
    return true;
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
    if (!cr_reserve(&table->numbers, &table->number_capacity,
                    (table->rows + 1) * (table->width ? table->width : 1),
                    sizeof *table->numbers, err))
        return false;
    if (f->has_words && !cr_reserve(&table->codes, &table->code_capacity, table->rows + 1,
                                    sizeof *table->codes, err))
        return false;
    if (!fill_cells(f, row, err))
        return false;
    table->rows++;
    return true;
}

bool cr_table_read(cr_table *table, const cr_table_file *file, bool has_header,
                   const cr_column *columns, size_t width, cr_error *err)
{
    *table = (cr_table){.width = width};
    filling f = {table, file, columns, .has_header = has_header};
    for (size_t i = 0; i < file->columns; i++)
        f.has_words |= columns[i].kind == CR_COLUMN_WORD;
    cr_csv *csv = cr_csv_create(file->path, file->delimiter, fill_row, &f, err);
    bool good =
        csv && cr_csv_feed(csv, file->text, file->length, err) && cr_csv_end(csv, err);
    cr_csv_destroy(csv);
    if (good && table->rows == 0)
        good = cr_fail(err, CR_E_DATA, "%s: a header line and no rows of data below it",
                       file->path);
    if (!good)
        cr_table_finish(table);
    return good;
}

void cr_table_finish(cr_table *table)
{
    cr_free(table->numbers);
    cr_free(table->codes);
    cr_names_finish(&table->words);
    cr_free(table->word_lines);
    cr_free(table->slots);
    *table = (cr_table){0};
}
