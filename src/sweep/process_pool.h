/*
 * Work items done by processes beside one another, so that one which crashes takes
 * nothing with it but itself.
 *
 * Workers are forked, and share what the parent had before. Each takes the next item from
 * a counter in shared memory and reports through a pipe; the parent alone keeps the
 * results. A worker that dies is replaced; a worker whose parent dies stops.
 */
#ifndef CHAINRULE_SWEEP_PROCESS_POOL_H
#define CHAINRULE_SWEEP_PROCESS_POOL_H

#include "base/text.h"

typedef struct cr_pool cr_pool;

typedef struct cr_pool_work {
    size_t workers; /* at least 1 */
    size_t count;   /* items, numbered from 0 and taken in this order */
    void *context;  /* for the functions */
    /* In a worker: does the item and adds its result to the message. False: it was
     * stopped, and the item counts as not begun. */
    bool (*work)(void *context, const cr_pool *pool, size_t item, cr_text *message);
    /* In the parent, one at a time: the result of an item. False: a failure, which ends
     * the pool. */
    bool (*take)(void *context, size_t item, const char *message, size_t length,
                 cr_error *err);
    /* The worker that did the item died; why is a sentence. Likewise. */
    bool (*lose)(void *context, size_t item, const char *why, cr_error *err);
    /* After every few results, and every 20 ms: `running` workers are alive; 0 at the
     * end. False
     * stops the pool, with err or without. */
    bool (*look)(void *context, size_t running, cr_error *err);
} cr_pool_work;

/* Does all items, or as many as until it is stopped. False with err. */
CR_MUST_CHECK bool cr_pool_run(const cr_pool_work *work, cr_error *err);

/* In a worker: whether to stop, to be asked now and then. */
bool cr_pool_is_stopping(const cr_pool *pool);

/* Zero bytes that forked processes share. NULL with err. */
CR_MUST_CHECK void *cr_shared_create(size_t size, cr_error *err);
void cr_shared_destroy(void *memory, size_t size); /* takes NULL */

#endif
