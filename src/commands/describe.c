/* chainrule describe: what a table or a folder of pictures looks like, and a config that trains on it. */
#include <chainrule/describe.h>

#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "base/text_visible.h"
#include "commands/command.h"
#include "commands/describe_pictures.h"
#include "commands/kind.h"
#include "commands/output.h"
#include "commands/print.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { TARGET, JSON, OUT, FLAGS };

static const cr_flag flags[FLAGS] = {
    [TARGET] = {0, "target", "COLUMN",
                "the column to predict, by name or number (from 0; -1 is the last); "
                "default: a guess"},
    [JSON] = {0, "json", NULL, "print the figures as JSON, and no config"},
    [OUT] = {'o', "out", "FILE", "write the config to FILE, and the lines to stdout"},
};

static const char details[] =
    "A line a column: how it is read, cells that are missing, different values, figures\n"
    "of numbers, how strongly it alone predicts the target (of classes: the mutual\n"
    "information in per cent of their entropy; of numbers: the correlation; less what\n"
    "chance would give), examples. Below, what is odd and the key that mends it.\n"
    "\n"
    "Of a FOLDER of pictures, with a folder a class: sizes, colours, how many pictures\n"
    "each class has, what is odd.\n"
    "\n"
    "For a TABLE or a FOLDER the config goes to stdout and the lines to stderr; for a "
    "CONFIG or a\n"
    "RUN, whose training table or folder is described, the lines go to stdout.\n"
    "\n"
    "Examples:\n"
    "  chainrule describe table.csv --target price -o table.json\n"
    "  chainrule describe table.csv data.encoding=latin-1 -o configs/table.json\n"
    "  chainrule describe pictures/ -o pictures.json\n"
    "  chainrule describe configs/iris.json\n";

enum { EXAMPLE = 24, NUMBER = 24 };

/* The beginning of a cell, whole characters of UTF-8, into out. Returns out. */
static const char *cut(const char *cell, char out[EXAMPLE + 1])
{
    size_t length = strlen(cell);
    if (length > EXAMPLE)
        length = EXAMPLE;
    while (length > 0 && cell[length] && ((unsigned char)cell[length] & 0xC0) == 0x80)
        length--;
    memcpy(out, cell, length);
    out[length] = '\0';
    return out;
}

static const char *format_number(double number, char out[NUMBER])
{
    if (isnan(number))
        out[0] = '\0';
    else
        snprintf(out, NUMBER, fabs(number) < 1e7 ? "%.5g" : "%.4g", number);
    return out;
}

/* The name, or in `number` the column's number. */
static const char *name_of(const cr_described *c, size_t position, char number[NUMBER])
{
    snprintf(number, NUMBER, "%zu", position);
    return *c->name ? c->name : number;
}

static void print_column(FILE *out, const cr_description *d, size_t i, int width)
{
    const cr_described *c = cr_description_column(d, i);
    bool classify = cr_description_classifies(d);
    char number[NUMBER], different[NUMBER], strength[NUMBER] = "", example[EXAMPLE + 1];
    cr_print_to(out, "%-*s", width, name_of(c, i, number));
    snprintf(different, sizeof different, c->different_exact ? "%.0f" : "~%.3g",
             c->different);
    cr_print_to(out, " %-8s %7zu %9s", c->kind, c->missing, different);
    const double figures[] = {c->smallest, c->largest, c->mean, c->deviation};
    for (size_t k = 0; k < CR_COUNT(figures); k++)
        cr_print_to(out, " %9s", format_number(figures[k], number));
    if (!isnan(c->strength))
        snprintf(strength, sizeof strength, classify ? "%.0f %%" : "%.2f",
                 classify ? 100 * c->strength : c->strength);
    cr_print_to(out, " %6s  ", c->is_target ? "target" : c->is_ignored ? "-" : strength);
    for (size_t k = 0; k < CR_DESCRIBED_EXAMPLES && c->examples[k]; k++)
        cr_print_to(out, "%s%s", k > 0 ? ", " : "", cut(c->examples[k], example));
    cr_print_to(out, "%s%s\n", c->odd ? "  << " : "", c->odd ? c->odd : "");
}

static void print_report(FILE *out, const cr_description *d)
{
    enum { LEAST = 12, MOST = 40 };
    char number[NUMBER];
    size_t width = LEAST, columns = cr_description_columns(d);
    for (size_t i = 0; i < columns; i++) {
        const char *name = name_of(cr_description_column(d, i), i, number);
        size_t wide = cr_text_visible_width(name, strlen(name));
        width = wide > width ? wide : width;
    }
    width = width > MOST ? MOST : width;
    cr_print_lines(out, cr_description_head(d));
    cr_print_to(out, "%-*s %-8s %7s %9s %9s %9s %9s %9s %6s  %s\n", (int)width, "column",
                "kind", "missing", "different", "smallest", "largest", "mean",
                "deviation", "tells", "examples");
    for (size_t i = 0; i < columns; i++)
        print_column(out, d, i, (int)width);
    const char *lines = cr_description_oddities(d);
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        cr_print_to(out, "odd: %.*s\n", (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

static bool set_number(cr_json *object, const char *key, double number)
{
    return isnan(number) || cr_json_set_number(object, key, number);
}

static bool add_column(cr_json *list, const cr_described *c)
{
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    bool good = object && cr_json_set_string(object, "name", c->name) &&
                cr_json_set_string(object, "kind", c->kind) &&
                cr_json_set_string(object, "role",
                                   c->is_target    ? "target"
                                   : c->is_ignored ? "ignored"
                                                   : "input") &&
                set_number(object, "missing", (double)c->missing) &&
                set_number(object, "numbers", (double)c->numbers) &&
                set_number(object, "different", c->different) &&
                cr_json_set_bool(object, "different_exact", c->different_exact) &&
                set_number(object, "smallest", c->smallest) &&
                set_number(object, "largest", c->largest) &&
                set_number(object, "mean", c->mean) &&
                set_number(object, "deviation", c->deviation) &&
                set_number(object, "strength", c->strength);
    cr_json *examples = good ? cr_json_add(object, "examples", CR_JSON_ARRAY) : NULL;
    good = examples && (!c->odd || cr_json_set_string(object, "odd", c->odd));
    for (size_t k = 0; good && k < CR_DESCRIBED_EXAMPLES && c->examples[k]; k++)
        good = cr_json_set_string(examples, NULL, c->examples[k]);
    return good;
}

/* The figures; false when out of memory. */
static bool print_json(const cr_description *d, cr_error *err)
{
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = root && cr_json_set_number(root, "rows", (double)cr_description_rows(d));
    cr_json *list = good ? cr_json_add(root, "columns", CR_JSON_ARRAY) : NULL;
    good = list != NULL;
    for (size_t i = 0; good && i < cr_description_columns(d); i++)
        good = add_column(list, cr_description_column(d, i));
    cr_json *odd = good ? cr_json_add(root, "oddities", CR_JSON_ARRAY) : NULL;
    good = odd != NULL;
    for (const char *line = cr_description_oddities(d); good && *line;) {
        size_t length = strcspn(line, "\n");
        char *copy = cr_text_copy(line, length, err);
        good = copy && cr_json_set_string(odd, NULL, copy);
        cr_free(copy);
        line += length + (line[length] == '\n');
    }
    good = good && cr_print_json(stdout, root, true);
    cr_json_free(root);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* Whether the config may be written where -o says: not over the table, nor over a config
 * that is described, nor over its data. */
static bool check_output(const char *input, const char *out, cr_error *err)
{
    const cr_protected read = {input, "what is described"};
    cr_document config = {0};
    char *directory = cr_path_directory(input, err);
    bool is_config = out && directory && cr_kind_of(input) == CR_KIND_CONFIG &&
                     cr_document_read(&config, input, NULL);
    bool good = directory && cr_output_check(out, &read, 1, NULL, err) &&
                (!is_config || cr_output_check_data(out, directory, config.root, err));
    cr_document_finish(&config);
    cr_free(directory);
    return good;
}

/* Whether the file is not there, or is what would be written: it may have been edited. */
static bool check_existing(const char *path, const char *text, cr_error *err)
{
    cr_error ignored = CR_ERROR_INIT;
    char *old = NULL;
    size_t length = 0;
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return true;
    bool same =
        cr_file_read(path, SIZE_MAX - 1, CR_E_DATA, &old, &length, &ignored) &&
        (length == 0 || (length == strlen(text) && memcmp(old, text, length) == 0));
    cr_free(old);
    return same || cr_fail(err, CR_E_USAGE,
                           "%s: it is there already, and is not what would be written: "
                           "remove it, or name another with -o",
                           path);
}

/* The config, which is freed, to the file; "-" is stdout. NULL: err says why. */
static bool write_config(char *text, const char *path, cr_error *err)
{
    bool to_stdout = strcmp(path, "-") == 0, good = text != NULL;
    if (good && to_stdout)
        cr_print_lines(stdout, text);
    else if (good)
        good = check_existing(path, text, err) &&
               cr_file_replace(path, text, strlen(text), err);
    cr_description_free(text);
    return good;
}

/* A directory that is not the program's own. */
static bool is_of_pictures(const char *path)
{
    cr_kind kind = cr_kind_of(path);
    return kind == CR_KIND_FOLDER ||
           (kind == CR_KIND_UNKNOWN && !cr_directory_problem(path));
}

/* The folder of pictures that a config, or a run's config, trains on; NULL: it trains on
 * something else. The caller frees it. */
static char *find_folder(const char *path, cr_error *err)
{
    const cr_kind kind = cr_kind_of(path);
    cr_document document = {0};
    if (kind != CR_KIND_CONFIG && kind != CR_KIND_RUN)
        return NULL;
    char *config = kind == CR_KIND_RUN ? cr_path_join(path, "config.json", err)
                                       : cr_text_copy(path, strlen(path), err);
    char *directory = config ? cr_path_directory(config, err) : NULL, *folder = NULL;
    if (directory && cr_document_read(&document, config, NULL)) {
        const cr_json *train = cr_json_get(cr_json_get(document.root, "data"), "train");
        const char *name = cr_json_get_string(train, "folder");
        folder = name ? cr_path_join(directory, name, err) : NULL;
    }
    cr_document_finish(&document);
    cr_free(directory);
    cr_free(config);
    return folder;
}

/* own: the folder was named, so that a config is wanted too. */
static bool describe_pictures(const cr_arguments *arguments, const char *folder, bool own,
                              cr_error *err)
{
    const char *const *values = arguments->values;
    const char *out = values[OUT];
    if (values[TARGET] || arguments->override_count > 0)
        return cr_fail(err, CR_E_USAGE,
                       "%s: a folder; --target and key.path=value are for tables",
                       folder);
    cr_picture_survey survey;
    if (!cr_picture_survey_read(&survey, folder, err))
        return false;
    bool to_stdout = out ? strcmp(out, "-") == 0 : own && !values[JSON], good = true;
    if (values[JSON])
        good = cr_describe_pictures_json(&survey, err);
    else
        cr_describe_pictures_print(to_stdout ? stderr : stdout, &survey);
    if (good && (out || to_stdout)) {
        char *directory = cr_path_directory(to_stdout ? "" : out, err);
        good =
            directory && write_config(cr_picture_survey_config(&survey, directory, err),
                                      to_stdout ? "-" : out, err);
        cr_free(directory);
    }
    cr_picture_survey_finish(&survey);
    return good;
}

/* A table, or that of a config. */
static bool describe_table(const cr_arguments *arguments, cr_error *err)
{
    const char *const *values = arguments->values, *out = values[OUT];
    cr_description *d = cr_describe(arguments->items[0], values[TARGET],
                                    (const char *const *)arguments->overrides,
                                    arguments->override_count, err);
    if (!d)
        return false;
    bool good = true;
    if (!out && !values[JSON] && cr_description_is_of_table(d))
        out = "-";
    const bool to_stdout = out && strcmp(out, "-") == 0;
    if (values[JSON])
        good = print_json(d, err);
    else
        print_report(to_stdout ? stderr : stdout, d);
    if (good && out)
        good =
            write_config(cr_description_config(d, to_stdout ? NULL : out, err), out, err);
    cr_description_destroy(d);
    return good;
}

static bool describe(const cr_arguments *arguments, cr_error *err)
{
    const char *path = arguments->items[0];
    if (!check_output(path, arguments->values[OUT], err))
        return false;
    if (is_of_pictures(path))
        return describe_pictures(arguments, path, true, err);
    char *folder = arguments->override_count == 0 ? find_folder(path, err) : NULL;
    bool good = folder ? describe_pictures(arguments, cr_path_short(folder), false, err)
                       : err->count == 0 && describe_table(arguments, err);
    cr_free(folder);
    return good;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    if (arguments->count != 1)
        return cr_command_usage(&cr_command_describe,
                                "one TABLE, FOLDER or CONFIG at a time");
    if (arguments->input)
        return cr_command_usage(&cr_command_describe,
                                "-: a table is looked at twice; save it in a file");
    if (values[OUT] && strcmp(values[OUT], "-") == 0 && values[JSON])
        return cr_command_usage(&cr_command_describe,
                                "--json and -o -: figures and config would both go to "
                                "stdout; name a file");
    cr_error err = CR_ERROR_INIT;
    return describe(arguments, &err) ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_describe = {
    .name = "describe",
    .arguments = "TABLE|FOLDER|CONFIG|RUN [key.path=value ...] [--target COLUMN] [-o "
                 "FILE] [--json]",
    .summary =
        "What a table or a folder of pictures looks like, what is odd about it, and "
        "a config that trains on it.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIGS,
    .missing = "which TABLE, FOLDER or CONFIG?",
    .run = run,
};
