/* Other tools' names for our things, so that an error can answer with ours. */
#ifndef CHAINRULE_CONFIG_SYNONYMS_H
#define CHAINRULE_CONFIG_SYNONYMS_H

#include <stddef.h>

/* Our name for `name` if it is a well-known synonym of one of known[0..count); else NULL.
 */
const char *cr_synonym(const char *name, const char *const *known, size_t count);

#endif
