/*
 * JSON for inside of <script> of an HTML page: what comes from outside cannot end the
 * script, and is valid UTF-8 whatever bytes it was (text_visible.h has others as \xff).
 * A tree would take ten times the memory for the many numbers that a page holds.
 */
#ifndef CHAINRULE_REPORT_PAGE_JSON_H
#define CHAINRULE_REPORT_PAGE_JSON_H

#include "base/text.h"
#include "config/json.h"

/* Starts as {0}; the text is the caller's to finish, and remembers that memory ran out.
 * In all functions `key` is that of a member, and NULL for an element of an array. */
typedef struct cr_page_json {
    cr_text text;
    bool follows; /* something stands before, so that a comma is due */
} cr_page_json;

/* Begins an object, '{', or an array, '['; and ends it, '}' or ']'. */
void cr_page_json_open(cr_page_json *out, const char *key, char bracket);
void cr_page_json_close(cr_page_json *out, char bracket);

/* NaN and infinity are null. A number reads back as the same double. */
void cr_page_json_number(cr_page_json *out, const char *key, double number);
void cr_page_json_bool(cr_page_json *out, const char *key, bool value);

/* NULL is null. What is longer than `most` bytes is cut behind a whole character, with "…". */
enum { CR_PAGE_JSON_MOST = 4096 };
void cr_page_json_string(cr_page_json *out, const char *key, const char *text);

/* A whole tree; NULL is null. Texts are cut as above. */
void cr_page_json_value(cr_page_json *out, const char *key, const cr_json *value);

/* Lists. Of many numbers, which are drawn and not read, `digits` are written; 0: all. */
void cr_page_json_numbers(cr_page_json *out, const char *key, const double *numbers,
                          size_t count, int digits);

/* A name, or NULL, one `of` so many: cut as above, and where they are many so that all together take
 * little room, 40 bytes at least. A list of such. */
void cr_page_json_name(cr_page_json *out, const char *key, const char *name, size_t of);
void cr_page_json_names(cr_page_json *out, const char *key, char *const *names,
                        size_t count);

/* "data:<type>;base64,…" of bytes. */
void cr_page_json_uri(cr_page_json *out, const char *key, const char *type,
                      const void *bytes, size_t length);

#endif
