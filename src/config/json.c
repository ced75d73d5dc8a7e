#include "config/json.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/json_scanner.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_CONFIG = 16 << 20 }; /* bytes */

bool cr_document_parse(cr_document *document, const char *name, char *text, size_t length,
                       cr_error_code code, cr_error *err)
{
    *document = (cr_document){.text = text, .length = length};
    document->name = cr_copy_text(name, strlen(name), err);
    if (document->name && cr_json_scan(name, text, length, code, err)) {
        document->root = cJSON_ParseWithLength(text, length + 1);
        if (document->root)
            return true;
        cr_fail(err, CR_E_MEMORY, "%s: out of memory", name);
    }
    cr_document_finish(document);
    return false;
}

bool cr_document_read(cr_document *document, const char *path, cr_error *err)
{
    char *text = NULL;
    size_t length = 0;
    *document = (cr_document){0};
    return cr_file_read(path, LARGEST_CONFIG, CR_E_CONFIG, &text, &length, err) &&
           cr_document_parse(document, path, text, length, CR_E_CONFIG, err);
}

void cr_document_finish(cr_document *document)
{
    for (size_t i = 0; i < document->override_count; i++) {
        cr_free(document->overrides[i].path);
        cr_free(document->overrides[i].value);
    }
    cr_free(document->overrides);
    cJSON_Delete(document->root);
    cr_free(document->text);
    cr_free(document->name);
    *document = (cr_document){0};
}

static cJSON *parse_override_value(const char *value)
{
    if (cr_json_scan("", value, strlen(value), CR_E_CONFIG, NULL))
        return cJSON_Parse(value);
    return cJSON_CreateString(value);
}

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

/* Walks to the parent of the last part of the path (which is cut up in place), making
 * objects on the way; without `make` that part is the first that is missing. */
static cJSON *walk_to_parent(cJSON *root, char *path, bool make, char **last,
                             const char **stuck_at)
{
    cJSON *at = root;
    char *part = path;
    for (char *dot = strchr(part, '.'); dot; dot = strchr(part, '.')) {
        *dot = '\0';
        cJSON *next = child_called(at, part);
        if (!next && cJSON_IsObject(at) && !make)
            break;
        if (!next && cJSON_IsObject(at)) {
            next = cJSON_CreateObject();
            if (!put_member(at, part, next))
                return NULL;
        }
        *stuck_at = part;
        if (!next || !(cJSON_IsObject(next) || cJSON_IsArray(next)))
            return NULL;
        at = next;
        part = dot + 1;
    }
    *last = part;
    *stuck_at = part;
    bool exists = cJSON_IsObject(at) || child_called(at, part);
    return exists ? at : NULL;
}

static bool apply_override(cr_document *document, const cr_override *override,
                           cr_error *err)
{
    char *path = cr_copy_text(override->path, strlen(override->path), err);
    if (!path)
        return false;
    char *last = NULL;
    const char *stuck_at = path;
    bool make = strcmp(override->value, "null") != 0;
    cJSON *parent = walk_to_parent(document->root, path, make, &last, &stuck_at);
    bool done = parent && put_member(parent, last, parse_override_value(override->value));
    if (!parent)
        cr_fail(
            err, CR_E_CONFIG,
            "override %s=%s: there is no \"%s\" to set something in; a path is keys and "
            "positions that exist (from 0) joined by dots, such as model.layers.0.units",
            override->path, override->value, stuck_at);
    else if (!done)
        cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_free(path);
    return done;
}

bool cr_document_override(cr_document *document, const char *assignment, cr_error *err)
{
    const char *equals = strchr(assignment, '=');
    if (!equals || equals == assignment)
        return cr_fail(err, CR_E_USAGE,
                       "\"%s\" is not an override; expected key.path=value, such as "
                       "training.epochs=10",
                       assignment);
    if (!cr_reserve(&document->overrides, &document->override_capacity,
                    document->override_count + 1, sizeof *document->overrides, err))
        return false;
    cr_override *override = document->overrides + document->override_count;
    *override =
        (cr_override){cr_copy_text(assignment, (size_t)(equals - assignment), err),
                      cr_copy_text(equals + 1, strlen(equals + 1), err)};
    document->override_count++;
    return override->path && override->value && apply_override(document, override, err);
}

const cr_override *cr_document_origin(const cr_document *document, const char *path)
{
    for (size_t i = document->override_count; i-- > 0;) {
        const cr_override *override = document->overrides + i;
        size_t length = strlen(override->path);
        if (strncmp(path, override->path, length) == 0 &&
            (path[length] == '\0' || path[length] == '.'))
            return override;
    }
    return NULL;
}

const char *cr_document_where(const cr_document *document, const char *path,
                              char out[CR_WHERE])
{
    const cr_override *override = cr_document_origin(document, path);
    if (override) {
        snprintf(out, CR_WHERE, "override %.200s=%.200s", override->path,
                 override->value);
        return out;
    }
    cr_position p = cr_json_locate(document->text, document->length, path);
    snprintf(out, CR_WHERE, "%.300s:%zu:%zu%s%.160s", document->name, p.line, p.column,
             *path ? ": " : "", path);
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

const char *cr_json_kind_name(cr_json_kind kind)
{
    static const char *const names[] = {"null",           "true or false", "a number",
                                        "text in quotes", "a list",        "an object"};
    return names[kind];
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

cr_json *cr_json_edit(cr_json *parent, const char *key)
{
    return child_called(parent, key);
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

void cr_json_free(cr_json *value)
{
    cJSON_Delete(value);
}

/* cJSON prints 15 digits where they are within a rounding error of the number; ours are
 * to read back to the bit. */
static bool make_numbers_exact(cJSON *value)
{
    if (cJSON_IsNumber(value)) {
        char text[CR_NUMBER_TEXT];
        cr_format_double(value->valuedouble, text);
        char *copy = cr_copy_text(text, strlen(text), NULL);
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

char *cr_json_print(const cr_json *value, bool indented)
{
    cJSON *copy = cJSON_Duplicate(value, true);
    char *text = NULL;
    if (copy && make_numbers_exact(copy))
        text = indented ? cJSON_Print(copy) : cJSON_PrintUnformatted(copy);
    cJSON_Delete(copy);
    return text;
}
