/*
 * The strict scanner in front of cJSON, which is lenient and keeps no positions: it
 * refuses what RFC 8259 refuses, and besides repeated keys, NUL characters, numbers
 * outside double's range, and nesting deeper than CR_JSON_DEPTH; and it finds the
 * position of any path (json.h).
 */
#ifndef CHAINRULE_CONFIG_JSON_SCANNER_H
#define CHAINRULE_CONFIG_JSON_SCANNER_H

#include <chainrule/error.h>
#include <stddef.h>

enum { CR_JSON_DEPTH = 64 };

typedef struct cr_position {
    size_t line, column; /* from 1; columns count characters, not bytes */
} cr_position;

/* Checks text[0..length); text[length] is 0. The first error ends it: "name:line:column:
 * what". */
CR_MUST_CHECK bool cr_json_scanner_check(const char *name, const char *text,
                                         size_t length, cr_error_code code,
                                         cr_error *err);

/* Position of the value at `path` (an object's member: of its key), or of the innermost
 * part of the path that exists. The text has passed cr_json_scanner_check. */
cr_position cr_json_scanner_locate(const char *text, size_t length, const char *path);

#endif
