#include "data/columns.h"

#include "base/memory.h"
#include "data/column_find.h"
#include "data/lags_section.h"
#include "data/reading.h"

#include <string.h>

static bool take_column(cr_reader *reader, const char *path, size_t column, bool *chosen)
{
    if (chosen[column])
        cr_reader_error(reader, path, "column %zu (from 0) is there twice", column);
    bool good = !chosen[column];
    chosen[column] = true;
    return good;
}

static bool add_column(cr_reader *reader, const char *path, const cr_opened *file,
                       bool has_header, const cr_json *entry, bool *chosen)
{
    size_t column = 0;
    return cr_column_find_entry(reader, path, file, has_header, entry, &column) &&
           take_column(reader, path, column, chosen);
}

/* The names or numbers of a text with commas between them, as from a command line. */
static bool add_columns(cr_reader *reader, const char *path, const cr_opened *file,
                        bool has_header, const char *text, bool *chosen)
{
    bool good = true;
    while (good && text) {
        size_t blank = strspn(text, " "), length = strcspn(text + blank, ","), column = 0;
        char *key = cr_text_copy(text + blank, length, reader->err);
        const char *comma = text + blank + length;
        while (key && length > 0 && key[length - 1] == ' ')
            key[--length] = '\0';
        good = key && cr_column_find_key(reader, path, file, has_header, key, &column) &&
               take_column(reader, path, column, chosen);
        cr_free(key);
        text = *comma ? comma + 1 : NULL;
    }
    return good;
}

/* Whether a text is no column's name, but may be several. */
static bool is_several(const cr_json *entry, const cr_opened *file, bool has_header)
{
    size_t column = 0;
    return cr_json_is(entry, CR_JSON_STRING) && strchr(cr_json_string(entry), ',') &&
           !(has_header && cr_names_find(file->first, cr_json_string(entry), &column));
}

/* Marks in chosen[file->columns] what `list` at `path` of the config names: a name, a
 * number, a list of them, or a text of several. False with errors in the reader. */
static bool find_columns(cr_reader *reader, const char *path, const cr_opened *file,
                         bool has_header, const cr_json *list, bool *chosen)
{
    bool good = true;
    if (is_several(list, file, has_header))
        return add_columns(reader, path, file, has_header, cr_json_string(list), chosen);
    if (!cr_json_is(list, CR_JSON_ARRAY))
        return add_column(reader, path, file, has_header, list, chosen);
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item))
        good &= add_column(reader, path, file, has_header, item, chosen);
    return good;
}

/* What the config says of a column. */
typedef struct choice {
    bool *target, *taken, *categorical; /* [columns of the file] */
    bool has_weight;
    size_t weight;
} choice;

/* Whether column i may be of the type of its format, and what it is of then. */
static void apply_type(cr_reader *reader, const char *path, cr_reading *reading, size_t i)
{
    cr_column *column = &reading->columns[i];
    const cr_cell_format *format = &reading->formats[i];
    bool has_lags = cr_lags_look_at(&reading->lags, i);
    static const cr_column_kind kinds[] = {
        [CR_CELL_NUMBER] = CR_COLUMN_NUMBER,  [CR_CELL_CURRENCY] = CR_COLUMN_NUMBER,
        [CR_CELL_PERCENT] = CR_COLUMN_NUMBER, [CR_CELL_WORDS] = CR_COLUMN_WORD,
        [CR_CELL_DATE] = CR_COLUMN_DATE,
    };
    bool is_number = kinds[format->type] == CR_COLUMN_NUMBER;
    const char *wrong = NULL;
    if (has_lags && !is_number)
        wrong =
            "\"lags\" are values of columns of numbers: the types number, currency and "
            "percent are for them";
    else if (column->kind == CR_COLUMN_SKIP && !has_lags)
        wrong = "this column is one of those left out; remove it here";
    else if (column->kind == CR_COLUMN_TARGET && !is_number)
        wrong = "with this loss the target is a number: the types number, currency and "
                "percent are for it";
    else if (column->kind == CR_COLUMN_WEIGHT && !is_number)
        wrong =
            "weights are numbers: the types number, currency and percent are for them";
    else if (column->kind == CR_COLUMN_CLASS && format->type != CR_CELL_WORDS)
        wrong = "with this loss the target is a class, which is a word; remove it here";
    else if (column->kind == CR_COLUMN_WORD && format->type != CR_CELL_WORDS)
        wrong = "\"categorical\" has this column as well; remove it from one of the two";
    if (wrong)
        cr_reader_error(reader, path, "%s", wrong);
    else if (column->kind == CR_COLUMN_GUESS)
        column->kind = kinds[format->type];
    column->format = format;
}

/* How the cells of every column are written. The kinds are known. */
static bool choose_formats(cr_reading *reading, cr_reader *reader, const cr_opened *file,
                           const cr_types_section *section)
{
    bool good = cr_reading_set_cells(reading, file->columns, section, reader->err);
    const cr_json *type = section->types ? cr_json_first(section->types) : NULL;
    for (; good && type; type = cr_json_next(type)) {
        char path[CR_WHERE];
        size_t i = 0;
        cr_json_path("data.types", cr_json_key(type), path);
        if (!cr_column_find_key(reader, path, file, reading->has_header,
                                cr_json_key(type), &i))
            continue;
        cr_cell_format *format = &reading->formats[i];
        if (format->type != CR_CELL_ANY)
            cr_reader_error(reader, path, "column %zu (from 0) is there twice", i);
        else if (cr_cell_format_read(format, type, &section->cells, reader->err))
            apply_type(reader, path, reading, i);
    }
    return good && reader->err->count == 0;
}

static bool find_all(choice *c, cr_reader *reader, const cr_opened *file, bool has_header,
                     const cr_data_section *section)
{
    bool good =
        find_columns(reader, "data.target", file, has_header, section->target, c->target);
    if (section->columns)
        good &= find_columns(reader, "data.columns", file, has_header, section->columns,
                             c->taken);
    if (section->ignore)
        good &= find_columns(reader, "data.ignore", file, has_header, section->ignore,
                             c->taken);
    if (section->categorical)
        good &= find_columns(reader, "data.categorical", file, has_header,
                             section->categorical, c->categorical);
    c->has_weight = section->weight != NULL;
    if (c->has_weight)
        good &= cr_column_find_entry(reader, "data.weight", file, has_header,
                                     section->weight, &c->weight);
    return good;
}

bool cr_columns_find_group(cr_reading *reading, cr_reader *reader, const cr_opened *file,
                           const cr_data_section *section)
{
    reading->has_groups = section->split.group != NULL;
    return !reading->has_groups ||
           cr_column_find_entry(reader, "data.validation.group", file,
                                reading->has_header, section->split.group,
                                &reading->group);
}

/* The column of groups is an input only where it is listed. */
static void settle_group(choice *c, cr_reader *reader, const cr_reading *reading,
                         const cr_data_section *section)
{
    size_t i = reading->group;
    if (!reading->has_groups)
        return;
    if (c->target[i]) {
        cr_reader_error(reader, "data.validation.group",
                        "column %zu (from 0) is the target; expected one that says where "
                        "a row comes from",
                        i);
        return;
    }
    if (!section->columns)
        c->taken[i] = true; /* as one to ignore */
    if (c->categorical[i] && !(section->columns && c->taken[i])) {
        cr_reader_error(
            reader, "data.categorical",
            "column %zu (from 0) is the group of data.validation, which is no "
            "input unless \"columns\" lists it; remove it here",
            i);
        c->categorical[i] = false;
    }
}

/* The column of weights is no input. */
static void settle_weight(choice *c, cr_reader *reader, const cr_reading *reading,
                          const cr_data_section *section)
{
    size_t i = c->weight;
    const char *other = c->target[i]                      ? "the target"
                        : section->columns && c->taken[i] ? "one of \"columns\""
                        : c->categorical[i]               ? "one of \"categorical\""
                        : c->taken[i]                     ? "one of \"ignore\""
                        : reading->has_groups && i == reading->group
                            ? "the group of data.validation"
                            : NULL;
    if (other)
        cr_reader_error(
            reader, "data.weight",
            "column %zu (from 0) is %s; the weight is a column of its own, and no "
            "input in any case: remove it from one of the two",
            i, other);
    c->taken[i] = !section->columns; /* as one to ignore */
}

/* Whether the keys agree; `taken` then says which columns are inputs. */
static bool settle(choice *c, cr_reader *reader, const cr_opened *file,
                   const cr_reading *reading, const cr_data_section *section)
{
    if (c->has_weight)
        settle_weight(c, reader, reading, section);
    settle_group(c, reader, reading, section);
    for (size_t i = 0; i < file->columns; i++) {
        if (c->target[i] && (c->taken[i] || c->categorical[i]))
            cr_reader_error(reader,
                            c->categorical[i]  ? "data.categorical"
                            : section->columns ? "data.columns"
                                               : "data.ignore",
                            "column %zu (from 0) is the target; remove it here", i);
        c->taken[i] ^= section->columns == NULL;
        if (c->categorical[i] && !c->taken[i] && !c->target[i])
            cr_reader_error(
                reader, "data.categorical",
                "column %zu (from 0) is one of those left out; remove it here", i);
    }
    return reader->err->count == 0;
}

static size_t count_targets(const choice *c, size_t columns)
{
    size_t count = 0;
    for (size_t i = 0; i < columns; i++)
        count += c->target[i];
    return count;
}

static cr_column_kind kind_of(const choice *c, size_t i, bool classify)
{
    if (c->target[i])
        return classify ? CR_COLUMN_CLASS : CR_COLUMN_TARGET;
    if (c->has_weight && i == c->weight)
        return CR_COLUMN_WEIGHT;
    if (c->categorical[i])
        return CR_COLUMN_WORD;
    return c->taken[i] ? CR_COLUMN_GUESS : CR_COLUMN_SKIP;
}

/* The loss says what several targets, and one, are taken for. */
static bool choose_kinds(const choice *c, cr_reader *reader, const cr_opened *file,
                         cr_target_kind kind, cr_reading *reading)
{
    size_t targets = count_targets(c, file->columns);
    if (kind == CR_TARGETS_CLASSES && targets != 1) {
        cr_reader_error(
            reader, "data.target",
            "%zu columns, but this loss takes one column of classes; several columns of "
            "0 and 1 need the loss \"logistic\", several of other numbers \"l2\"",
            targets);
        return false;
    }
    bool classify =
        kind == CR_TARGETS_CLASSES || (kind == CR_TARGETS_BINARY && targets == 1);
    for (size_t i = 0; i < file->columns; i++)
        reading->columns[i].kind = kind_of(c, i, classify);
    return true;
}

bool cr_columns_choose(cr_reading *reading, cr_reader *reader, const cr_opened *file,
                       const cr_data_section *section, cr_target_kind kind)
{
    choice c = {.target = cr_alloc(file->columns, sizeof *c.target, reader->err),
                .taken = cr_alloc(file->columns, sizeof *c.taken, reader->err),
                .categorical =
                    cr_alloc(file->columns, sizeof *c.categorical, reader->err)};
    bool good =
        c.target && c.taken && c.categorical &&
        cr_reading_allocate(reading, file, reader->err) &&
        find_all(&c, reader, file, reading->has_header, section) &&
        cr_columns_find_group(reading, reader, file, section) &&
        settle(&c, reader, file, reading, section) &&
        choose_kinds(&c, reader, file, kind, reading) &&
        (!section->lags || cr_lags_section_find(reading, reader, file, section->lags)) &&
        choose_formats(reading, reader, file, &section->cells) &&
        cr_reading_place(reading, file, reader->err);
    cr_free(c.target);
    cr_free(c.taken);
    cr_free(c.categorical);
    return good;
}
