/* chainrule predict: a table, images or standard input to predictions, a row each. */
#include "base/directory.h"
#include "base/memory.h"
#include "base/number.h"
#include "commands/cells.h"
#include "commands/command.h"
#include "commands/keep.h"
#include "commands/kind.h"
#include "commands/output.h"
#include "commands/remarks.h"
#include "data/csv.h"
#include "data/table_text.h"
#include "measure/threshold.h"
#include "model/model_data.h"
#include "model/predictor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OUT, KEEP, THRESHOLD, TOP, RESIZE, SPREADSHEET, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "FILE", "write there in place of standard output"},
    [KEEP] = {0, "keep", "COLUMNS",
              "put these columns of the input in front: names or numbers (from 0; -1 is "
              "the last), or all"},
    [THRESHOLD] = {0, "threshold", "P",
                   "predict the second of two classes from this probability on (labels: "
                   "each, or P,P,…)"},
    [TOP] = {0, "top", "K",
             "the K most likely classes, each with its probability, in place of all"},
    [RESIZE] = {0, "resize", NULL,
                "make pictures of another size than the model's fit, in place of an "
                "error (always "
                "where its config has \"size\")"},
    [SPREADSHEET] = CR_CELLS_FLAG,
};

static const char details[] =
    "FILE is a table (CSV, TSV; .gz too), IDX images, a NumPy array (.npy, .npz:NAME), "
    "a\n"
    "binary file of CIFAR, or - for a table from standard input, answered row by row; "
    "or\n"
    "it is pictures (PNG, JPEG, PGM, PPM) and folders of them, one or several. A "
    "picture's\n"
    "line begins with its path; pictures in the folders inside of a folder count too.\n"
    "Grey is repeated for a network of colours, and colours are made grey for one of\n"
    "grey. Columns are matched by name where both sides have\n"
    "a header, else by position; the target column may be there or not, and so may\n"
    "columns that training ignored, where names match. Where the model has lags, they\n"
    "look at the rows before in the same input; a row with too few of them keeps its\n"
    "place, with an empty prediction.\n"
    "\n"
    "Classes are in the order of the probability columns; the second is the one that\n"
    "--threshold is for. chainrule eval RUN --threshold-by f1 chooses one.\n"
    "\n"
    "Examples:\n"
    "  chainrule predict runs/iris flowers.csv -o predictions.csv\n"
    "  chainrule predict runs/iris flowers.csv --keep id,name --top 2\n"
    "  chainrule predict runs/adult people.csv --threshold 0.3\n"
    "  chainrule predict runs/pets photos/ --top 1\n"
    "  echo 5.1,3.5,1.4,0.2 | chainrule predict runs/iris -\n";

typedef struct predicting {
    const cr_context *context;
    cr_predictor *predictor;
    cr_table_format format; /* of the rows */
    cr_cells cells;
    cr_keep keep;
    const cr_names *files; /* of pictures, in front of their predictions; NULL: none */
    bool resize;           /* pictures */
    bool flush;            /* every row */
    bool past_first;       /* row of a table that is read row by row, or the heading */
    size_t kept_line;      /* as cr_csv_kept_line */
} predicting;

static void print_heading(const predicting *p)
{
    char heading[CR_PREDICTOR_HEADING];
    cr_keep_print_names(&p->keep, &p->cells);
    if (p->files)
        fputs("file,", p->cells.out);
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
    if (p->predictor->is_empty && cr_predictor_columns(p->predictor) == 1)
        fputs("\"\"", p->cells.out); /* an empty line would be no row to most readers */
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
        cr_row_encoder *rows = &p->predictor->rows;
        if (!cr_row_encoder_begin(rows, row, &is_header, err) ||
            !cr_keep_match(&p->keep, &rows->header, row->count, err))
            return false;
        print_heading(p);
        if (is_header)
            return true;
    }
    if (!cr_predictor_cells(p->predictor, row, err))
        return false;
    cr_keep_print(&p->keep, row, &p->cells);
    print_prediction(p);
    return true;
}

/* Row by row, so that each is answered when it is there and not when the input ends. */
static bool read_stream(cr_table_text *text, cr_csv *csv, cr_error *err)
{
    const char *piece = NULL;
    for (size_t length = 1; length > 0;)
        if (!cr_table_text_read(text, &piece, &length, err) ||
            !cr_csv_feed(csv, piece, length, err))
            return false;
    return cr_csv_end(csv, err);
}

static bool predict_stream(predicting *p, const char *name, cr_error *err)
{
    cr_encoding_keep_header(p->predictor->model->encoding, &p->format);
    cr_table_text *text =
        cr_table_text_open_stream(STDIN_FILENO, name, &p->format, SIZE_MAX, err);
    cr_csv *csv = text ? cr_csv_create(name, &p->format, on_row, p, err) : NULL;
    bool good = csv && read_stream(text, csv, err);
    if (good && !p->past_first)
        good =
            cr_fail(err, CR_E_DATA, "%s: it is empty; rows of data were expected", name);
    if (good)
        cr_remarks_on_words(&p->predictor->rows.unknown);
    p->kept_line = csv ? cr_csv_kept_line(csv) : 0;
    cr_csv_destroy(csv);
    cr_table_text_close(text);
    return good;
}

static bool match_columns(void *user, const cr_names *names, size_t columns,
                          cr_error *err)
{
    return cr_keep_match(user, names, columns, err);
}

static bool store_cells(void *user, const cr_csv_row *row, cr_error *err)
{
    return cr_keep_store(user, row, err);
}

/* What is to be predicted at once: one file or folder, or several pictures, of those that
 * are named. */
static bool find_source(predicting *p, char *const *files, size_t count,
                        bool among_others, cr_source *source, cr_error *err)
{
    cr_remarks_on_encoding(files[0], &p->format);
    *source = cr_source_of_file(files[0], NULL, &p->format);
    source->resize = p->resize || cr_model_data_resizes(p->predictor->model);
    if (!source->type->takes_files && p->resize)
        return cr_fail(err, CR_E_USAGE, "--resize is for pictures, and %s holds none",
                       files[0]);
    if (!source->type->takes_files && among_others)
        return cr_fail(err, CR_E_USAGE,
                       "%s: several files can be pictures, but this is none; predict one "
                       "file at a time",
                       files[0]);
    if (count > 1) {
        source->files = (const char *const *)files;
        source->file_count = count;
    }
    return true;
}

static void print_example(predicting *p, size_t i)
{
    if (p->files) {
        cr_cells_write(&p->cells, p->files->items[i]);
        fputc(',', p->cells.out);
    }
    cr_keep_print_stored(&p->keep, &p->cells);
    print_prediction(p);
}

/* Some of the files that are named. */
static bool predict_some(predicting *p, char *const *files, size_t count,
                         bool among_others, cr_error *err)
{
    cr_dataset dataset = {0};
    cr_source source;
    if (!find_source(p, files, count, among_others, &source, err))
        return false;
    const cr_encoding *encoding = p->predictor->model->encoding;
    const cr_row_watch watch = {&p->keep, match_columns, store_cells};
    bool good = cr_dataset_load_watched(&dataset, &source, encoding, CR_TARGET_IGNORED,
                                        &watch, err);
    if (good)
        cr_remarks_on_notes(&dataset.notes);
    p->files = dataset.names.count > 0 ? &dataset.names : NULL;
    if (good && !p->past_first)
        print_heading(p);
    p->past_first = true;
    for (size_t i = 0; good && i < dataset.examples; i++) {
        good = cr_predictor_example(p->predictor, &dataset, i, err);
        if (good)
            print_example(p, i);
    }
    if (good)
        cr_remarks_on_words(&dataset.unknown);
    p->kept_line = dataset.kept_line;
    cr_dataset_finish(&dataset);
    return good;
}

/* Files beside one another at once, and each folder, in the order in which they are
 * named. */
static bool predict_files(predicting *p, char *const *files, size_t count, cr_error *err)
{
    bool good = true;
    for (size_t i = 0, n = 0; good && i < count; i += n) {
        n = 1;
        while (i + n < count && cr_directory_problem(files[i]) &&
               cr_directory_problem(files[i + n]))
            n++;
        good = predict_some(p, files + i, n, count > 1, err);
    }
    return good;
}

/* What the options say of how a prediction is decided and shown. */
static bool set_up(predicting *p, const char *const *values, cr_error *err)
{
    double k = 0;
    const char *top = values[TOP], *threshold = values[THRESHOLD];
    if (top && threshold)
        return cr_fail(err, CR_E_USAGE,
                       "--top and --threshold together: the most likely classes need no "
                       "threshold; leave one out");
    if (top &&
        (!cr_number_parse(top, strlen(top), &k) || !(k >= 1) || k > 1e6 || floor(k) != k))
        return cr_fail(err, CR_E_USAGE,
                       "--top %s: expected a number of classes, 1 or more", top);
    if (top)
        return cr_predictor_use_top(p->predictor, (size_t)k, err);
    size_t count = 0;
    double *list = threshold ? cr_threshold_read_list(threshold, &count, err) : NULL;
    bool good = list && cr_predictor_use_thresholds(p->predictor, list, count, err);
    cr_free(list);
    return good || !threshold;
}

/* Rows keep their places, with nothing in them. */
static void warn_empty(const cr_predictor *predictor)
{
    const cr_lags *lags = &predictor->model->encoding->lags;
    char text[240];
    if (predictor->empty == 0)
        return;
    snprintf(
        text, sizeof text,
        "%zu row%s no prediction: lags look up to %zu rows back%s, where there is no "
        "row, or no value in it",
        predictor->empty, predictor->empty == 1 ? " has" : "s have", cr_lags_reach(lags),
        lags->items[0].group == CR_LAGS_ONE_GROUP ? "" : " in a row's group");
    cr_command_warn(text);
}

static bool write_predictions(predicting *p, char *const *in, size_t count,
                              const char *const *values, cr_error *err)
{
    cr_file_writer writer = {0};
    if (!cr_output_begin(p->context, &writer, values[OUT], err))
        return false;
    p->cells = cr_cells_begin(writer.stream, values[SPREADSHEET] != NULL);
    bool good = p->flush ? predict_stream(p, "standard input", err)
                         : predict_files(p, in, count, err);
    if (good && p->kept_line > 0)
        cr_command_warn_of_header(p->flush ? "standard input" : *in, p->kept_line);
    if (good)
        warn_empty(p->predictor);
    return cr_output_end(p->context, &writer, good, err);
}

static bool predict(const cr_context *context, cr_model *model,
                    const cr_arguments *arguments, cr_error *err)
{
    const char *const *values = arguments->values;
    char *const *in = arguments->items + 1;
    bool stream = strcmp(*in, "-") == 0;
    const char *name = stream ? "standard input" : *in;
    predicting p = {.context = context,
                    .predictor = cr_predictor_create(model, name, err),
                    .resize = values[RESIZE] != NULL,
                    .flush = stream};
    bool good = p.predictor && cr_model_data_format(&p.format, model, err) &&
                cr_keep_init(&p.keep, values[KEEP], name, err) &&
                set_up(&p, values, err) &&
                write_predictions(&p, in, arguments->count - 1, values, err);
    cr_keep_finish(&p.keep);
    cr_predictor_destroy(p.predictor);
    return good;
}

/* What comes in: of the right kind, and not to be written over. */
static bool check_files(const cr_arguments *arguments, const cr_model *model,
                        cr_error *err)
{
    bool good = true;
    for (size_t i = 1; good && i < arguments->count; i++) {
        const cr_protected inputs[] = {{arguments->items[0], "the model"},
                                       {arguments->items[i], "the file to predict"}};
        good = cr_kind_check_data(arguments->items[i], err) &&
               cr_output_check(arguments->values[OUT], inputs, CR_COUNT(inputs),
                               model->document.root, err);
    }
    return good;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    char *const *items = arguments->items;
    if (arguments->count < 2)
        return cr_command_usage(&cr_command_predict,
                                "a RUN and a FILE are needed (- is standard input)");
    cr_kind first = cr_kind_of(items[0]), second = cr_kind_of(items[1]);
    if (first != CR_KIND_RUN && first != CR_KIND_MODEL &&
        (second == CR_KIND_RUN || second == CR_KIND_MODEL))
        return cr_command_usage(&cr_command_predict,
                                "%s is a model, which comes first: chainrule predict %s "
                                "%s",
                                items[1], items[1], items[0]);
    cr_error err = CR_ERROR_INIT;
    cr_model *model = cr_command_load_model(items[0], &err);
    bool good = model && check_files(arguments, model, &err) &&
                predict(context, model, arguments, &err);
    cr_model_destroy(model);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_predict = {
    .name = "predict",
    .arguments =
        "RUN FILE...|FOLDER...|- [-o FILE] [--keep COLUMNS] [--threshold P | --top K] "
        "[--resize]",
    .summary = "Predictions of a trained model for new rows, as CSV.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .missing = "a RUN and a FILE are needed (- is standard input)",
    .run = run,
};
