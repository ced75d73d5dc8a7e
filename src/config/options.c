#include "config/options.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_KEYS = 64, MESSAGE = 1024 };

#define LARGEST_INTEGER                                                                  \
    9007199254740992.0 /* 2⁵³: every whole number up to here is exact */

/* What an option takes, in words: "a whole number from 1 to 10". */
static const char *expectation(const cr_option *option, char out[MESSAGE])
{
    static const char *const words[] = {
        [CR_OPTION_BOOL] = "true or false",
        [CR_OPTION_INTEGER] = "a whole number",
        [CR_OPTION_NUMBER] = "a number",
        [CR_OPTION_TEXT] = "text in quotes",
        [CR_OPTION_PATH] = "a file's path in quotes",
        [CR_OPTION_PATHS] = "a file's path in quotes, or a list of them",
        [CR_OPTION_FOLDER] = "a folder's path in quotes",
        [CR_OPTION_CHOICE] = "one of ",
        [CR_OPTION_NAMES] = "a list of names in quotes",
        [CR_OPTION_VALUE] = "",
    };
    char low[CR_NUMBER_TEXT], high[CR_NUMBER_TEXT];
    cr_number_format_double(option->minimum, low);
    cr_number_format_double(option->maximum, high);
    int used = snprintf(out, MESSAGE, "%s", words[option->kind]);
    char *end = out + used;
    size_t room = MESSAGE - (size_t)used;
    if (option->expects) {
        snprintf(out, MESSAGE, "%s", option->expects);
    } else if (option->kind == CR_OPTION_CHOICE) {
        for (size_t i = 0; option->choices[i] && room > 1; i++) {
            used = snprintf(end, room, "%s\"%s\"", i ? ", " : "", option->choices[i]);
            end += used;
            room -= (size_t)used;
        }
    } else if (option->minimum != 0 || option->maximum != 0) {
        if (isinf(option->maximum))
            snprintf(end, room, option->above_minimum ? " above %s" : " of at least %s",
                     low);
        else
            snprintf(end, room,
                     option->above_minimum ? " above %s, up to %s" : " from %s to %s",
                     low, high);
    }
    return out;
}

static void wrong_value(cr_reader *reader, const char *path, const cr_option *option,
                        const cr_json *value)
{
    char expected[MESSAGE], found[CR_JSON_SHOWN];
    const cr_json_kind kind = cr_json_kind_of(value);
    cr_reader_error(reader, path, "found %s, expected %s",
                    kind == CR_JSON_ARRAY ? cr_json_kind_name(kind)
                                          : cr_json_show(value, found),
                    expectation(option, expected));
}

static bool in_range(const cr_option *option, double number)
{
    if (option->minimum == 0 && option->maximum == 0)
        return true;
    return number <= option->maximum &&
           (option->above_minimum ? number > option->minimum : number >= option->minimum);
}

static bool is_list_of_names(const cr_json *value)
{
    if (!cr_json_is(value, CR_JSON_ARRAY))
        return false;
    for (const cr_json *item = cr_json_first(value); item; item = cr_json_next(item))
        if (!cr_json_is(item, CR_JSON_STRING))
            return false;
    return true;
}

static int find_choice(const cr_option *option, const char *name)
{
    for (int i = 0; option->choices[i]; i++)
        if (strcmp(option->choices[i], name) == 0)
            return i;
    return -1;
}

static bool is_whole(double number)
{
    return floor(number) == number && fabs(number) <= LARGEST_INTEGER;
}

/* Whether the value is of the option's kind, and in its range. A choice that is none has
 * an error of its own. */
static bool fits(const cr_option *option, const cr_json *value)
{
    cr_json_kind kind = cr_json_kind_of(value);
    double number = kind == CR_JSON_NUMBER ? cr_json_number(value) : 0;
    switch (option->kind) {
    case CR_OPTION_BOOL:
        return kind == CR_JSON_BOOL;
    case CR_OPTION_INTEGER:
        return kind == CR_JSON_NUMBER && is_whole(number) && in_range(option, number);
    case CR_OPTION_NUMBER:
        return kind == CR_JSON_NUMBER && in_range(option, number);
    case CR_OPTION_TEXT:
    case CR_OPTION_PATH:
    case CR_OPTION_FOLDER:
    case CR_OPTION_CHOICE:
        return kind == CR_JSON_STRING;
    case CR_OPTION_PATHS:
        return kind == CR_JSON_STRING ||
               (is_list_of_names(value) && cr_json_count(value) > 0);
    case CR_OPTION_NAMES:
        return is_list_of_names(value);
    case CR_OPTION_VALUE:
        return option->kinds & 1u << kind;
    }
    return false;
}

static void store(const cr_option *option, const cr_json *value, void *fields)
{
    void *field = (char *)fields + option->offset;
    switch (option->kind) {
    case CR_OPTION_BOOL:
        *(bool *)field = cr_json_bool(value);
        break;
    case CR_OPTION_INTEGER:
        *(int64_t *)field = (int64_t)cr_json_number(value);
        break;
    case CR_OPTION_NUMBER:
        *(double *)field = cr_json_number(value);
        break;
    case CR_OPTION_TEXT:
    case CR_OPTION_PATH:
    case CR_OPTION_FOLDER:
        *(const char **)field = cr_json_string(value);
        break;
    case CR_OPTION_CHOICE:
        *(int *)field = find_choice(option, cr_json_string(value));
        break;
    case CR_OPTION_PATHS:
    case CR_OPTION_NAMES:
    case CR_OPTION_VALUE:
        *(const cr_json **)field = value;
        break;
    }
}

/* What is more than a value of the right kind: a path is made absolute, and a choice is
 * one of those that there are. */
static void finish_value(cr_reader *reader, const char *where, cr_json *object,
                         const cr_option *option, void *fields)
{
    const char *key = option->key, **path = (void *)((char *)fields + option->offset);
    const char *word = cr_json_string(cr_json_get(object, key));
    if (option->kind == CR_OPTION_FOLDER)
        *path = cr_reader_folder(reader, where, object, key);
    if (option->kind == CR_OPTION_PATH)
        *path = cr_reader_path(reader, where, object, key);
    if (option->kind == CR_OPTION_PATHS)
        *(const cr_json **)(void *)path = cr_reader_paths(reader, where, object, key);
    if (option->kind == CR_OPTION_CHOICE && find_choice(option, word) < 0) {
        size_t count = 0;
        while (option->choices[count])
            count++;
        cr_reader_unknown(reader, where, key, word, option->choices, count);
    }
}

/* meant: a key that there is not was likely meant for this one. */
static void read_option(cr_reader *reader, const char *path, cr_json *object,
                        const cr_option *option, void *fields, bool meant)
{
    char where[CR_WHERE];
    cr_json_path(path, option->key, where);
    if (option->no_effect && reader->no_effect)
        cr_text_add(reader->no_effect, "%s\n", where);
    const cr_json *value = cr_json_get(object, option->key);
    if (cr_json_is(value, CR_JSON_NULL)) { /* as if left out */
        cr_json_remove(object, option->key);
        value = NULL;
    }
    if (!value) {
        if (option->fallback == CR_REQUIRED && meant)
            return; /* one error is enough */
        if (option->fallback == CR_REQUIRED) {
            char expected[MESSAGE];
            cr_reader_error(reader, where, "this key is missing; expected %s: %s",
                            expectation(option, expected), option->help);
            return;
        }
        if (*option->fallback == '\0')
            return;
        if (!cr_json_set_text(object, option->key, option->fallback)) {
            cr_error_add(reader->err, CR_E_MEMORY, "out of memory");
            return;
        }
        value = cr_json_get(object, option->key);
    }
    if (!fits(option, value)) {
        wrong_value(reader, where, option, value);
        return;
    }
    store(option, value, fields);
    finish_value(reader, where, object, option, fields);
}

/* Marks in meant, key by key of all groups, those that were likely meant. */
static void refuse_unknown_keys(cr_reader *reader, const char *path,
                                const cr_json *object, const cr_option_group *groups,
                                size_t count, bool meant[MOST_KEYS])
{
    const char *known[MOST_KEYS];
    size_t known_count = 0;
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < groups[g].count && known_count < MOST_KEYS; i++)
            known[known_count++] = groups[g].options[i].key;
    for (const cr_json *item = cr_json_first(object); item; item = cr_json_next(item)) {
        const char *key = cr_json_key(item);
        bool found = strcmp(key, "comment") == 0;
        for (size_t i = 0; i < known_count && !found; i++)
            found = strcmp(key, known[i]) == 0;
        char where[CR_WHERE];
        int near = found ? -1
                         : cr_reader_unknown(reader, cr_json_path(path, key, where),
                                             "key", key, known, known_count);
        if (near >= 0)
            meant[near] = true;
    }
}

void cr_options_read(cr_reader *reader, const char *path, cr_json *object,
                     const cr_option_group *groups, size_t count)
{
    bool meant[MOST_KEYS] = {false};
    size_t key = 0;
    refuse_unknown_keys(reader, path, object, groups, count, meant);
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < groups[g].count; i++, key++)
            read_option(reader, path, object, &groups[g].options[i], groups[g].fields,
                        key < MOST_KEYS && meant[key]);
}

cr_json *cr_options_section(cr_reader *reader, cr_json *root, const char *key)
{
    cr_json *section = cr_json_edit(root, key);
    if (!section) {
        section = cr_json_add(root, key, CR_JSON_OBJECT);
        if (!section)
            cr_error_add(reader->err, CR_E_MEMORY, "out of memory");
        return section;
    }
    return cr_json_is(section, CR_JSON_OBJECT) ? section : NULL;
}

bool cr_options_read_section(cr_reader *reader, cr_json *root, const char *key,
                             const cr_option *options, size_t count, void *fields)
{
    size_t errors = reader->err->count;
    cr_json *object = cr_options_section(reader, root, key);
    const cr_option_group group = {options, count, fields};
    if (object)
        cr_options_read(reader, key, object, &group, 1);
    return object && reader->err->count == errors;
}

double *cr_options_number(const cr_option *options, size_t count, void *fields,
                          const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i].key, key) == 0 && options[i].kind == CR_OPTION_NUMBER)
            return (double *)(void *)((char *)fields + options[i].offset);
    return NULL;
}

void cr_options_describe(const char *heading, const char *summary,
                         const cr_option *options, size_t count, cr_text *out)
{
    cr_text_add(out, "\n### %s\n\n%s\n", heading, summary);
    if (count > 0)
        cr_text_add(out, "\n| key | value | default | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        char expected[MESSAGE];
        const cr_option *option = &options[i];
        const char *fallback =
            option->fallback == CR_REQUIRED ? "required" : option->fallback;
        bool literal = option->fallback != CR_REQUIRED && *fallback;
        cr_text_add(out, "| `%s` | %s | %s%s%s | %s |\n", option->key,
                    expectation(option, expected), literal ? "`" : "", fallback,
                    literal ? "`" : "", option->help);
    }
}
