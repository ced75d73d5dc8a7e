/* A dictionary that gives each word of a column a number. */
#ifndef CHAINRULE_DATA_WORDS_H
#define CHAINRULE_DATA_WORDS_H

#include "data/names.h"

/* Words in order of first appearance. Starts as {0}. */
typedef struct cr_words {
    cr_names names;
    size_t *lines; /* [names.count], where each appeared first */
    size_t line_capacity;
    uint32_t *slots; /* hash table over names, 0 is empty, else number + 1 */
    size_t slot_count;
} cr_words;

/* The word's number, a new one for a new word. */
CR_MUST_CHECK bool cr_words_number(cr_words *words, const char *word, size_t line,
                                   int32_t *number, cr_error *err);
void cr_words_finish(cr_words *words);

#endif
