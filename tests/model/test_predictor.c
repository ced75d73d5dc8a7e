/* Predictions: the same bits whichever way an example comes in, and their table. */
#include "files.h"
#include "fixture.h"
#include "model/predictor.h"
#include "tables.h"

#include <chainrule/train.h>

/* Times in seconds, which single precision cannot tell apart, words, gaps, labels, dates,
 * amounts. */
static const char table[] = "time,shape,size,kind,up,down,when,paid\n"
                            "1700000001,round,1,a,1,0,2024-03-01,$5\n"
                            "1700000002,square,2,b,0,1,2024-03-02T12:30,\"$1,230.5\"\n"
                            "1700000003,round,?,b,1,1,?,($3)\n"
                            "1700000004,?,4,a,0,0,2025-01-01T01:00:00+02:00,none\n"
                            "1700000005,square,5,c,1,0,1969-12-31 23:59:59.5,7 USD\n"
                            "1700000007,round,7,b,0,1,2024-02-29,-$0.25\n";

enum { ROWS = 6, CELLS = 8 };

/* An experiment that has not trained: its model predicts by the weights that it began
 * with. */
static cr_experiment *load(const char *loss, const char *target)
{
    char config[1024];
    cr_error err = CR_ERROR_INIT;
    files_write_text("t.csv", table);
    snprintf(config, sizeof config,
             "{\"data\": {\"train\": \"t.csv\", \"target\": %s, \"normalize\": "
             "\"standardize\", \"missing\": \"indicator\", \"missing_values\": "
             "[\"none\"], \"types\": {\"paid\": {\"type\": \"currency\", \"thousands\": "
             "\",\"}, \"when\": {\"type\": \"date\", \"cyclic\": true}}%s}, \"model\": "
             "{\"layers\": "
             "[{\"type\": \"linear\", \"units\": 7}, {\"type\": \"tanh\"}, {\"type\": "
             "\"linear\"}]}, \"loss\": {\"type\": \"%s\"}, \"optimizer\": {\"type\": "
             "\"sgd\", \"learning_rate\": 0.1}, \"training\": {\"epochs\": 1, "
             "\"batch_size\": 2, \"threads\": 1}}",
             target,
             strcmp(loss, "l2") == 0 ? ", \"normalize_target\": \"standardize\"" : "",
             loss);
    cr_experiment *e =
        cr_experiment_load(files_write_text("c.json", config), NULL, 0, &err);
    if (!e)
        fail_msg("%s", err.text);
    return e;
}

static cr_predictor *create(cr_experiment *experiment)
{
    cr_error err = CR_ERROR_INIT;
    cr_predictor *p = cr_predictor_create(cr_experiment_model(experiment), "table", &err);
    if (!p)
        fail_msg("%s", err.text);
    return p;
}

/* Rows of the table's text, by libcsv. */
typedef struct reading {
    cr_predictor *predictor;
    const double *expected; /* [ROWS, outputs] */
    size_t rows;
    bool past_header;
} reading;

static bool on_row(void *user, const cr_csv_row *row, cr_error *err)
{
    reading *r = user;
    bool is_header = false;
    if (!r->past_header) {
        r->past_header = true;
        return cr_row_encoder_begin(&r->predictor->rows, row, &is_header, err) &&
               is_header;
    }
    size_t outputs = cr_model_outputs(r->predictor->model);
    if (!cr_predictor_cells(r->predictor, row, err))
        return false;
    assert_memory_equal(r->predictor->values, r->expected + r->rows++ * outputs,
                        outputs * sizeof(double));
    return true;
}

static void check_cells(cr_predictor *p, const double *expected)
{
    cr_error err = CR_ERROR_INIT;
    reading r = {.predictor = p, .expected = expected};
    cr_table_format format = cr_table_format_default;
    format.delimiter = ',';
    cr_csv *csv = cr_csv_create("table", &format, on_row, &r, &err);
    if (!csv || !cr_csv_feed(csv, table, strlen(table), &err) || !cr_csv_end(csv, &err))
        fail_msg("%s", err.text);
    assert_int_equal(r.rows, ROWS);
    cr_csv_destroy(csv);
}

/* Cells of row i by the public functions, alone and as rows of numbers. */
static void check_public(cr_model *model, const double *expected)
{
    static const char *const rows[ROWS][CELLS] = {
        {"1700000001", "round", "1", "a", "1", "0", "2024-03-01", "$5"},
        {"1700000002", "square", "2", "b", "0", "1", "2024-03-02T12:30", "$1,230.5"},
        {"1700000003", "round", "?", "b", "1", "1", "?", "($3)"},
        {"1700000004", "?", "4", "a", "0", "0", "2025-01-01T01:00:00+02:00", "none"},
        {"1700000005", "square", "5", "c", "1", "0", "1969-12-31 23:59:59.5", "7 USD"},
        {"1700000007", "round", "7", "b", "0", "1", "2024-02-29", "-$0.25"}};
    enum { MOST = 32 };
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    double x[ROWS * MOST], y[ROWS * MOST];
    const char *classes[ROWS], *class = NULL;
    assert_true(inputs <= MOST && outputs <= MOST);
    for (size_t i = 0; i < ROWS; i++)
        assert_true(cr_model_encode_cells(model, rows[i], CELLS, x + i * inputs, NULL));
    assert_true(cr_model_predict_rows(model, x, ROWS, y, classes, NULL));
    assert_memory_equal(y, expected, ROWS * outputs * sizeof *y);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(cr_model_predict_cells(model, rows[i], CELLS, y, &class, NULL));
        assert_memory_equal(y, expected + i * outputs, outputs * sizeof *y);
        assert_ptr_equal(class, classes[i]);
    }
}

/* A dataset, cells and rows of numbers predict the same bits. */
static void check_ways(const char *loss, const char *target)
{
    cr_experiment *e = load(loss, target);
    cr_model *model = cr_experiment_model(e);
    cr_predictor *p = create(e);
    cr_dataset set;
    const cr_source source = tables_source(files_path("t.csv"), -1);
    assert_true(cr_dataset_load(&set, &source, model->encoding, CR_TARGET_IGNORED, NULL));
    assert_int_equal(set.examples, ROWS);
    size_t outputs = cr_model_outputs(model);
    double *expected = cr_alloc(ROWS * outputs, sizeof *expected, NULL);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(cr_predictor_example(p, &set, i, NULL));
        memcpy(expected + i * outputs, p->values, outputs * sizeof *expected);
    }
    assert_memory_not_equal(expected, expected + outputs, outputs * sizeof *expected);
    check_cells(p, expected);
    check_public(model, expected);
    cr_free(expected);
    cr_dataset_finish(&set);
    cr_predictor_destroy(p);
    cr_experiment_destroy(e);
}

static void test_predictor_gives_the_same_bits_every_way(void **state)
{
    (void)state;
    check_ways("softmax", "\"kind\"");
    check_ways("svm", "\"kind\"");
    check_ways("logistic", "\"up\"");
    check_ways("logistic", "[\"up\", \"down\"]");
    check_ways("l2", "[\"up\", \"down\"]");
}

/* How a prediction is decided and shown; {0}: as ever. */
typedef struct showing {
    size_t top, threshold_count;
    double thresholds[2];
} showing;

static void check_shown(const char *loss, const char *target, const showing *how,
                        const char *headings, const char *cells)
{
    cr_experiment *e = load(loss, target);
    cr_predictor *p = create(e);
    /* as if the network had said: */
    const cr_real said[] = {(cr_real)0.5, (cr_real)-1, (cr_real)2};
    const cr_model *model = cr_experiment_model(e);
    if (how->top > 0)
        assert_true(cr_predictor_use_top(p, how->top, NULL));
    if (how->threshold_count > 0)
        assert_true(
            cr_predictor_use_thresholds(p, how->thresholds, how->threshold_count, NULL));
    cr_text found = {0}, shown = {0};
    char heading[CR_PREDICTOR_HEADING], cell[CR_PREDICTOR_CELL];
    const cr_network *network = model->network;
    double *x = cr_alloc(cr_model_inputs(model), sizeof *x, NULL);
    memset(network->parameters, 0, network->parameter_size * sizeof *network->parameters);
    const cr_segment *bias = &network->nodes[network->node_count - 1].plan.parameters[1];
    memcpy(network->parameters + bias->offset, said,
           cr_model_outputs(model) * sizeof *said);
    assert_true(cr_predictor_features(p, x, NULL));
    for (size_t i = 0; i < cr_predictor_columns(p); i++) {
        cr_text_add(&found, "%s ", cr_predictor_heading(p, i, heading));
        cr_text_add(&shown, "%.4s ", cr_predictor_cell(p, i, cell));
    }
    assert_string_equal(found.data, headings);
    assert_string_equal(shown.data, cells);
    cr_free(x);
    cr_text_finish(&found);
    cr_text_finish(&shown);
    cr_predictor_destroy(p);
    cr_experiment_destroy(e);
}

static void check_table(const char *loss, const char *target, const char *headings,
                        const char *cells)
{
    check_shown(loss, target, &(showing){0}, headings, cells);
}

static void test_predictor_table(void **state)
{
    (void)state;
    check_table("softmax", "\"kind\"",
                "prediction probability_a probability_b probability_c ",
                "c 0.17 0.03 0.78 "); /* exp(.5), exp(-1), exp(2) over their sum */
    check_table("svm", "\"kind\"", "prediction score_a score_b score_c ", "c 0.5 -1 2 ");
    check_table("logistic", "\"up\"", "prediction probability_0 probability_1 ",
                "1 0.37 0.62 "); /* 1 / (1 + exp(-.5)) is 0.622 */
    check_table("logistic", "[\"up\", \"down\"]",
                "prediction_up prediction_down probability_up probability_down ",
                "1 0 0.62 0.26 ");
    check_table("l2", "[\"up\", \"down\"]", "prediction_up prediction_down ",
                "0.75 0 "); /* half a deviation (0.5) above the mean (0.5); one below */
    check_table("l2", "\"size\"", "prediction ", "4.86 "); /* 3.8 + 0.5 · 2.136 */
}

static void test_predictor_table_of_the_most_likely(void **state)
{
    (void)state;
    check_shown("softmax", "\"kind\"", &(showing){.top = 2},
                "prediction_1 probability_1 prediction_2 probability_2 ",
                "c 0.78 a 0.17 ");
    check_shown("svm", "\"kind\"", &(showing){.top = 3},
                "prediction_1 score_1 prediction_2 score_2 prediction_3 score_3 ",
                "c 2 a 0.5 b -1 ");
    check_shown("logistic", "\"up\"", &(showing){.top = 1}, "prediction_1 probability_1 ",
                "1 0.62 ");
}

/* 1 / (1 + exp(-.5)) is 0.622, and of -1 it is 0.269. */
static void test_predictor_table_by_thresholds(void **state)
{
    (void)state;
    check_shown("logistic", "\"up\"", &(showing){0, 1, {0.65}},
                "prediction probability_0 probability_1 ", "0 0.37 0.62 ");
    check_shown("logistic", "[\"up\", \"down\"]", &(showing){0, 1, {0.25}},
                "prediction_up prediction_down probability_up probability_down ",
                "1 1 0.62 0.26 ");
    check_shown("logistic", "[\"up\", \"down\"]", &(showing){0, 2, {0.65, 0.25}},
                "prediction_up prediction_down probability_up probability_down ",
                "0 1 0.62 0.26 ");
}

static void test_predictor_refuses_a_row_with_all_reasons(void **state)
{
    (void)state;
    static const char *const cells[] = {"soon", "oval", "1",      "a",
                                        "0",    "0",    "1.3.24", "0"};
    cr_experiment *e = load("softmax", "\"kind\"");
    cr_model *model = cr_experiment_model(e);
    double y[3];
    const char *class = NULL;
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_model_predict_cells(model, cells, CELLS, y, &class, &err));
    assert_string_equal(
        err.text, "the row:1: column 0 (from 0): found \"soon\", expected a number\n"
                  "the row:1: column 6 (from 0): found \"1.3.24\", expected a date "
                  "in ISO 8601 (2024-03-01); to read such cells, train with other "
                  "keys: \"types\": {\"6\": {\"type\": \"date\", \"format\": "
                  "\"%d.%m.%y\"}} in \"data\" reads it"); /* oval counts as missing */
    err = (cr_error)CR_ERROR_INIT;
    assert_false(cr_model_predict_cells(model, cells, 4, y, &class, &err));
    assert_non_null(strstr(err.text, "the row: found 4 columns, expected the 7 columns"));
    cr_experiment_destroy(e);
}

/* Where lags look at rows that are not there, nothing is made up. */
static void test_predictor_without_history(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    files_write_text("l.csv", "x,kind\n1,a\n2,b\n3,a\n4,b\n");
    cr_experiment *e = cr_experiment_load(
        files_write_text("l.json",
                         "{\"data\": {\"train\": \"l.csv\", \"target\": \"kind\", "
                         "\"lags\": {\"columns\": \"x\", \"steps\": 1}}, \"model\": "
                         "{\"layers\": [{\"type\": \"linear\"}]}, \"loss\": {\"type\": "
                         "\"softmax\"}, \"optimizer\": {\"type\": \"sgd\", "
                         "\"learning_rate\": 0.1}, \"training\": {\"epochs\": 1, "
                         "\"batch_size\": 2, \"threads\": 1}}"),
        NULL, 0, &err);
    if (!e)
        fail_msg("%s", err.text);
    cr_model *model = cr_experiment_model(e);
    const double x[] = {1, NAN, 2, 1};
    double y[4];
    const char *classes[2] = {"?", "?"}, *class = "?";
    assert_int_equal(cr_model_inputs(model), 2);
    assert_true(cr_model_predict_rows(model, x, 2, y, classes, NULL));
    assert_true(isnan(y[0]) && isnan(y[1]) && fabs(y[2] + y[3] - 1) < 1e-6);
    assert_null(classes[0]);
    assert_non_null(classes[1]);
    assert_true(cr_model_predict_cells(model, (const char *const[]){"1"}, 1, y, &class,
                                       NULL)); /* the first row of a series */
    assert_true(isnan(y[0]) && isnan(y[1]));
    assert_null(class);
    char cell[CR_PREDICTOR_CELL];
    cr_predictor *p = create(e);
    assert_true(cr_predictor_features(p, x, NULL));
    for (size_t i = 0; i < cr_predictor_columns(p); i++)
        assert_string_equal(cr_predictor_cell(p, i, cell), "");
    assert_int_equal(p->empty, 1);
    cr_predictor_destroy(p);
    cr_experiment_destroy(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_predictor_gives_the_same_bits_every_way),
        cmocka_unit_test(test_predictor_table),
        cmocka_unit_test(test_predictor_table_of_the_most_likely),
        cmocka_unit_test(test_predictor_table_by_thresholds),
        cmocka_unit_test(test_predictor_without_history),
        cmocka_unit_test(test_predictor_refuses_a_row_with_all_reasons),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
