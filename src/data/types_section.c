#include "data/types_section.h"

#include "data/date.h"

#include <ctype.h>
#include <string.h>

const cr_option cr_types_section_options[] = {
    {.key = "decimal",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(cr_types_fields, decimal),
     .fallback = CR_OPTIONAL,
     .choices = cr_cell_format_decimals,
     .help = "the mark before a number's fraction, a point if left out"},
    {.key = "thousands",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(cr_types_fields, thousands),
     .fallback = CR_OPTIONAL,
     .choices = cr_cell_format_thousands,
     .help = "the sign between groups of three digits (a space: also a no-break one); "
             "if left out, there is none"},
    {.key = "missing_values",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(cr_types_fields, missing_values),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_ARRAY,
     .expects = "a list of words and numbers, such as [\"-\", \"unknown\", -999]",
     .help = "further cells that stand for a gap, such as \"-\", \"unknown\" or -999, in "
             "capital letters or small; \"missing\" says what becomes of them"},
    {.key = "types",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(cr_types_fields, types),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_OBJECT,
     .expects = "an object of columns and their types, such as {\"price\": \"currency\"}",
     .help = "what columns hold, by their names, or by their numbers in quotes (\"0\", "
             "\"-1\"): a type, or an object with a type and more. Of other columns the "
             "first cell tells: numbers, dates in ISO 8601, or words"},
};

const size_t cr_types_section_option_count = CR_COUNT(cr_types_section_options);

/* Of one column. */
typedef struct type_fields {
    int type, decimal, thousands;
    const char *unit, *format;
    const cr_json *parts;
    bool cyclic;
} type_fields;

static const cr_option type_options[] = {
    {.key = "type",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(type_fields, type),
     .fallback = CR_REQUIRED,
     .choices = cr_cell_format_types,
     .help = "number; currency: a sign such as $ or a code such as EUR may stand before "
             "or behind, and (5) is -5; percent: a % sign may stand behind, 12.5% is "
             "12.5; words: as in \"categorical\"; date"},
    {.key = "decimal",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(type_fields, decimal),
     .fallback = CR_OPTIONAL,
     .choices = cr_cell_format_decimals,
     .help = "of numbers: in place of data.decimal"},
    {.key = "thousands",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(type_fields, thousands),
     .fallback = CR_OPTIONAL,
     .choices = cr_cell_format_thousands,
     .help = "of numbers: in place of data.thousands"},
    {.key = "unit",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(type_fields, unit),
     .fallback = CR_OPTIONAL,
     .help = "of numbers: text that may stand before or behind and is dropped, such as "
             "\"kg\""},
    {.key = "format",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(type_fields, format),
     .fallback = CR_OPTIONAL,
     .help = "of dates: how they are written, as for strptime, such as \"%d.%m.%Y\"; if "
             "left out, in ISO 8601: 2024-03-01, 2024-03-01T12:30:00Z"},
    {.key = "parts",
     .kind = CR_OPTION_NAMES,
     .offset = offsetof(type_fields, parts),
     .fallback = CR_OPTIONAL,
     .help =
         "of dates: which inputs they become, of \"time\" (days since 1970-01-01, with "
         "a fraction), \"year\", \"month\", \"day\", \"weekday\" (0 is Monday) and "
         "\"hour\" (with a fraction); if left out, those that are not the same in all "
         "of the training file"},
    {.key = "cyclic",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(type_fields, cyclic),
     .fallback = CR_OPTIONAL,
     .help =
         "of dates: true makes month, day, weekday and hour two inputs each, the sine "
         "and the cosine of their cycle, so that December is near January"},
};

/* The mark and the sign may not be the same. */
static void check_signs(cr_reader *reader, const char *path, const cr_number_format *f)
{
    if (f->thousands == f->decimal)
        cr_reader_error(
            reader, path,
            "\"%c\" cannot both part thousands and stand before the fraction; "
            "set \"decimal\" to \"%c\" as well, or \"thousands\" to another "
            "sign",
            f->decimal, f->decimal == '.' ? ',' : '.');
}

static void check_missing_values(cr_reader *reader, const cr_json *list)
{
    for (const cr_json *item = list ? cr_json_first(list) : NULL; item;
         item = cr_json_next(item))
        if (!cr_json_is(item, CR_JSON_STRING) && !cr_json_is(item, CR_JSON_NUMBER))
            cr_reader_error(reader, "data.missing_values",
                            "found %s in the list, expected words and numbers",
                            cr_json_kind_name(cr_json_kind_of(item)));
}

/* A key that the type does not have. */
static void check_keys(cr_reader *reader, const char *path, const cr_json *object,
                       cr_cell_type type)
{
    static const char *const of_numbers[] = {"decimal", "thousands", "unit", NULL};
    static const char *const of_dates[] = {"format", "parts", "cyclic", NULL};
    bool is_date = type == CR_CELL_DATE, is_number = !is_date && type != CR_CELL_WORDS;
    char where[CR_WHERE];
    for (size_t i = 0; i < 3; i++) {
        if (!is_number && cr_json_get(object, of_numbers[i]))
            cr_reader_error(reader, cr_json_path(path, of_numbers[i], where),
                            "only numbers have it; remove this key");
        if (!is_date && cr_json_get(object, of_dates[i]))
            cr_reader_error(reader, cr_json_path(path, of_dates[i], where),
                            "only dates have it; remove this key");
    }
}

static void check_date(cr_reader *reader, const char *path, const type_fields *f)
{
    char why[CR_DATE_WHY], where[CR_WHERE];
    if (f->format && !cr_date_check_format(f->format, why))
        cr_reader_error(reader, cr_json_path(path, "format", where),
                        "\"%.40s\" does not say how dates are written: %s", f->format,
                        why);
    if (!f->parts)
        return;
    cr_json_path(path, "parts", where);
    if (cr_json_count(f->parts) == 0)
        cr_reader_error(reader, where, "the list is empty");
    for (const cr_json *item = cr_json_first(f->parts); item; item = cr_json_next(item)) {
        int part = 0;
        while (part < CR_DATE_PARTS &&
               strcmp(cr_date_parts_names[part], cr_json_string(item)) != 0)
            part++;
        if (part == CR_DATE_PARTS)
            cr_reader_unknown(reader, where, "part", cr_json_string(item),
                              cr_date_parts_names, CR_DATE_PARTS);
    }
}

static void check_object(cr_reader *reader, const char *path, cr_json *object,
                         const cr_cell_format *cells)
{
    size_t errors = reader->err->count;
    type_fields f = {.decimal = -1, .thousands = -1};
    const cr_option_group group = {type_options, CR_COUNT(type_options), &f};
    cr_options_read(reader, path, object, &group, 1);
    if (reader->err->count > errors)
        return;
    cr_number_format signs = cells->number;
    if (f.decimal >= 0)
        signs.decimal = *cr_cell_format_decimals[f.decimal];
    if (f.thousands >= 0)
        signs.thousands = cr_cell_format_sign(cr_cell_format_thousands[f.thousands]);
    check_keys(reader, path, object, (cr_cell_type)(f.type + 1));
    check_signs(reader, path, &signs);
    check_date(reader, path, &f);
    if (f.unit && (*f.unit == '\0' || isdigit((unsigned char)*f.unit)))
        cr_reader_error(
            reader, path,
            "\"unit\" is \"%.40s\", expected text that does not begin with a digit",
            f.unit);
}

static void check_type(cr_reader *reader, const char *path, cr_json *types,
                       const cr_json *member, const cr_cell_format *cells)
{
    size_t count = 0;
    while (cr_cell_format_types[count])
        count++;
    if (cr_json_is(member, CR_JSON_OBJECT)) {
        check_object(reader, path, cr_json_edit(types, cr_json_key(member)), cells);
        return;
    }
    if (!cr_json_is(member, CR_JSON_STRING)) {
        cr_reader_error(
            reader, path,
            "found %s, expected a type in quotes, such as \"currency\", or "
            "an object such as {\"type\": \"date\", \"format\": \"%%d.%%m.%%Y\"}",
            cr_json_kind_name(cr_json_kind_of(member)));
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(cr_cell_format_types[i], cr_json_string(member)) == 0)
            return;
    cr_reader_unknown(reader, path, "type", cr_json_string(member), cr_cell_format_types,
                      count);
}

void cr_types_section_read(cr_reader *reader, cr_json *object,
                           const cr_types_fields *fields, cr_types_section *section)
{
    *section = (cr_types_section){.cells = cr_cell_format_plain,
                                  .missing_values = fields->missing_values,
                                  .types = fields->types};
    cr_number_format *signs = &section->cells.number;
    if (fields->decimal >= 0)
        signs->decimal = *cr_cell_format_decimals[fields->decimal];
    if (fields->thousands >= 0)
        signs->thousands =
            cr_cell_format_sign(cr_cell_format_thousands[fields->thousands]);
    check_signs(reader, "data.thousands", signs);
    check_missing_values(reader, section->missing_values);
    cr_json *types = section->types ? cr_json_edit(object, "types") : NULL;
    for (const cr_json *member = types ? cr_json_first(types) : NULL; member;
         member = cr_json_next(member)) {
        char path[CR_WHERE];
        check_type(reader, cr_json_path("data.types", cr_json_key(member), path), types,
                   member, &section->cells);
    }
}

void cr_types_section_describe(cr_text *out)
{
    cr_options_describe("data, for cells",
                        "Further keys of `data`, which say how cells are written. They "
                        "travel with the model.",
                        cr_types_section_options, cr_types_section_option_count, out);
    cr_options_describe(
        "data.types.COLUMN",
        "In place of a type's name alone: {\"type\": \"date\", \"format\": "
        "\"%d.%m.%Y\"}.",
        type_options, CR_COUNT(type_options), out);
}
