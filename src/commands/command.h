/* What a subcommand is, and how all of them take their arguments and speak. */
#ifndef CHAINRULE_COMMANDS_COMMAND_H
#define CHAINRULE_COMMANDS_COMMAND_H

#include "train/experiment.h"

#include <signal.h>

/* Exit statuses. */
enum { CR_EXIT_DONE = 0, CR_EXIT_FAILED = 1, CR_EXIT_USAGE = 2 };

/* What main hands to a command. */
typedef struct cr_context {
    const char *program;                 /* argv[0] */
    const volatile sig_atomic_t *signal; /* 0, or the signal that asks to stop */
} cr_context;

typedef struct cr_command {
    const char *name;
    const char *arguments; /* for the usage line: "CONFIG [key.path=value ...]" */
    const char *summary;   /* one line */
    int (*run)(const cr_context *context, int argc,
               char **argv); /* argv[0] is the command's name */
} cr_command;

extern const cr_command cr_command_train;
extern const cr_command cr_command_resume;
extern const cr_command cr_command_eval;
extern const cr_command cr_command_predict;
extern const cr_command cr_command_check;
extern const cr_command cr_command_doctor;
extern const cr_command cr_command_gradcheck;
extern const cr_command cr_command_trace;
extern const cr_command cr_command_sweep;
extern const cr_command cr_command_runs;
extern const cr_command cr_command_bench;

/* An option: short_name and long_name without dashes; value: what it takes, NULL for a
 * switch. */
typedef struct cr_flag {
    char short_name; /* 0: none */
    const char *long_name, *value, *help;
} cr_flag;

/* Parses argv[1…]. values[i] becomes flag i's value ("" for a switch), or NULL. Other
 * arguments are moved to the front of argv (from argv[1]); *count is their number.
 * "--help" prints the command's help (followed by `details`, if not NULL) to stdout.
 * Returns -1 to go on, or an exit status. */
int cr_command_parse(const cr_command *command, const cr_flag *flags, size_t flag_count,
                     const char *details, int argc, char **argv, const char **values,
                     size_t *count);

/* Moves the arguments that are overrides ("key.path=value") to the front; returns their
 * number. */
size_t cr_command_overrides_first(size_t count, char **arguments);

/* CONFIG and its overrides, arguments[0..count), for what load_for says (bits of
 * cr_load_for). */
cr_recipe cr_command_recipe(size_t count, char *const *arguments, unsigned load_for);

/* The experiment of the recipe, its warnings printed; NULL with err. The caller destroys
 * it. */
CR_MUST_CHECK cr_experiment *cr_command_load(const cr_recipe *recipe, cr_error *err);

/* "chainrule: error: …" a line to stderr; returns the exit status for the error's code.
 */
int cr_command_error(const cr_error *err);

/* A usage error: the sentence, and how to see the help. Returns CR_EXIT_USAGE. */
int cr_command_usage(const cr_command *command, const char *format, ...) CR_PRINTF(2, 3);

/* Warnings, a line each. */
void cr_command_warn(const char *lines);

/* A warning where the kernel of BLAS is slower than the processor can be. */
void cr_command_warn_of_kernel(void);

#endif
