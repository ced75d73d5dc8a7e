#include "data/reading.h"

#include "base/memory.h"
#include "data/lag_match.h"

void cr_reading_finish(cr_reading *reading)
{
    cr_free(reading->columns);
    for (size_t i = 0; reading->formats && i < reading->column_count; i++)
        cr_cell_format_finish(&reading->formats[i]);
    cr_free(reading->formats);
    cr_missing_words_finish(&reading->gaps);
    cr_lags_finish(&reading->lags);
    cr_free(reading->lag_cells);
    *reading = (cr_reading){0};
}

bool cr_reading_allocate(cr_reading *reading, const cr_opened *file, cr_error *err)
{
    reading->columns = cr_alloc(file->columns, sizeof *reading->columns, err);
    for (size_t i = 0; reading->columns && i < file->columns; i++)
        reading->columns[i].kind = CR_COLUMN_SKIP;
    return reading->columns != NULL;
}

bool cr_reading_set_cells(cr_reading *reading, size_t columns,
                          const cr_types_section *section, cr_error *err)
{
    reading->cells = section->cells;
    reading->column_count = columns;
    reading->formats = cr_alloc(columns, sizeof *reading->formats, err);
    if (!reading->formats ||
        !cr_missing_words_read(&reading->gaps, section->missing_values, err))
        return false;
    for (size_t i = 0; i < columns; i++) {
        if (!cr_cell_format_is_plain(&reading->cells))
            reading->columns[i].format = &reading->cells;
        if (reading->gaps.words.count > 0)
            reading->columns[i].gaps = &reading->gaps;
    }
    return true;
}

/* Where the columns of lags are, and how their cells are read. */
static bool place_lags(cr_reading *reading, cr_error *err)
{
    const cr_lags *lags = &reading->lags;
    reading->lag_cells = cr_alloc(lags->column_count, sizeof *reading->lag_cells, err);
    for (size_t i = 0; reading->lag_cells && i < lags->column_count; i++) {
        cr_lag_cells *cells = &reading->lag_cells[i];
        cells->position = lags->columns[i].position;
        cells->as = reading->columns[cells->position];
        if (cells->as.kind != CR_COLUMN_TARGET)
            cells->as.kind = CR_COLUMN_NUMBER;
    }
    return reading->lag_cells != NULL;
}

bool cr_reading_place(cr_reading *reading, const cr_opened *file, cr_error *err)
{
    reading->inputs = reading->targets = 0;
    reading->classify = false;
    for (size_t i = 0; i < file->columns; i++) {
        cr_column *column = &reading->columns[i];
        bool of_class = column->kind == CR_COLUMN_CLASS;
        reading->classify |= of_class;
        if (of_class || column->kind == CR_COLUMN_TARGET)
            reading->targets++;
        else if (column->kind != CR_COLUMN_SKIP && column->kind != CR_COLUMN_WEIGHT)
            column->to = reading->inputs++;
    }
    reading->inputs += reading->lags.count;
    size_t behind = reading->inputs;
    for (size_t i = 0; i < file->columns; i++)
        if (reading->columns[i].kind == CR_COLUMN_TARGET)
            reading->columns[i].to = behind++;
    if (reading->has_groups)
        reading->group_as = reading->columns[reading->group];
    if (reading->lags.count > 0 && !place_lags(reading, err))
        return false;
    return reading->inputs > 0 ||
           cr_fail(err, CR_E_DATA, "%s: no column is left beside the target%s",
                   file->source->path,
                   file->columns == 1
                       ? "; the file has one column: commas, semicolons or tabs part them"
                       : "");
}

bool cr_reading_match(cr_reading *reading, const cr_encoding *encoding,
                      const cr_opened *file, cr_need_target need, cr_error *err)
{
    bool drops = encoding->missing == CR_MISSING_DROP && need == CR_TARGET_IGNORED;
    *reading =
        (cr_reading){.inputs = encoding->input_count,
                     .targets = need == CR_TARGET_IGNORED ? 0 : encoding->target_count,
                     .classify = encoding->classify,
                     .without_targets = need == CR_TARGET_WHERE_GIVEN,
                     .known = encoding,
                     .answers = need == CR_TARGET_IGNORED,
                     .group_as = cr_encoding_other_column(encoding),
                     .missing = drops ? CR_MISSING_ERROR : encoding->missing};
    if (file->columns == 0)
        return true;
    int header = file->source->header;
    reading->has_header =
        header >= 0 ? header : cr_encoding_is_header(encoding, file->first);
    const cr_names *names = reading->has_header ? file->first : NULL;
    return cr_reading_allocate(reading, file, err) &&
           cr_encoding_match(encoding, file->source->path, names, file->columns, need,
                             reading->columns, err) &&
           cr_lags_copy(&reading->lags, &encoding->lags, err) &&
           cr_lag_match_columns(encoding, file->source->path, names, file->columns,
                                &reading->lag_cells, err);
}
