#include "data/normalize_section.h"

#include <math.h>
#include <string.h>

enum { WHITE = 255 }; /* the largest byte */

#define FIGURE_KINDS (1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY)
#define FIGURE "a number, or a list of one a channel"

const char cr_normalize_section_expected[] =
    "\"none\", \"standardize\", \"minmax\", a number to divide by, or {\"mean\": …, "
    "\"std\": …}";

static const cr_option given_options[] = {
    {.key = "mean",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(cr_normalization, mean),
     .fallback = CR_REQUIRED,
     .kinds = FIGURE_KINDS,
     .expects = FIGURE,
     .help = "what is subtracted from the values as the file has them: from 0 to 255 of "
             "pixels that are bytes (others' figures of pixels divided by 255 are to be "
             "multiplied by it)"},
    {.key = "std",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(cr_normalization, std),
     .fallback = CR_REQUIRED,
     .kinds = FIGURE_KINDS,
     .expects = FIGURE,
     .help = "what is divided by then, above 0"},
};

/* Whether a figure, or every one of a list, is a number, and above `minimum`. */
static bool check_figure(cr_reader *reader, const char *path, const char *key,
                         const cr_json *figure, double minimum, const char *expected)
{
    char where[CR_WHERE];
    const cr_json *item = cr_json_first(figure) ? cr_json_first(figure) : figure;
    for (; item; item = item == figure ? NULL : cr_json_next(item))
        if (!cr_json_is(item, CR_JSON_NUMBER) || !(cr_json_number(item) > minimum)) {
            cr_reader_error(reader, cr_json_path(path, key, where),
                            "\"%s\" is " FIGURE ", each %s", key, expected);
            return false;
        }
    return true;
}

static void read_given(cr_reader *reader, const char *path, cr_json *object,
                       cr_normalization *normalization)
{
    cr_normalization given = {.kind = CR_NORMALIZE_GIVEN};
    const cr_option_group group = {given_options, CR_COUNT(given_options), &given};
    cr_options_read(reader, path, object, &group, 1);
    if (given.mean && given.std &&
        check_figure(reader, path, "mean", given.mean, -INFINITY, "a number") &&
        check_figure(reader, path, "std", given.std, 0, "above 0"))
        *normalization = given;
}

void cr_normalize_section_read(cr_reader *reader, cr_json *section, const char *key,
                               cr_normalization *normalization)
{
    static const char *const names[] = {"none", "standardize", "minmax"};
    char path[CR_WHERE];
    cr_json *value = cr_json_edit(section, key);
    cr_json_path("data", key, path);
    if (cr_json_is(value, CR_JSON_OBJECT)) {
        read_given(reader, path, value, normalization);
        return;
    }
    if (cr_json_is(value, CR_JSON_NUMBER)) {
        *normalization = (cr_normalization){.kind = CR_NORMALIZE_DIVIDE,
                                            .divisor = cr_json_number(value)};
        if (!(normalization->divisor > 0))
            cr_reader_error(reader, path,
                            "found %g, expected a number above 0 to divide by",
                            normalization->divisor);
        return;
    }
    for (int i = 0; i < 3; i++)
        if (strcmp(cr_json_string(value), names[i]) == 0) {
            normalization->kind = (cr_normalization_kind)i;
            return;
        }
    cr_reader_unknown(reader, path, "normalisation", cr_json_string(value), names, 3);
}

bool cr_normalize_section_check(cr_reader *reader, const char *key,
                                const cr_normalization *normalization, size_t count,
                                const char *what)
{
    char path[CR_WHERE], where[CR_WHERE];
    bool good = true;
    cr_json_path("data", key, path);
    for (size_t i = 0; normalization->kind == CR_NORMALIZE_GIVEN && i < 2; i++) {
        const cr_json *figure = i == 0 ? normalization->mean : normalization->std;
        if (!cr_json_is(figure, CR_JSON_ARRAY) || cr_json_count(figure) == count)
            continue;
        cr_reader_error(
            reader, cr_json_path(path, given_options[i].key, where),
            "\"%s\" is a list of %zu, expected %zu, one a%s %s (or a number for all)",
            given_options[i].key, cr_json_count(figure), count,
            strchr("aeiou", *what) ? "n" : "", what);
        good = false;
    }
    return good;
}

/* Whether a figure is that of pixels from 0 to 1. */
static bool is_small(const cr_json *figure)
{
    const cr_json *item = cr_json_first(figure) ? cr_json_first(figure) : figure;
    for (; item; item = item == figure ? NULL : cr_json_next(item))
        if (fabs(cr_json_number(item)) > 1.5)
            return false;
    return true;
}

/* The figure of pixels from 0 to 255. */
static void add_large(cr_text *out, const char *key, const cr_json *figure)
{
    const cr_json *item = cr_json_first(figure);
    cr_text_add(out, "\"%s\": ", key);
    if (!item)
        cr_text_add(out, "%.6g", WHITE * cr_json_number(figure));
    for (; item; item = cr_json_next(item))
        cr_text_add(out, "%s%.6g%s", item == cr_json_first(figure) ? "[" : ", ",
                    WHITE * cr_json_number(item), cr_json_next(item) ? "" : "]");
}

static bool has_large_bytes(const cr_raw *raw)
{
    size_t count = raw->rows * cr_shape_size(&raw->shape), i = 0;
    while (i < count && raw->bytes[i] <= 1)
        i++;
    return i < count;
}

void cr_normalize_section_warn(cr_reader *reader, const cr_normalization *normalization,
                               const cr_raw *raw)
{
    bool given = normalization->kind == CR_NORMALIZE_GIVEN &&
                 is_small(normalization->mean) && is_small(normalization->std);
    if ((!given && normalization->kind != CR_NORMALIZE_NONE) || !raw->bytes ||
        !has_large_bytes(raw))
        return;
    if (!given) {
        cr_reader_warn(reader, "data",
                       "bytes from 0 to 255 without \"normalize\" train badly; "
                       "\"normalize\": 255 brings them to 0 to 1");
        return;
    }
    cr_text figures = {0};
    add_large(&figures, "mean", normalization->mean);
    cr_text_add(&figures, ", ");
    add_large(&figures, "std", normalization->std);
    cr_reader_warn(reader, "data.normalize",
                   "the figures look like those of pixels divided by 255, but these are "
                   "bytes from 0 to 255: write {%s}",
                   figures.failed ? "" : figures.data);
    cr_text_finish(&figures);
}

void cr_normalize_section_warn_divided(cr_reader *reader,
                                       const cr_normalization *normalization,
                                       const cr_dataset *set)
{
    const double least = 0.02;
    double largest = 0, divisor = normalization->divisor;
    if (normalization->kind != CR_NORMALIZE_DIVIDE || !set->values || set->bytes)
        return;
    for (size_t i = 0; i < set->examples; i++)
        for (size_t j = 0; j < set->features; j++)
            largest = fmax(largest, fabs((double)set->values[i * set->stride + j]));
    if (largest > 0 && largest < least)
        cr_reader_warn(reader, "data.normalize",
                       "the largest input is %.3g, and divided by %g no more than %.2g, "
                       "which trains badly: remove this key, or take \"standardize\"",
                       largest * divisor, divisor, largest);
}

void cr_normalize_section_describe(cr_text *out)
{
    cr_options_describe("data.normalize, data.normalize_target",
                        "Of {\"mean\": …, \"std\": …}, such as {\"mean\": [125, 123, "
                        "114], \"std\": [63, 62, 67]}:",
                        given_options, CR_COUNT(given_options), out);
}
