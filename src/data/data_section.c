#include "data/data_section.h"

#include "base/directory.h"
#include "base/path.h"
#include "base/text.h"
#include "data/column_find.h"
#include "data/lags_section.h"
#include "data/normalize_section.h"
#include "data/shape_section.h"

#include <stdio.h>
#include <string.h>

typedef struct fields {
    int64_t max_bytes;
    int missing;
    const cr_json *train, *validation, *test, *target, *normalize, *header;
    const cr_json *columns, *ignore, *weight, *categorical, *normalize_target, *lags,
        *shape, *augment;
    cr_table_fields table;
    cr_types_fields types;
} fields;

#define COLUMN_KINDS (1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY)

#define FILE_KINDS (1u << CR_JSON_STRING | 1u << CR_JSON_OBJECT)

/* What may stand for a part is said by the table of sources: see make_options. */
static const cr_option data_options[] = {
    {.key = "train",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, train),
     .fallback = CR_REQUIRED,
     .kinds = FILE_KINDS,
     .no_effect = true}, /* the path; the content is compared by its checksum */
    {.key = "target",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, target),
     .fallback = CR_OPTIONAL,
     .kinds = COLUMN_KINDS,
     .expects = CR_COLUMNS_EXPECTED,
     .help = "the column to predict; a list for a regression on several, or for several "
             "labels of 0 and 1"},
    {.key = "columns",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, columns),
     .fallback = CR_OPTIONAL,
     .kinds = COLUMN_KINDS,
     .expects = CR_COLUMNS_EXPECTED,
     .help = "the columns to learn from; if left out, all but the target"},
    {.key = "ignore",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, ignore),
     .fallback = CR_OPTIONAL,
     .kinds = COLUMN_KINDS,
     .expects = CR_COLUMNS_EXPECTED,
     .help = "columns to leave out, such as names and numbers of rows"},
    {.key = "weight",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, weight),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER,
     .expects = CR_COLUMN_EXPECTED,
     .help =
         "the column of what each row counts, a number from 0 on, which is no input: "
         "loss and figures are weighted means, sum w L / sum w, over a batch or a part"},
    {.key = "categorical",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, categorical),
     .fallback = CR_OPTIONAL,
     .kinds = COLUMN_KINDS,
     .expects = CR_COLUMNS_EXPECTED,
     .help = "columns whose numbers are names, such as postal codes. They and columns of "
             "words become an input for each word, 1 where it stands and else 0"},
    {.key = "lags",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, lags),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_OBJECT | 1u << CR_JSON_ARRAY,
     .expects = "an object such as {\"columns\": [\"load\"], \"steps\": [1, 24]}, or a "
                "list of them",
     .help = "earlier values of columns as inputs, for a table in order of time"},
    {.key = "shape",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, shape),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_ARRAY,
     .expects = "a list such as [1, 8, 8]: channels, height, width",
     .help = "makes pictures of an example's inputs, which fill it row by row, channel "
             "after channel; one to three numbers"},
    {.key = "missing",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(fields, missing),
     .fallback = "\"error\"",
     .choices = cr_missing_names,
     .help = "cells that are empty, ?, NA, N/A, NaN or null, and words that are not in "
             "the training data: drop leaves out the row; mean takes the training part's "
             "mean (of a word's input: its share); indicator as well, with one more "
             "input "
             "that is 1 where a value is missing (and then 0 for all words). Rows "
             "without "
             "a target are left out by all three"},
    {.key = "validation",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, validation),
     .fallback = CR_OPTIONAL,
     .kinds = FILE_KINDS,
     .no_effect = true,
     .help = "data to validate on after every epoch; a fraction, a fold of a "
             "cross-validation or the last rows are split off the training data"},
    {.key = "test",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, test),
     .fallback = CR_OPTIONAL,
     .kinds = FILE_KINDS,
     .no_effect = true, /* the path; the content is compared by its checksum */
     .help = "data for the figures at the end"},
    {.key = "normalize",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, normalize),
     .fallback = "\"none\"",
     .kinds = CR_NORMALIZE_SECTION_KINDS,
     .expects = cr_normalize_section_expected,
     .help =
         "figures come from the training part alone, and are one a channel where "
         "examples have channels (pictures, and a \"shape\" of several numbers), else "
         "one an input; bytes of pictures are divided by 255"},
    {.key = "normalize_target",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, normalize_target),
     .fallback = "\"none\"",
     .kinds = CR_NORMALIZE_SECTION_KINDS,
     .expects = cr_normalize_section_expected,
     .help =
         "how targets that are numbers are normalised; predictions, rmse and mae are in "
         "the target's own units all the same, the loss is not"},
    {.key = "augment",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, augment),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_ARRAY,
     .expects = "a list such as [{\"type\": \"crop\"}, {\"type\": \"flip\"}]",
     .help = "what is done to the images of a training batch, one after another: see "
             "Augmentations"},
    {.key = "header",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, header),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_BOOL,
     .expects = "true or false",
     .help = "whether tables begin with a line of names; if left out, they do when a "
             "word of the first line stands above mostly numbers, or all are words and "
             "the first line is like none below it while others repeat"},
    {.key = "max_bytes",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, max_bytes),
     .fallback = "4294967296",
     .minimum = 1,
     .maximum = 9007199254740992.0,
     .no_effect = true,
     .help = "the most text that is read of a table, decompressed, and the most bytes of "
             "pictures in a folder"},
};

#define DATA_OPTIONS (CR_COUNT(data_options))

/* data_options with the sentences that the table of sources makes. */
typedef struct made_options {
    cr_option options[DATA_OPTIONS];
    cr_text summaries, expected, expected_or_split;
} made_options;

static void finish_options(made_options *made)
{
    cr_text_finish(&made->summaries);
    cr_text_finish(&made->expected);
    cr_text_finish(&made->expected_or_split);
}

static cr_option *find_option(made_options *made, const char *key)
{
    size_t i = 0;
    while (strcmp(made->options[i].key, key) != 0)
        i++;
    return &made->options[i];
}

static bool make_options(made_options *made, cr_error *err)
{
    *made = (made_options){0};
    memcpy(made->options, data_options, sizeof data_options);
    cr_text_add(&made->summaries, "the training data: ");
    for (size_t i = 0; i < cr_source_type_count; i++) {
        if (cr_source_types[i]->in_memory)
            continue;
        cr_text_add(&made->summaries, "%s%s", i > 0 ? "; " : "",
                    cr_source_types[i]->summary);
        cr_text_add(&made->expected, "%s%s",
                    i == 0                          ? ""
                    : i + 1 == cr_source_type_count ? " or "
                                                    : ", ",
                    cr_source_types[i]->expected);
    }
    cr_text_add(&made->expected_or_split,
                "%s, {\"fraction\": 0.2}, {\"last\": 0.2} or {\"folds\": 5, \"fold\": 0}",
                made->expected.failed ? "" : made->expected.data);
    if (made->summaries.failed || made->expected.failed ||
        made->expected_or_split.failed) {
        finish_options(made);
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    find_option(made, "train")->help = made->summaries.data;
    find_option(made, "train")->expects = made->expected.data;
    find_option(made, "test")->expects = made->expected.data;
    find_option(made, "validation")->expects = made->expected_or_split.data;
    return true;
}

/* The path of a table; that of a folder is another thing's. */
static const char *read_path(cr_reader *reader, const char *where, cr_json *section,
                             const char *key)
{
    const char *text = cr_json_string(cr_json_get(section, key));
    char *joined = cr_path_join(reader->directory, text, reader->err);
    bool is_folder = joined && !cr_directory_problem(joined);
    cr_free(joined);
    if (!is_folder)
        return cr_reader_path(reader, where, section, key);
    cr_reader_error(reader, where,
                    "\"%s\" is a folder, a table was expected; {\"folder\": \"%s\"} "
                    "takes the pictures in it, with a folder a class",
                    text, text);
    return NULL;
}

/* What stands for a part in the config: the path of its source, or the source's
 * object. */
static void read_source(cr_reader *reader, const char *key, cr_json *section,
                        const cr_json *value, cr_source *source)
{
    char path[CR_WHERE];
    cr_json_path("data", key, path);
    source->type = cr_source_type_of(value);
    if (!source->type)
        source->type = cr_source_first_object();
    const cr_option_group group = {source->type->options, source->type->option_count,
                                   source};
    if (group.count == 0)
        source->path = read_path(reader, path, section, key);
    else
        cr_options_read(reader, path, cr_json_edit(section, key), &group, 1);
    if (source->type->check)
        source->type->check(reader, path, source);
    if (!source->path) /* there are errors already */
        source->type = NULL;
}

static void check_target(cr_reader *reader, const cr_data_section *section)
{
    const cr_source_type *type = section->sources[CR_PART_TRAIN].type;
    if (!type->has_columns && section->target)
        cr_reader_error(reader, "data.target", "%s have their target %s; remove this key",
                        type->name, type->target_place);
    if (type->has_columns && !section->target)
        cr_reader_error(
            reader, "data",
            "the key \"target\" is missing; expected the name of the column to "
            "predict, or its number (from 0; -1 is the last)");
}

/* What the config says of columns. */
static void check_lists(cr_reader *reader, const cr_data_section *section)
{
    const cr_source_type *type = section->sources[CR_PART_TRAIN].type;
    const struct {
        const char *path;
        const cr_json *value;
        bool lists_columns;
    } keys[] = {{"data.columns", section->columns, true},
                {"data.ignore", section->ignore, true},
                {"data.weight", section->weight, true},
                {"data.categorical", section->categorical, true},
                {"data.lags", section->lags, false},
                {"data.types", section->cells.types, false},
                {"data.missing_values", section->cells.missing_values, false}};
    cr_column_find_check(reader, "data.target", section->target);
    if (section->split.group && type && !type->has_columns)
        cr_reader_error(reader, "data.validation.group",
                        "%s have no columns; remove this key", type->name);
    for (size_t i = 0; i < CR_COUNT(keys); i++) {
        if (keys[i].lists_columns)
            cr_column_find_check(reader, keys[i].path, keys[i].value);
        if (keys[i].value && type && !type->has_columns)
            cr_reader_error(reader, keys[i].path, "%s have no columns; remove this key",
                            type->name);
    }
    if (section->columns && section->ignore)
        cr_reader_error(reader, "data.ignore",
                        "\"columns\" says which columns to take already; remove one of "
                        "the two");
}

static void refuse_mixture(cr_reader *reader, const cr_data_section *section)
{
    const cr_source_type *train = section->sources[CR_PART_TRAIN].type;
    for (size_t i = CR_PART_VALIDATION; train && i < CR_PARTS; i++) {
        char path[CR_WHERE];
        const cr_source_type *other = section->sources[i].type;
        if (other && other != train)
            cr_reader_error(reader, cr_json_path("data", cr_part_names[i], path),
                            "found %s, but data.train is %s; all parts are of one kind",
                            other->name, train->name);
    }
}

/* Validation is data of its own, or split off the training data. */
static void read_validation(cr_reader *reader, cr_json *object, const cr_json *value,
                            cr_data_section *section)
{
    const char *split =
        cr_json_is(value, CR_JSON_OBJECT) ? cr_split_section_key(value) : NULL;
    const cr_source_type *type = cr_source_type_of(value);
    if (!type)
        cr_split_section_read(reader, cr_json_edit(object, "validation"),
                              &section->split);
    else if (!split)
        read_source(reader, "validation", object, value,
                    &section->sources[CR_PART_VALIDATION]);
    else
        cr_reader_error(
            reader, "data.validation",
            "found \"%s\" beside \"%s\"; expected either data of its own or a "
            "share of the training data: remove one of the two",
            split, type->options[0].key);
}

/* What the files are, and how they are split. */
static void read_sources(cr_reader *reader, cr_json *object, const fields *f,
                         cr_data_section *section)
{
    cr_source *sources = section->sources;
    if (f->train)
        read_source(reader, "train", object, f->train, &sources[CR_PART_TRAIN]);
    if (f->test)
        read_source(reader, "test", object, f->test, &sources[CR_PART_TEST]);
    if (f->validation)
        read_validation(reader, object, f->validation, section);
    section->header = f->header ? cr_json_bool(f->header) : -1;
    cr_table_format format;
    cr_table_format_read(reader, &f->table, &format);
    for (size_t i = 0; i < CR_PARTS; i++) {
        sources[i].format = format;
        sources[i].max_bytes = (size_t)f->max_bytes;
        sources[i].header = section->header;
    }
}

static void read_fields(cr_reader *reader, cr_json *object, const fields *f,
                        cr_data_section *section)
{
    read_sources(reader, object, f, section);
    if (f->normalize)
        cr_normalize_section_read(reader, object, "normalize", &section->normalization);
    if (f->normalize_target)
        cr_normalize_section_read(reader, object, "normalize_target",
                                  &section->target_normalization);
    section->target = f->target;
    section->columns = f->columns;
    section->ignore = f->ignore;
    section->weight = f->weight;
    section->categorical = f->categorical;
    section->lags = f->lags;
    if (f->lags)
        cr_lags_section_read(reader, object);
    if (f->shape)
        cr_shape_section_read(reader, f->shape, &section->shape);
    section->missing = (cr_missing)f->missing;
    cr_types_section_read(reader, object, &f->types, &section->cells);
}

/* The object `data` of the root, whose keys fill the fields; NULL: with errors in the
 * reader it is none. */
static cr_json *read_keys(cr_reader *reader, cr_json *root, fields *f)
{
    cr_json *object = cr_options_section(reader, root, "data");
    made_options made;
    *f = (fields){.types = {.decimal = -1, .thousands = -1}};
    if (!object || !make_options(&made, reader->err))
        return NULL;
    const cr_option_group groups[] = {
        {made.options, DATA_OPTIONS, f},
        {cr_table_format_options, cr_table_format_option_count, &f->table},
        {cr_types_section_options, cr_types_section_option_count, &f->types}};
    cr_options_read(reader, "data", object, groups, CR_COUNT(groups));
    finish_options(&made);
    return object;
}

void cr_data_section_read(cr_reader *reader, cr_json *root, cr_data_section *section)
{
    *section = (cr_data_section){.header = -1};
    fields f;
    cr_json *object = read_keys(reader, root, &f);
    if (!object)
        return;
    read_fields(reader, object, &f, section);
    const cr_source_type *type = section->sources[CR_PART_TRAIN].type;
    if (type)
        check_target(reader, section);
    check_lists(reader, section);
    refuse_mixture(reader, section);
}

void cr_data_section_read_format(cr_reader *reader, cr_json *root,
                                 cr_table_format *format)
{
    fields f;
    *format = cr_table_format_default;
    if (read_keys(reader, root, &f))
        cr_table_format_read(reader, &f.table, format);
}

void cr_data_section_describe(cr_text *out)
{
    made_options made;
    if (!make_options(&made, NULL)) {
        out->failed = true;
        return;
    }
    cr_options_describe("data",
                        "What to learn from. Paths are relative to the config file.",
                        made.options, DATA_OPTIONS, out);
    finish_options(&made);
    cr_table_format_describe(out);
    cr_types_section_describe(out);
    cr_normalize_section_describe(out);
    cr_lags_section_describe(out);
    for (size_t i = 0; i < cr_source_type_count; i++)
        if (cr_source_types[i]->option_count > 0)
            cr_options_describe("data.train, data.validation, data.test",
                                cr_source_types[i]->heading, cr_source_types[i]->options,
                                cr_source_types[i]->option_count, out);
    cr_split_section_describe(out);
}
