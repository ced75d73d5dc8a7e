/* chainrule predict: a table, images or standard input to predictions, a row each. */
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "commands/command.h"
#include "data/batch.h"
#include "data/csv.h"
#include "math/kernel.h"
#include "runs/model_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUT, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "FILE", "write there in place of standard output"},
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
    cr_model *model;
    FILE *out;
    cr_real *x, *y;            /* one row */
    double *values, *expanded; /* of the row's cells, and as features */
    /* of a table that is read row by row: */
    const char *name;
    bool past_first, flush;
    cr_names header;
    cr_column *columns;
    size_t column_count;
    size_t unknown; /* cells with words that the training data did not have */
} predicting;

static void print_name(const predicting *p, const char *kind, const char *of, size_t i)
{
    char name[300], number[24];
    snprintf(number, sizeof number, "%zu", i);
    snprintf(name, sizeof name, "%s_%.250s", kind, of ? of : number);
    cr_csv_write(p->out, name);
}

/* Names of the targets, or their numbers. */
static void print_targets(const predicting *p, const char *kind)
{
    const cr_names *targets = &p->model->encoding->targets;
    size_t outputs = cr_model_outputs(p->model);
    for (size_t i = 0; i < outputs; i++) {
        if (i > 0)
            fputc(',', p->out);
        print_name(p, kind, targets->count == outputs ? targets->items[i] : NULL, i);
    }
}

static void print_heading(const predicting *p)
{
    const cr_encoding *encoding = p->model->encoding;
    const cr_loss_type *loss = p->model->loss.type;
    if (encoding->classify) {
        fputs("prediction", p->out);
        for (size_t i = 0; i < encoding->classes.count; i++) {
            fputc(',', p->out);
            print_name(p, loss->output_name, encoding->classes.items[i], i);
        }
    } else if (cr_model_outputs(p->model) > 1) {
        print_targets(p, "prediction");
        if (loss->classify) {
            fputc(',', p->out);
            print_targets(p, loss->output_name);
        }
    } else {
        fputs("prediction", p->out);
    }
    fputc('\n', p->out);
}

static void print_number(const predicting *p, bool comma, cr_real value)
{
    char number[CR_NUMBER_TEXT];
    cr_number_format_float((float)value, number);
    fprintf(p->out, "%s%s", comma ? "," : "", number);
}

/* In the table's units; with more digits where the target is far from 0 against its
 * spread. */
static void print_value(const predicting *p, size_t j)
{
    const cr_encoding *encoding = p->model->encoding;
    if (!encoding->target_scale) {
        print_number(p, j > 0, p->y[j]);
        return;
    }
    double value = cr_encoding_restore_target(encoding, j, (double)p->y[j]);
    double spreads = fabs(value) * encoding->target_scale[j];
    int digits = 9 + (spreads > 1 ? (int)ceil(log10(spreads)) : 0);
    fprintf(p->out, "%s%.*g", j > 0 ? "," : "", digits < 17 ? digits : 17, value);
}

/* Two classes have one score: that of the second less that of the first. */
static void print_two_classes(const predicting *p)
{
    cr_real shares[2] = {-p->y[0], p->y[0]};
    cr_csv_write(p->out, p->model->encoding->classes.items[p->y[0] > 0]);
    p->model->loss.type->present(2, 1, shares);
    print_number(p, true, shares[0]);
    print_number(p, true, shares[1]);
}

static void print_classes(const predicting *p)
{
    const cr_names *classes = &p->model->encoding->classes;
    size_t outputs = cr_model_outputs(p->model);
    cr_csv_write(p->out, classes->items[cr_kernel_argmax(outputs, p->y)]);
    if (p->model->loss.type->present)
        p->model->loss.type->present(1, outputs, p->y);
    for (size_t i = 0; i < outputs; i++)
        print_number(p, true, p->y[i]);
}

/* Of the network's outputs in p->y. */
static void print_prediction(const predicting *p)
{
    const cr_loss_type *loss = p->model->loss.type;
    size_t outputs = cr_model_outputs(p->model);
    bool labels = !p->model->encoding->classify && loss->binary;
    if (p->model->encoding->classify && loss->binary)
        print_two_classes(p);
    else if (p->model->encoding->classify)
        print_classes(p);
    for (size_t i = 0; i < outputs && labels; i++)
        fprintf(p->out, "%s%d", i > 0 ? "," : "", p->y[i] > 0);
    if (labels)
        loss->present(1, outputs, p->y);
    for (size_t i = 0; i < outputs && labels; i++)
        print_number(p, true, p->y[i]);
    for (size_t i = 0; i < outputs && !loss->classify; i++)
        print_value(p, i);
    fputc('\n', p->out);
    if (p->flush)
        fflush(p->out);
}

/* The first row says whether there is a header, and which columns there are. */
static bool begin_table(predicting *p, const cr_csv_row *row, bool *is_header,
                        cr_error *err)
{
    for (size_t i = 0; i < row->count; i++)
        if (!cr_names_add(&p->header, row->cells[i], err))
            return false;
    *is_header = cr_encoding_is_header(p->model->encoding, &p->header);
    p->column_count = row->count;
    p->columns = cr_alloc(row->count, sizeof *p->columns, err);
    if (!*is_header)
        cr_names_finish(&p->header);
    bool good =
        p->columns &&
        cr_encoding_match(p->model->encoding, p->name, *is_header ? &p->header : NULL,
                          row->count, CR_TARGET_IGNORED, p->columns, err);
    if (good)
        print_heading(p);
    return good;
}

static bool on_row(void *user, const cr_csv_row *row, cr_error *err)
{
    predicting *p = user;
    if (!p->past_first) {
        p->past_first = true;
        bool is_header = false;
        if (!begin_table(p, row, &is_header, err))
            return false;
        if (is_header)
            return true;
    }
    if (row->count != p->column_count)
        return cr_fail(err, CR_E_DATA,
                       "%s:%zu: found %zu cells, expected %zu as in the first row",
                       p->name, row->line, row->count, p->column_count);
    const cr_encoding *encoding = p->model->encoding;
    for (size_t i = 0; i < row->count; i++) {
        cr_cell cell = {
            p->name, row->line,     p->header.count ? p->header.items[i] : NULL,
            i,       row->cells[i], row->lengths[i]};
        if (p->columns[i].kind != CR_COLUMN_SKIP &&
            !cr_cell_read(&cell, &p->columns[i], encoding->missing,
                          &p->values[p->columns[i].to], err))
            return false;
    }
    for (size_t i = 0; i < row->count; i++)
        if (p->columns[i].kind == CR_COLUMN_WORD && isnan(p->values[p->columns[i].to]))
            p->unknown += !cr_cell_is_missing(row->cells[i], row->lengths[i]);
    cr_encoding_expand(encoding, p->values, p->expanded);
    cr_encoding_apply(encoding, p->expanded, p->x);
    if (!cr_model_scores(p->model, p->x, 1, p->y, err))
        return false;
    print_prediction(p);
    return true;
}

/* Line by line, so that a row is answered when it is there and not when the input ends.
 */
static bool predict_stream(predicting *p, FILE *in, cr_error *err)
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
            csv = cr_csv_create(p->name,
                                cr_csv_delimiter(line + mark, (size_t)length - mark),
                                on_row, p, err);
        }
        good = csv && cr_csv_feed(csv, line + mark, (size_t)length - mark, err);
    }
    if (good && csv)
        good = cr_csv_end(csv, err);
    if (good && !csv)
        good = cr_fail(err, CR_E_DATA, "%s: it is empty; rows of data were expected",
                       p->name);
    cr_csv_destroy(csv);
    free(line);
    return good;
}

static bool predict_dataset(predicting *p, const cr_dataset *dataset, cr_error *err)
{
    print_heading(p);
    for (uint32_t i = 0; i < dataset->examples; i++) {
        cr_batch_gather(dataset, &i, 1, p->x, NULL);
        if (!cr_model_scores(p->model, p->x, 1, p->y, err))
            return false;
        print_prediction(p);
    }
    return true;
}

static bool predict_file(predicting *p, const char *path, cr_error *err)
{
    cr_dataset dataset = {0};
    const cr_source source = cr_source_of_file(path, NULL);
    bool good =
        cr_dataset_load(&dataset, &source, p->model->encoding, CR_TARGET_IGNORED, err);
    p->unknown = dataset.unknown;
    good = good && predict_dataset(p, &dataset, err);
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

static bool predict(cr_model *model, const char *in, const char *out, cr_error *err)
{
    bool stream = strcmp(in, "-") == 0;
    if (!stream && out && cr_file_is_same(in, out))
        return cr_fail(err, CR_E_USAGE,
                       "-o %s: that is the file to predict, which would be lost; name "
                       "another",
                       out);
    predicting p = {
        .model = model, .name = stream ? "standard input" : in, .flush = stream};
    p.x = cr_alloc(cr_model_inputs(model), sizeof(cr_real), err);
    p.y = cr_alloc(cr_model_outputs(model), sizeof(cr_real), err);
    p.values = cr_alloc(model->encoding->input_count, sizeof *p.values, err);
    p.expanded = cr_alloc(cr_model_inputs(model), sizeof *p.expanded, err);
    cr_file_writer writer = {0};
    bool good = p.x && p.y && p.values && p.expanded &&
                cr_file_begin(&writer, out ? out : "-", err);
    if (good) {
        p.out = writer.stream;
        good = stream ? predict_stream(&p, stdin, err) : predict_file(&p, in, err);
        if (good && p.unknown > 0)
            warn_unknown(p.unknown);
        if (good)
            good = cr_file_commit(&writer, err);
        else
            cr_file_cancel(&writer);
    }
    cr_names_finish(&p.header);
    cr_free(p.columns);
    cr_free(p.x);
    cr_free(p.y);
    cr_free(p.values);
    cr_free(p.expanded);
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
    bool good = model && predict(model, arguments->items[1], values[OUT], &err);
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
