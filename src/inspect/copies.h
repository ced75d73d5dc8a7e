/* Things that are the same as another before them, by hashes of their contents. */
#ifndef CHAINRULE_INSPECT_COPIES_H
#define CHAINRULE_INSPECT_COPIES_H

#include "base/hash.h"

#include <stdint.h>

typedef struct cr_copies_item {
    cr_hash hash;
    size_t place; /* in the order of all */
    int32_t class;
} cr_copies_item;

/* How many are copies, and two that are the same: the first one's place, and a copy's. */
typedef struct cr_copies {
    size_t count, pair[2];
} cr_copies;

enum { CR_COPIES_ALIKE, CR_COPIES_OTHER_CLASS, CR_COPIES };

/* Finds those of the same class as the first that they are the same as, and those of
 * another. Sorts the items. */
void cr_copies_find(cr_copies_item *items, size_t count, cr_copies found[CR_COPIES]);

#endif
