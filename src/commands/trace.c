/* chainrule trace: forward values and gradients on every wire, of one forward and one
 * backward pass. */
#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/output.h"
#include "commands/suggest.h"
#include "commands/trace_view.h"
#include "config/document.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORMAT, UPSTREAM, JACOBIAN, OUT, FLAGS };

static const cr_flag flags[FLAGS] = {
    [FORMAT] =
        {'f', "format", "FORMAT",
         "text, json, dot, or svg, drawn by Graphviz (default: what the name of -o FILE "
         "ends in, or else text)"},
    [UPSTREAM] = {0, "upstream", "NUMBERS",
                  "the output's upstream gradient as JSON: 2 or [4, -1, 5, 9] (default: "
                  "1 everywhere)"},
    [JACOBIAN] = {0, "jacobian", NULL, "print the output's whole Jacobian (text, json)"},
    [OUT] = {'o', "out", "FILE", "write there in place of standard output"},
};

static const char details[] =
    "CONFIG may be a graph alone: {\"model\": {\"layers\": [...]}}. Of a training config "
    "the\n"
    "first batch is traced. Values are green, gradients red; NO_COLOR is obeyed.\n"
    "\n"
    "Examples:\n"
    "  chainrule trace configs/lecture/a.json\n"
    "  chainrule trace configs/lecture/b.json -o b.svg\n"
    "  chainrule trace configs/lecture/h.json --jacobian\n";

static const char *const formats[] = {"text", "json", "dot", "svg"};
enum { TEXT, JSON, DOT, SVG, FORMATS };

/* A number, or a list of as many as the output has. */
static bool read_upstream(const char *text, size_t size, double **upstream, cr_error *err)
{
    cr_document document;
    char *copy = cr_text_copy(text, strlen(text), err);
    if (!copy ||
        !cr_document_parse(&document, "--upstream", copy, strlen(text), CR_E_USAGE, err))
        return false;
    const cr_json *value = document.root;
    bool list = cr_json_is(value, CR_JSON_ARRAY);
    bool good = list ? cr_json_count(value) == size : cr_json_is(value, CR_JSON_NUMBER);
    *upstream = good ? cr_alloc(size, sizeof **upstream, err) : NULL;
    const cr_json *item = list ? cr_json_first(value) : value;
    for (size_t i = 0; good && *upstream && i < size; i++) {
        good = cr_json_is(item, CR_JSON_NUMBER);
        (*upstream)[i] = good ? cr_json_number(item) : 0;
        if (list)
            item = cr_json_next(item);
    }
    cr_document_finish(&document);
    if (good)
        return *upstream != NULL;
    cr_free(*upstream);
    *upstream = NULL;
    return cr_fail(
        err, CR_E_USAGE,
        "--upstream takes a number or a list of %zu numbers, one for each value of "
        "the output",
        size);
}

/* Graphviz reads the DOT from a temporary file and writes to ours. */
static bool draw(cr_trace *trace, FILE *out, cr_error *err)
{
    FILE *dot = tmpfile();
    if (!dot)
        return cr_fail(err, CR_E_IO, "cannot make a temporary file");
    cr_trace_dot_print(trace, dot);
    bool written = fflush(dot) == 0 && fflush(out) == 0;
    rewind(dot);
    pid_t child = written ? fork() : -1;
    if (child == 0) {
        bool ready =
            dup2(fileno(dot), STDIN_FILENO) >= 0 && dup2(fileno(out), STDOUT_FILENO) >= 0;
        if (ready)
            execlp("dot", "dot", "-Tsvg", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    bool done = child > 0 && waitpid(child, &status, 0) == child;
    fclose(dot);
    if (done && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (done && WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return cr_fail(
            err, CR_E_IO,
            "svg is drawn by Graphviz, which is not installed: apt-get install "
            "graphviz, or use --format dot");
    return cr_fail(err, CR_E_IO, "Graphviz (dot -Tsvg) failed");
}

static bool colour_wanted(const char *file)
{
    const char *no = getenv("NO_COLOR");
    return !file && !(no && *no) && isatty(STDOUT_FILENO);
}

static bool show(cr_trace *trace, int format, const char *const *values, FILE *out,
                 cr_error *err)
{
    switch (format) {
    case JSON:
        return cr_trace_json_print(trace, values[JACOBIAN], out, err);
    case DOT:
        cr_trace_dot_print(trace, out);
        return true;
    case SVG:
        return draw(trace, out, err);
    default:
        return values[JACOBIAN]
                   ? cr_trace_text_print_jacobian(trace, out, err)
                   : cr_trace_text_print(trace, colour_wanted(values[OUT]), out, err);
    }
}

static bool trace(const cr_context *context, const cr_experiment *experiment, int format,
                  const char *const *values, cr_error *err)
{
    double *upstream = NULL;
    cr_trace *t = cr_trace_create(experiment, err);
    size_t size = t ? t->rows * t->evaluator->loss.outputs : 0;
    bool good = t != NULL;
    if (good && values[UPSTREAM] && experiment->model.loss.type)
        good =
            cr_fail(err, CR_E_USAGE,
                    "--upstream is for a graph without a loss, whose gradient is given");
    else if (good && values[UPSTREAM])
        good = read_upstream(values[UPSTREAM], size, &upstream, err);
    good = good && cr_trace_run(t, upstream, upstream ? size : 0, err);
    cr_file_writer writer;
    good = good && cr_output_begin(context, &writer, values[OUT], err);
    if (good) {
        good = show(t, format, values, writer.stream, err);
        good = cr_output_end(context, &writer, good, err);
    }
    cr_free(upstream);
    cr_trace_destroy(t);
    return good;
}

/* The format of that name, or FORMATS. */
static int find_format(const char *name)
{
    int format = 0;
    while (format < FORMATS && strcasecmp(name, formats[format]) != 0)
        format++;
    return format;
}

/* What the end of a file's name says; text where it says nothing, FORMATS where it is that
 * of a picture that is not drawn. */
static int format_of_file(const char *path)
{
    const char *dot = path ? strrchr(path, '.') : NULL;
    if (!dot || strchr(dot, '/'))
        return TEXT;
    static const char *const pictures[] = {"png", "pdf", "jpg", "jpeg", "gif",  "ps",
                                           "eps", "bmp", "gz",  "svgz", "webp", "tiff"};
    for (size_t i = 0; i < CR_COUNT(pictures); i++)
        if (strcasecmp(dot + 1, pictures[i]) == 0)
            return FORMATS;
    int format = strcasecmp(dot, ".gv") == 0 ? DOT : find_format(dot + 1);
    return format == FORMATS ? TEXT : format;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const char *const *values = arguments->values;
    int format =
        values[FORMAT] ? find_format(values[FORMAT]) : format_of_file(values[OUT]);
    if (format == FORMATS && !values[FORMAT])
        return cr_command_usage(
            &cr_command_trace,
            "-o %s: that is no format of a trace; known endings: .txt, "
            ".json, .dot, .gv, .svg",
            values[OUT]);
    if (values[JACOBIAN] && (format == DOT || format == SVG))
        return cr_command_usage(&cr_command_trace,
                                "--jacobian is for text and json, not %s",
                                formats[format]);
    if (format == FORMATS)
        return cr_suggest_unknown(&cr_command_trace, "format", values[FORMAT], formats,
                                  FORMATS);
    cr_error err = CR_ERROR_INIT;
    const cr_recipe recipe =
        cr_command_recipe(arguments, 0, CR_LOAD_ALL_GRADIENTS | CR_LOAD_GRAPHS);
    cr_experiment *experiment = cr_command_load(&recipe, &err);
    const cr_protected config = {recipe.text ? "-" : recipe.path, "the config"};
    bool good =
        experiment &&
        cr_output_check(values[OUT], &config, 1, experiment->model.document.root, &err) &&
        trace(context, experiment, format, values, &err);
    cr_experiment_destroy(experiment);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_trace = {
    .name = "trace",
    .arguments = "CONFIG [key.path=value ...] [--format text|json|dot|svg] [-o FILE]",
    .summary = "Forward values and gradients on every wire of the graph.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIG,
    .missing = "which CONFIG?",
    .in_float64 = true,
    .run = run,
};
