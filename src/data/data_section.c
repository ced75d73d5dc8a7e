#include "data/data_section.h"

#include "math/blas.h"

#include <stdio.h>
#include <string.h>

typedef struct fields {
    int64_t max_bytes;
    int missing;
    const cr_json *train, *validation, *test, *target, *normalize, *header;
    const cr_json *columns, *ignore, *categorical, *normalize_target;
} fields;

#define COLUMN_KINDS (1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY)
#define COLUMN_EXPECTED                                                                  \
    "a column's name in quotes, its number (from 0; -1 is the last), or a list of them"

#define FILE_KINDS (1u << CR_JSON_STRING | 1u << CR_JSON_OBJECT)
#define FILE_EXPECTED "a table's path in quotes or {\"images\": FILE, \"labels\": FILE}"

static const cr_option data_options[] = {
    {.key = "train",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, train),
     .fallback = CR_REQUIRED,
     .kinds = FILE_KINDS,
     .expects = FILE_EXPECTED,
     .no_effect = true, /* the path; the content is compared by its checksum */
     .help = "the training data: a CSV or TSV table, or IDX images with labels; either "
             "may be gzipped"},
    {.key = "target",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, target),
     .fallback = CR_OPTIONAL,
     .kinds = COLUMN_KINDS,
     .expects = COLUMN_EXPECTED,
     .help = "the column to predict; a list for a regression on several, or for several "
             "labels of 0 and 1"},
    {.key = "columns",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, columns),
     .fallback = CR_OPTIONAL,
     .kinds = COLUMN_KINDS,
     .expects = COLUMN_EXPECTED,
     .help = "the columns to learn from; if left out, all but the target"},
    {.key = "ignore",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, ignore),
     .fallback = CR_OPTIONAL,
     .kinds = COLUMN_KINDS,
     .expects = COLUMN_EXPECTED,
     .help = "columns to leave out, such as names and numbers of rows"},
    {.key = "categorical",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, categorical),
     .fallback = CR_OPTIONAL,
     .kinds = COLUMN_KINDS,
     .expects = COLUMN_EXPECTED,
     .help = "columns whose numbers are names, such as postal codes. They and columns of "
             "words become an input for each word, 1 where it stands and else 0"},
    {.key = "missing",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(fields, missing),
     .fallback = "\"error\"",
     .choices = cr_missing_names,
     .help =
         "cells that are empty, ?, NA, N/A, NaN or null, and words that are not in "
         "the training data: drop leaves out the row; mean takes the training part's "
         "mean (of a word's input: its share); indicator as well, with one more input "
         "that is 1 where a value is missing (and then 0 for all words). Rows without "
         "a target are left out by all three"},
    {.key = "validation",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, validation),
     .fallback = CR_OPTIONAL,
     .kinds = FILE_KINDS,
     .expects = FILE_EXPECTED ", {\"fraction\": 0.2} or {\"folds\": 5, \"fold\": 0}",
     .no_effect = true,
     .help = "data to validate on after every epoch; a fraction, or a fold of a "
             "cross-validation, is split off the training data by a seed of its "
             "own (default 1), of every class alike unless \"stratify\" is false"},
    {.key = "test",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, test),
     .fallback = CR_OPTIONAL,
     .kinds = FILE_KINDS,
     .expects = FILE_EXPECTED,
     .no_effect = true, /* the path; the content is compared by its checksum */
     .help = "data for the figures at the end"},
    {.key = "normalize",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, normalize),
     .fallback = "\"none\"",
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER,
     .expects = "\"none\", \"standardize\", \"minmax\" or a number to divide by",
     .help = "figures come from the training part alone; image bytes are divided by 255"},
    {.key = "normalize_target",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, normalize_target),
     .fallback = "\"none\"",
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER,
     .expects = "\"none\", \"standardize\", \"minmax\" or a number to divide by",
     .help =
         "likewise for targets that are numbers; predictions, rmse and mae are in the "
         "target's own units all the same, the loss is not"},
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
     .help = "the most text that is read of a table, decompressed"},
};

static const cr_option image_options[] = {
    {.key = "images",
     .kind = CR_OPTION_PATH,
     .offset = offsetof(cr_source, images),
     .fallback = CR_REQUIRED,
     .no_effect = true,
     .help = "an IDX file of images"},
    {.key = "labels",
     .kind = CR_OPTION_PATH,
     .offset = offsetof(cr_source, labels),
     .fallback = CR_REQUIRED,
     .no_effect = true,
     .help = "an IDX file of labels"},
};

typedef struct split_fields {
    double fraction;
    int64_t folds, fold;
    const cr_json *stratify;
    int64_t seed;
} split_fields;

static const cr_option split_options[] = {
    {.key = "fraction",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(split_fields, fraction),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = 0.99,
     .above_minimum = true,
     .help = "share of the training rows that become the validation part"},
    {.key = "folds",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(split_fields, folds),
     .fallback = CR_OPTIONAL,
     .minimum = 2,
     .maximum = CR_LARGEST_DIMENSION,
     .help = "in place of a fraction: split the training rows into so many parts"},
    {.key = "fold",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(split_fields, fold),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = CR_LARGEST_DIMENSION - 1,
     .help = "the part, from 0, that becomes the validation part"},
    {.key = "stratify",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(split_fields, stratify),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_BOOL,
     .expects = "true or false",
     .help = "take the share of every class"},
    {.key = "seed",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(split_fields, seed),
     .fallback = "1",
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .help = "chooses the rows; the run's seed has no say in it"},
};

static void read_source(cr_reader *reader, const char *key, cr_json *section,
                        const cr_json *value, cr_source *source)
{
    char path[CR_WHERE];
    cr_json_path("data", key, path);
    if (cr_json_kind_of(value) == CR_JSON_STRING) {
        source->table = cr_reader_path(reader, path, section, key);
        return;
    }
    cr_option_group group = {image_options, 2, source};
    cr_options_read(reader, path, cr_json_edit(section, key), &group, 1);
}

static void read_split(cr_reader *reader, cr_json *object, cr_data_section *section)
{
    split_fields split = {0};
    cr_option_group group = {split_options,
                             sizeof split_options / sizeof split_options[0], &split};
    cr_options_read(reader, "data.validation", object, &group, 1);
    if (!cr_json_get(object, "fraction") == !cr_json_get(object, "folds"))
        cr_reader_error(reader, "data.validation",
                        "expected either \"fraction\" or \"folds\": the share of the "
                        "training rows to validate on, or the number of parts of which "
                        "\"fold\" is one");
    else if (split.fold >= split.folds && cr_json_get(object, "fold"))
        cr_reader_error(reader, "data.validation.fold",
                        "found %lld, expected the number of a fold, from 0 to %s",
                        (long long)split.fold,
                        split.folds ? "\"folds\" - 1" : "\"folds\" - 1, with \"folds\"");
    section->fraction = split.fraction;
    section->folds = (size_t)split.folds;
    section->fold = (size_t)split.fold;
    section->stratify = split.stratify ? cr_json_bool(split.stratify) : -1;
    section->split_seed = split.seed;
}

static void read_normalize(cr_reader *reader, const char *path, const cr_json *value,
                           cr_normalization *normalization, double *divisor)
{
    static const char *const names[] = {"none", "standardize", "minmax"};
    if (cr_json_kind_of(value) == CR_JSON_NUMBER) {
        *normalization = CR_NORMALIZE_DIVIDE;
        *divisor = cr_json_number(value);
        if (!(*divisor > 0))
            cr_reader_error(reader, path,
                            "found %g, expected a number above 0 to divide by", *divisor);
        return;
    }
    for (int i = 0; i < 3; i++)
        if (strcmp(cr_json_string(value), names[i]) == 0) {
            *normalization = (cr_normalization)i;
            return;
        }
    cr_reader_unknown(reader, path, "normalisation", cr_json_string(value), names, 3);
}

static void check_target(cr_reader *reader, const cr_data_section *section)
{
    const cr_json *target = section->target;
    if (section->train.images && target)
        cr_reader_error(reader, "data.target",
                        "images have their target in the labels file; remove this key");
    if (section->train.table && !target)
        cr_reader_error(
            reader, "data",
            "the key \"target\" is missing; expected the name of the column to "
            "predict, or its number (from 0; -1 is the last)");
}

static void check_columns(cr_reader *reader, const char *path, const cr_json *list)
{
    if (!list || cr_json_kind_of(list) != CR_JSON_ARRAY)
        return;
    if (cr_json_count(list) == 0)
        cr_reader_error(reader, path, "the list is empty");
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item))
        if (cr_json_kind_of(item) != CR_JSON_STRING &&
            cr_json_kind_of(item) != CR_JSON_NUMBER)
            cr_reader_error(reader, path,
                            "found %s in the list, expected names or numbers of columns",
                            cr_json_kind_name(cr_json_kind_of(item)));
}

/* What is said of the columns of a table. */
static void check_table(cr_reader *reader, const cr_data_section *section)
{
    const struct {
        const char *path;
        const cr_json *list;
    } keys[] = {{"data.columns", section->columns},
                {"data.ignore", section->ignore},
                {"data.categorical", section->categorical}};
    check_columns(reader, "data.target", section->target);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        check_columns(reader, keys[i].path, keys[i].list);
        if (keys[i].list && section->train.images)
            cr_reader_error(reader, keys[i].path,
                            "images have no columns; remove this key");
    }
    if (section->columns && section->ignore)
        cr_reader_error(reader, "data.ignore",
                        "\"columns\" says which columns to take already; remove one of "
                        "the two");
}

static void refuse_mixture(cr_reader *reader, const cr_source *train,
                           const cr_source *other, const char *path)
{
    bool differ = (train->table && other->images) || (train->images && other->table);
    if (differ)
        cr_reader_error(
            reader, path, "found %s, but data.train is %s; all parts are of one kind",
            other->table ? "a table" : "images", train->table ? "a table" : "images");
}

void cr_data_section_read(cr_reader *reader, cr_json *root, cr_data_section *section)
{
    *section = (cr_data_section){.header = -1, .stratify = -1};
    cr_json *object = cr_options_section(reader, root, "data");
    if (!object)
        return;
    fields f = {0};
    cr_option_group group = {data_options, sizeof data_options / sizeof data_options[0],
                             &f};
    cr_options_read(reader, "data", object, &group, 1);
    if (f.train)
        read_source(reader, "train", object, f.train, &section->train);
    if (f.test)
        read_source(reader, "test", object, f.test, &section->test);
    if (f.validation && cr_json_kind_of(f.validation) == CR_JSON_OBJECT &&
        !cr_json_get(f.validation, "images") && !cr_json_get(f.validation, "labels"))
        read_split(reader, cr_json_edit(object, "validation"), section);
    else if (f.validation)
        read_source(reader, "validation", object, f.validation, &section->validation);
    if (f.normalize)
        read_normalize(reader, "data.normalize", f.normalize, &section->normalization,
                       &section->divisor);
    if (f.normalize_target)
        read_normalize(reader, "data.normalize_target", f.normalize_target,
                       &section->target_normalization, &section->target_divisor);
    section->target = f.target;
    section->columns = f.columns;
    section->ignore = f.ignore;
    section->categorical = f.categorical;
    section->missing = (cr_missing)f.missing;
    section->max_bytes = (size_t)f.max_bytes;
    section->header = f.header ? cr_json_bool(f.header) : -1;
    if (f.train)
        check_target(reader, section);
    check_table(reader, section);
    refuse_mixture(reader, &section->train, &section->validation, "data.validation");
    refuse_mixture(reader, &section->train, &section->test, "data.test");
    if (section->train.images && section->normalization == CR_NORMALIZE_NONE)
        cr_reader_warn(reader, "data",
                       "image bytes from 0 to 255 without \"normalize\" train badly; "
                       "\"normalize\": 255 brings them to 0 to 1");
}

void cr_data_section_describe(cr_text *out)
{
    cr_options_describe("data",
                        "What to learn from. Paths are relative to the config file.",
                        data_options, sizeof data_options / sizeof data_options[0], out);
    cr_options_describe("data.train, data.validation, data.test",
                        "For images:", image_options,
                        sizeof image_options / sizeof image_options[0], out);
    cr_options_describe("data.validation",
                        "To split it off the training data:", split_options,
                        sizeof split_options / sizeof split_options[0], out);
}
