/* Other tools' names for our things, so that an error can answer with ours. */
#ifndef CHAINRULE_CONFIG_SYNONYMS_H
#define CHAINRULE_CONFIG_SYNONYMS_H

#include <stddef.h>

/* Our name for `name` if it is one of known[0..count) in another spelling, or a
 * well-known synonym of one; else NULL. */
const char *cr_synonyms_find(const char *name, const char *const *known, size_t count);

/* The next of our names for another tool's name, after *at (0 at first) of all pairs of
 * names; NULL: there is none. */
const char *cr_synonyms_next(const char *name, size_t *at);

/* What to do in place of a name that has no counterpart; NULL where nothing is known. */
const char *cr_synonyms_note(const char *name);

/* A key, and the words that say where it belongs: "optimizer", in quotes. */
typedef struct cr_home {
    const char *key, *place;
} cr_home;

/* Where a key (or a synonym of it) belongs that was found in another place; NULL when
 * there is no such key. */
const cr_home *cr_synonyms_home(const char *name);

#endif
