/* How many different values there are, of any number of them, in bounded memory: counted
 * exactly up to 65536 (2048 among more than 250000 values, so that a long table is looked
 * at in the cache of the processor), and estimated to about two per cent beyond. */
#ifndef CHAINRULE_DATA_DISTINCT_H
#define CHAINRULE_DATA_DISTINCT_H

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>

/* Starts as {0}. Arrays are owned. */
typedef struct cr_distinct {
    uint64_t *set; /* [capacity] hashes, 0 is empty; NULL: there are too many */
    size_t count, capacity;
    size_t added;       /* values so far, while they are counted */
    uint8_t *registers; /* of the estimate; NULL: the set is counted */
} cr_distinct;

/* A text, or a number, which equals another spelling of itself. */
CR_MUST_CHECK bool cr_distinct_add_text(cr_distinct *distinct, const char *text,
                                        size_t length, cr_error *err);
CR_MUST_CHECK bool cr_distinct_add_number(cr_distinct *distinct, double number,
                                          cr_error *err);

/* *exact: it was counted (two values in 10¹⁴ meet in one hash). */
double cr_distinct_count(const cr_distinct *distinct, bool *exact);
void cr_distinct_finish(cr_distinct *distinct);

#endif
