#include "data/oddities.h"

#include "base/memory.h"

/* The first kind of the table whose test finds the column odd; false: none does. */
static bool find_oddity(const cr_look *look, size_t column, cr_oddity *found)
{
    cr_look_role role = look->roles[column];
    const cr_cell_format *format = look->how[column].format;
    bool settled = role == CR_LOOK_SETTLED || (format && format->type != CR_CELL_ANY);
    if (role == CR_LOOK_LEFT_OUT || settled)
        return false;
    for (size_t i = 0; i < cr_oddity_kind_count; i++) {
        const cr_oddity_kind *kind = &cr_oddity_kinds[i];
        *found = (cr_oddity){.kind = kind, .column = column};
        if ((role == CR_LOOK_INPUT || kind->of_targets) &&
            kind->test(look, column, found))
            return true;
    }
    return false;
}

bool cr_oddities_find(cr_oddities *oddities, const cr_look *look, cr_error *err)
{
    size_t columns = look->columns;
    *oddities = (cr_oddities){.look = *look};
    oddities->tallies = cr_alloc(columns, sizeof *oddities->tallies, err);
    oddities->list = cr_alloc(columns, sizeof *oddities->list, err);
    oddities->look.tallies = oddities->tallies;
    bool good = oddities->tallies && oddities->list;
    for (size_t i = 0; good && i < columns; i++)
        good = cr_tally_init(&oddities->tallies[i], look->sample, i, &look->how[i], err);
    for (size_t i = 0; good && i < columns; i++)
        oddities->count +=
            find_oddity(&oddities->look, i, &oddities->list[oddities->count]);
    return good;
}

const cr_oddity *cr_oddities_of(const cr_oddities *oddities, size_t column)
{
    for (size_t i = 0; i < oddities->count; i++)
        if (oddities->list[i].column == column)
            return &oddities->list[i];
    return NULL;
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
    return a->what == b->what && a->so == b->so && a->kind->cure == b->kind->cure;
}

enum { SHOWN = 6 }; /* columns that a sentence lists */

/* "types": {"a": "percent", "b": "percent"} */
static void say_cure(const cr_oddities *oddities, size_t first, cr_text *out)
{
    const cr_oddity *list = oddities->list, *one = &list[first];
    static const char *const keys[] = {
        [CR_CURE_IGNORE] = "ignore",
        [CR_CURE_TYPES] = "types",
        [CR_CURE_CATEGORICAL] = "categorical",
        [CR_CURE_MISSING_VALUES] = "missing_values",
    };
    cr_oddity_cure cure = one->kind->cure;
    size_t said = 0;
    cr_text_add(out, "\"%s\": %c", keys[cure], cure == CR_CURE_TYPES ? '{' : '[');
    for (size_t i = first; i < oddities->count; i++) {
        char entry[CR_ODDITY_ENTRY];
        if (!is_alike(one, &list[i]))
            continue;
        cr_text_add(out, "%s", said > 0 ? ", " : "");
        if (said++ >= SHOWN) {
            cr_text_add(out, "…");
            break;
        }
        cr_oddity_entry(&oddities->look, list[i].column, entry);
        bool quoted = entry[0] == '"' || cure != CR_CURE_TYPES;
        if (cure == CR_CURE_MISSING_VALUES)
            cr_text_add(out, "%s", list[i].type);
        else
            cr_text_add(out, "%s%s%s", quoted ? "" : "\"", entry, quoted ? "" : "\"");
        if (cure == CR_CURE_TYPES)
            cr_text_add(out, ": %s", list[i].type);
    }
    cr_text_add(out, "%c", cure == CR_CURE_TYPES ? '}' : ']');
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
        cr_text_add(out, ": %s, such as %s; %s ", one->what, one->seen, one->so);
        say_cure(oddities, i, out);
        cr_text_add(out, "\n");
    }
}

void cr_oddities_finish(cr_oddities *oddities)
{
    for (size_t i = 0; oddities->tallies && i < oddities->look.columns; i++)
        cr_tally_finish(&oddities->tallies[i]);
    cr_free(oddities->tallies);
    cr_free(oddities->list);
    *oddities = (cr_oddities){0};
}
