#include "runs/config_difference.h"

#include "base/memory.h"
#include "base/text.h"
#include "config/options.h"

#include <stdio.h>
#include <string.h>

typedef struct comparison {
    const char *no_effect;
    cr_error *err;
    bool equal;
} comparison;

/* Whether the path is one of the lines. */
static bool is_listed(const char *lines, const char *path)
{
    size_t length = strlen(path);
    for (const char *line = lines; line && *line;) {
        size_t size = strcspn(line, "\n");
        if (size == length && memcmp(line, path, size) == 0)
            return true;
        line += size + (line[size] == '\n');
    }
    return false;
}

static char *show(const cr_json *value)
{
    return value ? cr_json_print(value, false) : cr_text_copy("left out", 8, NULL);
}

static void report(comparison *c, const char *path, const cr_json *then,
                   const cr_json *now)
{
    if (is_listed(c->no_effect, path))
        return;
    char *was = show(then), *is = show(now);
    c->equal = false;
    cr_error_add(
        c->err, CR_E_CONFIG,
        "%s was %.120s when the run began, and is %.120s now; a run goes on as it "
        "began: take the change back, or train anew",
        path, was ? was : "?", is ? is : "?");
    cr_free(was);
    cr_free(is);
}

static void compare(comparison *c, const char *path, const cr_json *then,
                    const cr_json *now);

static void compare_members(comparison *c, const char *path, const cr_json *then,
                            const cr_json *now)
{
    char where[CR_WHERE];
    for (const cr_json *item = cr_json_first(then); item; item = cr_json_next(item))
        compare(c, cr_json_path(path, cr_json_key(item), where), item,
                cr_json_get(now, cr_json_key(item)));
    for (const cr_json *item = cr_json_first(now); item; item = cr_json_next(item))
        if (!cr_json_get(then, cr_json_key(item)))
            compare(c, cr_json_path(path, cr_json_key(item), where), NULL, item);
}

static void compare_items(comparison *c, const char *path, const cr_json *then,
                          const cr_json *now)
{
    char where[CR_WHERE], index[24];
    const cr_json *a = cr_json_first(then), *b = cr_json_first(now);
    for (size_t i = 0; a || b; i++) {
        snprintf(index, sizeof index, "%zu", i);
        compare(c, cr_json_path(path, index, where), a, b);
        a = a ? cr_json_next(a) : NULL;
        b = b ? cr_json_next(b) : NULL;
    }
}

static bool same_value(const cr_json *a, const cr_json *b)
{
    switch (cr_json_kind_of(a)) {
    case CR_JSON_NUMBER: {
        double x = cr_json_number(a), y = cr_json_number(b);
        return memcmp(&x, &y, sizeof x) == 0;
    }
    case CR_JSON_STRING:
        return strcmp(cr_json_string(a), cr_json_string(b)) == 0;
    case CR_JSON_BOOL:
        return cr_json_bool(a) == cr_json_bool(b);
    default:
        return true;
    }
}

static void compare(comparison *c, const char *path, const cr_json *then,
                    const cr_json *now)
{
    const char *dot = strrchr(path, '.');
    if (strcmp(dot ? dot + 1 : path, "comment") == 0)
        return;
    if (!then || !now || cr_json_kind_of(then) != cr_json_kind_of(now))
        report(c, path, then, now);
    else if (cr_json_is(then, CR_JSON_OBJECT))
        compare_members(c, path, then, now);
    else if (cr_json_is(then, CR_JSON_ARRAY))
        compare_items(c, path, then, now);
    else if (!same_value(then, now))
        report(c, path, then, now);
}

bool cr_config_difference_check(const cr_json *then, const cr_json *now,
                                const char *no_effect, cr_error *err)
{
    comparison c = {.no_effect = no_effect, .err = err, .equal = true};
    compare(&c, "", then, now);
    return c.equal;
}
