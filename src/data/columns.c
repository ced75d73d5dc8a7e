#include "data/columns.h"

#include <math.h>

/* One entry of the list as a column of the file. */
static bool find_column(cr_reader *reader, const char *path, const cr_table_file *file,
                        bool has_header, const cr_json *entry, size_t *column)
{
    if (cr_json_kind_of(entry) == CR_JSON_NUMBER) {
        double number = cr_json_number(entry), count = (double)file->columns;
        double from_start = number < 0 ? number + count : number;
        if (floor(number) != number || from_start < 0 || from_start >= count) {
            cr_reader_error(reader, path,
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
            reader, path,
            "%s has no header line, so its columns have no names; give "
            "the column's number (from 0; -1 is the last), or set \"header\": true",
            file->path);
    else
        cr_reader_unknown(reader, path, "column", name,
                          (const char *const *)file->first.items, file->first.count);
    return false;
}

static bool add_column(cr_reader *reader, const char *path, const cr_table_file *file,
                       bool has_header, const cr_json *entry, bool *chosen)
{
    size_t column = 0;
    if (!find_column(reader, path, file, has_header, entry, &column))
        return false;
    if (chosen[column])
        cr_reader_error(reader, path, "column %zu (from 0) is there twice", column);
    bool good = !chosen[column];
    chosen[column] = true;
    return good;
}

bool cr_columns_find(cr_reader *reader, const char *path, const cr_table_file *file,
                     bool has_header, const cr_json *list, bool *chosen)
{
    bool good = true;
    if (cr_json_kind_of(list) != CR_JSON_ARRAY)
        return add_column(reader, path, file, has_header, list, chosen);
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item))
        good &= add_column(reader, path, file, has_header, item, chosen);
    return good;
}
