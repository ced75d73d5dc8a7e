/* An encoding as strings in a model's metadata, and back. */
#include "data/encoding_metadata.h"

#include "base/memory.h"
#include "base/text.h"
#include "config/document.h"
#include "data/json_lists.h"
#include "data/lags_metadata.h"

#include <string.h>

/* Also of an encoding without cells. */
static bool has_plain_cells(const cr_encoding *encoding)
{
    return encoding->cells.number.decimal == '\0' ||
           cr_cell_format_is_plain(&encoding->cells);
}

/* How a column's cells are written, as an object that is empty where nothing is said. */
static bool write_format(cr_json *parent, const char *key, const cr_cell_format *format)
{
    cr_json *object = cr_json_add(parent, key, CR_JSON_OBJECT);
    return object &&
           (format->type == CR_CELL_ANY || cr_cell_format_write(format, object));
}

static bool write_input(cr_json *columns, const cr_input *input)
{
    cr_json *object = cr_json_add(columns, NULL, CR_JSON_OBJECT);
    return object && cr_json_set_number(object, "position", (double)input->position) &&
           (input->words.count == 0 ||
            cr_json_lists_write_names(object, "words", &input->words)) &&
           (input->format.type == CR_CELL_ANY ||
            write_format(object, "format", &input->format)) &&
           (!input->indicator || cr_json_set_bool(object, "indicator", true));
}

/* What is said of all cells. */
static bool write_cells(cr_json *inputs, const cr_encoding *encoding)
{
    cr_json *object =
        has_plain_cells(encoding) ? NULL : cr_json_add(inputs, "cells", CR_JSON_OBJECT);
    return (has_plain_cells(encoding) ||
            (object && cr_cell_format_write(&encoding->cells, object))) &&
           (encoding->gaps.words.count == 0 ||
            cr_json_lists_write_names(inputs, "missing_values", &encoding->gaps.words));
}

/* What is not as in a table of numbers without gaps; NULL: nothing. */
static bool write_inputs(cr_json *parent, const cr_encoding *encoding)
{
    if (!encoding->inputs && encoding->missing == CR_MISSING_ERROR &&
        has_plain_cells(encoding) && encoding->gaps.words.count == 0)
        return true;
    cr_json *inputs = cr_json_add(parent, "inputs", CR_JSON_OBJECT);
    bool good =
        inputs &&
        cr_json_set_number(inputs, "file_columns", (double)encoding->file_columns) &&
        cr_json_set_string(inputs, "missing", cr_missing_names[encoding->missing]) &&
        write_cells(inputs, encoding) &&
        (!encoding->fill ||
         cr_json_lists_write_reals(inputs, "fill", encoding->fill, encoding->features));
    if (!good || !encoding->inputs)
        return good;
    cr_json *columns = cr_json_add(inputs, "columns", CR_JSON_ARRAY);
    good = columns != NULL;
    for (size_t i = 0; good && i < encoding->input_count; i++)
        good = write_input(columns, &encoding->inputs[i]);
    return good;
}

/* The member `key` of `from` as a string of its own in the metadata: safetensors allows
 * nothing else. */
static bool move_as_text(cr_json *metadata, const char *key, const cr_json *from)
{
    char *text = cr_json_print(from, false);
    bool good = text && cr_json_set_string(metadata, key, text);
    cr_free(text);
    return good;
}

static bool write_target(cr_json *target, const cr_encoding *encoding)
{
    size_t count = encoding->target_count;
    bool good =
        cr_json_set_number(target, "count", (double)count) &&
        cr_json_lists_write_names(target, "columns", &encoding->targets) &&
        cr_json_lists_write_numbers(target, "positions", encoding->target_positions,
                                    encoding->target_positions ? count : 0) &&
        (!encoding->target_scale ||
         (cr_json_lists_write_reals(target, "shift", encoding->target_shift, count) &&
          cr_json_lists_write_reals(target, "scale", encoding->target_scale, count)));
    if (!good || !encoding->target_formats)
        return good;
    cr_json *formats = cr_json_add(target, "formats", CR_JSON_ARRAY);
    good = formats != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = write_format(formats, NULL, &encoding->target_formats[i]);
    return good;
}

static bool write_weight(cr_json *parent, const cr_encoding *encoding)
{
    cr_json *weight = cr_json_add(parent, "weight", CR_JSON_OBJECT);
    return weight && cr_json_lists_write_names(weight, "columns", &encoding->weight) &&
           cr_json_set_number(weight, "position", (double)encoding->weight_position);
}

bool cr_encoding_metadata_write(const cr_encoding *encoding, cr_json *metadata,
                                cr_error *err)
{
    size_t channels = cr_encoding_channels(encoding);
    cr_json *all = cr_json_new(CR_JSON_OBJECT);
    cr_json *target = all ? cr_json_add(all, "target", CR_JSON_OBJECT) : NULL;
    cr_json *normalization =
        all ? cr_json_add(all, "normalization", CR_JSON_OBJECT) : NULL;
    bool good = target && normalization &&
                cr_json_lists_write_numbers(all, "shape", encoding->shape.dim,
                                            encoding->shape.rank) &&
                cr_json_lists_write_names(all, "columns", &encoding->columns) &&
                write_inputs(all, encoding) && cr_lags_metadata_write(encoding, all) &&
                write_target(target, encoding) &&
                (!encoding->classify ||
                 cr_json_lists_write_names(all, "classes", &encoding->classes)) &&
                (!encoding->has_weight || write_weight(all, encoding));
    if (good && encoding->shift)
        good = cr_json_lists_write_runs(normalization, "shift", encoding->shift,
                                        encoding->features, channels) &&
               cr_json_lists_write_runs(normalization, "scale", encoding->scale,
                                        encoding->features, channels);
    static const char *const keys[] = {"shape",  "columns", "inputs", "lags",
                                       "target", "classes", "weight", "normalization"};
    for (size_t i = 0; good && i < CR_COUNT(keys); i++) {
        const cr_json *member = cr_json_get(all, keys[i]);
        good = !member || move_as_text(metadata, keys[i], member);
    }
    cr_json_free(all);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* A metadata string, parsed; an empty document when it is missing. */
static bool parse_member(cr_document *document, const char *file, const cr_json *metadata,
                         const char *key, bool needed, cr_error *err)
{
    *document = (cr_document){0};
    const cr_json *member = cr_json_get(metadata, key);
    if (!member && !needed)
        return true;
    if (!cr_json_is(member, CR_JSON_STRING))
        return cr_fail(err, CR_E_DATA,
                       "%s: not a chainrule model: its metadata has no \"%s\"", file,
                       key);
    const char *string = cr_json_string(member);
    char *text = cr_text_copy(string, strlen(string), err);
    return text && cr_document_parse(document, file, text, strlen(text), CR_E_DATA, err);
}

static bool read_shape(cr_encoding *encoding, const cr_json *list)
{
    encoding->features = 1;
    if (!cr_json_is(list, CR_JSON_ARRAY))
        return false;
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item)) {
        if (encoding->shape.rank == CR_EXAMPLE_DIMENSIONS ||
            !cr_json_lists_is_count(item, 1e9))
            return false;
        size_t dim = (size_t)cr_json_number(item);
        encoding->shape.dim[encoding->shape.rank++] = dim;
        if (dim == 0 ||
            !cr_memory_multiply(encoding->features, dim, &encoding->features) ||
            encoding->features > 1000000000)
            return false;
    }
    return encoding->shape.rank > 0;
}

static bool read_target_formats(cr_encoding *encoding, const cr_json *formats,
                                cr_error *err)
{
    if (!formats)
        return true;
    if (!cr_json_is(formats, CR_JSON_ARRAY) ||
        cr_json_count(formats) != encoding->target_count)
        return false;
    encoding->target_formats =
        cr_alloc(encoding->target_count, sizeof *encoding->target_formats, err);
    const cr_json *item = cr_json_first(formats);
    bool good = encoding->target_formats != NULL;
    for (size_t t = 0; good && item; t++, item = cr_json_next(item)) {
        cr_cell_format *format = &encoding->target_formats[t];
        good = cr_cell_format_read(format, item, &cr_cell_format_plain, err) &&
               format->type != CR_CELL_DATE;
    }
    return good;
}

static bool read_target(cr_encoding *encoding, const cr_json *target, cr_error *err)
{
    const cr_json *count = cr_json_get(target, "count");
    const cr_json *positions = cr_json_get(target, "positions");
    if (!cr_json_lists_is_count(count, 1e6) ||
        !cr_json_lists_read_names(&encoding->targets, cr_json_get(target, "columns"),
                                  err) ||
        !cr_json_is(positions, CR_JSON_ARRAY))
        return false;
    encoding->target_count = (size_t)cr_json_number(count);
    const cr_json *shift = cr_json_get(target, "shift");
    const cr_json *scale = cr_json_get(target, "scale");
    if (shift && encoding->target_count > 0) {
        encoding->target_shift =
            cr_json_lists_read_reals(shift, encoding->target_count, err);
        encoding->target_scale =
            cr_json_lists_read_reals(scale, encoding->target_count, err);
        if (!encoding->target_shift || !encoding->target_scale)
            return false;
    }
    if (!read_target_formats(encoding, cr_json_get(target, "formats"), err))
        return false;
    size_t given = cr_json_count(positions);
    if (given == 0)
        return true;
    if (given != encoding->target_count)
        return false;
    encoding->target_positions = cr_alloc(given, sizeof *encoding->target_positions, err);
    const cr_json *item = cr_json_first(positions);
    for (size_t i = 0; encoding->target_positions && i < given;
         i++, item = cr_json_next(item)) {
        if (!cr_json_lists_is_count(item, 1e9))
            return false;
        encoding->target_positions[i] = (size_t)cr_json_number(item);
    }
    return encoding->target_positions != NULL;
}

static bool read_input(cr_input *input, const cr_json *object, cr_error *err)
{
    const cr_json *position = cr_json_get(object, "position");
    const cr_json *words = cr_json_get(object, "words");
    const cr_json *indicator = cr_json_get(object, "indicator");
    if (!cr_json_is(object, CR_JSON_OBJECT) || !cr_json_lists_is_count(position, 1e9) ||
        (indicator && !cr_json_is(indicator, CR_JSON_BOOL)))
        return false;
    const cr_json *format = cr_json_get(object, "format");
    if (format &&
        !cr_cell_format_read(&input->format, format, &cr_cell_format_plain, err))
        return false;
    bool is_date = input->format.type == CR_CELL_DATE;
    if (is_date != cr_input_is_date(input) || (is_date && words))
        return false;
    input->position = (size_t)cr_json_number(position);
    input->indicator = indicator && cr_json_bool(indicator);
    if (words &&
        (!cr_json_lists_read_names(&input->words, words, err) || input->words.count == 0))
        return false;
    input->words.numeric = cr_names_are_numbers(&input->words);
    input->count = is_date
                       ? cr_date_parts_count(input->format.parts, input->format.cyclic)
                   : words ? input->words.count
                           : 1;
    input->count += input->indicator;
    return true;
}

/* What is said of all cells. */
static bool read_cells(cr_encoding *encoding, const cr_json *inputs, cr_error *err)
{
    const cr_json *cells = cr_json_get(inputs, "cells");
    const cr_json *gaps = cr_json_get(inputs, "missing_values");
    if (cells &&
        (!cr_cell_format_read(&encoding->cells, cells, &cr_cell_format_plain, err) ||
         encoding->cells.type != CR_CELL_ANY))
        return false;
    return cr_missing_words_read(&encoding->gaps, gaps, err);
}

static bool read_inputs(cr_encoding *encoding, const cr_json *inputs, cr_error *err)
{
    encoding->input_count = encoding->features;
    if (!inputs)
        return true;
    const cr_json *columns = cr_json_get(inputs, "columns");
    const cr_json *missing = cr_json_get(inputs, "missing");
    const cr_json *file_columns = cr_json_get(inputs, "file_columns");
    const cr_json *fill = cr_json_get(inputs, "fill");
    if (!cr_json_lists_is_count(file_columns, 1e9) ||
        !cr_json_is(missing, CR_JSON_STRING) || !read_cells(encoding, inputs, err))
        return false;
    encoding->file_columns = (size_t)cr_json_number(file_columns);
    while (cr_missing_names[encoding->missing] &&
           strcmp(cr_missing_names[encoding->missing], cr_json_string(missing)) != 0)
        encoding->missing++;
    if (!cr_missing_names[encoding->missing])
        return false;
    if ((encoding->missing >= CR_MISSING_MEAN) != (fill != NULL))
        return false;
    if (fill &&
        !(encoding->fill = cr_json_lists_read_reals(fill, encoding->features, err)))
        return false;
    if (!columns)
        return true;
    if (!cr_json_is(columns, CR_JSON_ARRAY))
        return false;
    encoding->input_count = cr_json_count(columns);
    encoding->inputs = cr_alloc(encoding->input_count, sizeof *encoding->inputs, err);
    size_t first = 0, i = 0;
    bool good = encoding->inputs != NULL;
    for (const cr_json *c = cr_json_first(columns); good && c; c = cr_json_next(c), i++) {
        good = read_input(&encoding->inputs[i], c, err);
        encoding->inputs[i].first = first;
        first += encoding->inputs[i].count;
    }
    return good && first == encoding->features;
}

/* The members that the metadata has as strings of their own, parsed. */
typedef struct members {
    cr_document shape, columns, inputs, lags, target, classes, weight, normalization;
} members;

static bool parse_members(members *m, const char *file, const cr_json *metadata,
                          cr_error *err)
{
    *m = (members){0};
    return parse_member(&m->shape, file, metadata, "shape", true, err) &&
           parse_member(&m->columns, file, metadata, "columns", true, err) &&
           parse_member(&m->inputs, file, metadata, "inputs", false, err) &&
           parse_member(&m->lags, file, metadata, "lags", false, err) &&
           parse_member(&m->target, file, metadata, "target", true, err) &&
           parse_member(&m->classes, file, metadata, "classes", false, err) &&
           parse_member(&m->weight, file, metadata, "weight", false, err) &&
           parse_member(&m->normalization, file, metadata, "normalization", true, err);
}

static void finish_members(members *m)
{
    cr_document_finish(&m->shape);
    cr_document_finish(&m->columns);
    cr_document_finish(&m->inputs);
    cr_document_finish(&m->lags);
    cr_document_finish(&m->target);
    cr_document_finish(&m->classes);
    cr_document_finish(&m->weight);
    cr_document_finish(&m->normalization);
}

static bool read_classes(cr_encoding *encoding, const cr_json *list, cr_error *err)
{
    encoding->classify = list != NULL;
    if (!list)
        return true;
    if (!cr_json_lists_read_names(&encoding->classes, list, err) ||
        encoding->classes.count == 0)
        return false;
    encoding->classes.numeric = cr_names_are_numbers(&encoding->classes);
    return true;
}

static bool read_weight(cr_encoding *encoding, const cr_json *object, cr_error *err)
{
    const cr_json *position = cr_json_get(object, "position");
    encoding->has_weight = encoding->weighted = object != NULL;
    if (!object)
        return true;
    if (!cr_json_lists_is_count(position, 1e9) ||
        !cr_json_lists_read_names(&encoding->weight, cr_json_get(object, "columns"), err))
        return false;
    encoding->weight_position = (size_t)cr_json_number(position);
    return encoding->weight.count == (encoding->columns.count > 0 ? 1 : 0);
}

static bool read_normalization(cr_encoding *encoding, const cr_json *object,
                               cr_error *err)
{
    if (cr_json_count(object) == 0)
        return true;
    size_t features = encoding->features, channels = cr_encoding_channels(encoding);
    encoding->shift =
        cr_json_lists_read_runs(cr_json_get(object, "shift"), features, channels, err);
    encoding->scale =
        cr_json_lists_read_runs(cr_json_get(object, "scale"), features, channels, err);
    return encoding->shift && encoding->scale;
}

/* Whether the counts are those of one table, or of images: what reads data with the
 * encoding relies on it. */
static bool is_consistent(const cr_encoding *encoding)
{
    size_t targets = encoding->target_count;
    size_t columns =
        encoding->file_columns ? encoding->file_columns : encoding->input_count + targets;
    bool named = encoding->columns.count > 0;
    for (size_t i = 0; encoding->target_positions && i < targets; i++)
        if (encoding->target_positions[i] >= columns ||
            (i > 0 && encoding->target_positions[i] <= encoding->target_positions[i - 1]))
            return false;
    if (encoding->has_weight &&
        (encoding->weight_position >= columns || !encoding->inputs))
        return false;
    for (size_t i = 0; encoding->inputs && i < cr_encoding_file_inputs(encoding); i++) {
        size_t position = encoding->inputs[i].position;
        if (position >= columns ||
            (encoding->has_weight && position == encoding->weight_position) ||
            (i > 0 && position <= encoding->inputs[i - 1].position))
            return false;
        for (size_t t = 0; encoding->target_positions && t < targets; t++)
            if (encoding->target_positions[t] == position)
                return false;
    }
    return (encoding->classify ? targets == 1 : targets >= 1) &&
           encoding->input_count > 0 &&
           columns >= cr_encoding_file_inputs(encoding) + targets &&
           (encoding->inputs || columns == encoding->input_count + targets) &&
           encoding->columns.count == (named ? encoding->input_count : 0) &&
           encoding->targets.count == (named ? targets : 0);
}

bool cr_encoding_metadata_read(cr_encoding *encoding, const char *file,
                               const cr_json *metadata, cr_error *err)
{
    *encoding = (cr_encoding){0};
    members m;
    bool good = parse_members(&m, file, metadata, err);
    if (good) {
        good = read_shape(encoding, m.shape.root) &&
               cr_json_lists_read_names(&encoding->columns, m.columns.root, err) &&
               read_inputs(encoding, m.inputs.root, err) &&
               cr_lags_metadata_read(encoding, m.lags.root, err) &&
               read_target(encoding, m.target.root, err) &&
               read_classes(encoding, m.classes.root, err) &&
               read_weight(encoding, m.weight.root, err) &&
               read_normalization(encoding, m.normalization.root, err) &&
               cr_lags_metadata_is_consistent(encoding) && is_consistent(encoding);
        if (!good)
            cr_fail(err, CR_E_DATA,
                    "%s: not a chainrule model, or a damaged one: its metadata does not "
                    "describe its input",
                    file);
    }
    finish_members(&m);
    if (!good)
        cr_encoding_finish(encoding);
    return good;
}
