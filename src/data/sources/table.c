/* CSV and TSV tables: numbers row by row, words by their numbers in a dictionary, missing
 * values as NaN. Bad cells are reported several at once. */
#include "base/memory.h"
#include "data/encoding_summary.h"
#include "data/faults.h"
#include "data/groups.h"
#include "data/lag_rows.h"
#include "data/raw.h"
#include "data/sources/table_file.h"
#include "data/sources/table_guess.h"
#include "data/weight.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_WORDS = 1000 }; /* in a column's dictionary */

typedef struct filling {
    cr_raw *raw;
    const cr_table_file *file;
    const cr_reading *reading;
    cr_column *columns;  /* [file->columns] as in the reading; a guess is replaced by what
                           the column turns out to be, and stays where all is missing */
    double *row;         /* [raw->width] the row that is read, among raw->numbers */
    cr_numbers *classes; /* [rows, 1] each row's class; NULL: it has none */
    double *class;       /* of the row that is read, among classes */
    cr_words groups;     /* of the rows */
    size_t group_capacity;
    bool has_weights;
    size_t weight_capacity;
    cr_lag_rows *lags;    /* NULL: there are none */
    const double *lagged; /* [reading->lags.count] of the row */
    bool past_first;
    size_t first_line;
    cr_faults faults;
    bool is_enough;          /* no further cell need be looked at */
    cr_table_guess *guesses; /* [file->columns] the cells that decided */
} filling;

/* The number of a word in a column whose dictionary grows with what is found. */
static bool learn_word(filling *f, const cr_cell *cell, double *value, cr_error *err)
{
    cr_words *words = &f->raw->inputs[f->columns[cell->column].to].words;
    char name[96];
    int32_t place = 0;
    size_t before = words->names.count;
    const cr_table_guess *guess = &f->guesses[cell->column];
    if (!cr_words_number(words, cell->text, cell->line, &place, err))
        return false;
    if (guess->line > 0 && words->names.count > before &&
        !cr_table_guess_check_word(guess, cell, &f->columns[cell->column], err))
        return false;
    *value = (double)place;
    if (words->names.count <= MOST_WORDS)
        return true;
    f->is_enough = true;
    cr_error_add(
        err, CR_E_DATA,
        "%s:%zu: column %s: more than %d different words, which would each become "
        "an input of the network; leave the column out with \"ignore\" in \"data\"",
        cell->file, cell->line, cr_cell_format_column(cell, name), MOST_WORDS);
    return false;
}

static bool take_missing(filling *f, const cr_cell *cell, double *value, cr_error *err)
{
    const cr_column *column = &f->columns[cell->column];
    if (f->reading->missing < CR_MISSING_MEAN || column->kind == CR_COLUMN_TARGET ||
        column->kind == CR_COLUMN_CLASS)
        return cr_cell_refuse_missing(cell, column, err);
    f->raw->inputs[column->to].missing++;
    *value = NAN;
    return true;
}

static bool take_class(filling *f, const cr_cell *cell, cr_error *err)
{
    int32_t number = 0;
    if (!cr_words_number(&f->raw->classes, cell->text, cell->line, &number, err))
        return false;
    *f->class = (double)number;
    return true;
}

/* A value that is neither a number that is there nor missing. */
static bool fill_other(filling *f, const cr_cell *cell, double *value, cr_error *err)
{
    cr_raw *raw = f->raw;
    cr_column *column = &f->columns[cell->column];
    if (column->kind == CR_COLUMN_CLASS)
        return take_class(f, cell, err);
    if (column->kind == CR_COLUMN_WORD && !column->known)
        return learn_word(f, cell, value, err);
    double number = 0;
    if (f->guesses[cell->column].line > 0 && column->kind != CR_COLUMN_WORD &&
        !cr_cell_parse(column, cell->text, cell->length, &number))
        return cr_table_guess_refuse(&f->guesses[cell->column], cell, column, err);
    return cr_cell_read(cell, column, f->reading->missing, value, err) &&
           (!isnan(*value) || /* missing cells were seen to */
            cr_unknown_add(&raw->unknown, cell, column->known, err));
}

static bool fill_cell(filling *f, const cr_cell *cell, cr_error *err)
{
    cr_column *column = &f->columns[cell->column];
    if (column->kind == CR_COLUMN_WEIGHT)
        return cr_weight_read(cell, column, &f->raw->weights[f->raw->rows], err);
    double *value = f->row + column->to;
    bool read = cr_cell_is_value(column->kind) &&
                cr_cell_parse(column, cell->text, cell->length, value) &&
                cr_cell_is_finite(*value);
    if ((!read || column->gaps) && cr_cell_is_gap(column, cell->text, cell->length))
        return take_missing(f, cell, value, err);
    if (read)
        return !column->format || column->format->type != CR_CELL_CURRENCY ||
               cr_table_guess_check_currency(&f->guesses[cell->column], cell, err);
    if (column->kind == CR_COLUMN_GUESS)
        cr_table_guess_decide(&f->guesses[cell->column], cell, column);
    return fill_other(f, cell, value, err);
}

/* Whether the row is one of those that `missing` leaves out: those without a target, and
 * with CR_MISSING_DROP those without any value. */
static bool leaves_out(const filling *f, const cr_csv_row *row)
{
    cr_missing missing = f->reading->missing;
    size_t group = f->reading->group;
    if (missing == CR_MISSING_DROP && f->reading->has_groups &&
        cr_cell_is_gap(&f->reading->group_as, row->cells[group], row->lengths[group]))
        return true;
    bool maybe = missing != CR_MISSING_ERROR || f->reading->without_targets;
    for (size_t i = 0; i < row->count && maybe; i++) {
        const cr_column *column = &f->columns[i];
        bool is_target =
            column->kind == CR_COLUMN_TARGET || column->kind == CR_COLUMN_CLASS;
        if (column->kind == CR_COLUMN_SKIP || (missing != CR_MISSING_DROP && !is_target))
            continue;
        if (cr_cell_is_gap(column, row->cells[i], row->lengths[i]) ||
            (column->known && cr_names_place(column->known, row->cells[i]) < 0))
            return true;
    }
    return false;
}

static cr_cell cell_of(const filling *f, const cr_csv_row *row, size_t column)
{
    return cr_cell_of_row(f->file->path, f->reading->has_header ? &f->file->first : NULL,
                          row, column);
}

/* Words that are not known, of a row that is left out. */
static bool note_words(filling *f, const cr_csv_row *row, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; i < row->count; i++) {
        const cr_column *column = &f->columns[i];
        const cr_cell cell = cell_of(f, row, i);
        if (column->kind == CR_COLUMN_WORD && column->known &&
            !cr_cell_is_gap(column, cell.text, cell.length) &&
            cr_names_place(column->known, cell.text) < 0)
            good &= cr_unknown_add(&f->raw->unknown, &cell, column->known, err);
    }
    return good;
}

/* Goes on after a bad cell, so that all that are wrong are seen at once: true until there
 * are enough. */
static bool take_fault(filling *f, const cr_csv_row *row, size_t column, cr_error *err)
{
    const cr_cell cell = cell_of(f, row, column);
    if (err && err->code == CR_E_MEMORY)
        return false;
    cr_faults_take(&f->faults, &cell, err);
    f->is_enough |= cr_faults_is_enough(&f->faults);
    return !f->is_enough;
}

static bool fill_cells(filling *f, const cr_csv_row *row, cr_error *err)
{
    const cr_reading *reading = f->reading;
    for (size_t i = 0; i < row->count && !f->is_enough; i++) {
        bool is_group = reading->has_groups && i == reading->group;
        const cr_cell cell = cell_of(f, row, i);
        cr_faults_begin(&f->faults, err);
        bool good = !is_group || cr_groups_number(&f->groups, &cell, &reading->group_as,
                                                  reading->missing,
                                                  &f->raw->groups[f->raw->rows], err);
        if (f->columns[i].kind != CR_COLUMN_SKIP)
            good = fill_cell(f, &cell, err) && good;
        if (!good && !take_fault(f, row, i, err))
            return false;
    }
    return !f->is_enough;
}

/* Room for one more row. */
static bool begin_row(filling *f, cr_error *err)
{
    cr_raw *raw = f->raw;
    f->row = cr_numbers_next(raw->numbers, err);
    f->class = f->classes ? cr_numbers_next(f->classes, err) : NULL;
    return f->row && (f->class || !f->classes) &&
           (!f->reading->has_groups ||
            cr_reserve(&raw->groups, &f->group_capacity, raw->rows + 1,
                       sizeof *raw->groups, err)) &&
           (!f->has_weights || cr_reserve(&raw->weights, &f->weight_capacity,
                                          raw->rows + 1, sizeof *raw->weights, err));
}

static void fill_lags(filling *f)
{
    size_t count = f->reading->lags.count;
    size_t first = f->raw->input_count - count;
    for (size_t i = 0; i < count; i++) {
        f->row[first + i] = f->lagged[i];
        f->raw->inputs[first + i].missing += isnan(f->lagged[i]) ? 1 : 0;
    }
}

static void add_row(filling *f)
{
    cr_numbers_add(f->raw->numbers);
    if (f->classes)
        cr_numbers_add(f->classes);
    f->raw->rows++;
}

static bool fill_row(void *user, const cr_csv_row *row, cr_error *err)
{
    filling *f = user;
    if (!f->past_first) {
        f->past_first = true;
        f->first_line = row->line;
        if (f->reading->has_header)
            return true;
    }
    if (row->count != f->file->columns)
        return cr_table_file_refuse_count(f->file, row, f->first_line, err);
    cr_sample *sample = f->reading->sample;
    if (sample && !cr_sample_take(sample, row, err))
        return false;
    cr_lagged lagged = CR_LAGGED_USED;
    cr_faults_begin(&f->faults, err);
    if (f->lags && !cr_lag_rows_next(f->lags, row, &f->lagged, &lagged, err))
        return take_fault(f, row, cr_lag_rows_fault(f->lags), err);
    if (lagged == CR_LAGGED_WITH_GAP || leaves_out(f, row)) {
        f->raw->left_out++;
        return note_words(f, row, err);
    }
    if (lagged == CR_LAGGED_WITHOUT_HISTORY) {
        f->raw->without_history++;
        return true;
    }
    const cr_row_watch *watch = f->reading->watch;
    if (!begin_row(f, err) || !fill_cells(f, row, err) ||
        (watch && !watch->on_row(watch->user, row, err)))
        return false;
    fill_lags(f);
    add_row(f);
    return true;
}

static bool begin_lags(filling *f, cr_error *err)
{
    const cr_reading *reading = f->reading;
    const cr_lag_table table = {
        .file = f->file->path,
        .header = reading->has_header ? &f->file->first : NULL,
        .cells = reading->lag_cells,
        .missing = reading->missing,
        .answers = reading->answers,
    };
    if (reading->lags.count > 0)
        f->lags = cr_lag_rows_create(&reading->lags, &table, err);
    return f->lags || reading->lags.count == 0;
}

static bool begin(filling *f, const cr_opened *opened, cr_error *err)
{
    cr_raw *raw = f->raw;
    size_t columns = f->file->columns;
    raw->input_count = f->reading->inputs;
    raw->target_count = f->reading->classify ? 0 : f->reading->targets;
    raw->width = raw->input_count + raw->target_count;
    raw->inputs = cr_alloc(raw->input_count, sizeof *raw->inputs, err);
    raw->currencies = cr_alloc(raw->target_count, sizeof *raw->currencies, err);
    f->guesses = cr_alloc(columns, sizeof *f->guesses, err);
    f->columns = cr_alloc(columns, sizeof *f->columns, err);
    raw->numbers = cr_numbers_create(raw->width, err);
    if (raw->numbers)
        raw->numbers->spills = raw->source->spills;
    bool good = raw->inputs && raw->currencies && f->guesses && f->columns &&
                raw->numbers && begin_lags(f, err);
    for (size_t i = 0; good && i < opened->columns; i++) {
        f->columns[i] = f->reading->columns[i];
        f->has_weights |= f->columns[i].kind == CR_COLUMN_WEIGHT;
        if (f->columns[i].kind == CR_COLUMN_CLASS)
            good = (f->classes = cr_numbers_create(1, err)) != NULL;
    }
    return good;
}

/* Each row's class as raw has it. */
static bool take_classes(filling *f, cr_error *err)
{
    cr_raw *raw = f->raw;
    cr_numbers_view view;
    if (!f->classes)
        return true;
    raw->codes = cr_alloc_raw(raw->rows, sizeof *raw->codes, err);
    bool good = cr_numbers_view_init(&view, f->classes, err) && raw->codes;
    for (size_t i = 0; good && i < raw->rows; i++) {
        raw->codes[i] = (int32_t)*cr_numbers_row(&view, i);
        if (i % f->classes->block_rows == 0)
            cr_numbers_release(f->classes, i);
    }
    cr_numbers_view_finish(&view);
    return good;
}

/* What the columns turned out to be. */
static void describe_inputs(const filling *f)
{
    for (size_t i = 0; i < f->file->columns; i++) {
        const cr_column *column = &f->columns[i];
        if (column->kind == CR_COLUMN_TARGET)
            memcpy(f->raw->currencies[column->to - f->raw->input_count],
                   f->guesses[i].currency, CR_CURRENCY);
        if (column->kind == CR_COLUMN_SKIP || column->kind >= CR_COLUMN_CLASS ||
            column->kind == CR_COLUMN_TARGET)
            continue;
        f->raw->inputs[column->to].kind = column->kind;
        f->raw->inputs[column->to].position = i;
        memcpy(f->raw->inputs[column->to].currency, f->guesses[i].currency, CR_CURRENCY);
    }
    const cr_lags *lags = &f->reading->lags;
    cr_raw_input *behind = f->raw->inputs + f->raw->input_count - lags->count;
    for (size_t i = 0; i < lags->count; i++) {
        behind[i].kind = CR_COLUMN_NUMBER;
        behind[i].position = lags->columns[lags->items[i].value].position;
    }
}

/* Why there are no rows. */
static bool refuse_empty(const filling *f, cr_error *err)
{
    const char *path = f->file->path;
    if (f->raw->without_history > 0)
        return cr_fail(err, CR_E_DATA,
                       "%s: no row that is complete has a row %zu before it, which "
                       "\"lags\" in \"data\" looks at; take smaller steps, or more rows",
                       path, cr_lags_reach(&f->reading->lags));
    if (f->raw->left_out > 0)
        return cr_fail(err, CR_E_DATA, "%s: every row has a missing value", path);
    return cr_fail(err, CR_E_DATA, "%s: a header line and no rows of data below it",
                   path);
}

static bool read_table(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                       cr_error *err)
{
    cr_table_file *file = opened->content;
    filling f = {.raw = raw, .file = file, .reading = reading};
    bool good = begin(&f, opened, err) && cr_table_file_read(file, fill_row, &f, err) &&
                f.faults.count == 0 && take_classes(&f, err);
    cr_faults_report(&f.faults, file->path, err);
    raw->files[raw->file_count++] = (cr_checksum){"", file->crc32};
    cr_numbers_destroy(f.classes);
    if (good)
        describe_inputs(&f);
    raw->group_count = f.groups.names.count;
    cr_words_finish(&f.groups);
    cr_free(f.guesses);
    cr_free(f.columns);
    cr_lag_rows_destroy(f.lags);
    return good && (raw->rows > 0 || refuse_empty(&f, err));
}

typedef struct scanning {
    const cr_table_file *file;
    bool skip; /* the next row: it is the header */
    size_t first_line;
    cr_csv_on_row on_row;
    void *user;
} scanning;

static bool scan_row(void *user, const cr_csv_row *row, cr_error *err)
{
    scanning *s = user;
    s->first_line = s->first_line ? s->first_line : row->line;
    if (row->count != s->file->columns)
        return cr_table_file_refuse_count(s->file, row, s->first_line, err);
    bool skipped = s->skip;
    s->skip = false;
    return skipped || s->on_row(s->user, row, err);
}

static bool scan_table(const cr_opened *opened, bool has_header, cr_csv_on_row on_row,
                       void *user, cr_error *err)
{
    cr_table_file *file = opened->content;
    scanning s = {.file = file, .skip = has_header, .on_row = on_row, .user = user};
    return cr_table_file_read(file, scan_row, &s, err);
}

static bool open_table(cr_opened *opened, cr_error *err)
{
    cr_table_file *file = cr_alloc(1, sizeof *file, err);
    const cr_source *source = opened->source;
    if (!file || !cr_table_file_open(file, source, err)) {
        cr_free(file);
        return false;
    }
    opened->content = file;
    opened->columns = file->columns;
    opened->first = &file->first;
    opened->has_header = file->has_header;
    opened->delimiter = file->delimiter;
    opened->kept_line = file->kept_line;
    opened->empty_last = file->empty_last;
    return true;
}

static void close_table(cr_opened *opened)
{
    cr_table_file_close(opened->content);
    cr_free(opened->content);
}

const cr_source_type cr_source_table = {
    .name = "a table",
    .content = "a table",
    .summary = "a CSV or TSV table",
    .expected = "a table's path in quotes",
    .has_columns = true,
    .open = open_table,
    .close = close_table,
    .read = read_table,
    .scan = scan_table,
    .describe = cr_encoding_summary_add,
};
