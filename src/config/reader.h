/* What reads a config: it collects errors and warnings with the places they stand at. */
#ifndef CHAINRULE_CONFIG_READER_H
#define CHAINRULE_CONFIG_READER_H

#include "base/text.h"
#include "config/document.h"

/* What reading needs everywhere. Errors are collected in err; warnings are lines of text.
 */
typedef struct cr_reader {
    cr_document *document;
    char *directory; /* relative paths of the file start here */
    cr_error *err;
    cr_text *warnings;
    const char
        *elsewhere; /* the directory that paths begin at, on another machine that has
                              the files, so that they are not looked for; NULL: they are
                              here */
    cr_text
        *no_effect; /* gets the paths of the options that say so, a line each; or NULL */
} cr_reader;

/* One error or warning at `path`: "file:line:column: path: message". */
void cr_reader_error(cr_reader *reader, const char *path, const char *format, ...)
    CR_PRINTF(3, 4);
void cr_reader_warn(cr_reader *reader, const char *path, const char *format, ...)
    CR_PRINTF(3, 4);

/* An error for an unknown name: what it is ("layer type"), what was found, what was
 * likely meant, what there is. Returns the number of the known one that was likely meant,
 * so that reading goes on, or -1. */
int cr_reader_unknown(cr_reader *reader, const char *path, const char *what,
                      const char *found, const char *const *known, size_t count);

/* Makes the member `key` of `object`, the text of a path, absolute in the tree (against
 * the config's directory, or the current one when an override set it) and checks that it
 * is a readable file. Returns the path as seen from the current directory, inside the
 * tree; NULL with an error. */
const char *cr_reader_path(cr_reader *reader, const char *path, cr_json *object,
                           const char *key);

/* The same of a member that is such a text, or a list of them. Returns the member; NULL
 * with an error. */
const cr_json *cr_reader_paths(cr_reader *reader, const char *path, cr_json *object,
                               const char *key);
/* The same of a folder. */
const char *cr_reader_folder(cr_reader *reader, const char *path, cr_json *object,
                             const char *key);

#endif
