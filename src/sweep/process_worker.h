/* A worker of a process pool: its side of the socket. */
#ifndef CHAINRULE_SWEEP_PROCESS_WORKER_H
#define CHAINRULE_SWEEP_PROCESS_WORKER_H

#include "sweep/transport.h"

/* Jobs that a worker may have at once, with the one that it is at. As many fit into the
 * socket's buffer, so that giving them out never has to wait. */
enum { CR_MOST_JOBS_AHEAD = 64 };

/* A worker's life: takes jobs from the socket and sends their results, until it is told
 * to stop or the other end is closed, as when the parent was killed. Ends the process:
 * with status 0, or 1 if it could not report. */
_Noreturn void cr_process_worker_run(const cr_transport_work *work, int socket);

#endif
