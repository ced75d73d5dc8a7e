/* A flush of an open file to the disk while the caller does something else: two files that
 * are flushed at once take little longer than one. */
#ifndef CHAINRULE_BASE_FLUSH_H
#define CHAINRULE_BASE_FLUSH_H

#include <chainrule/error.h>
#include <pthread.h>

/* {0}: there is nothing to wait for. */
typedef struct cr_flush {
    int file;
    const char *path; /* for the message; borrowed */
    pthread_t thread;
    bool runs; /* on the thread */
    int code;  /* errno; 0: it is on the disk */
} cr_flush;

/* Flushes what was written to the file so far, at once where no thread can be had. The
 * caller ends it. */
void cr_flush_begin(cr_flush *flush, int file, const char *path);

/* Waits for it, and says how it ended; as often as is asked. */
CR_MUST_CHECK bool cr_flush_end(cr_flush *flush, cr_error *err);

#endif
