#include "data/oddities.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* Whether the config says how the column's cells are read. */
static bool is_settled(const cr_look *look, size_t column)
{
    const cr_cell_format *format = look->how[column].format;
    return look->roles[column] == CR_LOOK_SETTLED ||
           (format && format->type != CR_CELL_ANY);
}

/* Adds the first kind of the table, of those wanted, whose test finds the column odd. NULL:
 * none does. */
static cr_oddity *find_oddity(cr_oddities *oddities, size_t column,
                              const bool wanted[CR_ODDITY_ABOUT])
{
    const cr_look *look = &oddities->look;
    cr_look_role role = look->roles[column];
    cr_oddity *found = &oddities->list[oddities->count];
    for (size_t i = 0; role != CR_LOOK_LEFT_OUT && i < cr_oddity_kind_count; i++) {
        const cr_oddity_kind *kind = &cr_oddity_kinds[i];
        *found = (cr_oddity){.kind = kind, .column = column};
        if (wanted[kind->about] && (role != CR_LOOK_TARGET || kind->of_targets) &&
            kind->test(look, column, found)) {
            oddities->count++;
            return found;
        }
    }
    return NULL;
}

/* Has the column read as the oddity's entry in "types" says. */
static bool apply_type(cr_oddities *oddities, const cr_oddity *one, cr_error *err)
{
    cr_column *how = &oddities->how[one->column];
    cr_cell_format *format = &oddities->formats[one->column];
    cr_json *types = cr_json_new(CR_JSON_OBJECT);
    bool good = types && cr_json_set_text(types, "type", one->type);
    good = good &&
           cr_cell_format_read(format, cr_json_get(types, "type"),
                               how->format ? how->format : &cr_cell_format_plain, err);
    cr_json_free(types);
    if (!good)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    how->format = format;
    if (how->kind == CR_COLUMN_GUESS)
        how->kind = format->type == CR_CELL_DATE ? CR_COLUMN_DATE : CR_COLUMN_NUMBER;
    return true;
}

/* Counts the column's cells again, those that the oddity is about being read as it asks for
 * or being gaps. */
static bool count_again(cr_oddities *oddities, const cr_oddity *one, cr_error *err)
{
    size_t column = one->column;
    bool typed = one->kind->cure == CR_CURE_TYPES;
    if (!typed && one->kind->cure != CR_CURE_MISSING_VALUES)
        return true;
    cr_tally_finish(&oddities->tallies[column]);
    return (!typed || apply_type(oddities, one, err)) &&
           cr_tally_init(&oddities->tallies[column], oddities->look.sample, column,
                         &oddities->how[column], true, err);
}

/* Of each column, first what it is and how it is written, and then what it means. */
static bool find_all(cr_oddities *oddities, const bool *settled, cr_error *err)
{
    static const bool first[CR_ODDITY_ABOUT] = {
        [CR_ODDITY_ROWS] = true, [CR_ODDITY_ORDER] = true, [CR_ODDITY_WRITING] = true};
    size_t columns = oddities->look.columns;
    for (size_t i = 0; i < columns; i++)
        if (!settled[i])
            find_oddity(oddities, i, first);
    size_t count = oddities->count;
    for (size_t k = 0; k < count; k++)
        if (!count_again(oddities, &oddities->list[k], err))
            return false;
    for (size_t i = 0; i < columns; i++) {
        const cr_oddity *one = cr_oddities_of(oddities, i);
        bool done = one && (one->kind->cure == CR_CURE_IGNORE ||
                            strcmp(one->kind->name, "mixed dates") == 0);
        const bool then[CR_ODDITY_ABOUT] = {
            [CR_ODDITY_ORDER] = oddities->formats[i].type != CR_CELL_ANY &&
                                oddities->formats[i].type != CR_CELL_DATE,
            [CR_ODDITY_MEANING] = true};
        if (!done)
            find_oddity(oddities, i, then);
    }
    return true;
}

static bool allocate(cr_oddities *oddities, const cr_look *look, cr_error *err)
{
    size_t columns = look->columns;
    *oddities = (cr_oddities){.look = *look};
    oddities->tallies = cr_alloc(columns, sizeof *oddities->tallies, err);
    oddities->how = cr_alloc(columns, sizeof *oddities->how, err);
    oddities->formats = cr_alloc(columns, sizeof *oddities->formats, err);
    oddities->list = cr_alloc(columns * 2, sizeof *oddities->list, err);
    oddities->look.tallies = oddities->tallies;
    oddities->look.how = oddities->how;
    return oddities->tallies && oddities->how && oddities->formats && oddities->list;
}

bool cr_oddities_find(cr_oddities *oddities, const cr_look *look, cr_error *err)
{
    size_t columns = look->columns;
    bool *settled = cr_alloc(columns, sizeof *settled, err);
    bool good = allocate(oddities, look, err) && settled;
    for (size_t i = 0; good && i < columns; i++) {
        oddities->how[i] = look->how[i];
        settled[i] = is_settled(look, i);
        good = cr_tally_init(&oddities->tallies[i], look->sample, i, &look->how[i], false,
                             err);
    }
    good = good && find_all(oddities, settled, err);
    cr_free(settled);
    return good;
}

const cr_oddity *cr_oddities_next(const cr_oddities *oddities, size_t column,
                                  const cr_oddity *before)
{
    size_t i = before ? (size_t)(before - oddities->list) + 1 : 0;
    for (; i < oddities->count; i++)
        if (oddities->list[i].column == column)
            return &oddities->list[i];
    return NULL;
}

const cr_oddity *cr_oddities_of(const cr_oddities *oddities, size_t column)
{
    const cr_oddity *first = cr_oddities_next(oddities, column, NULL), *one = first;
    while (one && one->kind->cure != CR_CURE_IGNORE)
        one = cr_oddities_next(oddities, column, one);
    return one ? one : first;
}

void cr_oddities_list(const cr_oddities *oddities, cr_text *out)
{
    for (size_t i = 0; i < oddities->count; i++) {
        const cr_oddity *one = &oddities->list[i];
        char name[CR_ODDITY_NAME];
        cr_text_add(out, "%s%s (%s)", i > 0 ? ", " : "",
                    cr_oddity_name(&oddities->look, one->column, name), one->kind->name);
    }
}

/* Whether two of them share a sentence. */
static bool is_alike(const cr_oddity *a, const cr_oddity *b)
{
    return a == b || (a->what == b->what && a->so == b->so &&
                      a->kind->cure == b->kind->cure && a->kind->cure != CR_CURE_FILE);
}

enum {
    SHOWN = 6,  /* columns that a sentence names */
    LISTED = 20 /* that are listed in what it says to write */
};

/* The values of all that are alike, each once: they are to be pasted. */
static void say_values(const cr_oddities *oddities, size_t first, cr_text *out)
{
    size_t begin = out->length;
    for (size_t i = first; i < oddities->count; i++) {
        const char *c = oddities->list[i].type;
        bool alike = is_alike(&oddities->list[first], &oddities->list[i]);
        while (alike && *c) {
            char value[CR_ODDITY_TYPE];
            size_t length = 1;
            while (c[length] && c[length] != '"')
                length += c[length] == '\\' && c[length + 1] ? 2 : 1;
            length += c[length] == '"';
            snprintf(value, sizeof value, "%.*s", (int)length, c);
            bool any = out->length > begin;
            if (!any || !strstr(out->data + begin, value))
                cr_text_add(out, "%s%s", any ? ", " : "", value);
            c += length;
            c += strspn(c, ", ");
        }
    }
}

/* "a": "percent", "b": "percent"; or "a", "b" */
static void say_entries(const cr_oddities *oddities, size_t first, bool types,
                        cr_text *out)
{
    size_t said = 0;
    for (size_t i = first; i < oddities->count; i++) {
        char entry[CR_ODDITY_ENTRY];
        if (!is_alike(&oddities->list[first], &oddities->list[i]))
            continue;
        cr_text_add(out, "%s", said > 0 ? ", " : "");
        if (said++ >= LISTED) {
            cr_text_add(out, "…");
            break;
        }
        cr_oddity_entry(&oddities->look, oddities->list[i].column, entry);
        bool quoted = entry[0] == '"' || !types;
        cr_text_add(out, "%s%s%s", quoted ? "" : "\"", entry, quoted ? "" : "\"");
        if (types)
            cr_text_add(out, ": %s", oddities->list[i].type);
    }
}

/* "types": {"a": "percent"} */
static void say_cure(const cr_oddities *oddities, size_t first, cr_text *out)
{
    static const char *const keys[] = {
        [CR_CURE_IGNORE] = "ignore",
        [CR_CURE_TYPES] = "types",
        [CR_CURE_CATEGORICAL] = "categorical",
        [CR_CURE_MISSING_VALUES] = "missing_values",
    };
    cr_oddity_cure cure = oddities->list[first].kind->cure;
    bool types = cure == CR_CURE_TYPES;
    cr_text_add(out, " \"%s\": %c", keys[cure], types ? '{' : '[');
    if (cure == CR_CURE_MISSING_VALUES)
        say_values(oddities, first, out);
    else
        say_entries(oddities, first, types, out);
    cr_text_add(out, "%c", types ? '}' : ']');
}

static void say_columns(const cr_oddities *oddities, size_t first, cr_text *out)
{
    const cr_oddity *list = oddities->list;
    size_t alike = 0, said = 0;
    for (size_t i = first; i < oddities->count; i++)
        alike += is_alike(&list[first], &list[i]);
    cr_text_add(out, "column%s ", alike > 1 ? "s" : "");
    for (size_t i = first; i < oddities->count && said < SHOWN; i++) {
        char name[CR_ODDITY_NAME];
        if (is_alike(&list[first], &list[i]))
            cr_text_add(out, "%s%s", said++ > 0 ? ", " : "",
                        cr_oddity_name(&oddities->look, list[i].column, name));
    }
    if (alike > said)
        cr_text_add(out, " and %zu more", alike - said);
}

void cr_oddities_say(const cr_oddities *oddities, cr_text *out)
{
    for (size_t i = 0; i < oddities->count; i++) {
        const cr_oddity *one = &oddities->list[i];
        bool said = false;
        for (size_t before = 0; before < i; before++)
            said |= is_alike(&oddities->list[before], one);
        if (said)
            continue;
        say_columns(oddities, i, out);
        cr_text_add(out, ": %s, such as %s; %s", one->what, one->seen, one->so);
        if (one->kind->cure != CR_CURE_FILE)
            say_cure(oddities, i, out);
        cr_text_add(out, "\n");
    }
    cr_oddity_total_say(&oddities->look, out);
}

void cr_oddities_finish(cr_oddities *oddities)
{
    for (size_t i = 0; oddities->tallies && i < oddities->look.columns; i++)
        cr_tally_finish(&oddities->tallies[i]);
    for (size_t i = 0; oddities->formats && i < oddities->look.columns; i++)
        cr_cell_format_finish(&oddities->formats[i]);
    cr_free(oddities->how);
    cr_free(oddities->formats);
    cr_free(oddities->tallies);
    cr_free(oddities->list);
    *oddities = (cr_oddities){0};
}
