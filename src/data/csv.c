#include "data/csv.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/delimiter.h"
#include "data/header_line.h"

#include <csv.h>
#include <stdint.h>
#include <string.h>

enum { CELL_STEP = 1 << 16 }; /* bytes by which libcsv's cell grows */

struct cr_csv {
    struct csv_parser parser;
    const char *name;
    cr_csv_on_row on_row;
    void *user;
    cr_error *err;
    const char *comment; /* what a line to skip begins with, or NULL */
    size_t comment_length, skip_rows, max_line;
    const char *const *names; /* [name_count] of a line that is not to be skipped */
    size_t name_count, kept_line;
    char delimiter;
    bool began; /* the first row was looked at, and the delimiter is known */
    cr_delimiter_look look;
    bool failed;
    bool in_row;  /* libcsv has seen a part of a row */
    bool skips;   /* what comes up to the next line end is skipped */
    size_t line;  /* where the row began */
    size_t bytes; /* of the row, that libcsv has seen */
    bool after_cr;
    cr_text pending; /* text that cannot be taken before more of it is there */
    char *text;      /* the row's cells, each ended with a 0 */
    size_t used, capacity;
    size_t count, room; /* cells of the row; for how many the lists below have room */
    size_t *starts, *lengths;
    const char **cells;
};

/* A piece of text, and what is known of it. */
typedef struct piece {
    const char *end;
    bool last;             /* no other piece follows */
    const char *quote;     /* the next quote, or end; NULL: not known yet */
    const char *plain_end; /* lines without quotes reach up to here */
} piece;

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

/* cell: NULL for one that is empty, without quotes. Spaces as delimiters may be many. */
static void on_cell(void *cell, size_t length, void *user)
{
    cr_csv *csv = user;
    if (csv->failed || (!cell && csv->delimiter == ' '))
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

/* The row's cells are complete; none in an empty line. */
static void end_row(cr_csv *csv)
{
    bool empty = csv->count == 0 || (csv->count == 1 && csv->lengths[0] == 0);
    if (!csv->failed && !empty && !emit_row(csv))
        csv->failed = true;
    csv->count = 0;
    csv->used = 0;
}

/* Goes past a line end; that of Windows is one. */
static void pass_line_end(cr_csv *csv, int character)
{
    if (character == '\r' || (character == '\n' && !csv->after_cr))
        csv->line++;
    csv->after_cr = character == '\r';
}

/* Called at every line end (so that lines can be counted), -1 at the end of the input. */
static void on_line_end(int character, void *user)
{
    cr_csv *csv = user;
    size_t inside = csv->used > 0 ? count_lines(csv->text, csv->used) : 0;
    end_row(csv);
    csv->line += inside;
    pass_line_end(csv, character);
    csv->in_row = false;
    csv->bytes = 0;
}

cr_csv *cr_csv_create(const char *name, const cr_table_format *format,
                      cr_csv_on_row on_row, void *user, cr_error *err)
{
    cr_csv *csv = cr_alloc(1, sizeof *csv, err);
    if (!csv)
        return NULL;
    csv->name = name;
    csv->on_row = on_row;
    csv->user = user;
    csv->delimiter = format->delimiter;
    csv->comment = format->comment_prefix;
    csv->comment_length = csv->comment ? strlen(csv->comment) : 0;
    csv->skip_rows = format->skip_rows;
    csv->names = format->names;
    csv->name_count = format->name_count;
    csv->max_line = format->max_line;
    csv->line = 1;
    csv_init(&csv->parser,
             CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL);
    csv_set_blk_size(&csv->parser, CELL_STEP);
    return csv;
}

static bool check_libcsv(cr_csv *csv, bool parsed)
{
    if (csv->failed || parsed)
        return !csv->failed;
    if (csv_error(&csv->parser) == CSV_ENOMEM)
        return cr_fail(csv->err, CR_E_MEMORY, "%s: out of memory", csv->name);
    return cr_fail(
        csv->err, CR_E_DATA,
        "%s:%zu: a quote inside a cell, or one that is never closed; a cell with quotes "
        "is written \"like \"\"this\"\"\"",
        csv->name, csv->line);
}

static bool check_length(cr_csv *csv, size_t bytes)
{
    if (bytes <= csv->max_line)
        return true;
    csv->failed = true;
    return cr_fail(csv->err, CR_E_DATA,
                   "%s:%zu: a row of more than %zu bytes, the most that \"max_line\" in "
                   "\"data\" allows; is it a table, with line ends? (A quote that is "
                   "never closed makes a long row too.)",
                   csv->name, csv->line, csv->max_line);
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_blank(const cr_csv *csv, char c)
{
    return (c == ' ' || c == '\t') && c != csv->delimiter;
}

static void take_plain_cell(cr_csv *csv, const char *from, const char *to)
{
    while (from < to && is_blank(csv, *from))
        from++;
    while (from < to && is_blank(csv, to[-1]))
        to--;
    on_cell(from < to ? (void *)(uintptr_t)from : NULL, (size_t)(to - from), csv);
}

static bool is_comment(const cr_csv *csv, const char *at, const char *end)
{
    return csv->comment && (size_t)(end - at) >= csv->comment_length &&
           memcmp(at, csv->comment, csv->comment_length) == 0;
}

/* Whole lines without quotes, up to a comment: what libcsv makes of them, at three times
 * its speed. Returns where it stopped. */
static const char *feed_plain(cr_csv *csv, const char *at, const char *end)
{
    char delimiter = csv->delimiter;
    for (const char *row = at; at < end && !csv->failed; at++) {
        const char *from = at;
        while (*at != delimiter && *at != '\n' && *at != '\r')
            at++;
        take_plain_cell(csv, from, at);
        if (*at == delimiter)
            continue;
        if (!check_length(csv, (size_t)(at - row)))
            break;
        end_row(csv);
        csv->after_cr = csv->after_cr && at == row;
        pass_line_end(csv, *at);
        row = at + 1;
        if (is_comment(csv, row, end))
            return row;
    }
    return at;
}

/* A row whose cells are without quotes, or whole in them, and that is there to its end.
 * Returns what follows it; NULL for any other row, which is left to libcsv. */
static const char *feed_quoted(cr_csv *csv, const char *at, const char *end)
{
    for (const char *row = at; at < end; at++) {
        const char *from = at;
        bool quoted = *at == '"';
        if (quoted)
            at = memchr(at + 1, '"', (size_t)(end - at - 1));
        else
            while (at < end && *at != csv->delimiter && !is_line_end(*at) && *at != '"')
                at++;
        if (!at || at + quoted >= end)
            break;
        if (quoted)
            on_cell((void *)(uintptr_t)(from + 1), (size_t)(at - from - 1), csv);
        else
            take_plain_cell(csv, from, at);
        at += quoted;
        if (*at == csv->delimiter)
            continue;
        if (!is_line_end(*at))
            break; /* a quote inside the cell, or blanks around it */
        if (check_length(csv, (size_t)(at - row)))
            on_line_end(*at, csv);
        return at + 1;
    }
    csv->count = 0;
    csv->used = 0;
    return NULL;
}

/* Where the line that begins at `at` ends: its line end, or `end`. */
static const char *find_line_end(const char *at, const char *end)
{
    const char *feed = memchr(at, '\n', (size_t)(end - at));
    const char *before = feed ? feed : end;
    const char *back = memchr(at, '\r', (size_t)(before - at));
    return back ? back : before;
}

/* One line, or the part of it that is there, through libcsv. */
static const char *feed_libcsv(cr_csv *csv, const char *at, const char *end)
{
    const char *to = find_line_end(at, end);
    size_t length = (size_t)(to - at) + (to < end);
    csv->in_row = true;
    if (!check_length(csv, csv->bytes + (size_t)(to - at)))
        return end;
    csv->bytes += length;
    size_t parsed = csv_parse(&csv->parser, at, length, on_cell, on_line_end, csv);
    csv->failed |= !check_libcsv(csv, parsed == length);
    return at + length;
}

static const char *feed_rows(cr_csv *csv, const char *at, piece *p)
{
    if (!p->quote || p->quote < at) {
        p->quote = memchr(at, '"', (size_t)(p->end - at));
        p->quote = p->quote ? p->quote : p->end;
        p->plain_end = p->quote;
        while (p->plain_end > at && !is_line_end(p->plain_end[-1]))
            p->plain_end--;
    }
    if (at < p->plain_end)
        return feed_plain(csv, at, p->plain_end);
    const char *next = p->quote < p->end ? feed_quoted(csv, at, p->end) : NULL;
    return next ? next : feed_libcsv(csv, at, p->end);
}

static const char *skip_line(cr_csv *csv, const char *at, const char *end)
{
    const char *to = find_line_end(at, end);
    csv->skips = to == end;
    if (to == end)
        return end;
    pass_line_end(csv, *to);
    return to + 1;
}

/* The first line that is not skipped tells the delimiter: sep=; alone, or the row.
 * Returns `at` while it is not there to its end. */
static const char *begin(cr_csv *csv, const char *at, piece *p)
{
    if (is_line_end(*at)) {
        pass_line_end(csv, *at);
        return at + 1;
    }
    size_t length = (size_t)(p->end - at);
    size_t row = cr_delimiter_row(&csv->look, at, length);
    if (row == length && !p->last) {
        check_length(csv, length);
        return at;
    }
    char named = cr_delimiter_named(at, row);
    if (!csv->delimiter)
        csv->delimiter = named ? named : cr_delimiter_guess(at, row);
    csv_set_delim(&csv->parser, (unsigned char)csv->delimiter);
    csv->began = true;
    csv->skips = named != '\0';
    return csv->skips ? skip_line(csv, at, p->end) : feed_rows(csv, at, p);
}

/* One of the lines to skip, unless it is the header: then none is skipped any more. Returns
 * `at` then, and while it is not there to its end. */
static const char *skip_row(cr_csv *csv, const char *at, const piece *p)
{
    const char *to = find_line_end(at, p->end);
    if (csv->name_count > 0 && to == p->end && !p->last) {
        check_length(csv, (size_t)(to - at));
        return at;
    }
    if (cr_header_line_has(at, (size_t)(to - at), csv->delimiter, csv->names,
                           csv->name_count)) {
        csv->kept_line = csv->line;
        csv->skip_rows = 0;
        return at;
    }
    csv->skip_rows--;
    return skip_line(csv, at, p->end);
}

/* Takes some of the text at `at`, and returns what is behind it; `at` where more text is
 * needed before. */
static const char *feed_some(cr_csv *csv, const char *at, piece *p)
{
    if (csv->skips)
        return skip_line(csv, at, p->end);
    if (csv->in_row)
        return feed_libcsv(csv, at, p->end);
    if (csv->after_cr && *at == '\n') {
        pass_line_end(csv, *at);
        return at + 1;
    }
    csv->after_cr = false;
    if (csv->skip_rows > 0) {
        const char *next = skip_row(csv, at, p);
        if (next > at || csv->skip_rows > 0)
            return next;
    }
    size_t left = (size_t)(p->end - at);
    if (csv->comment && left < csv->comment_length && !p->last &&
        memcmp(at, csv->comment, left) == 0)
        return at;
    if (is_comment(csv, at, p->end))
        return skip_line(csv, at, p->end);
    return csv->began ? feed_rows(csv, at, p) : begin(csv, at, p);
}

/* Returns how many bytes were taken. */
static size_t feed(cr_csv *csv, const char *text, size_t length, bool last)
{
    piece p = {.end = text + length, .last = last};
    const char *at = text;
    while (at < p.end && !csv->failed) {
        const char *next = feed_some(csv, at, &p);
        if (next == at)
            break;
        at = next;
    }
    return (size_t)(at - text);
}

bool cr_csv_feed(cr_csv *csv, const char *text, size_t length, cr_error *err)
{
    cr_text *pending = &csv->pending;
    csv->err = err;
    if (pending->length == 0) {
        size_t taken = feed(csv, text, length, false);
        if (!csv->failed && taken < length)
            cr_text_add_bytes(pending, text + taken, length - taken);
    } else {
        cr_text_add_bytes(pending, text, length);
        size_t taken =
            pending->failed ? 0 : feed(csv, pending->data, pending->length, false);
        pending->length -= taken;
        if (taken > 0)
            memmove(pending->data, pending->data + taken, pending->length);
    }
    if (pending->failed)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    return !csv->failed;
}

bool cr_csv_end(cr_csv *csv, cr_error *err)
{
    csv->err = err;
    if (csv->pending.length > 0)
        feed(csv, csv->pending.data, csv->pending.length, true);
    csv->pending.length = 0;
    if (csv->failed)
        return false;
    return check_libcsv(csv, csv_fini(&csv->parser, on_cell, on_line_end, csv) == 0);
}

size_t cr_csv_kept_line(const cr_csv *csv)
{
    return csv->kept_line;
}

char cr_csv_delimiter(const cr_csv *csv)
{
    return csv->delimiter;
}

void cr_csv_destroy(cr_csv *csv)
{
    if (!csv)
        return;
    csv_free(&csv->parser);
    cr_text_finish(&csv->pending);
    cr_free(csv->text);
    cr_free(csv->starts);
    cr_free(csv->lengths);
    cr_free(csv->cells);
    cr_free(csv);
}
