/* chainrule describe: what a table looks like, and a config that trains on it. */
#include <chainrule/describe.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "commands/command.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TARGET, JSON, OUT, FLAGS };

static const cr_flag flags[FLAGS] = {
    [TARGET] = {0, "target", "COLUMN",
                "the column to predict, by name or number (from 0; -1 is the last); "
                "default: a guess"},
    [JSON] = {0, "json", NULL, "print the figures as JSON, and no config"},
    [OUT] = {'o', "out", "FILE", "write the config to FILE, and the table to stdout"},
};

static const char details[] =
    "A line a column: how it is read, cells that are missing, different values, figures\n"
    "of numbers, how strongly it alone predicts the target (of classes: the mutual\n"
    "information in per cent of their entropy; of numbers: the correlation; less what\n"
    "chance would give), examples. Below, what is odd and the key that mends it.\n"
    "\n"
    "For a TABLE the config goes to stdout and the lines to stderr; for a CONFIG or a\n"
    "RUN, whose training table is described, the lines go to stdout.\n"
    "\n"
    "Examples:\n"
    "  chainrule describe table.csv --target price > table.json\n"
    "  chainrule describe table.csv data.encoding=latin-1 -o configs/table.json\n"
    "  chainrule describe configs/iris.json\n";

enum { NAME = 24, EXAMPLE = 24, NUMBER = 16 };

/* The first characters of a text, `width` at most (a character of UTF-8 is one). Returns
 * how many. */
static int print_text(FILE *out, const char *text, int width)
{
    int used = 0;
    const char *at = text;
    for (; *at; at++) {
        bool begins = ((unsigned char)*at & 0xC0) != 0x80;
        if (begins && used == width)
            break;
        used += begins;
    }
    fprintf(out, "%.*s", (int)(at - text), text);
    return used;
}

static const char *format_number(double number, char out[NUMBER])
{
    if (isnan(number))
        out[0] = '\0';
    else
        snprintf(out, NUMBER, fabs(number) < 1e7 ? "%.6g" : "%.4g", number);
    return out;
}

static void print_column(FILE *out, const cr_described *c, size_t position, bool classify)
{
    char name[32], number[NUMBER], different[NUMBER], strength[NUMBER] = "";
    snprintf(name, sizeof name, "%zu", position);
    int used = print_text(out, *c->name ? c->name : name, NAME);
    snprintf(different, sizeof different, c->different_exact ? "%.0f" : "~%.3g",
             c->different);
    fprintf(out, "%*s %-8s %8zu %9s", NAME - used, "", c->kind, c->missing, different);
    const double figures[] = {c->smallest, c->largest, c->mean, c->deviation};
    for (size_t i = 0; i < CR_COUNT(figures); i++)
        fprintf(out, " %10s", format_number(figures[i], number));
    if (!isnan(c->strength))
        snprintf(strength, sizeof strength, classify ? "%.0f %%" : "%.2f",
                 classify ? 100 * c->strength : c->strength);
    fprintf(out, " %6s  ", c->is_target ? "target" : c->is_ignored ? "-" : strength);
    for (size_t k = 0; k < CR_DESCRIBED_EXAMPLES && c->examples[k]; k++) {
        fputs(k > 0 ? ", " : "", out);
        print_text(out, c->examples[k], EXAMPLE);
    }
    if (c->odd)
        fprintf(out, "  << %s", c->odd);
    fputc('\n', out);
}

static void print_report(FILE *out, const cr_description *d)
{
    bool classify = cr_description_classifies(d);
    fputs(cr_description_head(d), out);
    fprintf(out, "%-*s %-8s %8s %9s %10s %10s %10s %10s %6s  %s\n", NAME, "column",
            "kind", "missing", "different", "smallest", "largest", "mean", "deviation",
            "tells", "examples");
    for (size_t i = 0; i < cr_description_columns(d); i++)
        print_column(out, cr_description_column(d, i), i, classify);
    const char *lines = cr_description_oddities(d);
    for (; *lines; lines += strcspn(lines, "\n") + 1)
        fprintf(out, "odd: %.*s\n", (int)strcspn(lines, "\n"), lines);
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
    char *text = good ? cr_json_print(root, true) : NULL;
    if (text)
        puts(text);
    bool printed = text != NULL;
    cr_free(text);
    cr_json_free(root);
    return printed || cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* The config to the file, or to stdout where that is NULL. */
static bool print_config(const cr_description *d, const char *path, cr_error *err)
{
    char *text = cr_description_config(d, path, err);
    bool good = text != NULL;
    if (good && !path)
        fputs(text, stdout);
    else if (good)
        good = cr_file_replace(path, text, strlen(text), err);
    cr_description_free(text);
    return good;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    size_t overrides = cr_command_overrides_first(arguments->count, arguments->items);
    if (arguments->count - overrides != 1)
        return cr_command_usage(&cr_command_describe, "one TABLE or CONFIG");
    cr_error err = CR_ERROR_INIT;
    const char *path = arguments->items[overrides];
    cr_description *d = cr_describe(
        path, values[TARGET], (const char *const *)arguments->items, overrides, &err);
    if (!d)
        return cr_command_error(&err);
    bool of_table = cr_description_is_of_table(d), good = true;
    if (values[JSON])
        good = print_json(d, &err);
    else
        print_report(of_table && !values[OUT] ? stderr : stdout, d);
    if (good && (values[OUT] || (of_table && !values[JSON])))
        good = print_config(d, values[OUT], &err);
    cr_description_destroy(d);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_describe = {
    .name = "describe",
    .arguments = "TABLE|CONFIG|RUN [key.path=value ...]",
    .summary = "What a table looks like, what is odd about it, and a config that trains "
               "on it.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .missing = "which TABLE or CONFIG?",
    .run = run,
};
