#include "base/memory.h"
#include "data/sources/array.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHED = 256 };             /* classes that are the first whole numbers */
#define LARGEST 9007199254740992.0 /* 2⁵³: every whole number up to here is exact */

typedef struct filling {
    cr_raw *raw;
    const cr_reading *reading;
    cr_array *inputs, *targets; /* targets NULL: they are not wanted */
    size_t features;
    bool stays;             /* numbers are read where they lie, and not packed */
    double *row;            /* [features and targets] of an example that stays */
    double *target;         /* [reading->targets] of the example that is read */
    int32_t codes[CACHED];  /* of the classes "0", "1", …; -1: not yet found */
    double lowest, highest; /* of the classes that are numbers */
} filling;

/* [channels, height, width]; pictures without channels have one. */
static bool take_shape(filling *f, cr_error *err)
{
    const cr_array *inputs = f->inputs;
    const size_t *dim = inputs->dim;
    char found[CR_ARRAY_TEXT];
    cr_array_format(inputs, found);
    if (inputs->rank < 2 || cr_array_is_text(inputs))
        return cr_fail(err, CR_E_DATA,
                       "%s: it holds %s; inputs are numbers of two to four dimensions: "
                       "examples, channels, height, width",
                       inputs->path, found);
    if (inputs->rank == 4 && (dim[3] == 1 || dim[3] == 3 || dim[3] == 4) && dim[1] > 4)
        return cr_fail(
            err, CR_E_DATA,
            "%s: it holds %s: channels stand last, and are expected behind the "
            "examples; NumPy's x.transpose(0, 3, 1, 2) puts them there",
            inputs->path, found);
    cr_shape *shape = &f->raw->shape;
    if (inputs->rank == 3)
        shape->dim[shape->rank++] = 1;
    for (size_t i = 1; i < inputs->rank; i++)
        shape->dim[shape->rank++] = dim[i];
    f->features = cr_shape_size(shape);
    return true;
}

static bool check_targets(const filling *f, cr_error *err)
{
    const cr_array *targets = f->targets;
    const cr_reading *reading = f->reading;
    char found[CR_ARRAY_TEXT];
    cr_array_format(targets, found);
    size_t count = targets->rank == 2 ? targets->dim[1] : 1;
    if (targets->rank > 2)
        return cr_fail(err, CR_E_DATA,
                       "%s: it holds %s; targets of one dimension (or two: examples, "
                       "targets) were expected",
                       targets->path, found);
    if (targets->dim[0] != f->inputs->dim[0])
        return cr_fail(err, CR_E_DATA,
                       "%s: %zu targets, but %s has %zu examples; the two belong to "
                       "different sets",
                       targets->path, targets->dim[0], f->inputs->path,
                       f->inputs->dim[0]);
    if (count != reading->targets)
        return cr_fail(err, CR_E_DATA,
                       "%s: it holds %s: %zu targets for each example, expected %zu%s",
                       targets->path, found, count, reading->targets,
                       reading->classify ? "; of classes that are marked by a 1, NumPy's "
                                           "y.argmax(1) makes their numbers"
                                         : "");
    if (!reading->classify && cr_array_is_text(targets))
        return cr_fail(err, CR_E_DATA,
                       "%s: it holds %s, which are classes; this loss takes numbers "
                       "(\"softmax\" takes classes)",
                       targets->path, found);
    return true;
}

static bool allocate(filling *f, cr_error *err)
{
    cr_raw *raw = f->raw;
    size_t rows = f->inputs->dim[0];
    if (!raw->bytes) {
        raw->inputs = cr_alloc(f->features, sizeof *raw->inputs, err);
        raw->input_count = raw->inputs ? f->features : 0;
        for (size_t j = 0; j < raw->input_count; j++)
            raw->inputs[j] = (cr_raw_input){.kind = CR_COLUMN_NUMBER, .position = j};
        if (!raw->inputs)
            return false;
    }
    if (f->targets && f->reading->classify)
        raw->codes = cr_alloc_raw(rows, sizeof *raw->codes, err);
    else if (f->targets)
        raw->target_count = f->reading->targets;
    raw->width = raw->input_count + raw->target_count;
    f->row = cr_alloc(raw->width, sizeof *f->row, err);
    if (raw->width > 0 && !f->stays)
        raw->numbers = cr_numbers_create(raw->width, err);
    f->target = cr_alloc(f->reading->targets + 1, sizeof *f->target, err);
    return f->target && f->row && (raw->numbers || raw->width == 0 || f->stays) &&
           (raw->codes || !f->targets || !f->reading->classify);
}

/* The example's inputs into row. *gap: one is missing, for which the example is left
 * out. */
static bool read_inputs(const filling *f, size_t example, double *row, bool *gap,
                        cr_error *err)
{
    const cr_reading *reading = f->reading;
    cr_array_read(f->inputs, example * f->features, f->features, row);
    for (size_t j = 0; j < f->features; j++) {
        if (isfinite(row[j]) || (isnan(row[j]) && reading->missing >= CR_MISSING_MEAN))
            continue;
        *gap = isnan(row[j]) && reading->missing == CR_MISSING_DROP;
        if (*gap)
            return true;
        return cr_fail(
            err, CR_E_DATA, "%s: input %zu of example %zu (both from 0) is %s",
            f->inputs->path, j, example,
            isnan(row[j])
                ? "missing (NaN); missing values need \"missing\": \"mean\" or "
                  "\"indicator\" in \"data\" of the training (\"drop\" leaves out such "
                  "examples there, and predictions need them all)"
                : "infinite; a finite number was expected");
    }
    return true;
}

/* The example's targets that are numbers, classes too. *gap as above. */
static bool read_targets(filling *f, size_t example, bool *gap, cr_error *err)
{
    const cr_reading *reading = f->reading;
    size_t count = reading->targets;
    cr_array_read(f->targets, example * count, count, f->target);
    for (size_t k = 0; k < count; k++) {
        if (isfinite(f->target[k]))
            continue;
        *gap = isnan(f->target[k]) &&
               (reading->missing != CR_MISSING_ERROR || reading->without_targets);
        return *gap ||
               cr_fail(err, CR_E_DATA, "%s: the target of example %zu (from 0) is %s",
                       f->targets->path, example,
                       isnan(f->target[k])
                           ? "missing (NaN); remove the example, or leave out such with "
                             "\"missing\": \"drop\" in \"data\""
                           : "infinite; a finite number was expected");
    }
    return true;
}

static bool take_text_class(filling *f, size_t example, int32_t *code, cr_error *err)
{
    char *name = cr_array_read_text(f->targets, example, err);
    bool good = name != NULL;
    if (good && *name == '\0')
        good = cr_fail(err, CR_E_DATA,
                       "%s: the class of example %zu (from 0) is an empty text",
                       f->targets->path, example);
    good = good && cr_words_number(&f->raw->classes, name, example, code, err);
    cr_free(name);
    return good;
}

/* A class that is a whole number, by which it is called. */
static bool take_number_class(filling *f, size_t example, int32_t *code, cr_error *err)
{
    double number = f->target[0];
    char name[32];
    if (floor(number) != number || fabs(number) > LARGEST)
        return cr_fail(err, CR_E_DATA,
                       "%s: the target of example %zu (from 0) is %g, which is no class; "
                       "classes are whole numbers or texts (the loss \"l2\" takes other "
                       "numbers)",
                       f->targets->path, example, number);
    int32_t *cached = number >= 0 && number < CACHED ? &f->codes[(int)number] : code;
    if (cached == code || *cached < 0) {
        snprintf(name, sizeof name, "%.0f", number == 0 ? 0 : number); /* -0 too */
        if (!cr_words_number(&f->raw->classes, name, example, cached, err))
            return false;
        f->lowest = fmin(f->lowest, number);
        f->highest = fmax(f->highest, number);
    }
    *code = *cached;
    return true;
}

static bool take_class(filling *f, size_t example, cr_error *err)
{
    int32_t *code = &f->raw->codes[f->raw->rows];
    return cr_array_is_text(f->targets) ? take_text_class(f, example, code, err)
                                        : take_number_class(f, example, code, err);
}

/* Keeps what was read of the example as the next row. */
static bool keep(filling *f, size_t example, double *row, cr_error *err)
{
    cr_raw *raw = f->raw;
    if (raw->codes && !take_class(f, example, err))
        return false;
    for (size_t j = 0; j < raw->input_count; j++)
        raw->inputs[j].missing += isnan(row[j]) ? 1 : 0;
    if (raw->target_count > 0)
        memcpy(row + raw->input_count, f->target, raw->target_count * sizeof *row);
    if (raw->numbers)
        cr_numbers_add(raw->numbers);
    if (raw->bytes && raw->rows < example) /* some before it were left out */
        memmove(raw->content + ((const char *)raw->bytes - raw->content) +
                    raw->rows * f->features,
                raw->bytes + example * f->features, f->features);
    if (raw->weights)
        raw->weights[raw->rows] = raw->weights[example];
    raw->rows++;
    return true;
}

static bool fill_rows(filling *f, cr_error *err)
{
    cr_raw *raw = f->raw;
    for (size_t i = 0; i < f->inputs->dim[0]; i++) {
        bool gap = false;
        double *row = raw->numbers ? cr_numbers_next(raw->numbers, err) : f->row;
        if (!row || (!raw->bytes && !read_inputs(f, i, row, &gap, err)))
            return false;
        if (!gap && f->targets && !cr_array_is_text(f->targets) &&
            !read_targets(f, i, &gap, err))
            return false;
        if (gap)
            raw->left_out++;
        else if (!keep(f, i, row, err))
            return false;
    }
    return raw->rows > 0 ||
           cr_fail(err, CR_E_DATA, "%s: every example has a missing value",
                   f->inputs->path);
}

/* What reads examples that stay where they are. */
typedef struct staying {
    cr_array inputs, targets; /* what they own of the arrays */
    size_t features, count;   /* count: targets that are numbers */
} staying;

static void read_staying(void *from, size_t first, size_t count, double *rows)
{
    const staying *s = from;
    size_t width = s->features + s->count;
    if (s->count == 0) {
        cr_array_read(&s->inputs, first * width, count * width, rows);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        cr_array_read(&s->inputs, (first + i) * s->features, s->features,
                      rows + i * width);
        cr_array_read(&s->targets, (first + i) * s->count, s->count,
                      rows + i * width + s->features);
    }
}

static void finish_staying(void *from)
{
    staying *s = from;
    cr_array_finish(&s->inputs);
    cr_array_finish(&s->targets);
    cr_free(s);
}

/* Numbers are read again where they lie, when none of the examples is left out. */
static bool stays(const filling *f)
{
    const cr_reading *reading = f->reading;
    bool may_lack_target = f->targets && f->targets->kind == CR_ARRAY_REAL;
    return !f->raw->bytes && reading->missing != CR_MISSING_DROP &&
           !(may_lack_target &&
             (reading->missing != CR_MISSING_ERROR || reading->without_targets));
}

/* Hands the arrays, and what they own, to the raw numbers. */
static bool let_stay(filling *f, cr_error *err)
{
    cr_raw *raw = f->raw;
    staying *s = cr_alloc(1, sizeof *s, err);
    if (!s)
        return false;
    *s = (staying){
        .inputs = *f->inputs, .features = raw->input_count, .count = raw->target_count};
    if (s->count > 0) {
        s->targets = *f->targets;
        f->targets->content = NULL;
    }
    size_t missing = 0;
    for (size_t j = 0; j < raw->input_count; j++)
        missing += raw->inputs[j].missing;
    f->inputs->content = NULL;
    if (missing == 0 && !s->inputs.content && cr_array_is_native(f->inputs)) {
        raw->plain = f->inputs->data;
        raw->plain_size = f->inputs->size;
    }
    raw->numbers = cr_numbers_create_over(raw->width, raw->rows, read_staying,
                                          finish_staying, s, err);
    return raw->numbers != NULL;
}

/* Classes that there are, whether or not an example has them. */
static bool add_classes(filling *f, cr_array *classes, cr_error *err)
{
    cr_array *targets = f->targets;
    double *target = f->target, number = 0;
    bool good = true;
    f->targets = classes;
    f->target = &number;
    for (size_t i = 0; good && i < classes->dim[0]; i++) {
        int32_t code = 0;
        if (!cr_array_is_text(classes))
            cr_array_read(classes, i, 1, &number);
        good = cr_array_is_text(classes) ? take_text_class(f, i, &code, err)
                                         : take_number_class(f, i, &code, err);
    }
    f->targets = targets;
    f->target = target;
    return good;
}

bool cr_array_fill_from(cr_raw *raw, const cr_reading *reading, cr_array *inputs,
                        cr_array *targets, cr_array *classes, cr_error *err)
{
    filling f = {.raw = raw,
                 .reading = reading,
                 .inputs = inputs,
                 .targets = targets,
                 .lowest = INFINITY,
                 .highest = -INFINITY};
    for (size_t i = 0; i < CACHED; i++)
        f.codes[i] = -1;
    if (!take_shape(&f, err) || (targets && !check_targets(&f, err)))
        return false;
    if (inputs->kind == CR_ARRAY_UNSIGNED && inputs->size == 1) {
        raw->bytes = inputs->data;
        raw->content = inputs->content;
        inputs->content = NULL;
    }
    f.stays = stays(&f);
    bool good = allocate(&f, err) &&
                (!raw->codes || !classes || add_classes(&f, classes, err)) &&
                fill_rows(&f, err) && (!f.stays || let_stay(&f, err));
    /* of labels from 0 some may be missing in a part of the data, but not most of many */
    raw->counted =
        f.lowest >= 0 && f.highest >= 0 &&
        (f.highest < CACHED || f.highest < 2 * (double)raw->classes.names.count);
    cr_free(f.target);
    cr_free(f.row);
    return good;
}

bool cr_array_fill(const cr_opened *opened, const cr_reading *reading,
                   bool (*read)(cr_array *array, const char *path, cr_error *err),
                   cr_raw *raw, cr_error *err)
{
    const cr_source *source = opened->source;
    const cr_option *keys = source->type->options;
    cr_array inputs = {0}, targets = {0};
    bool wanted = reading->targets > 0;
    bool good = read(&inputs, source->path, err) &&
                (!wanted || read(&targets, source->targets, err));
    if (good)
        raw->files[raw->file_count++] = (cr_checksum){keys[0].key, inputs.crc32};
    if (good && wanted)
        raw->files[raw->file_count++] = (cr_checksum){keys[1].key, targets.crc32};
    good = good &&
           cr_array_fill_from(raw, reading, &inputs, wanted ? &targets : NULL, NULL, err);
    cr_array_finish(&inputs);
    cr_array_finish(&targets);
    return good;
}
