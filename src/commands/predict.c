/* chainrule predict: a table, images or standard input to predictions, a row each. */
#include "base/file.h"
#include "commands/cells.h"
#include "commands/command.h"
#include "data/csv.h"
#include "model/model_data.h"
#include "model/predictor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUT, SPREADSHEET, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "FILE", "write there in place of standard output"},
    [SPREADSHEET] = CR_CELLS_FLAG,
};

static const char details[] =
    "FILE is a table (CSV, TSV; .gz too), IDX images, or - for a table from standard\n"
    "input, answered row by row. Columns are matched by name where both sides have\n"
    "a header, else by position; the target column may be there or not.\n"
    "\n"
    "Examples:\n"
    "  chainrule predict runs/iris flowers.csv -o predictions.csv\n"
    "  echo 5.1,3.5,1.4,0.2 | chainrule predict runs/iris -\n";

typedef struct predicting {
    cr_predictor *predictor;
    cr_table_format format; /* of the rows */
    cr_cells cells;
    bool flush;      /* every row */
    bool past_first; /* row of a table that is read row by row */
    size_t unknown;  /* cells with words that the training data did not have */
} predicting;

static void print_heading(const predicting *p)
{
    char heading[CR_PREDICTOR_HEADING];
    for (size_t i = 0; i < cr_predictor_columns(p->predictor); i++) {
        if (i > 0)
            fputc(',', p->cells.out);
        cr_cells_write(&p->cells, cr_predictor_heading(p->predictor, i, heading));
    }
    fputc('\n', p->cells.out);
}

static void print_prediction(const predicting *p)
{
    char cell[CR_PREDICTOR_CELL];
    for (size_t i = 0; i < cr_predictor_columns(p->predictor); i++) {
        if (i > 0)
            fputc(',', p->cells.out);
        cr_cells_write(&p->cells, cr_predictor_cell(p->predictor, i, cell));
    }
    fputc('\n', p->cells.out);
    if (p->flush)
        fflush(p->cells.out);
}

static bool on_row(void *user, const cr_csv_row *row, cr_error *err)
{
    predicting *p = user;
    if (!p->past_first) {
        bool is_header = false;
        p->past_first = true;
        if (!cr_row_encoder_begin(&p->predictor->rows, row, &is_header, err))
            return false;
        print_heading(p);
        if (is_header)
            return true;
    }
    if (!cr_predictor_cells(p->predictor, row, err))
        return false;
    print_prediction(p);
    return true;
}

/* Line by line, so that a row is answered when it is there and not when the input ends.
 */
static bool predict_stream(predicting *p, const char *name, FILE *in, cr_error *err)
{
    char *line = NULL;
    size_t capacity = 0;
    cr_csv *csv = NULL;
    bool good = true;
    for (ssize_t length = getline(&line, &capacity, in); good && length >= 0;
         length = getline(&line, &capacity, in)) {
        size_t mark = 0;
        if (!csv) {
            mark = cr_csv_mark(line, (size_t)length);
            char delimiter = p->format.delimiter;
            if (!delimiter)
                delimiter = cr_csv_delimiter(line + mark, (size_t)length - mark);
            csv = cr_csv_create(name, delimiter, on_row, p, err);
        }
        good = csv && cr_csv_feed(csv, line + mark, (size_t)length - mark, err);
    }
    if (good && csv)
        good = cr_csv_end(csv, err);
    if (good && !csv)
        good =
            cr_fail(err, CR_E_DATA, "%s: it is empty; rows of data were expected", name);
    p->unknown = p->predictor->rows.unknown;
    cr_csv_destroy(csv);
    free(line);
    return good;
}

static bool predict_file(predicting *p, const char *path, cr_error *err)
{
    cr_dataset dataset = {0};
    const cr_source source = cr_source_of_file(path, NULL, &p->format);
    const cr_encoding *encoding = p->predictor->model->encoding;
    bool good = cr_dataset_load(&dataset, &source, encoding, CR_TARGET_IGNORED, err);
    if (good)
        print_heading(p);
    for (size_t i = 0; good && i < dataset.examples; i++) {
        good = cr_predictor_example(p->predictor, &dataset, i, err);
        if (good)
            print_prediction(p);
    }
    p->unknown = dataset.unknown;
    cr_dataset_finish(&dataset);
    return good;
}

static void warn_unknown(size_t cells)
{
    char text[160];
    snprintf(
        text, sizeof text,
        "%zu cell%s words that the training data did not have, and counted as missing",
        cells, cells == 1 ? " has" : "s have");
    cr_command_warn(text);
}

static bool predict(cr_model *model, const char *in, const char *const *values,
                    cr_error *err)
{
    const char *out = values[OUT];
    bool stream = strcmp(in, "-") == 0;
    if (!stream && out && cr_file_is_same(in, out))
        return cr_fail(err, CR_E_USAGE,
                       "-o %s: that is the file to predict, which would be lost; name "
                       "another",
                       out);
    const char *name = stream ? "standard input" : in;
    cr_file_writer writer = {0};
    predicting p = {.predictor = cr_predictor_create(model, name, err), .flush = stream};
    bool good = p.predictor && cr_model_data_format(&p.format, model, err) &&
                cr_file_begin(&writer, out ? out : "-", err);
    if (good) {
        p.cells = cr_cells_begin(writer.stream, values[SPREADSHEET] != NULL);
        good = stream ? predict_stream(&p, name, stdin, err) : predict_file(&p, in, err);
        if (good && p.unknown > 0)
            warn_unknown(p.unknown);
        if (good)
            good = cr_file_commit(&writer, err);
        else
            cr_file_cancel(&writer);
    }
    cr_predictor_destroy(p.predictor);
    return good;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    (void)context;
    const char *const *values = arguments->values;
    size_t count = arguments->count;
    if (count != 2)
        return cr_command_usage(&cr_command_predict,
                                "a RUN and a FILE are needed (- is standard input)");
    cr_error err = CR_ERROR_INIT;
    cr_model *model = cr_model_load(arguments->items[0], &err);
    bool good = model && predict(model, arguments->items[1], values, &err);
    cr_model_destroy(model);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_predict = {
    .name = "predict",
    .arguments = "RUN FILE|- [-o FILE]",
    .summary = "Predictions of a trained model for new rows, as CSV.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .missing = "a RUN and a FILE are needed (- is standard input)",
    .run = run,
};
