#include "exchange/onnx_inputs.h"

#include "base/memory.h"
#include "exchange/onnx_dates.h"

#include <math.h>
#include <stdio.h>

/* How far from 0, in units of their spread, values may lie that are normalised in single
 * precision, or given in it: they lose as many times 2⁻²⁴ of the spread. What is given is
 * often whole, and then loses nothing. */
enum { FAR = 16, TOO_FAR = 128 };

/* While the features of a table are put together. */
typedef struct features {
    cr_onnx_writer *writer;
    const cr_encoding *encoding;
    bool wide;           /* in double, to be normalised so */
    const char **pieces; /* [count] values [n, …] in their order */
    size_t count;
    size_t column; /* whose values are added */
} features;

/* "inputs/3/words": of a column. */
enum { NAME = 64 };
static const char *name_part(const features *f, const char *part, char out[NAME])
{
    snprintf(out, NAME, "inputs/%zu%s%s", f->column, *part ? "/" : "", part);
    return out;
}

/* Whether some of `count` features lie further. */
static bool is_beyond(const cr_encoding *encoding, size_t first, size_t count,
                      double limit)
{
    bool beyond = false;
    for (size_t j = first; encoding->shift && j < first + count; j++)
        beyond |= fabs(encoding->shift[j] * encoding->scale[j]) > limit;
    return beyond;
}

static const char *cast(cr_onnx_writer *writer, const char *name, const char *value,
                        int type)
{
    return cr_onnx_writer_node(
        writer, name,
        &(cr_onnx_node){
            .op = "Cast", .in = {value}, .attributes = {CR_ONNX_SET_INT("to", type)}});
}

static const char *apply(cr_onnx_writer *writer, const char *name, const char *op,
                         const char *a, const char *b)
{
    return cr_onnx_writer_node(writer, name, &(cr_onnx_node){.op = op, .in = {a, b}});
}

/* Numbers as a constant, in double or rounded to single precision. */
static const char *add_numbers(cr_onnx_writer *writer, const char *name,
                               const double *values, const cr_shape *shape, bool wide)
{
    size_t count = cr_shape_size(shape);
    float *narrow = cr_alloc_raw(count, sizeof *narrow, NULL);
    for (size_t j = 0; narrow && j < count; j++)
        narrow[j] = (float)values[j];
    if (!narrow)
        cr_onnx_writer_fail(writer);
    const char *constant =
        !narrow
            ? ""
            : cr_onnx_writer_tensor(writer, name, wide ? CR_ONNX_DOUBLE : CR_ONNX_FLOAT,
                                    shape, wide ? (const void *)values : narrow);
    cr_free(narrow);
    return constant;
}

/* Figures of features that lie in the shape of an example: one a channel of images. */
static const char *add_figures(features *f, const char *name, const double *values,
                               bool wide)
{
    const cr_shape *example = &f->encoding->shape;
    size_t channels = cr_encoding_channels(f->encoding);
    const cr_shape shape = {.rank = example->rank, .dim = {channels, 1, 1}};
    double *each = cr_alloc_raw(channels, sizeof *each, NULL);
    for (size_t c = 0; each && c < channels; c++)
        each[c] = values[c * (f->encoding->features / channels)];
    if (!each)
        cr_onnx_writer_fail(f->writer);
    const char *constant = each ? add_numbers(f->writer, name, each, &shape, wide) : "";
    cr_free(each);
    return constant;
}

/* (x - shift) * scale, of what is in double if wide and in single precision afterwards. */
static const char *normalize(features *f, const char *x)
{
    const cr_encoding *e = f->encoding;
    bool shifted = false, scaled = false;
    for (size_t j = 0; e->shift && j < e->features; j++) {
        shifted |= e->shift[j] != 0;
        scaled |= e->scale[j] != 1;
    }
    if (shifted)
        x = apply(f->writer, "inputs/centred", "Sub", x,
                  add_figures(f, "inputs.shift", e->shift, f->wide));
    if (scaled)
        x = apply(f->writer, "inputs/scaled", "Mul", x,
                  add_figures(f, "inputs.scale", e->scale, f->wide));
    return f->wide ? cast(f->writer, "inputs/normalized", x, CR_ONNX_FLOAT) : x;
}

/* What is missing still, and so NaN, becomes what stands in for it. */
static const char *fill(features *f, const char *x)
{
    const cr_encoding *e = f->encoding;
    double *filled = e->fill ? cr_alloc_raw(e->features, sizeof *filled, NULL) : NULL;
    if (e->fill && !filled)
        cr_onnx_writer_fail(f->writer);
    if (!filled)
        return x;
    for (size_t j = 0; j < e->features; j++)
        filled[j] = e->shift ? (e->fill[j] - e->shift[j]) * e->scale[j] : e->fill[j];
    const char *missing = cr_onnx_writer_node(f->writer, "inputs/missing",
                                              &(cr_onnx_node){.op = "IsNaN", .in = {x}});
    const char *with = add_numbers(f->writer, "inputs.fill", filled, &e->shape, false);
    cr_free(filled);
    return cr_onnx_writer_node(f->writer, "inputs/filled",
                               &(cr_onnx_node){.op = "Where", .in = {missing, with, x}});
}

/* One name for each of the encoding's columns: that of the training file's header, or
 * "column_3" by its place there. */
static const char *name_column(const cr_encoding *encoding, size_t i, char number[NAME])
{
    size_t position = encoding->inputs ? encoding->inputs[i].position : i;
    if (i < encoding->columns.count)
        return encoding->columns.items[i];
    snprintf(number, NAME, "column_%zu", position);
    return number;
}

/* The documentation of a table as one input. */
static void describe_columns(const cr_encoding *encoding, cr_text *doc)
{
    char number[NAME];
    cr_text_add(doc, "%zu numbers, as in the training data%s: ", encoding->input_count,
                encoding->fill ? ", NaN where one is missing" : "");
    for (size_t i = 0; i < encoding->input_count; i++)
        cr_text_add(doc, "%s%s", i ? ", " : "", name_column(encoding, i, number));
}

/* The one input of numbers, in double where features are `wide`. */
static const char *add_numbers_input(features *f, const cr_shape *shape, bool encoded)
{
    const cr_encoding *e = f->encoding;
    cr_text doc = {0};
    if (encoded)
        cr_text_add(&doc, "what the network takes: encoded and normalised");
    else if (e->shape.rank == 3 && e->file_columns == 0)
        cr_text_add(&doc, "an image [channels, height, width], its values as in the "
                          "training data");
    else
        describe_columns(e, &doc);
    const bool wide = !encoded && is_beyond(e, 0, e->features, TOO_FAR);
    const char *x =
        cr_onnx_writer_input(f->writer, "x", wide ? CR_ONNX_DOUBLE : CR_ONNX_FLOAT, shape,
                             doc.failed ? "" : doc.data);
    cr_text_finish(&doc);
    return f->wide && !wide && !encoded
               ? cast(f->writer, "inputs/wide", x, CR_ONNX_DOUBLE)
               : x;
}

/* Whether values are missing, as numbers. */
static const char *flag_missing(const features *f, const char *x)
{
    char name[NAME];
    x = cast(f->writer, name_part(f, "narrow", name), x, CR_ONNX_FLOAT);
    const char *missing = cr_onnx_writer_node(f->writer, name_part(f, "gap", name),
                                              &(cr_onnx_node){.op = "IsNaN", .in = {x}});
    return cast(f->writer, name_part(f, "indicator", name), missing,
                f->wide ? CR_ONNX_DOUBLE : CR_ONNX_FLOAT);
}

/* x [n, columns] as features, where some of the columns have an indicator behind them. */
static const char *add_indicators(features *f, const char *x)
{
    const cr_encoding *e = f->encoding;
    const cr_shape shape = cr_shape_flat(e->features);
    int64_t *from = cr_alloc_raw(e->features, sizeof *from, NULL);
    if (!from) {
        cr_onnx_writer_fail(f->writer);
        return "";
    }
    for (size_t i = 0; i < e->input_count; i++)
        for (size_t j = 0; j < e->inputs[i].count; j++)
            from[e->inputs[i].first + j] = (int64_t)(i + j * e->input_count);
    const char *both =
        cr_onnx_writer_node(f->writer, "inputs/both",
                            &(cr_onnx_node){.op = "Concat",
                                            .in = {x, flag_missing(f, x)},
                                            .attributes = {CR_ONNX_SET_INT("axis", 1)}});
    const char *order =
        cr_onnx_writer_tensor(f->writer, "inputs.order", CR_ONNX_INT64, &shape, from);
    cr_free(from);
    return cr_onnx_writer_node(
        f->writer, "inputs/features",
        &(cr_onnx_node){.op = "Gather",
                        .in = {both, order},
                        .attributes = {CR_ONNX_SET_INT("axis", 1)}});
}

/* [n, 1]: 1 where none of the words is there. */
static const char *miss_words(features *f, const char *words)
{
    static const double one = 1;
    const cr_shape single = cr_shape_flat(1);
    char name[NAME];
    const char *all =
        add_numbers(f->writer, name_part(f, "one", name), &one, &single, false);
    const char *known = cr_onnx_writer_sum(f->writer, name_part(f, "known", name), words);
    return apply(f->writer, name_part(f, "missing", name), "Sub", all, known);
}

/* A column of words [n, 1] as features: 1 for the word that is there, else 0; of one that is
 * not known, or missing, all are 0, or what stands in for it, unless that is an error. */
static void add_words(features *f, const cr_input *input, const char *x)
{
    cr_onnx_writer *w = f->writer;
    bool may_miss = f->encoding->fill != NULL;
    char name[NAME];
    const cr_onnx_node one_hot = {
        .op = "OneHotEncoder",
        .domain = CR_ONNX_ML,
        .in = {x},
        .attributes = {{.name = "cats_strings",
                        .is = CR_ONNX_IS_STRINGS,
                        .strings = (const char *const *)input->words.items,
                        .count = input->words.count},
                       CR_ONNX_SET_INT("zeros", may_miss)}};
    const char *cube = cr_onnx_writer_node(w, name_part(f, "each", name), &one_hot);
    const char *words = cr_onnx_writer_node(
        w, name_part(f, "words", name), &(cr_onnx_node){.op = "Flatten", .in = {cube}});
    const char *missing = may_miss ? miss_words(f, words) : NULL;
    if (may_miss && !input->indicator) {
        const cr_shape row = cr_shape_flat(input->words.count);
        const char *by = add_numbers(w, name_part(f, "fill", name),
                                     f->encoding->fill + input->first, &row, false);
        const char *stand_in =
            apply(w, name_part(f, "stand_in", name), "Mul", missing, by);
        words = apply(w, name_part(f, "filled", name), "Add", words, stand_in);
    }
    f->pieces[f->count++] = words;
    if (input->indicator)
        f->pieces[f->count++] = missing;
}

/* The next column as an input of its own, and its features. */
static void add_column(features *f)
{
    const cr_encoding *e = f->encoding;
    const cr_input *input = &e->inputs[f->column];
    const cr_shape one = cr_shape_flat(1);
    const bool words = input->words.count > 0, date = cr_input_is_date(input);
    char number[NAME], doc[200];
    snprintf(doc, sizeof doc, "column %zu of the training file: %s%s", input->position,
             words  ? "a word, as it stands there"
             : date ? "seconds since 1970-01-01, a day having 86400"
                    : "a number",
             !e->fill ? ""
             : words  ? "; any other counts as missing"
                      : "; NaN where it is missing");
    const char *x = cr_onnx_writer_input(
        f->writer, name_column(e, f->column, number),
        words                                                       ? CR_ONNX_STRING
        : date || is_beyond(e, input->first, input->count, TOO_FAR) ? CR_ONNX_DOUBLE
                                                                    : CR_ONNX_FLOAT,
        &one, doc);
    if (words) {
        add_words(f, input, x);
        return;
    }
    f->pieces[f->count++] =
        !date ? x
              : cr_onnx_dates_add(f->writer, name_part(f, "", number), x,
                                  input->format.parts, input->format.cyclic, f->wide);
    if (input->indicator)
        f->pieces[f->count++] = flag_missing(f, x);
}

/* A piece of several, in the type of all. */
static const char *widen(features *f, size_t i, const char *piece)
{
    char name[NAME];
    snprintf(name, sizeof name, "inputs/wide%zu", i);
    return f->wide ? cast(f->writer, name, piece, CR_ONNX_DOUBLE) : piece;
}

/* A table whose columns are not all numbers. */
static const char *add_columns(features *f, cr_error *err)
{
    const cr_encoding *e = f->encoding;
    f->pieces = cr_alloc(2 * e->input_count, sizeof *f->pieces, err);
    if (!f->pieces)
        return NULL;
    for (; f->column < e->input_count; f->column++)
        add_column(f);
    for (size_t i = 0; i < f->count; i++)
        f->pieces[i] = widen(f, i, f->pieces[i]);
    const char *x =
        cr_onnx_writer_node(f->writer, "inputs/features",
                            &(cr_onnx_node){.op = "Concat",
                                            .list = f->pieces,
                                            .list_count = f->count,
                                            .attributes = {CR_ONNX_SET_INT("axis", 1)}});
    cr_free(f->pieces);
    return x;
}

static const char *give_shape(features *f, const char *x)
{
    const cr_shape *shape = &f->encoding->shape;
    int64_t dims[1 + CR_DIMENSIONS] = {0}; /* 0: the batch, as it is */
    for (size_t i = 0; i < shape->rank; i++)
        dims[1 + i] = (int64_t)shape->dim[i];
    const cr_shape list = cr_shape_flat(1 + shape->rank);
    return apply(
        f->writer, "inputs/shaped", "Reshape", x,
        cr_onnx_writer_tensor(f->writer, "inputs.shape", CR_ONNX_INT64, &list, dims));
}

static bool is_of_numbers(const cr_encoding *encoding)
{
    for (size_t i = 0; encoding->inputs && i < encoding->input_count; i++)
        if (encoding->inputs[i].words.count > 0 || cr_input_is_date(&encoding->inputs[i]))
            return false;
    return true;
}

bool cr_onnx_inputs_add(cr_onnx_writer *writer, const cr_encoding *encoding, bool encoded,
                        const char **data, cr_error *err)
{
    features f = {.writer = writer,
                  .encoding = encoding,
                  .wide = is_beyond(encoding, 0, encoding->features, FAR)};
    const bool numbers = is_of_numbers(encoding);
    const bool plain = numbers && encoding->input_count == encoding->features;
    const cr_shape columns = cr_shape_flat(encoding->input_count);
    if (encoded) {
        *data = add_numbers_input(&f, &encoding->shape, true);
        return true;
    }
    const char *x =
        numbers ? add_numbers_input(&f, plain ? &encoding->shape : &columns, false)
                : add_columns(&f, err);
    if (!x)
        return false;
    if (numbers && !plain)
        x = add_indicators(&f, x);
    if (!plain && encoding->shape.rank > 1)
        x = give_shape(&f, x);
    *data = fill(&f, normalize(&f, x));
    return true;
}
