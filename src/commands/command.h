/* What a subcommand is, and how all of them take their arguments and speak. */
#ifndef CHAINRULE_COMMANDS_COMMAND_H
#define CHAINRULE_COMMANDS_COMMAND_H

#include "commands/print.h"
#include "train/experiment.h"

#include <signal.h>
#include <stdbool.h>

/* Exit statuses. */
enum { CR_EXIT_DONE = 0, CR_EXIT_FAILED = 1, CR_EXIT_USAGE = 2 };

/* What a signal that ends the process removes: a file that is not whole yet. */
typedef struct cr_unfinished {
    volatile sig_atomic_t is_there; /* whether path is one */
    volatile sig_atomic_t is_begun; /* it is about to be: a signal waits */
    volatile sig_atomic_t waiting;  /* the signal that waits; 0: none */
    char path[4096];
} cr_unfinished;

/* What main hands to a command. */
typedef struct cr_context {
    const char *program;                 /* argv[0] */
    const volatile sig_atomic_t *signal; /* 0, or the signal that asks to stop; to a
                                            command that does not stop, always 0 */
    cr_unfinished *unfinished;           /* main's own; cr_output_begin and _end set it */
} cr_context;

/* An option: short_name and long_name without dashes; value: what it takes, NULL for a
 * switch. */
typedef struct cr_flag {
    char short_name; /* 0: none */
    const char *long_name, *value, *help;
} cr_flag;

/* What stands behind the command's name. */
typedef struct cr_arguments {
    const char *const *values; /* by the command's flags: the value, "" for a switch, NULL
                                  where it was not given */
    char **items;              /* [count] what is no option, and no override */
    size_t count;
    char **overrides; /* [override_count] "key.path=value", for commands that take them */
    size_t override_count;
    const char *input; /* the config that standard input holds; NULL: no item is "-" */
} cr_arguments;

/* What a command's items are. */
typedef enum cr_takes {
    CR_TAKES_ITEMS,   /* what it likes, and no overrides */
    CR_TAKES_FILE,    /* one FILE, and overrides */
    CR_TAKES_RUN,     /* one RUN, and overrides */
    CR_TAKES_CONFIG,  /* one CONFIG, or "-" for standard input, and overrides */
    CR_TAKES_CONFIGS, /* any number of these, and overrides */
} cr_takes;

typedef struct cr_command {
    const char *name;
    const char *arguments; /* for the usage line: "CONFIG [key.path=value ...]" */
    const char *summary;   /* one line */
    const cr_flag *flags;
    size_t flag_count;
    const char *details; /* behind the options in the help; NULL: nothing */
    cr_takes takes;
    const char *missing; /* the question where there are no arguments: "which CONFIG?";
                            NULL: none are needed */
    bool in_float64;     /* it is for the program in double precision to run */
    const char *stops; /* what it does when the context's signal asks it to stop, "saving
                            what there is", which is said at once (not if it is ""); NULL:
                            it is ended by a signal as any program is */
    int (*run)(const cr_context *context, const cr_arguments *arguments);
} cr_command;

/* The table: command_table.c. */
extern const cr_command *const cr_commands[];
extern const size_t cr_command_count;

extern const cr_command cr_command_train;
extern const cr_command cr_command_resume;
extern const cr_command cr_command_eval;
extern const cr_command cr_command_predict;
extern const cr_command cr_command_export;
extern const cr_command cr_command_import;
extern const cr_command cr_command_describe;
extern const cr_command cr_command_check;
extern const cr_command cr_command_doctor;
extern const cr_command cr_command_gradcheck;
extern const cr_command cr_command_trace;
extern const cr_command cr_command_show;
extern const cr_command cr_command_sweep;
extern const cr_command cr_command_runs;
extern const cr_command cr_command_watch;
extern const cr_command cr_command_report;
extern const cr_command cr_command_bench;

/* Parses argv[1…] (argv[0] is the command's name), which it reorders, and runs the
 * command; "--help" prints its help to stdout. Returns the exit status. */
int cr_command_run(const cr_command *command, const cr_context *context, int argc,
                   char **argv);

/* The config that is item `i`, with all overrides, for what load_for says (bits of
 * cr_load_for). Borrows the arguments. */
cr_recipe cr_command_recipe(const cr_arguments *arguments, size_t i, unsigned load_for);

/* The overrides, and behind them what -t says: training.threads=N, in `text`; threads is
 * N, or NULL where it was not given. *count is the list's length. The caller frees the
 * list, which borrows the overrides and the text; NULL with err. */
enum { CR_THREADS_TEXT = 64 };
CR_MUST_CHECK const char **cr_command_add_threads(const cr_arguments *arguments,
                                                  const char *threads,
                                                  char text[CR_THREADS_TEXT],
                                                  size_t *count, cr_error *err);

/* The experiment of the recipe, its warnings printed; NULL with err. The caller destroys
 * it. */
CR_MUST_CHECK cr_experiment *cr_command_load(const cr_recipe *recipe, cr_error *err);

/* The model of a RUN; NULL with err, which says what it is if it is surely none. The
 * caller destroys it. */
CR_MUST_CHECK cr_model *cr_command_load_model(const char *path, cr_error *err);

/* "chainrule: error: …" a line to stderr; returns the exit status for the error's code.
 */
int cr_command_error(const cr_error *err);

/* A usage error: the sentence, and how to see the help. Returns CR_EXIT_USAGE. */
int cr_command_usage(const cr_command *command, const char *format, ...) CR_PRINTF(2, 3);

/* Warnings, a line each. */
void cr_command_warn(const char *lines);

/* A warning that a line of a file, which skip_rows would have skipped, is its header. */
void cr_command_warn_of_header(const char *path, size_t line);

/* A warning where the kernel of BLAS is slower than the processor can be. */
void cr_command_warn_of_kernel(void);

#endif
