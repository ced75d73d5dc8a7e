#include "data/encoding.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void cr_encoding_finish(cr_encoding *encoding)
{
    cr_names_finish(&encoding->columns);
    cr_names_finish(&encoding->targets);
    cr_names_finish(&encoding->classes);
    cr_names_finish(&encoding->weight);
    cr_free(encoding->target_positions);
    for (size_t i = 0; encoding->inputs && i < encoding->input_count; i++) {
        cr_names_finish(&encoding->inputs[i].words);
        cr_cell_format_finish(&encoding->inputs[i].format);
    }
    cr_free(encoding->inputs);
    for (size_t i = 0; encoding->target_formats && i < encoding->target_count; i++)
        cr_cell_format_finish(&encoding->target_formats[i]);
    cr_free(encoding->target_formats);
    cr_cell_format_finish(&encoding->cells);
    cr_missing_words_finish(&encoding->gaps);
    cr_lags_finish(&encoding->lags);
    cr_free(encoding->target_shift);
    cr_free(encoding->target_scale);
    cr_free(encoding->fill);
    cr_free(encoding->shift);
    cr_free(encoding->scale);
    *encoding = (cr_encoding){0};
}

/* A cell of a first row, and its column. */
typedef struct heading {
    const char *name;
    size_t column;
} heading;

static int compare_headings(const void *a, const void *b)
{
    return strcmp(((const heading *)a)->name, ((const heading *)b)->name);
}

static heading *sort_row(const cr_names *row, cr_error *err)
{
    heading *sorted = cr_alloc(row->count, sizeof *sorted, err);
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < row->count; i++)
        sorted[i] = (heading){row->items[i], i};
    qsort(sorted, row->count, sizeof *sorted, compare_headings);
    return sorted;
}

static const heading *find_heading(const heading *sorted, size_t count, const char *name)
{
    const heading wanted = {name, 0};
    return bsearch(&wanted, sorted, count, sizeof wanted, compare_headings);
}

static bool has_name(const cr_encoding *encoding, const cr_names *row)
{
    heading *sorted = sort_row(row, NULL);
    bool found = false; /* also without memory: reading will say so */
    for (size_t i = 0; sorted && !found && i < encoding->columns.count; i++)
        found = find_heading(sorted, row->count, encoding->columns.items[i]) != NULL;
    const cr_lags *lags = &encoding->lags;
    for (size_t i = 0; sorted && !found && i < lags->column_count; i++)
        found = lags->columns[i].name &&
                find_heading(sorted, row->count, lags->columns[i].name) != NULL;
    cr_free(sorted);
    return found;
}

/* The column of input i in the training file. */
static size_t input_position(const cr_encoding *encoding, size_t i)
{
    if (encoding->inputs)
        return encoding->inputs[i].position;
    size_t position = i;
    for (size_t t = 0; encoding->target_positions && t < encoding->target_count; t++)
        position += encoding->target_positions[t] <= position;
    return position;
}

/* The position of column `at` of the training file; `whole`: in a file with all of them,
 * else in one without the targets. */
static size_t shift_position(const cr_encoding *encoding, size_t at, bool whole)
{
    size_t before = 0;
    for (size_t t = 0; encoding->target_positions && t < encoding->target_count; t++)
        before += encoding->target_positions[t] < at;
    return whole ? at : at - before;
}

/* The column of input i in a file that has the training file's columns without those of
 * the targets. */
static size_t position_without_targets(const cr_encoding *encoding, size_t i)
{
    return shift_position(encoding, input_position(encoding, i), false);
}

static size_t file_columns(const cr_encoding *encoding)
{
    return encoding->file_columns ? encoding->file_columns
                                  : encoding->input_count + encoding->target_count;
}

/* What all columns have: how cells are written, unless `own` says it, and gaps. */
static cr_column any_column(const cr_encoding *encoding, const cr_cell_format *own)
{
    const cr_cell_format *cells = &encoding->cells;
    cr_column column = {.of_model = true};
    if (own && own->type != CR_CELL_ANY)
        column.format = own;
    else if (cells->number.decimal != '\0' && !cr_cell_format_is_plain(cells))
        column.format = cells;
    if (encoding->gaps.words.count > 0)
        column.gaps = &encoding->gaps;
    return column;
}

static cr_column input_column(const cr_encoding *encoding, size_t i)
{
    const cr_input *input = encoding->inputs ? &encoding->inputs[i] : NULL;
    cr_column column = any_column(encoding, input ? &input->format : NULL);
    column.kind = CR_COLUMN_NUMBER;
    column.to = i;
    if (input && input->words.count > 0) {
        column.kind = CR_COLUMN_WORD;
        column.known = &input->words;
    } else if (input && cr_input_is_date(input)) {
        column.kind = CR_COLUMN_DATE;
    }
    return column;
}

cr_column cr_encoding_lag_column(const cr_encoding *encoding, size_t column)
{
    const cr_lags *lags = &encoding->lags;
    for (size_t i = 0; i < lags->count; i++)
        if (lags->items[i].value == column)
            return input_column(encoding, cr_encoding_file_inputs(encoding) + i);
    return cr_encoding_other_column(encoding);
}

cr_column cr_encoding_other_column(const cr_encoding *encoding)
{
    return any_column(encoding, NULL);
}

static cr_column target_column(const cr_encoding *encoding, cr_need_target need,
                               size_t index)
{
    const cr_cell_format *own =
        encoding->target_formats ? &encoding->target_formats[index] : NULL;
    cr_column column = any_column(encoding, own);
    if (need == CR_TARGET_IGNORED)
        return (cr_column){.kind = CR_COLUMN_SKIP};
    column.kind = encoding->classify ? CR_COLUMN_CLASS : CR_COLUMN_TARGET;
    column.to = encoding->classify ? 0 : encoding->input_count + index;
    return column;
}

static cr_column weight_column(const cr_encoding *encoding, cr_need_target need)
{
    cr_column column = any_column(encoding, NULL);
    column.kind = need == CR_TARGET_IGNORED ? CR_COLUMN_SKIP : CR_COLUMN_WEIGHT;
    return column;
}

void cr_encoding_keep_header(const cr_encoding *encoding, cr_table_format *format)
{
    if (encoding->columns.count == 0)
        return;
    format->names = (const char *const *)encoding->columns.items;
    format->name_count = cr_encoding_file_inputs(encoding);
}

bool cr_encoding_fits(const cr_encoding *encoding, size_t count)
{
    size_t all = file_columns(encoding);
    return count == all - encoding->target_count ||
           (count == all && encoding->target_positions);
}

static bool is_called(const cr_names *header, size_t at, const char *name)
{
    return at < header->count && name && strcmp(header->items[at], name) == 0;
}

size_t cr_encoding_in_order(const cr_encoding *encoding, const cr_names *header,
                            size_t count)
{
    size_t all = file_columns(encoding), without = all - encoding->target_count;
    if (!header || encoding->columns.count == 0 || count > header->count)
        return 0;
    count -= count > 0 && *header->items[count - 1] == '\0' &&
             (count == all + 1 || count == without + 1);
    bool whole = count == all && encoding->target_positions;
    bool same = whole || count == without;
    for (size_t i = 0; same && i < cr_encoding_file_inputs(encoding); i++)
        same = is_called(header,
                         shift_position(encoding, input_position(encoding, i), whole),
                         encoding->columns.items[i]);
    for (size_t t = 0; same && whole && t < encoding->targets.count; t++)
        same =
            is_called(header, encoding->target_positions[t], encoding->targets.items[t]);
    if (same && whole && encoding->has_weight)
        same = is_called(header, encoding->weight_position, encoding->weight.items[0]);
    for (size_t i = 0; same && i < encoding->lags.column_count; i++)
        same = is_called(
            header, shift_position(encoding, encoding->lags.columns[i].position, whole),
            encoding->lags.columns[i].name);
    return same ? count : 0;
}

static bool is_of_words(const cr_names *row)
{
    double number = 0;
    for (size_t i = 0; i < row->count; i++)
        if (cr_number_parse(row->items[i], strlen(row->items[i]), &number))
            return false;
    return true;
}

bool cr_encoding_is_header(const cr_encoding *encoding, const cr_names *first_row)
{
    size_t all = file_columns(encoding), without = all - encoding->target_count;
    if (has_name(encoding, first_row))
        return true;
    if (first_row->count != all && first_row->count != without)
        return is_of_words(first_row); /* of data with too few or too many cells? */
    bool with_target =
        first_row->count >= file_columns(encoding) && encoding->target_positions;
    size_t words = 0, numbers = 0;
    for (size_t i = 0; i < encoding->input_count; i++) {
        size_t position = with_target ? input_position(encoding, i)
                                      : position_without_targets(encoding, i);
        double number = 0;
        const char *cell = position < first_row->count ? first_row->items[position] : "";
        const cr_column column = input_column(encoding, i);
        if (column.kind == CR_COLUMN_WORD || cr_cell_is_gap(&column, cell, strlen(cell)))
            continue;
        bool parsed = cr_cell_parse(&column, cell, strlen(cell), &number);
        numbers += parsed;
        words += !parsed;
    }
    return words > numbers; /* fewer are mistakes in a row of data */
}

/* What match_names goes through the encoding's names with. */
typedef struct matching {
    const char *file;
    const heading *sorted; /* [count] */
    size_t count;
    cr_column *columns; /* [count] */
    cr_text missing;
    cr_error *err;
} matching;

/* The column called `name` goes where `place` says. False when two columns could be
 * meant, here or in the training data: one of them would be left without numbers. */
static bool match_name(matching *m, const char *name, cr_column place)
{
    const heading *found = find_heading(m->sorted, m->count, name);
    if (!found)
        return true; /* add_missing says so */
    bool repeated =
        (found > m->sorted && strcmp(found[-1].name, name) == 0) ||
        (found + 1 < m->sorted + m->count && strcmp(found[1].name, name) == 0);
    if (repeated || m->columns[found->column].kind != CR_COLUMN_SKIP)
        return cr_fail(
            m->err, CR_E_DATA,
            "%s: several columns are called \"%.60s\", here or in the training "
            "data, so that the name does not tell which is meant; give them "
            "different names, or all columns of the training file in its order",
            m->file, name);
    m->columns[found->column] = place;
    return true;
}

/* Adds the name if it is not in the header, and what was likely meant: a name that the
 * encoding does not have. */
static void add_missing(matching *m, const char *name, const char *what,
                        const cr_names *others)
{
    if (find_heading(m->sorted, m->count, name) || m->missing.length >= 200)
        return;
    const char *near =
        cr_text_nearest(name, (const char *const *)others->items, others->count);
    cr_text_add(&m->missing, "%s\"%s\"%s", m->missing.length ? ", " : "", name, what);
    if (near)
        cr_text_add(&m->missing, " (did you mean \"%s\"?)", near);
}

/* All names that are not there. */
static void add_missing_names(matching *m, const cr_encoding *encoding,
                              const cr_names *header, cr_need_target need)
{
    cr_names others = {0}; /* without memory: fewer, and fewer hints */
    size_t ignored = 0;
    for (size_t i = 0; i < m->count; i++)
        if (m->columns[i].kind == CR_COLUMN_SKIP &&
            !cr_names_find(&encoding->targets, header->items[i], &ignored))
            (void)!cr_names_add(&others, header->items[i], NULL);
    for (size_t i = 0; i < cr_encoding_file_inputs(encoding); i++)
        add_missing(m, encoding->columns.items[i], "", &others);
    for (size_t i = 0; i < encoding->targets.count && need != CR_TARGET_IGNORED; i++)
        add_missing(m, encoding->targets.items[i], " (the target)", &others);
    if (encoding->has_weight && need != CR_TARGET_IGNORED)
        add_missing(m, encoding->weight.items[0], " (the weight)", &others);
    cr_names_finish(&others);
}

/* Every name of the encoding must be in the header. */
static bool match_names(const cr_encoding *encoding, const char *file,
                        const cr_names *header, cr_need_target need, cr_column *columns,
                        cr_error *err)
{
    heading *sorted = sort_row(header, err);
    matching m = {file, sorted, header->count, columns, .err = err};
    bool good = sorted != NULL;
    for (size_t i = 0; good && i < cr_encoding_file_inputs(encoding); i++)
        good = match_name(&m, encoding->columns.items[i], input_column(encoding, i));
    for (size_t i = 0; good && i < encoding->targets.count && need != CR_TARGET_IGNORED;
         i++)
        good =
            match_name(&m, encoding->targets.items[i], target_column(encoding, need, i));
    if (good && need != CR_TARGET_IGNORED && encoding->has_weight)
        good = match_name(&m, encoding->weight.items[0], weight_column(encoding, need));
    if (good)
        add_missing_names(&m, encoding, header, need);
    if (good && (m.missing.length > 0 || m.missing.failed))
        good =
            cr_fail(err, CR_E_DATA,
                    "%s: the model was trained on columns that are not in this file: %s",
                    file, m.missing.failed ? "" : m.missing.data);
    cr_text_finish(&m.missing);
    cr_free(sorted);
    return good;
}

/* A table in place of images. */
static bool refuse_row(const cr_encoding *encoding, const char *file, size_t count,
                       cr_need_target need, cr_error *err)
{
    char shape[CR_SHAPE_TEXT];
    cr_shape_format(&encoding->shape, shape);
    if (need != CR_TARGET_IGNORED)
        return cr_fail(err, CR_E_DATA,
                       "%s: a table, but the model learned from images of %s; expected "
                       "images with their classes or targets, as it was trained on",
                       file, shape);
    return cr_fail(err, CR_E_DATA,
                   "%s: found %zu columns, but the model learned from images of %s; "
                   "expected files of images, or the %zu values of one in each row",
                   file, count, shape, encoding->features);
}

static bool match_positions(const cr_encoding *encoding, const char *file, size_t count,
                            cr_need_target need, cr_column *columns, cr_error *err)
{
    size_t all = file_columns(encoding), without = all - encoding->target_count;
    bool has_target = count == all && encoding->target_positions;
    if (!encoding->target_positions && encoding->shape.rank == 3 &&
        (need != CR_TARGET_IGNORED || count != without))
        return refuse_row(encoding, file, count, need, err);
    if (!has_target && need != CR_TARGET_IGNORED)
        return cr_fail(err, CR_E_DATA,
                       "%s: found %zu columns, expected %zu: those of the training file, "
                       "in its order",
                       file, count, all);
    if (!has_target && count != without)
        return cr_fail(err, CR_E_DATA,
                       "%s: found %zu columns, expected the %zu %s in the order of the "
                       "training file (with or without its target)",
                       file, count, without,
                       without == encoding->features ? "features" : "columns");
    for (size_t i = 0; i < cr_encoding_file_inputs(encoding); i++)
        columns[has_target ? input_position(encoding, i)
                           : position_without_targets(encoding, i)] =
            input_column(encoding, i);
    for (size_t t = 0; has_target && t < encoding->target_count; t++)
        columns[encoding->target_positions[t]] = target_column(encoding, need, t);
    if (has_target && encoding->has_weight)
        columns[encoding->weight_position] = weight_column(encoding, need);
    return true;
}

bool cr_encoding_match(const cr_encoding *encoding, const char *file,
                       const cr_names *header, size_t count, cr_need_target need,
                       cr_column *columns, cr_error *err)
{
    for (size_t i = 0; i < count; i++)
        columns[i] = (cr_column){.kind = CR_COLUMN_SKIP};
    size_t in_order = cr_encoding_in_order(encoding, header, count);
    if (need != CR_TARGET_IGNORED && in_order < file_columns(encoding))
        in_order = 0; /* the target is not there */
    if (in_order > 0)
        return match_positions(encoding, file, in_order, need, columns, err);
    if (header && encoding->columns.count > 0)
        return match_names(encoding, file, header, need, columns, err);
    return match_positions(encoding, file, count, need, columns, err);
}

static void expand_input(const cr_input *input, double value, double *x)
{
    size_t values = input->count - input->indicator;
    bool missing = isnan(value);
    if (cr_input_is_date(input))
        cr_date_parts_expand(value, input->format.parts, input->format.cyclic, x);
    else if (input->words.count == 0)
        x[0] = value;
    for (size_t i = 0; input->words.count > 0 && i < values; i++)
        x[i] = !missing ? (double)((size_t)value == i) : input->indicator ? 0 : NAN;
    if (input->indicator)
        x[values] = (double)missing;
}

void cr_encoding_expand(const cr_encoding *encoding, const double *values, double *x)
{
    if (!encoding->inputs) {
        memcpy(x, values, encoding->input_count * sizeof *x);
        return;
    }
    for (size_t i = 0; i < encoding->input_count; i++)
        expand_input(&encoding->inputs[i], values[i], x + encoding->inputs[i].first);
}

void cr_encoding_apply(const cr_encoding *encoding, const double *raw, cr_real *x)
{
    const double *fill = encoding->fill, *shift = encoding->shift;
    for (size_t j = 0; j < encoding->features; j++) {
        double value = fill && isnan(raw[j]) ? fill[j] : raw[j];
        x[j] = (cr_real)(shift ? (value - shift[j]) * encoding->scale[j] : value);
    }
}

double cr_encoding_restore_target(const cr_encoding *encoding, size_t j, double output)
{
    return encoding->target_scale
               ? output / encoding->target_scale[j] + encoding->target_shift[j]
               : output;
}
