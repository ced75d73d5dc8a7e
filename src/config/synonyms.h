/* Other tools' names for our things, so that an error can answer with ours. */
#ifndef CHAINRULE_CONFIG_SYNONYMS_H
#define CHAINRULE_CONFIG_SYNONYMS_H

#include <stddef.h>

/* Our name for `name` if it is one of known[0..count) in another spelling, or a
 * well-known synonym of one; else NULL. */
const char *cr_synonyms_find(const char *name, const char *const *known, size_t count);

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
