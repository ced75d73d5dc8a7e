/* A JSON file with its text, so that messages can say where a value stands, and with the
 * overrides that replaced values of it. */
#ifndef CHAINRULE_CONFIG_DOCUMENT_H
#define CHAINRULE_CONFIG_DOCUMENT_H

#include "config/json.h"

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

/* Reads a file, whose path becomes the document's name. Errors are CR_E_CONFIG. */
CR_MUST_CHECK bool cr_document_read(cr_document *document, const char *path,
                                    cr_error *err);

/* Copies a document with its overrides, much faster than it is read. `copy` is overwritten. */
CR_MUST_CHECK bool cr_document_copy(cr_document *copy, const cr_document *document,
                                    cr_error *err);

/* Applies "key.path=value": value is JSON, or else a word; null stands for a key that
 * is left out. Objects on the way are made where they are missing. */
CR_MUST_CHECK bool cr_document_override(cr_document *document, const char *assignment,
                                        cr_error *err);

/* The override that set the value at `path`, or NULL when it comes from the file. */
const cr_override *cr_document_origin(const cr_document *document, const char *path);

/* Where `path` stands, for a message: "file.json:14:7: model.layers.0.units", or, when an
 * override set it, "override model.layers.0.units=x" (of what is long, or inside of the
 * override's value, "override model.layers.0.units" alone). A path that does not exist
 * stands where its parent does. */
const char *cr_document_where(const cr_document *document, const char *path,
                              char out[CR_WHERE]);

void cr_document_finish(cr_document *document); /* takes zeros */

#endif
