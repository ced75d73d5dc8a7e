#include "data/lags_section.h"

#include "data/column_find.h"

#include <math.h>
#include <stdio.h>

enum { LONGEST_STEP = 1000000 };

typedef struct lag_fields {
    const cr_json *columns, *steps, *group;
} lag_fields;

static const cr_option lag_options[] = {
    {.key = "columns",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(lag_fields, columns),
     .fallback = CR_REQUIRED,
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY,
     .expects = CR_COLUMNS_EXPECTED,
     .help = "columns of numbers; the target may be one"},
    {.key = "steps",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(lag_fields, steps),
     .fallback = CR_REQUIRED,
     .kinds = 1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY,
     .expects = "a whole number of rows, from 1 to 1000000, or a list of them",
     .help = "how many rows earlier: each step of each column is an input, called "
             "load_lag24 for the value of load 24 rows before"},
    {.key = "group",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(lag_fields, group),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER,
     .expects = CR_COLUMN_EXPECTED,
     .help = "rows are counted among those with the same word in this column, such as a "
             "site; if left out, all rows are one series"},
};

/* Each item of a list, or the value itself where it is none. */
static const cr_json *first_item(const cr_json *value)
{
    return cr_json_is(value, CR_JSON_ARRAY) ? cr_json_first(value) : value;
}

static const cr_json *next_item(const cr_json *value, const cr_json *item)
{
    return cr_json_is(value, CR_JSON_ARRAY) ? cr_json_next(item) : NULL;
}

static void check_steps(cr_reader *reader, const char *path, const cr_json *steps)
{
    char where[CR_WHERE];
    cr_json_path(path, "steps", where);
    if (!first_item(steps))
        cr_reader_error(reader, where, "the list is empty");
    for (const cr_json *s = first_item(steps); s; s = next_item(steps, s)) {
        bool is_number = cr_json_is(s, CR_JSON_NUMBER);
        double step = is_number ? cr_json_number(s) : 0;
        if (!is_number)
            cr_reader_error(reader, where,
                            "found %s in the list, expected whole numbers of rows",
                            cr_json_kind_name(cr_json_kind_of(s)));
        else if (step < 1 || step > LONGEST_STEP || floor(step) != step)
            cr_reader_error(reader, where,
                            "found %g, expected a whole number of rows, from 1 (the row "
                            "before) to %d",
                            step, LONGEST_STEP);
    }
}

static void read_entry(cr_reader *reader, const char *path, cr_json *object)
{
    lag_fields f = {0};
    char where[CR_WHERE];
    const cr_option_group group = {lag_options, CR_COUNT(lag_options), &f};
    if (!cr_json_is(object, CR_JSON_OBJECT)) {
        cr_reader_error(reader, path,
                        "found %s, expected an object such as {\"columns\": [\"load\"], "
                        "\"steps\": [1, 24]}",
                        cr_json_kind_name(cr_json_kind_of(object)));
        return;
    }
    cr_options_read(reader, path, object, &group, 1);
    if (f.columns)
        cr_column_find_check(reader, cr_json_path(path, "columns", where), f.columns);
    if (f.steps)
        check_steps(reader, path, f.steps);
}

void cr_lags_section_read(cr_reader *reader, cr_json *data)
{
    cr_json *section = cr_json_edit(data, "lags");
    if (!cr_json_is(section, CR_JSON_ARRAY)) {
        read_entry(reader, "data.lags", section);
        return;
    }
    if (cr_json_count(section) == 0)
        cr_reader_error(reader, "data.lags", "the list is empty");
    for (size_t i = 0; i < cr_json_count(section); i++) {
        char index[24], path[CR_WHERE];
        snprintf(index, sizeof index, "%zu", i);
        read_entry(reader, cr_json_path("data.lags", index, path),
                   cr_json_edit(section, index));
    }
}

/* What finding lags needs everywhere. */
typedef struct finding {
    cr_reading *reading;
    cr_reader *reader;
    const cr_opened *file;
    const char *path; /* of the entry at hand */
} finding;

static bool find_column(const finding *f, const char *key, const cr_json *entry,
                        cr_lag_column *column)
{
    char path[CR_WHERE];
    bool named = f->reading->has_header;
    if (!cr_column_find_entry(f->reader, cr_json_path(f->path, key, path), f->file, named,
                              entry, &column->position))
        return false;
    column->name = named ? f->file->first->items[column->position] : NULL;
    return true;
}

/* Whether the column can have lags. */
static bool check_value(const finding *f, const cr_lag_column *value,
                        const cr_lag_column *group)
{
    cr_column_kind kind = f->reading->columns[value->position].kind;
    const char *why = NULL;
    if (kind == CR_COLUMN_CLASS)
        why = "is the target, a class: lags are values of columns of numbers";
    else if (kind == CR_COLUMN_WORD)
        why = "is one of words: lags are values of columns of numbers";
    else if (group && group->position == value->position)
        why = "is the group itself, which has the same value in all its rows";
    if (why)
        cr_reader_error(f->reader, f->path, "column %zu (from 0) %s", value->position,
                        why);
    return !why;
}

/* Whether the input has a name of its own. */
static bool check_name(const finding *f)
{
    const cr_lags *lags = &f->reading->lags;
    const cr_lag *last = &lags->items[lags->count - 1];
    char name[CR_LAGS_NAME];
    size_t column = 0;
    cr_lags_name(lags, lags->count - 1, name);
    for (size_t i = 0; i + 1 < lags->count; i++)
        if (lags->items[i].value == last->value && lags->items[i].step == last->step) {
            cr_reader_error(f->reader, f->path, "%s is there twice", name);
            return false;
        }
    if (f->reading->has_header && cr_names_find(f->file->first, name, &column) &&
        f->reading->columns[column].kind != CR_COLUMN_SKIP) {
        cr_reader_error(f->reader, f->path,
                        "the input would be called \"%s\", as a column of %s is already; "
                        "leave that out with \"ignore\", or give it another name",
                        name, f->file->source->path);
        return false;
    }
    return true;
}

/* Adds the lags of an entry: all steps of a column before the next column. */
static bool find_entry(const finding *f, const cr_json *entry)
{
    const cr_json *columns = cr_json_get(entry, "columns");
    const cr_json *steps = cr_json_get(entry, "steps");
    const cr_json *grouped = cr_json_get(entry, "group");
    cr_lag_column value, group;
    bool good = !grouped || find_column(f, "group", grouped, &group);
    for (const cr_json *c = first_item(columns); good && c; c = next_item(columns, c)) {
        good = find_column(f, "columns", c, &value) &&
               check_value(f, &value, grouped ? &group : NULL);
        for (const cr_json *s = first_item(steps); good && s; s = next_item(steps, s))
            good = cr_lags_add(&f->reading->lags, &value, grouped ? &group : NULL,
                               (size_t)cr_json_number(s), f->reader->err) &&
                   check_name(f);
    }
    return good;
}

bool cr_lags_section_find(cr_reading *reading, cr_reader *reader, const cr_opened *file,
                          const cr_json *section)
{
    char index[24], path[CR_WHERE] = "data.lags";
    finding f = {reading, reader, file, path};
    bool good = true;
    size_t i = 0;
    for (const cr_json *entry = first_item(section); good && entry;
         entry = next_item(section, entry), i++) {
        snprintf(index, sizeof index, "%zu", i);
        if (cr_json_is(section, CR_JSON_ARRAY))
            cr_json_path("data.lags", index, path);
        good = find_entry(&f, entry);
    }
    return good;
}

void cr_lags_section_describe(cr_text *out)
{
    cr_options_describe("data.lags",
                        "Earlier values of columns as inputs, for a table in order of "
                        "time: an object, or a list of them.",
                        lag_options, CR_COUNT(lag_options), out);
}
