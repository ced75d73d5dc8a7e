#include "data/csv.h"

#include "base/memory.h"

#include <csv.h>
#include <string.h>

struct cr_csv {
    struct csv_parser parser;
    const char *name;
    cr_csv_on_row on_row;
    void *user;
    cr_error *err;
    bool failed;
    size_t line;     /* where the parser stands */
    size_t row_line; /* where the row began */
    bool after_cr;
    char *text; /* the row's cells, each ended with a 0 */
    size_t used, capacity;
    size_t *starts, *lengths;
    size_t count, starts_capacity, lengths_capacity;
    const char **cells;
    size_t cells_capacity;
};

static bool keep_cell(cr_csv *csv, const char *text, size_t length)
{
    if (!cr_reserve(&csv->text, &csv->capacity, csv->used + length + 1, 1, csv->err) ||
        !cr_reserve(&csv->starts, &csv->starts_capacity, csv->count + 1,
                    sizeof *csv->starts, csv->err) ||
        !cr_reserve(&csv->lengths, &csv->lengths_capacity, csv->count + 1,
                    sizeof *csv->lengths, csv->err))
        return false;
    csv->starts[csv->count] = csv->used;
    csv->lengths[csv->count++] = length;
    if (length > 0)
        memcpy(csv->text + csv->used, text, length);
    csv->used += length;
    csv->text[csv->used++] = '\0';
    return true;
}

static void on_cell(void *cell, size_t length, void *user)
{
    cr_csv *csv = user;
    if (csv->failed)
        return;
    if (csv->count == 0)
        csv->row_line = csv->line;
    for (const char *at = cell; length > 0; at++) {
        at = memchr(at, '\n', length - (size_t)(at - (const char *)cell));
        if (!at)
            break;
        csv->line++;
    }
    if (!keep_cell(csv, cell, length))
        csv->failed = true;
}

static bool emit_row(cr_csv *csv)
{
    if (!cr_reserve(&csv->cells, &csv->cells_capacity, csv->count, sizeof *csv->cells,
                    csv->err))
        return false;
    for (size_t i = 0; i < csv->count; i++)
        csv->cells[i] = csv->text + csv->starts[i];
    cr_csv_row row = {csv->row_line, csv->count, csv->cells, csv->lengths};
    return csv->on_row(csv->user, &row, csv->err);
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
        csv->name, csv->count ? csv->row_line : csv->line);
}

bool cr_csv_feed(cr_csv *csv, const char *text, size_t length, cr_error *err)
{
    csv->err = err;
    size_t parsed = csv_parse(&csv->parser, text, length, on_cell, on_line_end, csv);
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
