#include "data/split_section.h"

#include "math/blas.h"

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

void cr_split_section_read(cr_reader *reader, cr_json *object, cr_split *how,
                           int *stratify)
{
    split_fields split = {0};
    cr_option_group group = {split_options, CR_COUNT(split_options), &split};
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
    *how = (cr_split){.fraction = split.fraction,
                      .fold = (size_t)split.fold,
                      .folds = (size_t)split.folds,
                      .seed = (uint64_t)split.seed};
    *stratify = split.stratify ? cr_json_bool(split.stratify) : -1;
}

void cr_split_section_describe(cr_text *out)
{
    cr_options_describe("data.validation",
                        "To split it off the training data:", split_options,
                        CR_COUNT(split_options), out);
}
