#include "data/words.h"

#include "base/memory.h"

#include <string.h>

/* The place of a word in the hash table, or the empty one where it belongs (linear
 * probing). */
static uint32_t *find_slot(const cr_words *words, const char *word)
{
    size_t at = 14695981039346656037u;
    for (const char *c = word; *c; c++)
        at = (at ^ (unsigned char)*c) * 1099511628211u;
    for (;; at++) {
        uint32_t *slot = &words->slots[at % words->slot_count];
        if (*slot == 0 || strcmp(words->names.items[*slot - 1], word) == 0)
            return slot;
    }
}

static bool grow_slots(cr_words *words, cr_error *err)
{
    size_t wanted = words->slot_count ? words->slot_count * 2 : 64;
    uint32_t *slots = cr_alloc(wanted, sizeof *slots, err);
    if (!slots)
        return false;
    cr_free(words->slots);
    words->slots = slots;
    words->slot_count = wanted;
    for (size_t i = 0; i < words->names.count; i++)
        *find_slot(words, words->names.items[i]) = (uint32_t)i + 1;
    return true;
}

bool cr_words_number(cr_words *words, const char *word, size_t line, int32_t *number,
                     cr_error *err)
{
    if (words->names.count * 2 >= words->slot_count && !grow_slots(words, err))
        return false;
    uint32_t *slot = find_slot(words, word);
    if (*slot == 0) {
        if (words->names.count >= INT32_MAX || !cr_names_add(&words->names, word, err) ||
            !cr_reserve(&words->lines, &words->line_capacity, words->names.count,
                        sizeof *words->lines, err))
            return false;
        words->lines[words->names.count - 1] = line;
        *slot = (uint32_t)words->names.count;
    }
    *number = (int32_t)*slot - 1;
    return true;
}

void cr_words_finish(cr_words *words)
{
    cr_names_finish(&words->names);
    cr_free(words->lines);
    cr_free(words->slots);
    *words = (cr_words){0};
}
