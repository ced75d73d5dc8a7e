/*
 * JSON: values of a tree, read and written. cJSON holds the tree; what text it may be
 * made from is for json_scanner.h to say.
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

typedef struct cJSON cr_json; /* one value of a tree */

typedef enum cr_json_kind {
    CR_JSON_NULL,
    CR_JSON_BOOL,
    CR_JSON_NUMBER,
    CR_JSON_STRING,
    CR_JSON_ARRAY,
    CR_JSON_OBJECT,
} cr_json_kind;

/* The tree of text[0..length), which cr_json_scanner_check has passed and a 0 ends. The
 * caller frees it with cr_json_free; NULL when out of memory. */
CR_MUST_CHECK cr_json *cr_json_parse(const char *text, size_t length);

/* path and key joined by a dot into out. Returns out. */
enum { CR_WHERE = 512 }; /* bytes of a path, and of a place in a message */
const char *cr_json_path(const char *path, const char *key, char out[CR_WHERE]);

/* Reading. Values belong to their tree. */
cr_json_kind cr_json_kind_of(const cr_json *value);
bool cr_json_is(const cr_json *value, cr_json_kind kind); /* NULL is of no kind */
const char *cr_json_kind_name(cr_json_kind kind);         /* "a number", … */

/* A value for a message into out: text in quotes, numbers, and short lists of them, as they
 * are, else its kind. Returns out. */
enum { CR_JSON_SHOWN = 80 };
const char *cr_json_show(const cr_json *value, char out[CR_JSON_SHOWN]);
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

/* The member, or NULL when it is missing or of another kind, or `object` is NULL or no
 * object. */
const cr_json *cr_json_get_kind(const cr_json *object, const char *key,
                                cr_json_kind kind);

/* The value at a path of the tree; NULL when there is none. */
const cr_json *cr_json_find(const cr_json *root, const char *path);

/* The same as a C value; the fallback (NULL for text) in place of what is not there. */
const char *cr_json_get_string(const cr_json *object, const char *key);
double cr_json_get_number(const cr_json *object, const char *key, double fallback);
bool cr_json_get_bool(const cr_json *object, const char *key, bool fallback);

/* Writing. Every set replaces an older member; false when memory ran out. An array's
 * elements are set with key NULL, which appends. The tree owns what is added to it. */
cr_json *cr_json_new(
    cr_json_kind kind); /* CR_JSON_OBJECT or CR_JSON_ARRAY; NULL when out of memory */
CR_MUST_CHECK bool cr_json_set_number(cr_json *parent, const char *key,
                                      double number); /* NaN and infinity print as null */
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
/* Sorts the members of all objects of the tree by their keys, as bytes. */
void cr_json_sort(cr_json *value);
/* A copy of the whole tree, which the caller frees; NULL when out of memory. */
CR_MUST_CHECK cr_json *cr_json_copy(const cr_json *value);
void cr_json_free(cr_json *value);

/* The tree as text, indented or on one line. The caller frees it with cr_free; NULL when
 * out of memory. */
char *cr_json_print(const cr_json *value, bool indented);

#endif
