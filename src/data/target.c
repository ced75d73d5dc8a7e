#include "data/target.h"

#include "base/memory.h"

#include <math.h>

/* One entry of data.target as a column of the file. */
static bool find_target(cr_reader *reader, const cr_table_file *file, bool has_header,
                        const cr_json *entry, size_t *column)
{
    if (cr_json_kind_of(entry) == CR_JSON_NUMBER) {
        double number = cr_json_number(entry), count = (double)file->columns;
        double from_start = number < 0 ? number + count : number;
        if (floor(number) != number || from_start < 0 || from_start >= count) {
            cr_reader_error(reader, "data.target",
                            "there is no column %g in %s: it has %zu, from 0 to %zu",
                            number, file->path, file->columns, file->columns - 1);
            return false;
        }
        *column = (size_t)from_start;
        return true;
    }
    const char *name = cr_json_string(entry);
    if (has_header && cr_names_find(&file->first, name, column))
        return true;
    if (!has_header)
        cr_reader_error(
            reader, "data.target",
            "%s has no header line, so its columns have no names; give "
            "the column's number (from 0; -1 is the last), or set \"header\": true",
            file->path);
    else
        cr_reader_unknown(reader, "data.target", "column", name,
                          (const char *const *)file->first.items, file->first.count);
    return false;
}

static bool add_target(cr_reader *reader, const cr_table_file *file, bool has_header,
                       const cr_json *entry, bool *chosen)
{
    size_t column = 0;
    if (!find_target(reader, file, has_header, entry, &column))
        return false;
    if (chosen[column])
        cr_reader_error(reader, "data.target", "column %zu (from 0) is there twice",
                        column);
    chosen[column] = true;
    return true;
}

bool cr_target_find(cr_reader *reader, const cr_table_file *file, bool has_header,
                    const cr_json *target, size_t *columns, size_t *count)
{
    size_t errors = reader->err->count;
    bool *chosen = cr_alloc(file->columns, sizeof *chosen, reader->err);
    if (!chosen)
        return false;
    if (cr_json_kind_of(target) == CR_JSON_ARRAY)
        for (const cr_json *item = cr_json_first(target); item; item = cr_json_next(item))
            (void)!add_target(reader, file, has_header, item, chosen);
    else
        (void)!add_target(reader, file, has_header, target, chosen);
    *count = 0;
    for (size_t i = 0; i < file->columns; i++)
        if (chosen[i])
            columns[(*count)++] = i;
    cr_free(chosen);
    return reader->err->count == errors;
}
