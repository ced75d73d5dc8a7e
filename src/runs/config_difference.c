#include "runs/config_difference.h"

#include "base/memory.h"
#include "base/text.h"
#include "config/options.h"

#include <stdio.h>
#include <string.h>

typedef struct comparison {
    const char *no_effect;
    void (*take)(void *user, const char *path, const cr_json *then, const cr_json *now);
    void *user;
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

char *cr_config_difference_show(const cr_json *value)
{
    return value ? cr_json_print(value, false) : cr_text_copy("left out", 8, NULL);
}

static void report(const comparison *c, const char *path, const cr_json *then,
                   const cr_json *now)
{
    if (!is_listed(c->no_effect, path))
        c->take(c->user, path, then, now);
}

static void compare(const comparison *c, const char *path, const cr_json *then,
                    const cr_json *now);

static void compare_members(const comparison *c, const char *path, const cr_json *then,
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

static void compare_items(const comparison *c, const char *path, const cr_json *then,
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

static void compare(const comparison *c, const char *path, const cr_json *then,
                    const cr_json *now)
{
    const char *dot = strrchr(path, '.');
    if (strcmp(dot ? dot + 1 : path, "comment") == 0)
        return;
    if (!then || !now || cr_json_kind_of(then) != cr_json_kind_of(now))
        report(c, path, then, now);
    else if (cr_json_is(then, CR_JSON_OBJECT))
        compare_members(c, path, then, now);
    else if (cr_json_is(then, CR_JSON_ARRAY) && !is_listed(c->no_effect, path))
        compare_items(c, path, then, now);
    else if (!same_value(then, now))
        report(c, path, then, now);
}

void cr_config_difference_visit(const cr_json *then, const cr_json *now,
                                const char *no_effect,
                                void (*take)(void *user, const char *path,
                                             const cr_json *then, const cr_json *now),
                                void *user)
{
    const comparison c = {no_effect, take, user};
    compare(&c, "", then, now);
}

/* What a check has found. */
typedef struct verdict {
    cr_error *err;
    bool equal;
} verdict;

static void refuse(void *user, const char *path, const cr_json *then, const cr_json *now)
{
    verdict *v = user;
    char *was = cr_config_difference_show(then), *is = cr_config_difference_show(now);
    v->equal = false;
    cr_error_add(
        v->err, CR_E_CONFIG,
        "%s was %.120s when the run began, and is %.120s now; a run goes on as it "
        "began: take the change back, or train anew",
        path, was ? was : "?", is ? is : "?");
    cr_free(was);
    cr_free(is);
}

bool cr_config_difference_check(const cr_json *then, const cr_json *now,
                                const char *no_effect, cr_error *err)
{
    verdict v = {err, true};
    cr_config_difference_visit(then, now, no_effect, refuse, &v);
    return v.equal;
}
