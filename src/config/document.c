#include "config/document.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/json_scanner.h"

#include <stdio.h>
#include <string.h>

enum { LARGEST_CONFIG = 16 << 20 }; /* bytes */

bool cr_document_parse(cr_document *document, const char *name, char *text, size_t length,
                       cr_error_code code, cr_error *err)
{
    *document = (cr_document){.text = text, .length = length};
    document->name = cr_text_copy(name, strlen(name), err);
    if (document->name && cr_json_scanner_check(name, text, length, code, err)) {
        document->root = cr_json_parse(text, length);
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

static bool copy_overrides(cr_document *copy, const cr_document *document, cr_error *err)
{
    if (!cr_reserve(&copy->overrides, &copy->override_capacity, document->override_count,
                    sizeof *copy->overrides, err))
        return false;
    for (size_t i = 0; i < document->override_count; i++) {
        const cr_override *from = &document->overrides[i];
        cr_override *to = &copy->overrides[copy->override_count++];
        *to = (cr_override){cr_text_copy(from->path, strlen(from->path), err),
                            cr_text_copy(from->value, strlen(from->value), err)};
        if (!to->path || !to->value)
            return false;
    }
    return true;
}

bool cr_document_copy(cr_document *copy, const cr_document *document, cr_error *err)
{
    *copy = (cr_document){.length = document->length};
    copy->name = cr_text_copy(document->name, strlen(document->name), err);
    copy->text = cr_text_copy(document->text, document->length, err);
    copy->root = cr_json_copy(document->root);
    if (!copy->root)
        cr_fail(err, CR_E_MEMORY, "%s: out of memory", document->name);
    if (copy->name && copy->text && copy->root && copy_overrides(copy, document, err))
        return true;
    cr_document_finish(copy);
    return false;
}

void cr_document_finish(cr_document *document)
{
    for (size_t i = 0; i < document->override_count; i++) {
        cr_free(document->overrides[i].path);
        cr_free(document->overrides[i].value);
    }
    cr_free(document->overrides);
    cr_json_free(document->root);
    cr_free(document->text);
    cr_free(document->name);
    *document = (cr_document){0};
}

/* JSON, or else a word. */
static bool set_value(cr_json *parent, const char *key, const char *value)
{
    return cr_json_scanner_check("", value, strlen(value), CR_E_CONFIG, NULL)
               ? cr_json_set_text(parent, key, value)
               : cr_json_set_string(parent, key, value);
}

static bool is_container(const cr_json *value)
{
    cr_json_kind kind = cr_json_kind_of(value);
    return kind == CR_JSON_OBJECT || kind == CR_JSON_ARRAY;
}

/* Walks to the parent of the last part of the path (which is cut up in place), making
 * objects on the way; without `make` that part is the first that is missing. */
static cr_json *walk_to_parent(cr_json *root, char *path, bool make, char **last,
                               const char **stuck_at)
{
    cr_json *at = root;
    char *part = path;
    for (char *dot = strchr(part, '.'); dot; dot = strchr(part, '.')) {
        *dot = '\0';
        bool is_object = cr_json_is(at, CR_JSON_OBJECT);
        cr_json *next = cr_json_edit(at, part);
        if (!next && is_object && !make)
            break;
        if (!next && is_object) {
            next = cr_json_add(at, part, CR_JSON_OBJECT);
            if (!next)
                return NULL;
        }
        *stuck_at = part;
        if (!next || !is_container(next))
            return NULL;
        at = next;
        part = dot + 1;
    }
    *last = part;
    *stuck_at = part;
    bool exists = cr_json_is(at, CR_JSON_OBJECT) || cr_json_edit(at, part);
    return exists ? at : NULL;
}

static bool apply_override(cr_document *document, const cr_override *override,
                           cr_error *err)
{
    char *path = cr_text_copy(override->path, strlen(override->path), err);
    if (!path)
        return false;
    char *last = NULL;
    const char *stuck_at = path;
    bool make = strcmp(override->value, "null") != 0;
    cr_json *parent = walk_to_parent(document->root, path, make, &last, &stuck_at);
    bool done = parent && set_value(parent, last, override->value);
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
        (cr_override){cr_text_copy(assignment, (size_t)(equals - assignment), err),
                      cr_text_copy(equals + 1, strlen(equals + 1), err)};
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
    enum { SHORT = 60 }; /* bytes of a value that helps and does not hide the message */
    const cr_override *override = cr_document_origin(document, path);
    const bool whole = override && strcmp(override->path, path) == 0;
    if (whole && strlen(override->value) <= SHORT)
        snprintf(out, CR_WHERE, "override %.200s=%s", path, override->value);
    else if (override)
        snprintf(out, CR_WHERE, "override %.400s", path);
    if (override)
        return out;
    cr_position p = cr_json_scanner_locate(document->text, document->length, path);
    snprintf(out, CR_WHERE, "%.300s:%zu:%zu%s%.160s", document->name, p.line, p.column,
             *path ? ": " : "", path);
    return out;
}
