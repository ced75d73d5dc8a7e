#include "inspect/describe_start.h"

#include "base/number.h"
#include "base/text.h"
#include "data/cell.h"
#include "data/cell_cure.h"
#include "data/date.h"
#include "data/sample.h"

#include <string.h>

enum { ROWS = 60, FEWEST_BELOW = 2 };

/* The first rows of a text, with one delimiter. */
typedef struct top {
    size_t rows, columns;
    size_t counts[ROWS], lines[ROWS];
    size_t used; /* columns that have a cell which is not empty */
    cr_sample sample;
} top;

static bool count_row(void *user, const cr_csv_row *row, cr_error *err)
{
    (void)err;
    top *t = user;
    t->counts[t->rows] = row->count;
    t->lines[t->rows++] = row->line;
    return t->rows < ROWS;
}

static bool take_row(void *user, const cr_csv_row *row, cr_error *err)
{
    top *t = user;
    return cr_sample_take(&t->sample, row, err) && t->sample.rows < t->rows;
}

/* Hands out the rows that are there; how the reading ends does not matter. */
static void read_rows(const char *text, char delimiter, cr_csv_on_row on_row, top *t)
{
    cr_error ignored = CR_ERROR_INIT;
    cr_table_format format = cr_table_format_default;
    format.delimiter = delimiter;
    cr_csv *csv = cr_csv_create("", &format, on_row, t, &ignored);
    bool all = csv && cr_csv_feed(csv, text, strlen(text), &ignored);
    all = all && cr_csv_end(csv, &ignored);
    (void)all;
    cr_csv_destroy(csv);
}

/* The number of cells that most rows have. */
static size_t find_columns(const top *t)
{
    size_t best = 0, most = 0;
    for (size_t i = 0; i < t->rows; i++) {
        size_t alike = 0;
        for (size_t k = 0; k < t->rows; k++)
            alike += t->counts[k] == t->counts[i];
        if (alike > most) {
            most = alike;
            best = t->counts[i];
        }
    }
    return best;
}

static const char *cell_of(const top *t, size_t row, size_t column)
{
    return cr_sample_cell(&t->sample, row, column);
}

static bool is_quantity(const char *cell)
{
    double value = 0;
    size_t length = strlen(cell);
    return cr_number_parse(cell, length, &value) ||
           cr_date_parse(NULL, cell, length, &value) ||
           cr_cell_cure_is_quantity(cell, length);
}

/* Different cells of the row that are not empty. */
static size_t count_filled(const top *t, size_t row)
{
    size_t filled = 0;
    for (size_t i = 0; i < t->columns; i++) {
        const char *cell = cell_of(t, row, i);
        bool again = *cell == '\0';
        for (size_t k = 0; k < i && !again; k++)
            again = strcmp(cell_of(t, row, k), cell) == 0;
        filled += !again;
    }
    return filled;
}

static bool is_of_names(const top *t, size_t row)
{
    size_t filled = count_filled(t, row), quantities = 0;
    for (size_t i = 0; i < t->columns; i++)
        quantities += is_quantity(cell_of(t, row, i));
    return t->counts[row] == t->columns && filled * 10 >= t->used * 8 &&
           quantities * 4 <= filled;
}

/* Whether the row may stand above the names. */
static bool is_poor(const top *t, size_t row)
{
    return t->counts[row] != t->columns || count_filled(t, row) * 10 <= t->used * 6;
}

/* Whether the cells below the row are of another kind: some column has numbers for the most
 * part; or none has the row's cell once more, while some have other cells twice. */
static bool is_unlike_below(const top *t, size_t row)
{
    bool over_numbers = false, again = false, repeats = false;
    for (size_t i = 0; i < t->columns; i++) {
        size_t numbers = 0, words = 0;
        for (size_t k = row + 1; k < t->rows; k++) {
            const char *cell = cell_of(t, k, i);
            bool is_number = is_quantity(cell);
            numbers += is_number;
            words += *cell && !is_number;
            again |= *cell && strcmp(cell, cell_of(t, row, i)) == 0;
            repeats |= k > row + 1 && *cell && strcmp(cell, cell_of(t, row + 1, i)) == 0;
        }
        over_numbers |= numbers > words && !is_quantity(cell_of(t, row, i));
    }
    return over_numbers || (!again && repeats);
}

static bool has_cell(const top *t, size_t row, const char *text)
{
    for (size_t i = 0; i < t->columns; i++)
        if (strcmp(cell_of(t, row, i), text) == 0)
            return true;
    return false;
}

/* The row of names; 0: it is the first one, or there is none. */
static size_t find_names(const top *t, const char *target)
{
    for (size_t i = 0; i + FEWEST_BELOW < t->rows; i++) {
        if (is_of_names(t, i) &&
            (target ? has_cell(t, i, target) : is_unlike_below(t, i)))
            return i;
        if (!is_poor(t, i))
            break;
    }
    return 0;
}

static size_t find_lines(const char *text, char delimiter, const char *target)
{
    cr_error ignored = CR_ERROR_INIT;
    top t = {0};
    size_t found = 0;
    read_rows(text, delimiter, count_row, &t);
    t.columns = find_columns(&t);
    if (t.columns > 1 &&
        cr_sample_init(&t.sample, t.columns, ROWS + 2, ROWS * 2 * t.columns, &ignored)) {
        read_rows(text, delimiter, take_row, &t);
        t.rows = t.sample.rows < t.rows ? t.sample.rows : t.rows;
        for (size_t i = 0; i < t.columns; i++) {
            bool used = false;
            for (size_t row = 0; row < t.rows; row++)
                used |= *cell_of(&t, row, i) != '\0';
            t.used += used;
        }
        found = find_names(&t, target);
    }
    cr_sample_finish(&t.sample);
    return found > 0 ? t.lines[found] - 1 : 0;
}

bool cr_describe_start_find(const char *text, const char *target, size_t *lines)
{
    *lines = 0;
    for (const char *delimiter = ";\t|,"; *delimiter && *lines == 0; delimiter++)
        *lines = find_lines(text, *delimiter, target);
    return *lines > 0;
}
