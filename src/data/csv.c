#include "data/csv.h"

#include "base/memory.h"

#include <csv.h>
#include <stdint.h>
#include <string.h>

struct cr_csv {
    struct csv_parser parser;
    const char *name;
    cr_csv_on_row on_row;
    void *user;
    cr_error *err;
    char delimiter;
    bool failed;
    bool in_row; /* libcsv has seen a part of a row, or may have */
    size_t line; /* where the row began */
    bool after_cr;
    char *text; /* the row's cells, each ended with a 0 */
    size_t used, capacity;
    size_t count, room; /* cells of the row; for how many the lists below have room */
    size_t *starts, *lengths;
    const char **cells;
};

static bool make_room(cr_csv *csv, size_t bytes)
{
    if (!cr_reserve(&csv->text, &csv->capacity, csv->used + bytes, 1, csv->err))
        return false;
    if (csv->count < csv->room)
        return true;
    size_t room = csv->room, also = csv->room, cells = csv->room, wanted = csv->count + 1;
    if (!cr_reserve(&csv->starts, &room, wanted, sizeof *csv->starts, csv->err) ||
        !cr_reserve(&csv->lengths, &also, wanted, sizeof *csv->lengths, csv->err) ||
        !cr_reserve(&csv->cells, &cells, wanted, sizeof *csv->cells, csv->err))
        return false;
    csv->room = room; /* the three grow alike */
    return true;
}

static void on_cell(void *cell, size_t length, void *user)
{
    cr_csv *csv = user;
    if (csv->failed)
        return;
    bool fits = csv->count < csv->room && csv->used + length < csv->capacity;
    if (!fits && !make_room(csv, length + 1)) {
        csv->failed = true;
        return;
    }
    csv->starts[csv->count] = csv->used;
    csv->lengths[csv->count++] = length;
    if (length > 0)
        memcpy(csv->text + csv->used, cell, length);
    csv->used += length;
    csv->text[csv->used++] = '\0';
}

static bool emit_row(cr_csv *csv)
{
    for (size_t i = 0; i < csv->count; i++)
        csv->cells[i] = csv->text + csv->starts[i];
    cr_csv_row row = {csv->line, csv->count, csv->cells, csv->lengths};
    return csv->on_row(csv->user, &row, csv->err);
}

/* Line ends inside quoted cells. */
static size_t count_lines(const char *text, size_t length)
{
    size_t lines = 0;
    const char *end = text + length;
    while (text < end && (text = memchr(text, '\n', (size_t)(end - text)))) {
        lines++;
        text++;
    }
    return lines;
}

/* Called at every line end (so that lines can be counted), -1 at the end of the input. */
static void on_line_end(int character, void *user)
{
    cr_csv *csv = user;
    if (csv->failed)
        return;
    bool empty = csv->count == 0 || (csv->count == 1 && csv->lengths[0] == 0);
    if (!empty && !emit_row(csv))
        csv->failed = true;
    if (csv->used > 0)
        csv->line += count_lines(csv->text, csv->used);
    csv->count = 0;
    csv->used = 0;
    if (character == '\r' || (character == '\n' && !csv->after_cr))
        csv->line++;
    csv->after_cr = character == '\r';
}

cr_csv *cr_csv_create(const char *name, char delimiter, cr_csv_on_row on_row, void *user,
                      cr_error *err)
{
    cr_csv *csv = cr_alloc(1, sizeof *csv, err);
    if (!csv)
        return NULL;
    csv->name = name;
    csv->delimiter = delimiter;
    csv->on_row = on_row;
    csv->user = user;
    csv->line = 1;
    csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
    csv_set_delim(&csv->parser, (unsigned char)delimiter);
    return csv;
}

static bool result(cr_csv *csv, bool parsed)
{
    if (csv->failed)
        return false;
    if (parsed)
        return true;
    if (csv_error(&csv->parser) == CSV_ENOMEM)
        return cr_fail(csv->err, CR_E_MEMORY, "%s: out of memory", csv->name);
    return cr_fail(
        csv->err, CR_E_DATA,
        "%s:%zu: a quote inside a cell, or one that is never closed; a cell with quotes "
        "is written \"like \"\"this\"\"\"",
        csv->name, csv->line);
}

static bool is_blank(const cr_csv *csv, char c)
{
    return (c == ' ' || c == '\t') && c != csv->delimiter;
}

/* Whole lines without quotes: what libcsv makes of them, at three times its speed. */
static void feed_plain(cr_csv *csv, const char *at, const char *end)
{
    char delimiter = csv->delimiter;
    while (at < end && !csv->failed) {
        const char *from = at;
        while (*at != delimiter && *at != '\n' && *at != '\r')
            at++;
        const char *to = at;
        while (from < to && is_blank(csv, *from))
            from++;
        while (from < to && is_blank(csv, to[-1]))
            to--;
        on_cell((void *)(uintptr_t)from, (size_t)(to - from), csv);
        if (*at != delimiter)
            on_line_end(*at, csv);
        at++;
    }
}

/* Length of the lines at the start of the text that feed_plain can take. */
static size_t plain_length(const cr_csv *csv, const char *text, size_t length)
{
    if (csv->in_row || memchr(text, '"', length))
        return 0;
    while (length > 0 && text[length - 1] != '\n' && text[length - 1] != '\r')
        length--;
    return length;
}

bool cr_csv_feed(cr_csv *csv, const char *text, size_t length, cr_error *err)
{
    csv->err = err;
    size_t plain = plain_length(csv, text, length);
    feed_plain(csv, text, text + plain);
    if (csv->failed || plain == length)
        return !csv->failed;
    csv->in_row = true;
    length -= plain;
    size_t parsed =
        csv_parse(&csv->parser, text + plain, length, on_cell, on_line_end, csv);
    return result(csv, parsed == length);
}

bool cr_csv_end(cr_csv *csv, cr_error *err)
{
    csv->err = err;
    return result(csv, csv_fini(&csv->parser, on_cell, on_line_end, csv) == 0);
}

void cr_csv_destroy(cr_csv *csv)
{
    if (!csv)
        return;
    csv_free(&csv->parser);
    cr_free(csv->text);
    cr_free(csv->starts);
    cr_free(csv->lengths);
    cr_free(csv->cells);
    cr_free(csv);
}

char cr_csv_delimiter(const char *text, size_t length)
{
    size_t commas = 0, tabs = 0, semicolons = 0;
    bool quoted = false;
    for (size_t i = 0; i < length && (quoted || (text[i] != '\n' && text[i] != '\r'));
         i++) {
        quoted ^= text[i] == '"';
        if (quoted)
            continue;
        commas += text[i] == ',';
        tabs += text[i] == '\t';
        semicolons += text[i] == ';';
    }
    if (tabs > commas && tabs >= semicolons)
        return '\t';
    return semicolons > commas ? ';' : ',';
}

size_t cr_csv_mark(const char *text, size_t length)
{
    return length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

void cr_csv_write(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}
