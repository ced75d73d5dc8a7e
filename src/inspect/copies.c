#include "inspect/copies.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const cr_copies_item *x = a, *y = b;
    int order = cr_hash_compare(x->hash, y->hash);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

void cr_copies_find(cr_copies_item *items, size_t count, cr_copies found[CR_COPIES])
{
    if (count > 0)
        qsort(items, count, sizeof *items, compare);
    found[CR_COPIES_ALIKE] = found[CR_COPIES_OTHER_CLASS] = (cr_copies){0};
    const cr_copies_item *first = items;
    for (const cr_copies_item *item = items; item < items + count; item++) {
        if (cr_hash_compare(first->hash, item->hash) != 0)
            first = item;
        if (item == first)
            continue;
        cr_copies *kind =
            &found[item->class == first->class ? CR_COPIES_ALIKE : CR_COPIES_OTHER_CLASS];
        if (kind->count == 0 || item->place < kind->pair[1]) {
            kind->pair[0] = first->place;
            kind->pair[1] = item->place;
        }
        kind->count++;
    }
}
