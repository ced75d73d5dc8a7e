/*
 * JSON: a strict reader that remembers where things stand, and a writer.
 *
 * cJSON holds the tree; it is lenient and keeps no positions, so a scanner of our own
 * goes first: it refuses what RFC 8259 refuses, and besides repeated keys, NUL
 * characters, numbers outside double's range, and nesting deeper than CR_JSON_DEPTH. It
 * also finds the position of any path.
 *
 * A path names a value: keys and array positions, joined by dots
 * ("model.layers.0.units"), as in an override on the command line. "" is the whole
 * document.
 */
#ifndef CHAINRULE_CONFIG_JSON_H
#define CHAINRULE_CONFIG_JSON_H

#include <chainrule/error.h>
#include <stdbool.h>
#include <stddef.h>

enum { CR_JSON_DEPTH = 64 };

typedef struct cJSON cr_json; /* one value of a tree */

typedef struct cr_override {
    char *path;
    char *value; /* as given */
} cr_override;

typedef struct cr_document {
    char *name; /* what messages call it: its path */
    char *text;
    size_t length;
    cr_json *root;
    cr_override *overrides;
    size_t override_count, override_capacity;
} cr_document;

/* Reads text[0..length) (text[length] is 0), of which the document takes ownership, also
 * on failure. Errors are of code `code` and say line and column. `name` is copied. */
CR_MUST_CHECK bool cr_document_parse(cr_document *document, const char *name, char *text,
                                     size_t length, cr_error_code code, cr_error *err);

/* The same from a file. */
CR_MUST_CHECK bool cr_document_read(cr_document *document, const char *path,
                                    cr_error *err);

/* Applies "key.path=value": value is JSON, or else a word; null stands for a key that
 * is left out. Objects on the way are made where they are missing. */
CR_MUST_CHECK bool cr_document_override(cr_document *document, const char *assignment,
                                        cr_error *err);

/* The override that set the value at `path`, or NULL when it comes from the file. */
const cr_override *cr_document_origin(const cr_document *document, const char *path);

/* Where `path` stands, for a message: "file.json:14:7: model.layers.0.units", or, when an
 * override set it, "override model.layers.0.units=x". A path that does not exist stands
 * where its parent does. */
enum { CR_WHERE = 512 };
const char *cr_document_where(const cr_document *document, const char *path,
                              char out[CR_WHERE]);

void cr_document_finish(cr_document *document);

typedef enum cr_json_kind {
    CR_JSON_NULL,
    CR_JSON_BOOL,
    CR_JSON_NUMBER,
    CR_JSON_STRING,
    CR_JSON_ARRAY,
    CR_JSON_OBJECT,
} cr_json_kind;

/* Reading. Values belong to their tree. */
cr_json_kind cr_json_kind_of(const cr_json *value);
const char *cr_json_kind_name(cr_json_kind kind); /* "a number", … */
bool cr_json_bool(const cr_json *value);
double cr_json_number(const cr_json *value);
const char *cr_json_string(const cr_json *value);
size_t
cr_json_count(const cr_json *value); /* elements of an array or members of an object */
const cr_json *cr_json_first(const cr_json *value);
const cr_json *cr_json_next(const cr_json *value);
const char *cr_json_key(const cr_json *member);
const cr_json *cr_json_get(const cr_json *object,
                           const char *key); /* NULL when missing */

/* Writing. Every set replaces an older member; false when memory ran out. An array's
 * elements are set with key NULL, which appends. The tree owns what is added to it. */
cr_json *cr_json_new(
    cr_json_kind kind); /* CR_JSON_OBJECT or CR_JSON_ARRAY; NULL when out of memory */
CR_MUST_CHECK bool cr_json_set_number(cr_json *parent, const char *key, double number);
CR_MUST_CHECK bool cr_json_set_string(cr_json *parent, const char *key,
                                      const char *string);
CR_MUST_CHECK bool cr_json_set_bool(cr_json *parent, const char *key, bool value);
CR_MUST_CHECK bool cr_json_set_text(cr_json *parent, const char *key, const char *json);
/* Makes an empty object or array as the member; NULL when out of memory. */
cr_json *cr_json_add(cr_json *parent, const char *key, cr_json_kind kind);
/* The member `key` of an object, or the element at that position of an array, to write
 * into; NULL when missing. */
cr_json *cr_json_edit(cr_json *parent, const char *key);
void cr_json_remove(cr_json *object,
                    const char *key); /* nothing happens if it is not there */
void cr_json_free(cr_json *value);

/* The tree as text, indented or on one line. The caller frees it with cr_free; NULL when
 * out of memory. */
char *cr_json_print(const cr_json *value, bool indented);

#endif
