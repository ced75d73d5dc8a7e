#include "data/row_encoder.h"

#include "base/memory.h"
#include "data/lag_match.h"

#include <math.h>
#include <string.h>

bool cr_row_encoder_init(cr_row_encoder *rows, const cr_encoding *encoding,
                         const char *file, cr_error *err)
{
    *rows = (cr_row_encoder){.encoding = encoding, .file = file};
    rows->values = cr_alloc(encoding->input_count, sizeof *rows->values, err);
    rows->features = cr_alloc(encoding->features, sizeof *rows->features, err);
    return rows->values && rows->features;
}

void cr_row_encoder_finish(cr_row_encoder *rows)
{
    cr_names_finish(&rows->header);
    cr_free(rows->columns);
    cr_unknown_finish(&rows->unknown);
    cr_lag_rows_destroy(rows->lags);
    cr_free(rows->lag_cells);
    cr_free(rows->values);
    cr_free(rows->features);
    *rows = (cr_row_encoder){0};
}

/* Where the lags' columns are; their rows begin anew. */
static bool match_lags(cr_row_encoder *rows, const cr_names *header, size_t count,
                       cr_error *err)
{
    const cr_encoding *encoding = rows->encoding;
    cr_lag_rows_destroy(rows->lags);
    cr_free(rows->lag_cells);
    rows->lags = NULL;
    if (!cr_lag_match_columns(encoding, rows->file, header, count, &rows->lag_cells, err))
        return false;
    const cr_lag_table table = {.file = rows->file,
                                .header = header,
                                .cells = rows->lag_cells,
                                .missing = encoding->missing,
                                .answers = true};
    if (encoding->lags.count > 0)
        rows->lags = cr_lag_rows_create(&encoding->lags, &table, err);
    return rows->lags || encoding->lags.count == 0;
}

bool cr_row_encoder_match(cr_row_encoder *rows, size_t count, cr_error *err)
{
    const cr_names *header = rows->header.count > 0 ? &rows->header : NULL;
    const cr_encoding *encoding = rows->encoding;
    cr_free(rows->columns);
    rows->column_count = count;
    bool by_name = header && encoding->columns.count > 0;
    rows->empty_last = !by_name && count > 0 && !cr_encoding_fits(encoding, count) &&
                       cr_encoding_fits(encoding, count - 1);
    rows->columns = cr_alloc(count, sizeof *rows->columns, err);
    return rows->columns &&
           cr_encoding_match(encoding, rows->file, header, count - rows->empty_last,
                             CR_TARGET_IGNORED, rows->columns, err) &&
           match_lags(rows, header, count - rows->empty_last, err);
}

bool cr_row_encoder_begin(cr_row_encoder *rows, const cr_csv_row *first, bool *is_header,
                          cr_error *err)
{
    for (size_t i = 0; i < first->count; i++)
        if (!cr_names_add(&rows->header, first->cells[i], err))
            return false;
    *is_header = cr_encoding_is_header(rows->encoding, &rows->header);
    if (!*is_header)
        cr_names_finish(&rows->header);
    return cr_row_encoder_match(rows, first->count, err);
}

static bool read_cell(cr_row_encoder *rows, const cr_csv_row *row, size_t i,
                      cr_error *err)
{
    const cr_column *column = &rows->columns[i];
    double *value = &rows->values[column->to];
    const cr_names *header = rows->header.count > 0 ? &rows->header : NULL;
    const cr_cell cell = cr_cell_of_row(rows->file, header, row, i);
    if (!cr_cell_read(&cell, column, rows->encoding->missing, value, err))
        return false;
    return column->kind != CR_COLUMN_WORD || !isnan(*value) ||
           cr_cell_is_gap(column, cell.text, cell.length) ||
           cr_unknown_add(&rows->unknown, &cell, column->known, err);
}

static bool read_lags(cr_row_encoder *rows, const cr_csv_row *row, cr_error *err)
{
    const cr_encoding *encoding = rows->encoding;
    const double *lagged = NULL;
    cr_lagged ignored;
    if (!rows->lags)
        return true;
    if (!cr_lag_rows_next(rows->lags, row, &lagged, &ignored, err))
        return false;
    memcpy(rows->values + cr_encoding_file_inputs(encoding), lagged,
           encoding->lags.count * sizeof *lagged);
    return true;
}

bool cr_row_encoder_read(cr_row_encoder *rows, const cr_csv_row *row, cr_error *err)
{
    if (row->count != rows->column_count)
        return cr_fail(
            err, CR_E_DATA,
            "%s:%zu: found %zu cell%s, expected %zu as in the first row; correct or "
            "remove the line",
            rows->file, row->line, row->count, row->count == 1 ? "" : "s",
            rows->column_count);
    if (rows->empty_last && row->lengths[row->count - 1] > 0) /* which says why not */
        return cr_encoding_match(rows->encoding, rows->file, NULL, row->count,
                                 CR_TARGET_IGNORED, rows->columns, err);
    bool good = true;
    for (size_t i = 0; i < row->count; i++)
        if (rows->columns[i].kind != CR_COLUMN_SKIP)
            good &= read_cell(rows, row, i, err);
    good = good && read_lags(rows, row, err);
    if (good)
        cr_encoding_expand(rows->encoding, rows->values, rows->features);
    return good;
}
