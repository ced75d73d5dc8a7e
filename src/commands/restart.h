/* The program becomes another build of itself, or itself with another environment: with
 * the same arguments, in the same process. */
#ifndef CHAINRULE_COMMANDS_RESTART_H
#define CHAINRULE_COMMANDS_RESTART_H

/* Becomes chainrule-f64, which lies beside the program (main's argv[0]), for a command
 * that needs double precision: a difference quotient in single sees no error below about
 * 1e-3. argv[0] is the command's name, behind main's argv[0]. Returns an exit status, and
 * only if that fails. */
int cr_restart_in_float64(const char *program, char **argv);

/* A BLAS library that is older than the processor runs its oldest kernel, at a quarter of
 * the speed, and chooses it while it is loaded: starts again with a better one asked for.
 * Returns where there is nothing to gain, or no way. argv is main's. */
void cr_restart_with_better_kernel(char **argv);

#endif
