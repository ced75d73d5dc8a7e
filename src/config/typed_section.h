/* A config object whose "type" picks a row of a table, which then reads the other keys:
 * loss, optimizer. */
#ifndef CHAINRULE_CONFIG_TYPED_SECTION_H
#define CHAINRULE_CONFIG_TYPED_SECTION_H

#include "config/options.h"

typedef struct cr_typed {
    const char *name;
    const cr_option *options;
    size_t option_count, options_size;
} cr_typed;

enum { CR_MOST_TYPES = 32 };

/* Reads root's `key`. Returns the row's index and its option struct (owned by the caller;
 * NULL without options), or -1 with errors in the reader. fallback: the type of a section
 * without one; NULL if it must be there. more: keys of all types, or NULL. */
int cr_typed_section_read(cr_reader *reader, cr_json *root, const char *key,
                          const char *what, const char *fallback, const cr_typed *types,
                          size_t count, const cr_option_group *more, void **options);

#endif
