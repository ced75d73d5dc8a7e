/* One sweep at a time in a directory. */
#ifndef CHAINRULE_SWEEP_STORE_LOCK_H
#define CHAINRULE_SWEEP_STORE_LOCK_H

#include <chainrule/error.h>

/* Takes the directory for this process until the file is closed, which is the caller's to
 * do: *file is the open file, also on failure; -1: it could not be opened. Fails when
 * another sweep is at work there. Waits for the workers of one that was killed. */
CR_MUST_CHECK bool cr_store_lock_take(const char *directory, int *file, cr_error *err);

/* Whether another living process has taken the directory. Not for the one that has: its
 * lock would go with the file that is closed here. */
bool cr_store_lock_is_taken(const char *directory);

#endif
