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

/* Those of all ranks. */
typedef struct cr_rank_hello_list {
    const cr_rank_hello *items; /* [count], by rank */
    int count;
} cr_rank_hello_list;

/* Whether they can work together: their commands are the same, and so are programs and
 * kernels, unless a mixture is allowed. Adds a line to mixture for each rank that differs
 * from rank 0 so that results may have other bits. */
CR_MUST_CHECK bool cr_rank_hello_judge(const cr_rank_hello_list *all, bool allow_mixture,
                                       cr_text *mixture, cr_error *err);

/* Adds a line for each rank that may use fewer processors than it has workers. */
CR_MUST_CHECK bool cr_rank_hello_tell_cramped(const cr_rank_hello_list *all,
                                              cr_text *lines, cr_error *err);

size_t cr_rank_hello_count_hosts(const cr_rank_hello_list *all);

#endif
