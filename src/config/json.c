#include "config/json.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/text_visible.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The child called name[0..length) of an object, or at that position of an array. */
static cJSON *child_called(cJSON *parent, const char *name)
{
    if (!cJSON_IsArray(parent))
        return cJSON_GetObjectItemCaseSensitive(parent, name);
    char *end = NULL;
    long index = strtol(name, &end, 10);
    bool number = name[0] >= '0' && name[0] <= '9' && *end == '\0' && index < 1 << 20;
    return number ? cJSON_GetArrayItem(parent, (int)index) : NULL;
}

static bool put_member(cJSON *parent, const char *name, cJSON *value)
{
    if (!value)
        return false;
    bool put = false;
    cJSON *old = child_called(parent, name);
    if (old) {
        value->string = old->string; /* cJSON's own way loses the key without memory */
        old->string = NULL;
        put = cJSON_ReplaceItemViaPointer(parent, old, value);
    } else if (cJSON_IsObject(parent)) {
        put = cJSON_AddItemToObject(parent, name, value);
    }
    if (!put)
        cJSON_Delete(value);
    return put;
}

cr_json *cr_json_parse(const char *text, size_t length)
{
    return cJSON_ParseWithLength(text, length + 1);
}

/* Every option of every config comes through here, so it is not printed. */
const char *cr_json_path(const char *path, const char *key, char out[CR_WHERE])
{
    enum { MOST_PATH = 380, MOST_KEY = 120 };
    size_t length = strnlen(path, MOST_PATH), more = strnlen(key, MOST_KEY);
    char *end = out + length;
    memmove(out, path, length);
    if (length > 0)
        *end++ = '.';
    memcpy(end, key, more);
    end[more] = '\0';
    return out;
}

cr_json_kind cr_json_kind_of(const cr_json *value)
{
    switch (value->type & 0xFF) {
    case cJSON_True:
    case cJSON_False:
        return CR_JSON_BOOL;
    case cJSON_Number:
        return CR_JSON_NUMBER;
    case cJSON_String:
        return CR_JSON_STRING;
    case cJSON_Array:
        return CR_JSON_ARRAY;
    case cJSON_Object:
        return CR_JSON_OBJECT;
    default:
        return CR_JSON_NULL;
    }
}

bool cr_json_is(const cr_json *value, cr_json_kind kind)
{
    return value && cr_json_kind_of(value) == kind;
}

const char *cr_json_kind_name(cr_json_kind kind)
{
    static const char *const names[] = {"null",           "true or false", "a number",
                                        "text in quotes", "a list",        "an object"};
    return names[kind];
}

static void show_scalar(const cr_json *value, char out[CR_JSON_SHOWN])
{
    char number[CR_NUMBER_TEXT];
    const cr_json_kind kind = cr_json_kind_of(value);
    if (kind == CR_JSON_STRING)
        snprintf(out, CR_JSON_SHOWN, "\"%.70s\"", cr_json_string(value));
    else if (kind == CR_JSON_NUMBER)
        snprintf(out, CR_JSON_SHOWN, "%s",
                 cr_number_format_double(cr_json_number(value), number));
    else if (kind == CR_JSON_BOOL)
        snprintf(out, CR_JSON_SHOWN, "%s", cr_json_bool(value) ? "true" : "false");
    else
        snprintf(out, CR_JSON_SHOWN, "%s", cr_json_kind_name(kind));
}

const char *cr_json_show(const cr_json *value, char out[CR_JSON_SHOWN])
{
    char item[CR_JSON_SHOWN];
    size_t used = 0;
    show_scalar(value, out);
    if (!cr_json_is(value, CR_JSON_ARRAY))
        return out;
    const char *between = "[";
    for (const cr_json *i = cr_json_first(value); i; i = cr_json_next(i)) {
        show_scalar(i, item);
        if (used + strlen(between) + strlen(item) + 2 > CR_JSON_SHOWN) {
            show_scalar(value, out);
            return out;
        }
        used += (size_t)snprintf(out + used, CR_JSON_SHOWN - used, "%s%s", between, item);
        between = ", ";
    }
    snprintf(out + used, CR_JSON_SHOWN - used, "%s", used > 0 ? "]" : "[]");
    return out;
}

bool cr_json_bool(const cr_json *value)
{
    return cJSON_IsTrue(value);
}

double cr_json_number(const cr_json *value)
{
    return value->valuedouble;
}

const char *cr_json_string(const cr_json *value)
{
    return value->valuestring;
}

size_t cr_json_count(const cr_json *value)
{
    return (size_t)cJSON_GetArraySize(value);
}

const cr_json *cr_json_first(const cr_json *value)
{
    return value->child;
}

const cr_json *cr_json_next(const cr_json *value)
{
    return value->next;
}

const char *cr_json_key(const cr_json *member)
{
    return member->string;
}

const cr_json *cr_json_get(const cr_json *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

const cr_json *cr_json_get_kind(const cr_json *object, const char *key, cr_json_kind kind)
{
    const cr_json *value =
        cr_json_is(object, CR_JSON_OBJECT) ? cr_json_get(object, key) : NULL;
    return cr_json_is(value, kind) ? value : NULL;
}

const char *cr_json_get_string(const cr_json *object, const char *key)
{
    const cr_json *value = cr_json_get_kind(object, key, CR_JSON_STRING);
    return value ? cr_json_string(value) : NULL;
}

double cr_json_get_number(const cr_json *object, const char *key, double fallback)
{
    const cr_json *value = cr_json_get_kind(object, key, CR_JSON_NUMBER);
    return value ? cr_json_number(value) : fallback;
}

bool cr_json_get_bool(const cr_json *object, const char *key, bool fallback)
{
    const cr_json *value = cr_json_get_kind(object, key, CR_JSON_BOOL);
    return value ? cr_json_bool(value) : fallback;
}

cr_json *cr_json_edit(cr_json *parent, const char *key)
{
    return child_called(parent, key);
}

const cr_json *cr_json_find(const cr_json *root, const char *path)
{
    const cr_json *at = root;
    while (at && *path) {
        size_t length = strcspn(path, ".");
        char *part = cr_text_copy(path, length, NULL);
        at = part ? child_called((cJSON *)at, part) : NULL;
        cr_free(part);
        path += length + (path[length] == '.');
    }
    return at;
}

cr_json *cr_json_new(cr_json_kind kind)
{
    return kind == CR_JSON_ARRAY ? cJSON_CreateArray() : cJSON_CreateObject();
}

static bool put(cJSON *parent, const char *key, cJSON *value)
{
    if (key)
        return put_member(parent, key, value);
    if (value && cJSON_AddItemToArray(parent, value))
        return true;
    cJSON_Delete(value);
    return false;
}

bool cr_json_set_number(cr_json *parent, const char *key, double number)
{
    return put(parent, key, cJSON_CreateNumber(number));
}

bool cr_json_set_string(cr_json *parent, const char *key, const char *string)
{
    return put(parent, key, cJSON_CreateString(string));
}

bool cr_json_set_bool(cr_json *parent, const char *key, bool value)
{
    return put(parent, key, cJSON_CreateBool(value));
}

bool cr_json_set_text(cr_json *parent, const char *key, const char *json)
{
    return put(parent, key, cJSON_Parse(json));
}

cr_json *cr_json_add(cr_json *parent, const char *key, cr_json_kind kind)
{
    cJSON *value = cr_json_new(kind);
    return put(parent, key, value) ? value : NULL;
}

void cr_json_remove(cr_json *object, const char *key)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
}

/* Puts a member into a sorted list; returns the list. */
static cJSON *insert(cJSON *list, cJSON *member)
{
    cJSON **at = &list;
    while (*at && strcmp((*at)->string, member->string) < 0)
        at = &(*at)->next;
    member->next = *at;
    *at = member;
    return list;
}

void cr_json_sort(cr_json *value)
{
    cJSON *list = NULL, *last = NULL;
    for (cJSON *child = value->child, *next = NULL; child; child = next) {
        next = child->next;
        cr_json_sort(child);
        if (cJSON_IsObject(value))
            list = insert(list, child);
    }
    if (!list)
        return;
    for (cJSON *member = list; member; member = member->next) {
        member->prev = last;
        last = member;
    }
    list->prev = last; /* as cJSON has it */
    value->child = list;
}

cr_json *cr_json_copy(const cr_json *value)
{
    return cJSON_Duplicate(value, true);
}

void cr_json_free(cr_json *value)
{
    cJSON_Delete(value);
}

/* cJSON prints 15 digits where they are within a rounding error of the number; ours are
 * to read back to the bit. What is no number in JSON, NaN and infinity, it prints as null. */
static bool make_numbers_exact(cJSON *value)
{
    if (cJSON_IsNumber(value) && isfinite(value->valuedouble)) {
        char text[CR_NUMBER_TEXT];
        cr_number_format_double(value->valuedouble, text);
        char *copy = cr_text_copy(text, strlen(text), NULL);
        if (!copy)
            return false;
        value->type = cJSON_Raw;
        value->valuestring = copy;
    }
    for (cJSON *child = value->child; child; child = child->next)
        if (!make_numbers_exact(child))
            return false;
    return true;
}

/* The JSON text with what would be a command to a terminal (text_visible.h) as escapes,
 * which mean the same; what is not UTF-8 becomes U+FFFD. Takes the text and returns one
 * for the caller to free. */
static char *escape_more(char *json)
{
    cr_text out = {0};
    for (size_t left = strlen(json), at = 0; left > 0;) {
        cr_text_shown shown;
        size_t step = cr_text_visible_character(json + at, left, &shown);
        bool plain = (unsigned char)json[at] < 0x7F || shown.bytes[0] != '\\';
        if (plain)
            cr_text_add_bytes(&out, json + at, step);
        else
            cr_text_add(&out, "%s",
                        step > 1           ? shown.bytes
                        : json[at] == 0x7F ? "\\u007f"
                                           : "\\ufffd");
        at += step;
        left -= step;
    }
    cr_free(json);
    if (!out.failed)
        return out.data;
    cr_text_finish(&out);
    return NULL;
}

/* Whether there are none but ASCII's own characters: nearly always. */
static bool is_plain(const char *json)
{
    for (; *json; json++)
        if ((unsigned char)*json >= 0x7F)
            return false;
    return true;
}

static void add_string(const char *string, cr_text *out)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    cr_text_add_bytes(out, "\"", 1);
    for (const char *at = string; *at;) {
        size_t plain = 0;
        while ((unsigned char)at[plain] >= 0x20 && at[plain] != '"' && at[plain] != '\\')
            plain++;
        cr_text_add_bytes(out, at, plain);
        at += plain;
        if (!*at)
            break;
        const char *known = strchr(escaped, *at);
        if (known)
            cr_text_add_bytes(out, (char[]){'\\', letters[known - escaped]}, 2);
        else
            cr_text_add(out, "\\u%04x", (unsigned)(unsigned char)*at);
        at++;
    }
    cr_text_add_bytes(out, "\"", 1);
}

static void add_word(const char *word, cr_text *out)
{
    cr_text_add_bytes(out, word, strlen(word));
}

/* Prints on one line, as cJSON does, but numbers exactly, and without a copy of the tree:
 * sweeps do this for each trial. */
static void add_value(const cJSON *value, cr_text *out)
{
    char number[CR_NUMBER_TEXT];
    bool is_object = cJSON_IsObject(value);
    if (cJSON_IsString(value)) {
        add_string(value->valuestring, out);
    } else if (cJSON_IsNumber(value) && isfinite(value->valuedouble)) {
        add_word(cr_number_format_double(value->valuedouble, number), out);
    } else if (cJSON_IsBool(value)) {
        add_word(cJSON_IsTrue(value) ? "true" : "false", out);
    } else if (is_object || cJSON_IsArray(value)) {
        add_word(is_object ? "{" : "[", out);
        for (const cJSON *child = value->child; child; child = child->next) {
            if (is_object) {
                add_string(child->string, out);
                add_word(":", out);
            }
            add_value(child, out);
            if (child->next)
                add_word(",", out);
        }
        add_word(is_object ? "}" : "]", out);
    } else {
        add_word("null", out);
    }
}

static char *print_on_one_line(const cr_json *value)
{
    cr_text out = {0};
    if (value)
        add_value(value, &out);
    if (!out.failed)
        return out.data;
    cr_text_finish(&out);
    return NULL;
}

static char *print_indented(const cr_json *value)
{
    cJSON *copy = cJSON_Duplicate(value, true);
    char *text = copy && make_numbers_exact(copy) ? cJSON_Print(copy) : NULL;
    cJSON_Delete(copy);
    return text;
}

char *cr_json_print(const cr_json *value, bool indented)
{
    char *text = indented ? print_indented(value) : print_on_one_line(value);
    return !text || is_plain(text) ? text : escape_more(text);
}
