#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "data/association.h"
#include "data/columns.h"
#include "data/reading.h"
#include "data/warnings.h"
#include "inspect/describe_file.h"
#include "inspect/description.h"
#include "model/loss.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void cr_description_destroy(cr_description *d)
{
    if (!d)
        return;
    cr_oddities_finish(&d->oddities);
    cr_profile_finish(&d->profile);
    cr_reading_finish(&d->reading);
    cr_source_close(&d->file);
    cr_document_finish(&d->document);
    cr_text_finish(&d->warnings);
    cr_text_finish(&d->head);
    cr_text_finish(&d->lines);
    cr_free(d->given);
    cr_free(d->roles);
    cr_free(d->words);
    cr_free(d->columns);
    cr_free(d->odd);
    cr_free(d);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcasecmp(text + length - size, end) == 0;
}

/* The config that `path` names, or the one of the run directory; NULL: it is a table. The
 * caller frees it. */
static char *find_config(const char *path, cr_error *err)
{
    if (ends_with(path, ".json"))
        return cr_text_copy(path, strlen(path), err);
    char *inside = cr_path_join(path, "config.json", err);
    if (inside && cr_file_problem(inside)) {
        cr_free(inside);
        return NULL;
    }
    return inside;
}

/* A document that names the table alone. */
static bool name_table(cr_document *document, const char *path, cr_error *err)
{
    static const char empty[] = "{\"data\": {\"target\": -1}}";
    const char *problem = cr_file_problem(path);
    if (problem)
        return cr_fail(err, CR_E_DATA, "%s: %s", path, problem);
    char *text = cr_text_copy(empty, strlen(empty), err);
    if (!text ||
        !cr_document_parse(document, path, text, strlen(empty), CR_E_CONFIG, err))
        return false;
    return cr_json_set_string(cr_json_edit(document->root, "data"), "train", path) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool read_document(cr_description *d, cr_reader *reader, const char *path,
                          const char *const *overrides, size_t count)
{
    char *config = find_config(path, reader->err);
    bool good = reader->err->count == 0 &&
                (config ? cr_document_read(&d->document, config, reader->err)
                        : name_table(&d->document, path, reader->err));
    d->of_table = !config;
    for (size_t i = 0; good && i < count; i++)
        good = cr_document_override(&d->document, overrides[i], reader->err);
    reader->directory =
        good ? cr_path_directory(config ? config : "", reader->err) : NULL;
    cr_free(config);
    d->given = good ? cr_json_print(cr_json_get(d->document.root, "data"), false) : NULL;
    if (!reader->directory)
        return false;
    cr_data_section_read(reader, d->document.root, &d->section);
    return reader->err->count == 0;
}

/* Puts the target into the document: a name or number as given, or the guess. */
static bool set_target(cr_description *d, const char *target, cr_error *err)
{
    cr_json *data = cr_json_edit(d->document.root, "data");
    const cr_names *first = d->reading.has_header ? d->file.first : NULL;
    size_t position = 0;
    double number = 0;
    bool good = true;
    d->guessed =
        !target && d->of_table && !cr_document_origin(&d->document, "data.target");
    if (target && (!first || !cr_names_find(first, target, &position)) &&
        cr_number_parse(target, strlen(target), &number))
        good = cr_json_set_number(data, "target", number);
    else if (target)
        good = cr_json_set_string(data, "target", target);
    else if (d->guessed && !cr_describe_target(d, &position, err))
        return false;
    else if (d->guessed)
        good = cr_json_set_number(data, "target", (double)position);
    d->section.target = cr_json_get(data, "target");
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool has_loss(const cr_description *d, cr_reader *reader, cr_target_kind *kind)
{
    cr_loss loss = {0};
    if (!cr_json_get_kind(d->document.root, "loss", CR_JSON_OBJECT))
        return false;
    cr_loss_read(reader, d->document.root, &loss);
    if (loss.type)
        *kind = cr_loss_targets(loss.type);
    bool known = loss.type != NULL;
    cr_free(loss.options);
    return known;
}

/* Words are classes, and so are a few different whole numbers that repeat. */
static bool is_of_classes(const cr_description *d, size_t column)
{
    enum { MOST_CLASSES = 20 };
    const cr_profile_column *c = &d->profile.list[column];
    cr_tally tally;
    bool exact = false;
    double different = cr_distinct_count(&c->different, &exact);
    if (!cr_tally_init(&tally, &d->profile.sample, column, &d->reading.columns[column],
                       false, NULL)) {
        cr_tally_finish(&tally);
        return true;
    }
    size_t with_signs =
        tally.present - tally.kinds[CR_FORM_WORD] - tally.kinds[CR_FORM_DATE];
    bool numbers = with_signs * 10 > tally.present * 8;
    bool whole = tally.numeric && tally.whole == tally.present;
    bool few = different <= MOST_CLASSES && different * 4 <= (double)c->numbers;
    cr_tally_finish(&tally);
    return !numbers || (whole && few);
}

/* Which columns are the target, inputs, left out, and how their cells are read. */
static bool choose(cr_description *d, cr_reader *reader, const char *target)
{
    cr_target_kind kind = CR_TARGETS_NUMBERS;
    bool known = has_loss(d, reader, &kind);
    if (reader->err->count > 0 || !set_target(d, target, reader->err) ||
        !cr_columns_choose(&d->reading, reader, &d->file, &d->section, kind))
        return false;
    d->target = d->file.columns;
    for (size_t i = 0; i < d->file.columns; i++)
        if (cr_warnings_role(d->reading.columns[i].kind) == CR_LOOK_TARGET &&
            d->reading.targets == 1)
            d->target = i;
    d->classify = known && kind != CR_TARGETS_NUMBERS;
    d->kind_known = known;
    return true;
}

/* What is odd about the columns. */
static bool look(cr_description *d, cr_error *err)
{
    size_t columns = d->profile.columns;
    if (!d->kind_known)
        d->classify = d->target < columns && is_of_classes(d, d->target);
    d->roles = cr_alloc(columns, sizeof *d->roles, err);
    d->words = cr_alloc(columns, sizeof *d->words, err);
    for (size_t i = 0; d->roles && d->words && i < columns; i++) {
        bool exact = false;
        d->roles[i] = cr_warnings_role(d->reading.columns[i].kind);
        d->words[i] = (size_t)cr_distinct_count(&d->profile.list[i].different, &exact);
    }
    const cr_look look = {.sample = &d->profile.sample,
                          .how = d->reading.columns,
                          .roles = d->roles,
                          .words = d->words,
                          .names = d->reading.has_header ? d->file.first : NULL,
                          .columns = columns,
                          .target = d->target,
                          .classify = d->classify,
                          .delimiter = d->file.delimiter};
    return d->roles && d->words && cr_oddities_find(&d->oddities, &look, err);
}

/* Figures of the columns that are read as numbers only because an oddity asks for it. */
static bool read_again(cr_description *d, cr_error *err)
{
    bool *wanted = cr_alloc(d->profile.columns, sizeof *wanted, err), any = false;
    for (size_t i = 0; wanted && i < d->profile.columns; i++) {
        wanted[i] = d->oddities.formats[i].type != CR_CELL_ANY &&
                    d->oddities.formats[i].type != CR_CELL_DATE;
        any |= wanted[i];
    }
    bool good = wanted && (!any || cr_profile_read_again(&d->profile, &d->file,
                                                         d->reading.has_header,
                                                         d->oddities.how, wanted, err));
    cr_free(wanted);
    return good;
}

/* The lines above the columns. */
static void write_head(cr_description *d)
{
    const char delimiter = d->file.delimiter;
    char name[CR_ODDITY_NAME];
    cr_text_add(&d->head, "%s: %zu rows, %zu columns, %s header line, %s between cells\n",
                d->file.source->path, d->profile.rows, d->profile.columns,
                d->reading.has_header ? "a" : "no",
                delimiter == ','    ? "commas"
                : delimiter == ';'  ? "semicolons"
                : delimiter == '\t' ? "tabs"
                                    : "other signs");
    if (d->target == d->profile.columns)
        cr_text_add(&d->head, "targets: %zu columns\n", d->reading.targets);
    else
        cr_text_add(&d->head, "target: column %s, taken for %s%s\n",
                    cr_oddity_name(&d->oddities.look, d->target, name),
                    d->classify ? "classes" : "numbers",
                    d->guessed ? " (a guess; --target says another)" : "");
    if (d->file.empty_last)
        cr_text_add(&d->head, "a last column without a name is empty, and left out\n");
    if (d->profile.sample.stride > 1)
        cr_text_add(&d->head,
                    "what a column tells of the target, and what is odd, comes from %zu "
                    "rows spread over the table\n",
                    d->profile.sample.rows);
}

/* One picture, which lies in the folder of its class. */
static bool refuse_picture(const char *path, cr_error *err)
{
    const char *class = strrchr(path, '/'), *folder = class;
    while (folder && folder > path && *--folder != '/')
        ;
    if (folder && folder > path)
        return cr_fail(err, CR_E_DATA,
                       "%s: one picture; expected the folder of the class folders: "
                       "chainrule describe %.*s",
                       path, (int)(folder - path), path);
    return cr_fail(err, CR_E_DATA,
                   "%s: one picture; expected the folder of the class folders, with "
                   "pictures: FOLDER/CLASS/%s",
                   path, class ? class + 1 : path);
}

/* What has no columns is no table: a file by its content, or what a config names. */
static bool check_columns(const cr_description *d, cr_reader *reader)
{
    const cr_source *source = &d->section.sources[CR_PART_TRAIN];
    const cr_source_type *type =
        d->of_table ? cr_source_of_file(source->path, NULL, &source->format).type
                    : source->type;
    if (d->of_table && type->takes_files)
        return refuse_picture(source->path, reader->err);
    if (d->of_table && !type->has_columns)
        return cr_fail(reader->err, CR_E_DATA,
                       "%s: it holds %s, and no columns to describe; a config has it as "
                       "%s in \"data\", and chainrule check then says what is in it",
                       source->path, type->content, type->expected);
    if (!type->has_columns)
        cr_reader_error(reader, "data.train", "%s have no columns to describe; %s%s",
                        type->name,
                        type->takes_files ? "chainrule describe looks at their folder: "
                                          : "chainrule check says what is in them",
                        type->takes_files ? source->path : "");
    return type->has_columns;
}

static bool describe(cr_description *d, cr_reader *reader, const char *target)
{
    const cr_source *source = &d->section.sources[CR_PART_TRAIN];
    if (!check_columns(d, reader))
        return false;
    if (!cr_source_open(&d->file, source, reader->err))
        return false;
    d->file.columns -= d->file.empty_last;
    d->reading.has_header =
        d->section.header >= 0 ? d->section.header : d->file.has_header;
    if (!choose(d, reader, target) ||
        !cr_profile_read(&d->profile, &d->file, &d->reading, reader->err))
        return false;
    if (d->profile.rows == 0)
        return cr_fail(reader->err, CR_E_DATA,
                       "%s: a header line and no rows of data below it", source->path);
    if (!look(d, reader->err) || !read_again(d, reader->err))
        return false;
    d->columns = cr_alloc(d->profile.columns, sizeof *d->columns, reader->err);
    d->odd = cr_alloc(d->profile.columns, sizeof *d->odd, reader->err);
    bool good = d->columns && d->odd;
    for (size_t i = 0; good && i < d->profile.columns; i++)
        good = cr_describe_column(d, i, reader->err);
    write_head(d);
    cr_oddities_say(&d->oddities, &d->lines);
    return good && ((!d->head.failed && !d->lines.failed) ||
                    cr_fail(reader->err, CR_E_MEMORY, "out of memory"));
}

/* *of_table is set also on failure. */
static cr_description *describe_as(const char *path, const char *target,
                                   const char *const *overrides, size_t count,
                                   bool *of_table, cr_error *err)
{
    cr_description *d = cr_alloc(1, sizeof *d, err);
    if (!d)
        return NULL;
    cr_reader reader = {.document = &d->document, .err = err, .warnings = &d->warnings};
    bool good =
        read_document(d, &reader, path, overrides, count) && describe(d, &reader, target);
    *of_table = d->of_table;
    cr_free(reader.directory);
    if (good)
        return d;
    cr_description_destroy(d);
    return NULL;
}

/* A target that is not there may stand below lines that were guessed to be none of rows: then
 * what is said of the rest of the file is what helps. */
static bool is_of_target(const cr_error *err)
{
    return strstr(err->text, "data.target") != NULL;
}

cr_description *cr_describe(const char *path, const char *target,
                            const char *const *overrides, size_t count, cr_error *err)
{
    cr_error first = CR_ERROR_INIT, own = CR_ERROR_INIT;
    cr_describe_guesses guesses = {.count = 0};
    const cr_describe_asked asked = {path, target, overrides, count};
    const char **all = cr_alloc(count + CR_DESCRIBE_GUESSES, sizeof *all, err);
    bool of_table = false;
    if (!all)
        return NULL;
    for (size_t i = 0; i < count; i++)
        all[CR_DESCRIBE_GUESSES + i] = overrides[i];
    cr_description *d = describe_as(path, target, overrides, count, &of_table, &first);
    own = first;
    while (of_table && cr_describe_file_guess(&guesses, &asked, d ? NULL : &own)) {
        const char **from = all + CR_DESCRIBE_GUESSES - guesses.count;
        for (size_t i = 0; i < guesses.count;
             i++) /* what was given comes last, and wins */
            from[i] = guesses.texts[i];
        cr_description_destroy(d);
        own = (cr_error)CR_ERROR_INIT;
        d = describe_as(path, target, from, count + guesses.count, &of_table, &own);
    }
    cr_free(all);
    for (size_t i = 0; d && i < guesses.count; i++)
        cr_text_add(&d->head, "a guess, %s: %s\n", guesses.why[i], guesses.texts[i]);
    if (!d && err)
        *err = is_of_target(&own) || is_of_target(&first) ? own : first;
    return d;
}

bool cr_description_is_of_table(const cr_description *d)
{
    return d->of_table;
}

bool cr_description_classifies(const cr_description *d)
{
    return d->classify;
}

size_t cr_description_rows(const cr_description *d)
{
    return d->profile.rows;
}

size_t cr_description_columns(const cr_description *d)
{
    return d->profile.columns;
}

const cr_described *cr_description_column(const cr_description *d, size_t i)
{
    return &d->columns[i];
}

const char *cr_description_head(const cr_description *d)
{
    return d->head.data;
}

const char *cr_description_oddities(const cr_description *d)
{
    return d->lines.data ? d->lines.data : "";
}

char *cr_description_config(const cr_description *d, const char *path, cr_error *err)
{
    char *directory = cr_path_directory(path ? path : "", err);
    char *text = directory ? cr_describe_config(d, directory, err) : NULL;
    cr_free(directory);
    return text;
}

void cr_description_free(char *text)
{
    cr_free(text);
}
