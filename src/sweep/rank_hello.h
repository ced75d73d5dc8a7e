/* What ranks say of themselves before they work together. */
#ifndef CHAINRULE_SWEEP_RANK_HELLO_H
#define CHAINRULE_SWEEP_RANK_HELLO_H

#include "base/hash.h"
#include "base/text.h"

#include <stdint.h>

/* It is sent as it is in memory. */
typedef struct cr_rank_hello {
    char version[32], kernel[64], library[128], host[64];
    cr_hash program; /* of its file */
    cr_hash command;
    uint64_t workers, processors; /* processors: that it may use */
} cr_rank_hello;

CR_MUST_CHECK bool cr_rank_hello_make(cr_rank_hello *hello, cr_hash command,
                                      size_t workers, cr_error *err);

/* Adds a line that says in what `hello`, of that rank, differs from rank 0's so that
 * results may have other bits; nothing where it does not. */
void cr_rank_hello_compare(const cr_rank_hello *own, const cr_rank_hello *hello, int rank,
                           cr_text *lines);

#endif
