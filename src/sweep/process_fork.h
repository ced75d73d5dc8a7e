/* Forked processes of this machine, for who waits for other things besides them. */
#ifndef CHAINRULE_SWEEP_PROCESS_FORK_H
#define CHAINRULE_SWEEP_PROCESS_FORK_H

#include "sweep/process_host.h"

#include <poll.h>

/* As cr_process_fork.wait, and until `other` is as it wants. Its revents are filled; NULL:
 * there is nothing else. */
void cr_process_fork_wait(cr_process_host *host, struct pollfd *other, int milliseconds);

/* Ends a process at once, if there is one, and waits for its end. */
void cr_process_fork_kill(cr_process_host *host, size_t i);

#endif
