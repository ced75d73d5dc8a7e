#include "data/column_find.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

/* A column by its number, from 0; -1 is the last. */
static bool find_number(cr_reader *reader, const char *path, const cr_opened *file,
                        double number, size_t *column)
{
    double count = (double)file->columns;
    double from_start = number < 0 ? number + count : number;
    if (floor(number) != number || from_start < 0 || from_start >= count) {
        cr_reader_error(reader, path,
                        "there is no column %g in %s: it has %zu, from 0 to %zu", number,
                        file->source->path, file->columns, file->columns - 1);
        return false;
    }
    *column = (size_t)from_start;
    return true;
}

static bool find_name(cr_reader *reader, const char *path, const cr_opened *file,
                      bool has_header, const char *name, size_t *column)
{
    if (has_header && cr_names_find(file->first, name, column) && *column < file->columns)
        return true;
    if (!has_header)
        cr_reader_error(
            reader, path,
            "%s has no header line, so its columns have no names; give "
            "the column's number (from 0; -1 is the last), or set \"header\": true",
            file->source->path);
    else
        cr_reader_unknown(reader, path, "column", name,
                          (const char *const *)file->first->items, file->columns);
    return false;
}

bool cr_column_find_entry(cr_reader *reader, const char *path, const cr_opened *file,
                          bool has_header, const cr_json *entry, size_t *column)
{
    if (cr_json_is(entry, CR_JSON_NUMBER))
        return find_number(reader, path, file, cr_json_number(entry), column);
    return find_name(reader, path, file, has_header, cr_json_string(entry), column);
}

bool cr_column_find_key(cr_reader *reader, const char *path, const cr_opened *file,
                        bool has_header, const char *key, size_t *column)
{
    double number = 0;
    bool is_name = has_header && cr_names_find(file->first, key, column);
    if (!is_name && cr_number_parse(key, strlen(key), &number))
        return find_number(reader, path, file, number, column);
    return find_name(reader, path, file, has_header, key, column);
}

void cr_column_find_check(cr_reader *reader, const char *path, const cr_json *list)
{
    if (!cr_json_is(list, CR_JSON_ARRAY))
        return;
    if (cr_json_count(list) == 0)
        cr_reader_error(reader, path, "the list is empty");
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item))
        if (!cr_json_is(item, CR_JSON_STRING) && !cr_json_is(item, CR_JSON_NUMBER))
            cr_reader_error(reader, path,
                            "found %s in the list, expected names or numbers of columns",
                            cr_json_kind_name(cr_json_kind_of(item)));
}
