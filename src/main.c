/* Start-up, and the signal flag. */
#include "base/text.h"
#include "commands/command.h"
#include "commands/restart.h"
#include "math/blas.h"

#include <chainrule/chainrule.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

/* The first signal asks to stop, a second one ends the process at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error to report */
}

static void print_usage(FILE *out)
{
    cr_print_to(out, "usage: chainrule COMMAND ...\n\n"
                     "Trains small neural networks from a JSON file.\n\ncommands:\n");
    for (size_t i = 0; i < cr_command_count; i++)
        cr_print_to(out, "  %-10s %s\n", cr_commands[i]->name, cr_commands[i]->summary);
    cr_print_to(out,
                "\nchainrule COMMAND --help says more; chainrule --version names the "
                "libraries.\n");
}

static void print_version(void)
{
    char library[CR_BLAS_NAME];
    const char *chooser = cr_blas_chooser();
    cr_print("chainrule %s (%s)\n", cr_version(),
             sizeof(cr_real) == 4 ? "float32" : "float64");
    cr_print("%s, kernel %s%s%s%s, %d processors\n", cr_blas_library(library),
             cr_blas_kernel(), chooser ? " (" : "", chooser ? chooser : "",
             chooser ? ")" : "", cr_blas_processors());
}

static int unknown_command(const char *name)
{
    enum { MOST = 64 };
    const char *names[MOST];
    size_t count = cr_command_count < MOST ? cr_command_count : MOST;
    for (size_t i = 0; i < count; i++)
        names[i] = cr_commands[i]->name;
    const char *near = cr_text_nearest(name, names, count);
    cr_print_to(stderr, "chainrule: error: unknown command \"%s\"%s%s%s\n", name,
                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    print_usage(stderr);
    return CR_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return CR_EXIT_USAGE;
    }
    cr_restart_with_better_kernel(argv);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return CR_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version();
        return CR_EXIT_DONE;
    }
    catch_signals();
    cr_context context = {argv[0], &caught};
    for (size_t i = 0; i < cr_command_count; i++)
        if (strcmp(argv[1], cr_commands[i]->name) == 0) {
            int status = cr_command_run(cr_commands[i], &context, argc - 1, argv + 1);
            if (fflush(stdout) == 0 && !ferror(stdout))
                return status;
            cr_print_to(stderr, "chainrule: error: standard output: cannot write: %s\n",
                        strerror(errno));
            return status == CR_EXIT_DONE ? CR_EXIT_FAILED : status;
        }
    return unknown_command(argv[1]);
}
