#include "config/json_layout.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

enum { WIDTH = 90, INDENT = 2 };

static bool is_tree(const cr_json *value)
{
    return cr_json_is(value, CR_JSON_OBJECT) || cr_json_is(value, CR_JSON_ARRAY);
}

/* A value without members, or a key. */
static void add_leaf(const cr_json *value, cr_text *out)
{
    char *text = cr_json_print(value, false);
    if (text)
        cr_text_add(out, "%s", text);
    else
        out->failed = true;
    cr_free(text);
}

/* A key in its quotes, escaped as a value is. */
static void add_key(const cr_json *member, cr_text *out)
{
    cr_json *list = cr_json_new(CR_JSON_ARRAY);
    bool good = list && cr_json_set_string(list, NULL, cr_json_key(member));
    if (good)
        add_leaf(cr_json_first(list), out);
    else
        out->failed = true;
    cr_text_add(out, ": ");
    cr_json_free(list);
}

/* On one line. */
static void add_flat(const cr_json *value, cr_text *out)
{
    if (!is_tree(value)) {
        add_leaf(value, out);
        return;
    }
    bool object = cr_json_is(value, CR_JSON_OBJECT);
    cr_text_add(out, "%c", object ? '{' : '[');
    for (const cr_json *item = cr_json_first(value); item; item = cr_json_next(item)) {
        if (object)
            add_key(item, out);
        add_flat(item, out);
        cr_text_add(out, "%s", cr_json_next(item) ? ", " : "");
    }
    cr_text_add(out, "%c", object ? '}' : ']');
}

/* Behind `used` characters of a line, so deep in the tree. */
static void add(const cr_json *value, size_t depth, size_t used, cr_text *out)
{
    cr_text flat = {0};
    add_flat(value, &flat);
    bool fits = !flat.failed && used + flat.length + 1 <= WIDTH && depth > 0;
    if (!is_tree(value) || cr_json_count(value) == 0 || fits) {
        cr_text_add(out, "%s", flat.failed ? "" : flat.data);
        out->failed |= flat.failed;
        cr_text_finish(&flat);
        return;
    }
    cr_text_finish(&flat);
    bool object = cr_json_is(value, CR_JSON_OBJECT);
    cr_text_add(out, "%c\n", object ? '{' : '[');
    for (const cr_json *item = cr_json_first(value); item; item = cr_json_next(item)) {
        size_t indent = (depth + 1) * INDENT, key = 0;
        cr_text_add(out, "%*s", (int)indent, "");
        if (object) {
            key = out->length;
            add_key(item, out);
            key = out->length - key;
        }
        add(item, depth + 1, indent + key, out);
        cr_text_add(out, "%s\n", cr_json_next(item) ? "," : "");
    }
    cr_text_add(out, "%*s%c", (int)(depth * INDENT), "", object ? '}' : ']');
}

char *cr_json_layout_print(const cr_json *value)
{
    cr_text out = {0};
    add(value, 0, 0, &out);
    cr_text_add(&out, "\n");
    if (out.failed)
        cr_text_finish(&out);
    return out.data;
}
