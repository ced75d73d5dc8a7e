/* Types by name: a config value names a row of a table, whose options then read the other
 * keys of the same object (loss, optimizer, schedule, layer, initialiser). */
#ifndef CHAINRULE_CONFIG_TYPED_SECTION_H
#define CHAINRULE_CONFIG_TYPED_SECTION_H

#include "config/options.h"

typedef struct cr_typed {
    const char *name;
    const cr_option *options;
    size_t option_count, options_size;
} cr_typed;

enum { CR_MOST_TYPES = 64 };

/* The row of the key "type", for an option group whose fields are a const char *. */
extern const cr_option cr_typed_section_type;

/* The row of types[0..count) called `name`. An unknown name is an error at `path`, which
 * calls it an unknown `what` ("loss"), and the row that was likely meant is returned, so
 * that its other keys are read too; -1 where there is none. */
int cr_typed_section_find(cr_reader *reader, const char *path, const char *what,
                          const char *name, const cr_typed *types, size_t count);

/* Reads root's `key`. Returns the row's index and its option struct (owned by the caller;
 * NULL without options), or -1 with errors in the reader. fallback: the type of a section
 * without one; NULL if it must be there. more: keys of all types, or NULL. */
int cr_typed_section_read(cr_reader *reader, cr_json *root, const char *key,
                          const char *what, const char *fallback, const cr_typed *types,
                          size_t count, const cr_option_group *more, void **options);

#endif
