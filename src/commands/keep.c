#include "commands/keep.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

static bool take_entries(void *user, const cr_csv_row *row, cr_error *err)
{
    cr_keep *keep = user;
    for (size_t i = 0; i < row->count; i++)
        if (!cr_names_add(&keep->wanted, row->cells[i], err))
            return false;
    return true;
}

bool cr_keep_init(cr_keep *keep, const char *option, const char *file, cr_error *err)
{
    *keep = (cr_keep){.file = file};
    if (!option)
        return true;
    cr_table_format format = cr_table_format_default;
    format.delimiter = ',';
    cr_csv *csv = cr_csv_create("--keep", &format, take_entries, keep, err);
    bool good =
        csv && cr_csv_feed(csv, option, strlen(option), err) && cr_csv_end(csv, err);
    cr_csv_destroy(csv);
    return good &&
           (keep->wanted.count > 0 ||
            cr_fail(err, CR_E_USAGE,
                    "--keep: names or numbers of columns were expected, with commas "
                    "between them, or all"));
}

void cr_keep_finish(cr_keep *keep)
{
    cr_names_finish(&keep->wanted);
    cr_names_finish(&keep->names);
    cr_text_finish(&keep->cells);
    cr_free(keep->columns);
    *keep = (cr_keep){0};
}

/* The name of a column, or "column_3" where it has none. */
static bool add_column(cr_keep *keep, const cr_names *names, size_t column, cr_error *err)
{
    char number[32];
    snprintf(number, sizeof number, "column_%zu", column);
    keep->columns[keep->count++] = column;
    return cr_names_add(&keep->names, names ? names->items[column] : number, err);
}

static bool refuse(const cr_keep *keep, const char *entry, const cr_names *names,
                   size_t count, cr_error *err)
{
    double number = 0;
    if (cr_number_parse(entry, strlen(entry), &number))
        return cr_fail(err, CR_E_USAGE,
                       "--keep %s: %s has %zu columns, from 0 to %zu (or -1, which is "
                       "the last)",
                       entry, keep->file, count, count - 1);
    if (!names)
        return cr_fail(err, CR_E_USAGE,
                       "--keep %.60s: %s has no header line, so its columns have no "
                       "names; give the column's number (from 0; -1 is the last)",
                       entry, keep->file);
    const char *const *items = (const char *const *)names->items;
    const char *near = cr_text_nearest(entry, items, names->count);
    if (near)
        return cr_fail(err, CR_E_USAGE,
                       "--keep %.60s: %s has no such column; did you mean \"%.60s\"?",
                       entry, keep->file, near);
    return cr_fail(err, CR_E_USAGE,
                   "--keep %.60s: %s has no such column; its first is \"%.60s\", its "
                   "last \"%.60s\"",
                   entry, keep->file, items[0], items[names->count - 1]);
}

/* The column that an entry of the option means. */
static bool find_column(const cr_keep *keep, const char *entry, const cr_names *names,
                        size_t count, size_t *column, cr_error *err)
{
    size_t found = 0;
    for (size_t i = names ? names->count : 0; i-- > 0;)
        if (strcmp(names->items[i], entry) == 0) {
            *column = i;
            found++;
        }
    if (found > 1)
        return cr_fail(err, CR_E_USAGE,
                       "--keep %.60s: %s has %zu columns of that name; give the column's "
                       "number (from 0; -1 is the last)",
                       entry, keep->file, found);
    if (found == 1)
        return true;
    double number = 0;
    bool is_number = cr_number_parse(entry, strlen(entry), &number);
    double from_start = number < 0 ? number + (double)count : number;
    if (!is_number || floor(number) != number || from_start < 0 ||
        from_start >= (double)count)
        return refuse(keep, entry, names, count, err);
    *column = (size_t)from_start;
    return true;
}

bool cr_keep_match(cr_keep *keep, const cr_names *names, size_t count, cr_error *err)
{
    size_t column = 0;
    const char *const first = keep->wanted.count > 0 ? keep->wanted.items[0] : "";
    names = names && names->count > 0 ? names : NULL;
    if (keep->wanted.count == 0)
        return true;
    if (count == 0)
        return cr_fail(err, CR_E_USAGE,
                       "--keep %.60s: %s holds images, which have no columns", first,
                       keep->file);
    bool all = keep->wanted.count == 1 && strcmp(first, "all") == 0 &&
               !(names && cr_names_find(names, "all", &column));
    size_t wanted = all ? count : keep->wanted.count;
    keep->columns = cr_alloc(wanted, sizeof *keep->columns, err);
    bool good = keep->columns != NULL;
    for (size_t i = 0; good && i < wanted; i++) {
        column = i;
        good = (all ||
                find_column(keep, keep->wanted.items[i], names, count, &column, err)) &&
               add_column(keep, names, column, err);
    }
    return good;
}

void cr_keep_print_names(const cr_keep *keep, const cr_cells *to)
{
    for (size_t i = 0; i < keep->count; i++) {
        cr_cells_write(to, keep->names.items[i]);
        fputc(',', to->out);
    }
}

void cr_keep_print(const cr_keep *keep, const cr_csv_row *row, const cr_cells *to)
{
    for (size_t i = 0; i < keep->count; i++) {
        cr_cells_write(to, row->cells[keep->columns[i]]);
        fputc(',', to->out);
    }
}

bool cr_keep_store(cr_keep *keep, const cr_csv_row *row, cr_error *err)
{
    for (size_t i = 0; i < keep->count; i++) {
        const char *cell = row->cells[keep->columns[i]];
        cr_text_add_bytes(&keep->cells, cell, strlen(cell) + 1);
    }
    return !keep->cells.failed || cr_fail(err, CR_E_MEMORY, "out of memory");
}

void cr_keep_print_stored(cr_keep *keep, const cr_cells *to)
{
    for (size_t i = 0; i < keep->count; i++) {
        const char *cell = keep->cells.data + keep->printed;
        cr_cells_write(to, cell);
        fputc(',', to->out);
        keep->printed += strlen(cell) + 1;
    }
}
