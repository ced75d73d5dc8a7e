#include "data/split_section.h"

#include "data/column_find.h"
#include "math/blas.h"

typedef struct split_fields {
    double fraction, last;
    int64_t folds, fold;
    const cr_json *stratify, *group;
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
    {.key = "last",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(split_fields, last),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = 0.99,
     .above_minimum = true,
     .help = "in place of a fraction drawn at random: this share of the rows, from the "
             "end of the table; for rows in order of time"},
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
     .help =
         "take the share of every class; if left out, so it is where the target is a "
         "class, but for \"last\" and \"group\" (where it holds as far as whole groups "
         "allow)"},
    {.key = "group",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(split_fields, group),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER,
     .expects = CR_COLUMN_EXPECTED,
     .help =
         "a column that says where a row comes from, such as a patient: all rows with "
         "the same word in it go to the same side, of a fraction and of folds. It is "
         "no input unless \"columns\" lists it"},
    {.key = "seed",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(split_fields, seed),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .help = "chooses the rows of a fraction or of the folds (default 1); the run's seed "
             "has no say in it"},
};

/* What makes no sense for the rows at the end. */
static void check_last(cr_reader *reader, const cr_json *object)
{
    if (cr_json_get(object, "stratify"))
        cr_reader_error(reader, "data.validation.stratify",
                        "\"last\" takes the rows at the end as they are, whatever their "
                        "classes; remove this key, or take a \"fraction\"");
    if (cr_json_get(object, "group"))
        cr_reader_error(reader, "data.validation.group",
                        "\"last\" cuts the table at one row, and groups with rows before "
                        "and behind it would be on both sides; remove one of the two "
                        "(\"fraction\" and \"folds\" keep groups whole)");
    if (cr_json_get(object, "seed"))
        cr_reader_error(
            reader, "data.validation.seed",
            "\"last\" takes the rows at the end, with nothing to draw; remove "
            "this key, or take a \"fraction\"");
}

static const char *const kinds[] = {"fraction", "folds", "last"};

const char *cr_split_section_key(const cr_json *object)
{
    for (size_t i = 0; i < CR_COUNT(kinds); i++)
        if (cr_json_get(object, kinds[i]))
            return kinds[i];
    return NULL;
}

static void check_split(cr_reader *reader, const cr_json *object,
                        const split_fields *split)
{
    int given = 0;
    for (size_t i = 0; i < CR_COUNT(kinds); i++)
        given += cr_json_get(object, kinds[i]) != NULL;
    if (given != 1)
        cr_reader_error(reader, "data.validation",
                        "expected one of \"fraction\", \"folds\" and \"last\": the share "
                        "of the training rows to validate on, the number of parts of "
                        "which \"fold\" is one, or the share at the end of the table");
    else if (split->fold >= split->folds && cr_json_get(object, "fold"))
        cr_reader_error(reader, "data.validation.fold",
                        "found %lld, expected the number of a fold, from 0 to %s",
                        (long long)split->fold,
                        split->folds ? "\"folds\" - 1" : "\"folds\" - 1, with \"folds\"");
    if (cr_json_get(object, "last"))
        check_last(reader, object);
}

void cr_split_section_read(cr_reader *reader, cr_json *object, cr_split_section *section)
{
    split_fields split = {.seed = 1};
    cr_option_group group = {split_options, CR_COUNT(split_options), &split};
    cr_options_read(reader, "data.validation", object, &group, 1);
    check_split(reader, object, &split);
    bool draws = !cr_json_get(object, "last") && !cr_json_get(object, "seed");
    if (draws && !cr_json_set_number(object, "seed", (double)split.seed))
        cr_error_add(reader->err, CR_E_MEMORY, "out of memory");
    section->given = true;
    section->how = (cr_split){.fraction = split.fraction,
                              .last = split.last,
                              .fold = (size_t)split.fold,
                              .folds = (size_t)split.folds,
                              .seed = (uint64_t)split.seed};
    section->stratify = split.stratify ? cr_json_bool(split.stratify) : -1;
    section->group = split.group;
}

/* Whether every class gives its share; the resolved config says so. */
static bool settle_stratify(const cr_split_section *section, cr_reader *reader,
                            const int32_t *labels, bool *stratify)
{
    if (section->how.last > 0)
        return true;
    if (section->stratify == 1 && !labels) {
        cr_reader_error(
            reader, "data.validation.stratify",
            "a target of numbers has no classes to take a share of; remove this key");
        return false;
    }
    *stratify = labels && (section->group ? section->stratify == 1 : section->stratify);
    cr_json *object =
        cr_json_edit(cr_json_edit(reader->document->root, "data"), "validation");
    return cr_json_set_bool(object, "stratify", *stratify) ||
           cr_fail(reader->err, CR_E_MEMORY, "out of memory");
}

/* Whether most rows have a class of their own: a target of numbers, taken for classes. */
static bool has_rare_classes(const cr_split_rows *rows, size_t *classes)
{
    *classes = 0;
    for (size_t i = 0; i < rows->count; i++)
        if ((size_t)rows->labels[i] >= *classes)
            *classes = (size_t)rows->labels[i] + 1;
    return *classes > 2 && *classes * 5 > rows->count;
}

static void refuse_split(const cr_split_section *section, cr_reader *reader,
                         const cr_split_rows *rows, const char *why)
{
    const cr_split *how = &section->how;
    size_t classes = 0;
    if (rows->labels && has_rare_classes(rows, &classes))
        cr_reader_error(reader, "data.target",
                        "it has %zu different values in %zu rows, which this loss takes "
                        "for classes, too few rows of each to split; numbers need the "
                        "loss \"l2\"",
                        classes, rows->count);
    else
        cr_reader_error(reader,
                        how->folds      ? "data.validation.folds"
                        : rows->groups  ? "data.validation.group"
                        : how->last > 0 ? "data.validation.last"
                                        : "data.validation.fraction",
                        "%s", why);
}

bool cr_split_section_apply(const cr_split_section *section, cr_reader *reader,
                            const cr_split_rows *rows, cr_part *kept, cr_part *held)
{
    cr_error why = CR_ERROR_INIT;
    cr_split_rows chosen = *rows;
    bool stratify = false;
    if (!settle_stratify(section, reader, rows->labels, &stratify))
        return false;
    if (!stratify)
        chosen.labels = NULL;
    if (cr_part_split(&section->how, &chosen, kept, held, &why))
        return true;
    if (why.code == CR_E_MEMORY)
        cr_error_add(reader->err, why.code, "%s", why.text);
    else
        refuse_split(section, reader, &chosen, why.text);
    return false;
}

void cr_split_section_describe(cr_text *out)
{
    cr_options_describe("data.validation",
                        "To split it off the training data:", split_options,
                        CR_COUNT(split_options), out);
}
