/* chainrule export: a model for programs without this library. */
#include "exchange/export.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "commands/command.h"
#include "commands/output.h"
#include "commands/suggest.h"
#include "csource/identifier.h"

#include <string.h>

enum { FORMAT, OUT, NAME, INPUTS, QUANTIZE, MAX_LOSS, NO_LIBM, FLAGS };

static const cr_flag flags[FLAGS] = {
    [FORMAT] = {'f', "format", "FORMAT", "what to write: c or onnx"},
    [OUT] = {'o', "out", "PATH",
             "where: of c a directory for NAME.c and NAME.h, made if it is not there "
             "(default: the current one); of onnx the file (default: NAME.onnx)"},
    [NAME] = {'n', "name", "NAME", "what it is called (default: as the run)"},
    [INPUTS] = {0, "inputs", "raw|encoded",
                "what it takes: values as in the data's files (default), or as the "
                "network gets them, without encoding and normalisation in front"},
    [QUANTIZE] = {0, "quantize", "int8",
                  "weights as bytes, with ranges of values from the training data"},
    [MAX_LOSS] =
        {0, "max-loss", "POINTS",
         "refuse to quantize where accuracy on validation, or else test, falls by "
         "more points (default: 1); of a regression, rmse grows by more percent"},
    [NO_LIBM] = {0, "no-libm", NULL, "c: nothing of <math.h> either"},
};

static const char details[] =
    "RUN is a run directory or a model file. The whole model is exported: from raw "
    "inputs\n"
    "to probabilities, scores, or values in the target's units.\n"
    "\n"
    "c is C99 (and C++) without a library: NAME_predict(x, y), its sizes and names in\n"
    "NAME.h, and with -DNAME_SELF_TEST (NAME in capitals) a main that checks examples "
    "of\n"
    "the training data.\n"
    "\n"
    "onnx is a file for onnxruntime and the like, of opset 9: numbers are one input x,\n"
    "[n, columns], or [n, channels, height, width] of images; a table with words or "
    "dates\n"
    "has an input for each column, by its name. The output is y.\n"
    "\n"
    "Examples:\n"
    "  chainrule export runs/iris --format onnx -o iris.onnx\n"
    "  chainrule export runs/iris --format c -o firmware/\n"
    "  cc -std=c99 -DIRIS_SELF_TEST firmware/iris.c -o self_test && ./self_test\n";

/* The run's name: that of its directory, also of a model file in one. */
static bool name_run(const char *path, char out[CR_IDENTIFIER], cr_error *err)
{
    char *whole = cr_path_absolute(path, err);
    char *stem = whole ? cr_path_stem(whole, err) : NULL;
    bool is_file = stem && (strcmp(stem, "model") == 0 || strcmp(stem, "best") == 0);
    char *directory = is_file ? cr_path_directory(whole, err) : NULL;
    if (directory && *directory) {
        cr_free(stem);
        stem = cr_path_stem(directory, err);
    }
    if (stem)
        cr_identifier_make(stem, out);
    bool good = stem != NULL;
    cr_free(whole);
    cr_free(directory);
    cr_free(stem);
    return good;
}

static bool check_files(const cr_arguments *arguments, const cr_export_format *format,
                        const cr_export_options *options, const cr_model *model,
                        cr_error *err)
{
    const cr_protected inputs[] = {{arguments->items[0], "the model"}};
    bool good = true;
    for (size_t i = 0; good && i < CR_EXPORT_FILES && format->endings[i]; i++) {
        char *path = cr_export_format_file(format, options, i, err);
        good = path &&
               cr_output_check(path, inputs, CR_COUNT(inputs), model->document.root, err);
        cr_free(path);
    }
    return good;
}

static void print_notes(const cr_export_format *format, const cr_export_options *options,
                        const cr_text *notes)
{
    for (size_t i = 0; i < CR_EXPORT_FILES && format->endings[i]; i++) {
        char *path = cr_export_format_file(format, options, i, NULL);
        if (path)
            cr_print("%s%s", i ? ", " : "", path);
        cr_free(path);
    }
    cr_print(": %s\n", notes->data ? notes->data : "");
}

static bool export_model(const cr_arguments *arguments, const cr_export_format *format,
                         cr_export_options *options, cr_error *err)
{
    char name[CR_IDENTIFIER];
    cr_text notes = {0}, path = {0};
    cr_model *model = cr_command_load_model(arguments->items[0], err);
    bool good = model && (options->name || name_run(arguments->items[0], name, err));
    if (good && !options->name)
        options->name = name;
    if (good && !options->path) {
        cr_text_add(&path, "%s%s", options->name, format->endings[0]);
        options->path = format->in_directory ? "." : path.data;
        good = !path.failed || cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    good = good && (!format->check_name || format->check_name(options->name, err)) &&
           check_files(arguments, format, options, model, err) &&
           cr_export_write(model, options, &notes, err);
    if (good)
        print_notes(format, options, &notes);
    cr_text_finish(&notes);
    cr_text_finish(&path);
    cr_model_destroy(model);
    return good;
}

static bool read_loss(const char *text, double *loss, cr_error *err)
{
    return (cr_number_parse(text, strlen(text), loss) && *loss >= 0) ||
           cr_fail(err, CR_E_USAGE,
                   "--max-loss: found \"%s\", expected a number of points, 0 or more",
                   text);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    const char *names[8], *const inputs[] = {"raw", "encoded"},
                                 *const quantizations[] = {"int8"};
    double loss = 0;
    cr_error err = CR_ERROR_INIT;
    for (size_t i = 0; i < cr_export_format_count; i++)
        names[i] = cr_export_formats[i]->name;
    if (!values[FORMAT])
        return cr_command_usage(&cr_command_export,
                                "to what? --format c, or --format onnx");
    const cr_export_format *format = cr_export_find(values[FORMAT]);
    if (!format)
        return cr_suggest_unknown(&cr_command_export, "format", values[FORMAT], names,
                                  cr_export_format_count);
    if (values[INPUTS] && strcmp(values[INPUTS], "raw") != 0 &&
        strcmp(values[INPUTS], "encoded") != 0)
        return cr_suggest_unknown(&cr_command_export, "kind of inputs", values[INPUTS],
                                  inputs, CR_COUNT(inputs));
    if (values[QUANTIZE] && strcmp(values[QUANTIZE], "int8") != 0)
        return cr_suggest_unknown(&cr_command_export, "quantization", values[QUANTIZE],
                                  quantizations, CR_COUNT(quantizations));
    if (values[MAX_LOSS] && !read_loss(values[MAX_LOSS], &loss, &err))
        return cr_command_error(&err);
    cr_export_options options = {.format = values[FORMAT],
                                 .path = values[OUT],
                                 .name = values[NAME],
                                 .encoded = values[INPUTS] && *values[INPUTS] == 'e',
                                 .no_libm = values[NO_LIBM] != NULL,
                                 .quantize = values[QUANTIZE] != NULL,
                                 .max_loss = values[MAX_LOSS] ? &loss : NULL};
    return export_model(arguments, format, &options, &err) ? CR_EXIT_DONE
                                                           : cr_command_error(&err);
}

const cr_command cr_command_export = {
    .name = "export",
    .arguments = "RUN --format c|onnx [-o PATH] [--name NAME] [--inputs raw|encoded] "
                 "[--quantize int8] [--max-loss POINTS]",
    .summary = "A model for other programs: as C, or as ONNX.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_ITEMS,
    .missing = "which RUN?",
    .run = run,
};
