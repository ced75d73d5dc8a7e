/* Start-up, and the signal flag. */
#include "base/clock.h"
#include "commands/command.h"
#include "commands/restart.h"
#include "commands/suggest.h"
#include "math/blas.h"

#include <chainrule/chainrule.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* timeout(1) and terminals send one signal twice: to the process, and to its group. */
static const double same_seconds = 0.3;

/* What a signal leaves and finds. */
static struct {
    volatile sig_atomic_t caught;
    double caught_at; /* the handler's alone */
    cr_unfinished unfinished;
    char notice[128]; /* what ask_to_stop says at once, since the end may take a while */
} state;

/* The first signal asks to stop, a second one ends the process at once. */
static void ask_to_stop(int number)
{
    double now = cr_clock();
    if (state.caught && now - state.caught_at > same_seconds) {
        signal(number, SIG_DFL);
        raise(number);
    } else if (!state.caught) {
        state.caught = number;
        state.caught_at = now;
        if (write(STDERR_FILENO, state.notice, strlen(state.notice)) < 0)
            return; /* nobody is there to read it */
    }
}

/* Ends the process as the signal does by itself, without half a file. */
static void end(int number)
{
    state.unfinished.waiting = number;
    if (state.unfinished.is_begun)
        return; /* cr_output_begin raises it again */
    if (state.unfinished.is_there)
        unlink(state.unfinished.path);
    signal(number, SIG_DFL);
    raise(number); /* takes effect on return */
}

/* A terminal has shown ^C in the line that the notice leaves. */
static void catch_signals(const char *stops)
{
    struct sigaction action = {.sa_handler = stops ? ask_to_stop : end};
    if (stops && *stops)
        snprintf(state.notice, sizeof state.notice,
                 "%schainrule: interrupted: %s; once more ends it at once\n",
                 isatty(STDERR_FILENO) ? "\n" : "", stops);
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
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
    cr_text meant = {0};
    cr_suggest_command(&meant, name);
    cr_print_to(stderr,
                "chainrule: error: unknown command \"%s\"%s chainrule --help lists all\n",
                name, meant.data && !meant.failed ? meant.data : ";");
    cr_text_finish(&meant);
    return CR_EXIT_USAGE;
}

static const cr_command *find_command(const char *name)
{
    for (size_t i = 0; i < cr_command_count; i++)
        if (strcmp(name, cr_commands[i]->name) == 0)
            return cr_commands[i];
    return NULL;
}

/* "help", and "help COMMAND", which stands for "COMMAND --help". */
static int help(int argc, char **argv)
{
    char option[] = "--help";
    const cr_context none = {argv[0], &state.caught, &state.unfinished};
    const cr_command *command = argc > 2 ? find_command(argv[2]) : NULL;
    if (command) {
        char *of_command[] = {argv[2], option, NULL};
        return cr_command_run(command, &none, 2, of_command);
    }
    if (argc > 2)
        return unknown_command(argv[2]);
    print_usage(stdout);
    return CR_EXIT_DONE;
}

static int run(const cr_command *command, int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error to report */
    catch_signals(command->stops);
    const cr_context context = {argv[0], &state.caught, &state.unfinished};
    int status = cr_command_run(command, &context, argc - 1, argv + 1);
    bool flushed = fflush(stdout) == 0; /* if so, what failed was an earlier write */
    if (flushed && !ferror(stdout))
        return status;
    cr_print_to(stderr, "chainrule: error: standard output: cannot write: %s\n",
                flushed ? "not all of it arrived" : strerror(errno));
    return status == CR_EXIT_DONE ? CR_EXIT_FAILED : status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return CR_EXIT_USAGE;
    }
    cr_restart_with_better_kernel(argv);
    bool asks_version = strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0 ||
                        strcmp(argv[1], "version") == 0;
    if (asks_version) {
        print_version();
        return CR_EXIT_DONE;
    }
    bool asks = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
                strcmp(argv[1], "help") == 0;
    if (asks)
        return help(argc, argv);
    const cr_command *command = find_command(argv[1]);
    return command ? run(command, argc, argv) : unknown_command(argv[1]);
}
