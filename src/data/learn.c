#include "data/learn.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The inputs behind the columns. */
static bool learn_lags(cr_encoding *encoding, const cr_reading *reading, cr_error *err)
{
    char name[CR_LAGS_NAME];
    bool good = cr_lags_copy(&encoding->lags, &reading->lags, err);
    for (size_t i = 0; good && reading->has_header && i < encoding->lags.count; i++)
        good =
            cr_names_add(&encoding->columns, cr_lags_name(&encoding->lags, i, name), err);
    return good;
}

static bool learn_weight(cr_encoding *encoding, const char *name, size_t column,
                         cr_error *err)
{
    encoding->has_weight = true;
    encoding->weight_position = column;
    return !name || cr_names_add(&encoding->weight, name, err);
}

/* What the columns are called, and which are the targets; nothing of a source without
 * columns. */
static bool learn_columns(cr_encoding *encoding, const cr_opened *file,
                          const cr_reading *reading, cr_error *err)
{
    if (file->columns == 0)
        return true;
    encoding->file_columns = file->columns;
    encoding->target_positions =
        cr_alloc(reading->targets, sizeof *encoding->target_positions, err);
    if (!encoding->target_positions)
        return false;
    size_t target = 0;
    for (size_t i = 0; i < file->columns; i++) {
        cr_column_kind kind = reading->columns[i].kind;
        bool is_target = kind == CR_COLUMN_CLASS || kind == CR_COLUMN_TARGET;
        if (is_target)
            encoding->target_positions[target++] = i;
        if (kind == CR_COLUMN_WEIGHT &&
            !learn_weight(encoding, reading->has_header ? file->first->items[i] : NULL, i,
                          err))
            return false;
        if (kind != CR_COLUMN_SKIP && kind != CR_COLUMN_WEIGHT && reading->has_header &&
            !cr_names_add(is_target ? &encoding->targets : &encoding->columns,
                          file->first->items[i], err))
            return false;
    }
    return learn_lags(encoding, reading, err);
}

/* Every column has a value in some row. */
static bool check_values(const cr_raw *raw, const cr_encoding *encoding, cr_error *err)
{
    for (size_t i = 0; i < raw->input_count; i++) {
        char name[96];
        const char *path = raw->source->path;
        if (raw->inputs[i].kind != CR_COLUMN_GUESS && raw->inputs[i].missing < raw->rows)
            continue;
        size_t before = raw->input_count - encoding->lags.count;
        if (i >= before)
            return cr_fail(err, CR_E_DATA,
                           "%s: no row has a value %zu rows before it in the column that "
                           "\"lags\" in \"data\" names; take smaller steps, or more rows",
                           path, encoding->lags.items[i - before].step);
        const cr_names *names = &encoding->columns;
        const cr_cell cell = {.column_name = names->count > 0 ? names->items[i] : NULL,
                              .column = raw->inputs[i].position};
        return cr_fail(err, CR_E_DATA,
                       "%s: column %s has no value in any row; leave it out with "
                       "\"ignore\" in \"data\"",
                       path, cr_cell_format_column(&cell, name));
    }
    return true;
}

/* How the training file's column is written; of CR_CELL_ANY: nothing is said of it. */
static const cr_cell_format *format_of(const cr_reading *reading, size_t column)
{
    static const cr_cell_format nothing = {.type = CR_CELL_ANY};
    return reading->formats ? &reading->formats[column] : &nothing;
}

/* Whether every column but the targets is a feature as it stands, and written as all. */
static bool is_plain(const cr_encoding *encoding, const cr_reading *reading,
                     const cr_raw *raw, bool indicators)
{
    if (encoding->input_count + encoding->target_count < encoding->file_columns ||
        encoding->lags.count > 0)
        return false;
    for (size_t i = 0; i < raw->input_count; i++)
        if (raw->inputs[i].kind != CR_COLUMN_NUMBER ||
            format_of(reading, raw->inputs[i].position)->type != CR_CELL_ANY ||
            (indicators && raw->inputs[i].missing > 0))
            return false;
    return true;
}

/* The parts of a column of dates that are not the same in all rows; the time where all
 * are. */
static bool find_parts(const cr_raw *raw, size_t input, cr_date_set *parts, cr_error *err)
{
    double first = NAN;
    cr_numbers_view view;
    bool good = cr_numbers_view_init(&view, raw->numbers, err);
    for (size_t i = 0; good && i < raw->rows && *parts != CR_DATE_ALL; i++) {
        double seconds = cr_numbers_row(&view, i)[input];
        if (isnan(seconds))
            continue;
        first = isnan(first) ? seconds : first;
        *parts |= cr_date_parts_differences(first, seconds);
    }
    cr_numbers_view_finish(&view);
    if (*parts == 0)
        *parts = 1u << CR_DATE_TIME;
    return good;
}

/* How the cells of an input are written, and the parts of a date. */
static bool learn_format(cr_input *input, const cr_reading *reading, const cr_raw *raw,
                         size_t i, cr_error *err)
{
    if (!cr_cell_format_copy(&input->format, format_of(reading, input->position), err))
        return false;
    memcpy(input->format.number.only, raw->inputs[i].currency, CR_CURRENCY);
    if (raw->inputs[i].kind != CR_COLUMN_DATE)
        return true;
    input->format.type = CR_CELL_DATE; /* also of one that was seen to be */
    return input->format.parts || find_parts(raw, i, &input->format.parts, err);
}

static size_t count_features(const cr_input *input)
{
    size_t values = input->words.count > 0 ? input->words.count : 1;
    if (cr_input_is_date(input))
        values = cr_date_parts_count(input->format.parts, input->format.cyclic);
    return values + input->indicator;
}

/* Which features the columns become. */
static bool learn_inputs(cr_encoding *encoding, const cr_reading *reading,
                         const cr_raw *raw, cr_error *err)
{
    bool indicators = encoding->missing == CR_MISSING_INDICATOR, good = true;
    encoding->features = encoding->input_count;
    if (!is_plain(encoding, reading, raw, indicators)) {
        encoding->inputs = cr_alloc(encoding->input_count, sizeof *encoding->inputs, err);
        encoding->features = 0;
        good = encoding->inputs != NULL;
    }
    for (size_t i = 0; good && encoding->inputs && i < encoding->input_count; i++) {
        const cr_raw_input *from = &raw->inputs[i];
        cr_input *input = &encoding->inputs[i];
        input->position = from->position;
        input->first = encoding->features;
        input->indicator = indicators && from->missing > 0;
        good = (from->kind != CR_COLUMN_WORD ||
                (cr_names_add_all(&input->words, &from->words.names, err) &&
                 cr_names_sort(&input->words, err))) &&
               learn_format(input, reading, raw, i, err);
        input->count = count_features(input);
        encoding->features += input->count;
    }
    encoding->shape = cr_shape_flat(encoding->features);
    return good;
}

/* Pictures of numbers stay pictures. */
static bool keep_shape(cr_encoding *encoding, const cr_raw *raw, cr_error *err)
{
    if (raw->shape.rank <= 1)
        return true;
    if (cr_shape_size(&raw->shape) != encoding->features)
        return cr_fail(err, CR_E_DATA,
                       "%s: \"missing\": \"indicator\" adds inputs to pictures, which "
                       "have no place for them; take \"mean\"",
                       raw->source->path);
    encoding->shape = raw->shape;
    return true;
}

/* What holds for all cells, and how those of targets are written. */
static bool learn_cells(cr_encoding *encoding, const cr_reading *reading,
                        const cr_raw *raw, cr_error *err)
{
    encoding->cells = reading->cells;
    if (!cr_missing_words_copy(&encoding->gaps, &reading->gaps, err))
        return false;
    bool typed = false;
    for (size_t t = 0; encoding->target_positions && t < encoding->target_count; t++)
        typed |= format_of(reading, encoding->target_positions[t])->type != CR_CELL_ANY;
    if (!typed)
        return true;
    encoding->target_formats =
        cr_alloc(encoding->target_count, sizeof *encoding->target_formats, err);
    bool good = encoding->target_formats != NULL;
    for (size_t t = 0; good && t < encoding->target_count; t++) {
        cr_cell_format *format = &encoding->target_formats[t];
        good = cr_cell_format_copy(
            format, format_of(reading, encoding->target_positions[t]), err);
        if (good && raw->currencies && t < raw->target_count)
            memcpy(format->number.only, raw->currencies[t], CR_CURRENCY);
    }
    return good;
}

/* "0", "1", … up to the largest that was found, and two at least. */
static bool count_classes(cr_names *classes, const cr_names *found, cr_error *err)
{
    long largest = 1;
    char name[24];
    for (size_t i = 0; i < found->count; i++) {
        long number = strtol(found->items[i], NULL, 10);
        largest = number > largest ? number : largest;
    }
    bool good = true;
    for (long i = 0; good && i <= largest; i++) {
        snprintf(name, sizeof name, "%ld", i);
        good = cr_names_add(classes, name, err);
    }
    return good;
}

static bool learn_classes(cr_encoding *encoding, const cr_raw *raw, cr_error *err)
{
    const cr_names *found = &raw->classes.names;
    cr_names *classes = &encoding->classes;
    bool good = raw->counted ? count_classes(classes, found, err)
                             : cr_names_add_all(classes, found, err);
    if (!good || !cr_names_sort(classes, err))
        return false;
    return classes->count >= 2 ||
           cr_fail(err, CR_E_DATA,
                   "%s: all rows are of class \"%s\"; at least two classes are needed",
                   raw->source->path, classes->items[0]);
}

bool cr_learn_encoding(cr_encoding *encoding, const cr_opened *file,
                       const cr_reading *reading, const cr_raw *raw, cr_error *err)
{
    *encoding = (cr_encoding){.classify = reading->classify,
                              .input_count = raw->input_count,
                              .target_count = reading->targets};
    bool good = true;
    if (raw->bytes) {
        encoding->shape = raw->shape;
        encoding->features = encoding->input_count = cr_shape_size(&raw->shape);
    } else {
        encoding->missing = reading->missing;
        good = learn_columns(encoding, file, reading, err) &&
               check_values(raw, encoding, err) &&
               learn_inputs(encoding, reading, raw, err) &&
               keep_shape(encoding, raw, err) && learn_cells(encoding, reading, raw, err);
    }
    good = good && (!reading->classify || learn_classes(encoding, raw, err));
    if (!good)
        cr_encoding_finish(encoding);
    return good;
}
