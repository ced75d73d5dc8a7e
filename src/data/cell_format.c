#include "data/cell_format.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/date.h"

#include <stdio.h>
#include <string.h>

const char *const cr_cell_format_types[] = {"number", "currency", "percent",
                                            "words",  "date",     NULL};
const char *const cr_cell_format_thousands[] = {"none", ",", ".", " ", "'", "_", NULL};
const char *const cr_cell_format_decimals[] = {".", ",", NULL};

const cr_cell_format cr_cell_format_plain = {.number.decimal = '.'};

const char *cr_cell_format_key(const char *name, size_t column, char number[24])
{
    bool fits = name && *name && !strpbrk(name, "\"\\");
    for (const char *c = name; fits && *c; c++)
        fits = (unsigned char)*c >= ' ';
    snprintf(number, 24, "%zu", column);
    return fits ? name : number;
}

/* A text of its own; *copy stays NULL for NULL. */
static bool copy_text(char **copy, const char *text, cr_error *err)
{
    *copy = text ? cr_text_copy(text, strlen(text), err) : NULL;
    return *copy || !text;
}

bool cr_cell_format_copy(cr_cell_format *format, const cr_cell_format *from,
                         cr_error *err)
{
    *format = *from;
    format->date = NULL;
    bool good = copy_text(&format->unit, from->unit, err) &&
                copy_text(&format->date, from->date, err);
    format->number.unit = format->unit;
    return good;
}

void cr_cell_format_finish(cr_cell_format *format)
{
    cr_free(format->unit);
    cr_free(format->date);
    *format = (cr_cell_format){0};
}

bool cr_cell_format_is_plain(const cr_cell_format *format)
{
    const cr_number_format *number = &format->number;
    return number->decimal == '.' && number->thousands == '\0' && !number->currency &&
           !number->percent && !format->unit && !format->date &&
           format->type != CR_CELL_NUMBER;
}

/* The place of a text in a list that ends with NULL; -1. */
static int find(const char *const *list, const char *text)
{
    for (int i = 0; text && list[i]; i++)
        if (strcmp(list[i], text) == 0)
            return i;
    return -1;
}

char cr_cell_format_sign(const char *name)
{
    return strcmp(name, "none") == 0 ? '\0' : *name;
}

static void set_type(cr_cell_format *format, cr_cell_type type)
{
    format->type = type;
    format->number.currency = type == CR_CELL_CURRENCY;
    format->number.percent = type == CR_CELL_PERCENT;
}

/* The set of a list of parts; false where one is no part. */
static bool read_parts(const cr_json *list, cr_date_set *parts)
{
    *parts = 0;
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item)) {
        int part = cr_json_is(item, CR_JSON_STRING)
                       ? find(cr_date_parts_names, cr_json_string(item))
                       : -1;
        if (part < 0)
            return false;
        *parts |= 1u << part;
    }
    return *parts > 0;
}

/* A sign out of a list, where the object has it. */
static bool read_sign(const cr_json *object, const char *key, const char *const *signs,
                      char *sign)
{
    const cr_json *member = cr_json_get(object, key);
    if (!member)
        return true;
    const char *text = cr_json_get_string(object, key);
    *sign = cr_cell_format_sign(text ? text : "none");
    return find(signs, text) >= 0;
}

/* A text of the object, which may be missing but not be empty. */
static bool read_text(const cr_json *object, const char *key, char **text, cr_error *err)
{
    const char *found = cr_json_get_string(object, key);
    if (!cr_json_get(object, key))
        return true;
    return found && *found && copy_text(text, found, err);
}

/* The one currency of a model's column. */
static bool read_currency(const cr_json *object, char currency[CR_CURRENCY])
{
    const char *found = cr_json_get_string(object, "currency");
    if (!cr_json_get(object, "currency"))
        return true;
    if (!found || strlen(found) >= CR_CURRENCY)
        return false;
    memcpy(currency, found, strlen(found) + 1);
    return true;
}

static bool read_object(cr_cell_format *format, const cr_json *object, cr_error *err)
{
    char why[CR_DATE_WHY];
    const cr_json *parts = cr_json_get(object, "parts");
    int type = find(cr_cell_format_types, cr_json_get_string(object, "type"));
    if (type < 0 && cr_json_get(object, "type"))
        return false;
    set_type(format, (cr_cell_type)(type + 1));
    bool good =
        read_sign(object, "decimal", cr_cell_format_decimals, &format->number.decimal) &&
        read_sign(object, "thousands", cr_cell_format_thousands,
                  &format->number.thousands) &&
        read_text(object, "unit", &format->unit, err) &&
        read_currency(object, format->number.only) &&
        read_text(object, "format", &format->date, err) &&
        (!parts ||
         (cr_json_is(parts, CR_JSON_ARRAY) && read_parts(parts, &format->parts)));
    format->number.unit = format->unit;
    format->cyclic = cr_json_get_bool(object, "cyclic", false);
    return good && format->number.decimal != format->number.thousands &&
           (!format->date || cr_date_check_format(format->date, why));
}

bool cr_cell_format_read(cr_cell_format *format, const cr_json *value,
                         const cr_cell_format *base, cr_error *err)
{
    *format = (cr_cell_format){
        .number = {.decimal = base->number.decimal, .thousands = base->number.thousands}};
    if (cr_json_is(value, CR_JSON_OBJECT))
        return read_object(format, value, err);
    int type = cr_json_is(value, CR_JSON_STRING)
                   ? find(cr_cell_format_types, cr_json_string(value))
                   : -1;
    set_type(format, (cr_cell_type)(type + 1));
    return type >= 0;
}

static bool write_parts(const cr_cell_format *format, cr_json *object)
{
    cr_json *list = cr_json_add(object, "parts", CR_JSON_ARRAY);
    bool good = list != NULL;
    for (int part = 0; good && part < CR_DATE_PARTS; part++)
        good = !(format->parts & 1u << part) ||
               cr_json_set_string(list, NULL, cr_date_parts_names[part]);
    return good && (!format->cyclic || cr_json_set_bool(object, "cyclic", true));
}

bool cr_cell_format_write(const cr_cell_format *format, cr_json *object)
{
    bool comma = format->number.decimal == ',';
    const char thousands[] = {format->number.thousands, '\0'};
    bool typed = format->type != CR_CELL_ANY;
    return (!typed ||
            cr_json_set_string(object, "type", cr_cell_format_types[format->type - 1])) &&
           (!comma || cr_json_set_string(object, "decimal", ",")) &&
           (!*thousands || cr_json_set_string(object, "thousands", thousands)) &&
           (!format->unit || cr_json_set_string(object, "unit", format->unit)) &&
           (!*format->number.only ||
            cr_json_set_string(object, "currency", format->number.only)) &&
           (!format->date || cr_json_set_string(object, "format", format->date)) &&
           (!format->parts || write_parts(format, object));
}
