#include "commands/command.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/items.h"
#include "commands/kind.h"
#include "commands/restart.h"
#include "commands/suggest.h"
#include "math/blas.h"
#include "runs/run_state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void report_lines(const char *kind, const char *lines)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        cr_print_to(stderr, "chainrule: %s: %.*s\n", kind, (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

int cr_command_error(const cr_error *err)
{
    report_lines("error", err->count ? err->text : "something failed without saying why");
    size_t lines = 1;
    for (const char *c = err->text; *c; c++)
        lines += *c == '\n';
    if (err->count > lines)
        cr_print_to(stderr, "chainrule: error: … and %zu more\n", err->count - lines);
    bool users =
        err->code == CR_E_USAGE || err->code == CR_E_CONFIG || err->code == CR_E_DATA;
    return users ? CR_EXIT_USAGE : CR_EXIT_FAILED;
}

void cr_command_warn(const char *lines)
{
    report_lines("warning", lines);
}

void cr_command_warn_of_header(const char *path, size_t line)
{
    char text[600];
    snprintf(
        text, sizeof text,
        "%.400s: line %zu names the columns, so that neither it nor what stands below "
        "it is skipped as \"skip_rows\" of the model's config says",
        path, line);
    cr_command_warn(text);
}

void cr_command_warn_of_kernel(void)
{
    char text[CR_BLAS_WARNING];
    const char *warning = cr_blas_warning(text);
    if (warning)
        cr_command_warn(warning);
}

int cr_command_usage(const cr_command *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    cr_print_to(stderr, "chainrule: error: ");
    cr_print_list(stderr, format, args);
    va_end(args);
    cr_print_to(stderr, "\nusage: chainrule %s %s\nchainrule %s --help says more\n",
                command->name, command->arguments, command->name);
    return CR_EXIT_USAGE;
}

static void print_help(const cr_command *command)
{
    cr_print("usage: chainrule %s %s\n\n%s\n", command->name, command->arguments,
             command->summary);
    if (command->flag_count > 0)
        cr_print("\noptions:\n");
    for (size_t i = 0; i < command->flag_count; i++) {
        const cr_flag *flag = &command->flags[i];
        char names[64], dash[8] = "    ";
        if (flag->short_name)
            snprintf(dash, sizeof dash, "-%c, ", flag->short_name);
        snprintf(names, sizeof names, "%s--%s%s%s", dash, flag->long_name,
                 flag->value ? " " : "", flag->value ? flag->value : "");
        cr_print("  %-26s %s\n", names, flag->help);
    }
    if (command->details) {
        cr_print("\n");
        cr_print_lines(stdout, command->details);
    }
}

/* The flag that an argument names; *value is what follows a "=". */
static const cr_flag *find_flag(const char *argument, const cr_command *command,
                                const char **value)
{
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
    *value = NULL;
    for (size_t i = 0; i < command->flag_count; i++) {
        const cr_flag *flag = &command->flags[i];
        const char *name = flag->long_name;
        if (argument[1] == '-' && length - 2 == strlen(name) &&
            memcmp(argument + 2, name, length - 2) == 0) {
            *value = equals ? equals + 1 : NULL;
            return flag;
        }
        if (argument[1] != '-' && argument[1] == flag->short_name) {
            *value = argument[2] ? argument + (argument[2] == '=' ? 3 : 2) : NULL;
            return flag;
        }
    }
    return NULL;
}

enum { MOST_FLAGS = 16 };

static int unknown_option(const cr_command *command, const char *argument,
                          const char *next)
{
    cr_text meant = {0};
    cr_suggest_option(&meant, command, argument, next && *next != '-' ? next : NULL);
    int status = cr_command_usage(command, "unknown option %s%s", argument,
                                  meant.data && !meant.failed ? meant.data : "");
    cr_text_finish(&meant);
    return status;
}

/* "-quiet" is -q with the value "uiet", and surely meant for --quiet. */
static int value_for_none(const cr_command *command, const cr_flag *flag,
                          const char *argument)
{
    for (size_t i = 0; argument[1] != '-' && i < command->flag_count; i++)
        if (strcmp(command->flags[i].long_name, argument + 1) == 0)
            return cr_command_usage(command,
                                    "unknown option %s; did you mean --%s, with two "
                                    "dashes?",
                                    argument, argument + 1);
    return cr_command_usage(command, "option --%s takes no value", flag->long_name);
}

/* Fills values, and moves what is no option to the front of argv (from argv[1]); *count
 * is its number. Returns -1 to go on, or an exit status. */
static int parse(const cr_command *command, int argc, char **argv,
                 const char *values[MOST_FLAGS], size_t *count)
{
    bool plain = false; /* behind "--" */
    for (int i = 1; i < argc; i++) {
        char *argument = argv[i];
        if (plain || argument[0] != '-' || argument[1] == '\0') {
            argv[++*count] = argument;
            continue;
        }
        if (strcmp(argument, "--") == 0) {
            plain = true;
            continue;
        }
        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            print_help(command);
            return CR_EXIT_DONE;
        }
        const char *value = NULL;
        const cr_flag *flag = find_flag(argument, command, &value);
        if (!flag)
            return unknown_option(command, argument, argv[i + 1]);
        if (!flag->value && value)
            return value_for_none(command, flag, argument);
        if (flag->value && !value && ++i == argc)
            return cr_command_usage(command, "option --%s needs a value: %s",
                                    flag->long_name, flag->value);
        values[flag - command->flags] = !flag->value ? "" : value ? value : argv[i];
    }
    return -1;
}

int cr_command_run(const cr_command *command, const cr_context *context, int argc,
                   char **argv)
{
    const char *values[MOST_FLAGS] = {NULL};
    cr_arguments arguments = {.values = values, .items = argv + 1};
    char *input = NULL;
    cr_error err = CR_ERROR_INIT;
    assert(command->flag_count <= MOST_FLAGS);
    if (command->in_float64 && sizeof(cr_real) < sizeof(double))
        return cr_restart_in_float64(context->program, argv);
    int status = parse(command, argc, argv, values, &arguments.count);
    if (status >= 0)
        return status;
    cr_items_sort(command, &arguments);
    if (command->missing && arguments.count == 0)
        return cr_command_usage(command, "%s", command->missing);
    bool good = cr_items_check(command, &arguments, &err) &&
                cr_items_read_input(command, &arguments, &input, &err);
    status = good ? command->run(context, &arguments) : cr_command_error(&err);
    cr_free(input);
    return status;
}

cr_recipe cr_command_recipe(const cr_arguments *arguments, size_t i, unsigned load_for)
{
    bool input = strcmp(arguments->items[i], CR_STANDARD_INPUT) == 0;
    return (cr_recipe){.path = input ? "stdin" : arguments->items[i],
                       .text = input ? arguments->input : NULL,
                       .overrides = (const char *const *)arguments->overrides,
                       .override_count = arguments->override_count,
                       .load_for = load_for};
}

const char **cr_command_add_threads(const cr_arguments *arguments, const char *threads,
                                    char text[CR_THREADS_TEXT], size_t *count,
                                    cr_error *err)
{
    *count = arguments->override_count;
    const char **overrides = cr_alloc(*count + 1, sizeof *overrides, err);
    for (size_t i = 0; overrides && i < *count; i++)
        overrides[i] = arguments->overrides[i];
    if (!overrides || !threads)
        return overrides;
    snprintf(text, CR_THREADS_TEXT, "training.threads=%.40s", threads);
    overrides[(*count)++] = text;
    return overrides;
}

/* Adds what was likely meant by a path that leads nowhere: one that does. */
static void add_meant(const char *before, const char *path, const char *behind,
                      cr_error *err)
{
    cr_text meant = {0};
    cr_text_add(&meant, "%s%s%s", before, path, behind);
    if (cr_kind_of(path) == CR_KIND_UNKNOWN && cr_file_problem(path) && !meant.failed &&
        cr_kind_of(meant.data) != CR_KIND_UNKNOWN)
        cr_error_add(err, err->code, "did you mean %s?", meant.data);
    cr_text_finish(&meant);
}

cr_experiment *cr_command_load(const cr_recipe *recipe, cr_error *err)
{
    if (!recipe->text && !cr_kind_check_config(recipe->path, err))
        return NULL;
    cr_experiment *experiment = cr_experiment_create(recipe, err);
    if (experiment)
        cr_command_warn(cr_experiment_warnings(experiment));
    else if (!recipe->text)
        add_meant("", recipe->path, ".json", err);
    return experiment;
}

/* A run that has no model says why, and how it comes to one. */
static bool check_run(const char *path, cr_error *err)
{
    const cr_run_state state = cr_run_state_of(path);
    if (state == CR_RUN_NONE || cr_run_state_has_model(path))
        return true;
    if (state == CR_RUN_RUNNING)
        return cr_fail(
            err, CR_E_USAGE,
            "%s: this run has no model yet; it is running, and has one when it "
            "has ended",
            path);
    if (state == CR_RUN_DIVERGED)
        return cr_fail(
            err, CR_E_USAGE,
            "%s: this run has no model: it diverged; train anew with a smaller "
            "optimizer.learning_rate",
            path);
    return cr_fail(
        err, CR_E_USAGE,
        "%s: this run has no model: it was %s; chainrule resume %s goes on with "
        "it",
        path, cr_run_state_names[state], path);
}

cr_model *cr_command_load_model(const char *path, cr_error *err)
{
    cr_model *model = cr_kind_check_model(path, err) && check_run(path, err)
                          ? cr_model_load(path, err)
                          : NULL;
    if (!model)
        add_meant("runs/", path, "", err);
    return model;
}
