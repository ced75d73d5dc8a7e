/* How a process has ended. */
#ifndef CHAINRULE_SWEEP_PROCESS_END_H
#define CHAINRULE_SWEEP_PROCESS_END_H

enum { CR_PROCESS_END_WHY = 128 };

/* Why a process ended as it should not, by its status as waitpid has it; NULL: it did as it
 * should. Returns out. */
const char *cr_process_end_describe(int status, char out[CR_PROCESS_END_WHY]);

#endif
