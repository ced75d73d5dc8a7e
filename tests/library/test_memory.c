/* All from memory, by the public headers alone: data as arrays and tables, training that
 * goes on, models and trainings as bytes, several at once in several threads. */
#include <chainrule/chainrule.h>

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 60, INPUTS = 4, CLASSES = 3 };

static const char classifier[] =
    "{\"data\": {\"normalize\": \"standardize\"}, \"model\": {\"layers\": [{\"type\": "
    "\"linear\", \"units\": 8}, {\"type\": \"tanh\"}, {\"type\": \"linear\"}]}, "
    "\"loss\": "
    "{\"type\": \"softmax\"}, \"optimizer\": {\"type\": \"adam\", \"learning_rate\": "
    "0.02}, \"training\": {\"epochs\": 5, \"batch_size\": 16, \"threads\": 1}}";

typedef struct flowers {
    double x[ROWS][INPUTS];
    int64_t y[ROWS];
} flowers;

/* Three clouds of points, made by a linear congruential generator. */
static flowers make_flowers(uint32_t seed)
{
    flowers f;
    for (size_t i = 0; i < ROWS; i++) {
        f.y[i] = (int64_t)(i % CLASSES);
        for (size_t j = 0; j < INPUTS; j++) {
            seed = seed * 1664525 + 1013904223;
            f.x[i][j] =
                (double)((float)(seed >> 8) / 16777216 + (float)((i + j) % CLASSES));
        }
    }
    return f;
}

static cr_view view_of(const void *data, cr_array_kind kind, size_t size, size_t columns)
{
    return (cr_view){
        .data = data,
        .kind = kind,
        .size = size,
        .rank = columns > 0 ? 2 : 1,
        .dim = {ROWS, columns},
        .stride = {(ptrdiff_t)(size * (columns > 0 ? columns : 1)), (ptrdiff_t)size}};
}

static cr_arrays arrays_of(const flowers *f)
{
    return (cr_arrays){.inputs = view_of(f->x, CR_ARRAY_REAL, 8, INPUTS),
                       .targets = view_of(f->y, CR_ARRAY_SIGNED, 8, 0)};
}

static cr_experiment *parse(const char *text, const cr_arrays *train)
{
    cr_error err = CR_ERROR_INIT;
    const cr_arrays data[CR_PARTS] = {*train};
    cr_experiment *e = cr_experiment_parse(text, data, NULL, 0, &err);
    assert_string_equal(err.text, "");
    assert_non_null(e);
    return e;
}

/* The CRC-32 of the parameters after the last of `epochs` epochs. */
static uint32_t train(cr_session *session, size_t epochs)
{
    cr_error err = CR_ERROR_INIT;
    cr_result result;
    const cr_session_run how = {.epochs = epochs};
    size_t count = 0;
    assert_true(cr_session_train(session, &how, &result, &err));
    const cr_epoch *history = cr_session_history(session, &count);
    assert_true(count > 0);
    return history[count - 1].parameters_crc32;
}

static uint32_t train_on(const char *text, const cr_arrays *data)
{
    cr_experiment *e = parse(text, data);
    cr_session *session = cr_session_create(e, NULL);
    uint32_t crc32 = train(session, 0);
    cr_session_destroy(session);
    cr_experiment_destroy(e);
    return crc32;
}

static void test_arrays_of_any_layout_are_the_same_data(void **state)
{
    (void)state;
    const flowers f = make_flowers(1);
    float single[ROWS][INPUTS + 1];
    double columns[INPUTS][ROWS];
    unsigned char swapped[ROWS][INPUTS][8];
    char words[ROWS][5];
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(words[i], sizeof words[i], "%d", (int)f.y[i]);
        for (size_t j = 0; j < INPUTS; j++) {
            single[i][j] = (float)f.x[i][j];
            columns[j][i] = f.x[i][j];
            for (size_t k = 0; k < 8; k++)
                swapped[i][j][k] = ((const unsigned char *)&f.x[i][j])[7 - k];
        }
    }
    cr_arrays data = arrays_of(&f);
    uint32_t expected = train_on(classifier, &data);
    data.targets = view_of(words, CR_ARRAY_BYTES, 5, 0);
    assert_int_equal(train_on(classifier, &data), expected);
    data.inputs = view_of(single, CR_ARRAY_REAL, 4, INPUTS);
    data.inputs.stride[0] = sizeof single[0];
    assert_int_equal(train_on(classifier, &data), expected);
    data.inputs = view_of(columns, CR_ARRAY_REAL, 8, INPUTS);
    data.inputs.stride[0] = 8;
    data.inputs.stride[1] = ROWS * 8;
    assert_int_equal(train_on(classifier, &data), expected);
    data.inputs = view_of(swapped, CR_ARRAY_REAL, 8, INPUTS);
    data.inputs.big_endian = true;
    assert_int_equal(train_on(classifier, &data), expected);
}

/* One step of gradient descent on mean squared errors, L = 1/N Σ (x w + b - t)², from
 * zeros: w = η 2/N Σ t x, b = η 2/N Σ t. */
static void test_numbers_are_those_of_the_formula(void **state)
{
    (void)state;
    static const char text[] =
        "{\"model\": {\"layers\": [{\"type\": \"linear\", \"init\": \"zeros\"}]}, "
        "\"loss\": {\"type\": \"l2\"}, \"optimizer\": {\"type\": \"sgd\", "
        "\"learning_rate\": 0.01}, \"training\": {\"epochs\": 1, \"batch_size\": 60}}";
    const flowers f = make_flowers(2);
    float x[ROWS][INPUTS];
    double t[ROWS], w[INPUTS] = {0}, b = 0;
    for (size_t i = 0; i < ROWS; i++) {
        t[i] = (double)(float)sin((double)i);
        b += 0.01 * 2 * t[i] / ROWS;
        for (size_t j = 0; j < INPUTS; j++) {
            x[i][j] = (float)f.x[i][j];
            w[j] += 0.01 * 2 * t[i] * (double)x[i][j] / ROWS;
        }
    }
    const cr_arrays data = {.inputs = view_of(x, CR_ARRAY_REAL, 4, INPUTS),
                            .targets = view_of(t, CR_ARRAY_REAL, 8, 0)};
    cr_experiment *e = parse(text, &data);
    cr_result result;
    cr_weights weight, bias;
    assert_true(cr_train(e, NULL, &result, NULL));
    assert_true(cr_model_weights(cr_experiment_model(e), 0, &weight));
    assert_true(cr_model_weights(cr_experiment_model(e), 1, &bias));
    assert_string_equal(weight.name, "linear1.weight");
    assert_int_equal(weight.dim[0], INPUTS);
    for (size_t j = 0; j < INPUTS; j++) /* float32 sums of 60 numbers near 1 */
        assert_true(fabs((double)weight.values[j] - w[j]) < 1e-6);
    assert_true(fabs((double)bias.values[0] - b) < 1e-6);
    assert_true(fabs(w[0]) > 1e-4);
    assert_false(cr_model_weights(cr_experiment_model(e), 2, &bias));
    cr_experiment_destroy(e);
}

static void write_table(const char *path, const flowers *f, const char *const *words)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("a,word,class\n", file);
    for (size_t i = 0; i < ROWS; i++) {
        if (i % 7 == 3)
            fprintf(file, ",%s,c%d\n", words[i] ? words[i] : "", (int)f->y[i]);
        else
            fprintf(file, "%.17g,%s,c%d\n", f->x[i][0], words[i] ? words[i] : "",
                    (int)f->y[i]);
    }
    fclose(file);
}

static void test_table_trains_and_predicts_as_its_file(void **state)
{
    (void)state;
    static const char rest[] =
        "\"target\": \"class\", \"missing\": \"indicator\"}, \"model\": {\"layers\": "
        "[{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"softmax\"}, \"optimizer\": "
        "{\"type\": \"sgd\", \"learning_rate\": 0.1}, \"training\": {\"epochs\": 3}}";
    const flowers f = make_flowers(3);
    double a[ROWS];
    const char *words[ROWS], *classes[] = {"c0", "c1", "c2"}, *class[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        a[i] = i % 7 == 3 ? NAN : f.x[i][0];
        words[i] = i % 9 == 4 ? NULL : i % 2 ? "round" : "square";
        class[i] = classes[f.y[i]];
    }
    cr_table_column columns[] = {
        {"a", view_of(a, CR_ARRAY_REAL, 8, 0)},
        {"word", view_of(words, CR_ARRAY_TEXTS, sizeof *words, 0)},
        {"class", view_of(class, CR_ARRAY_TEXTS, sizeof *class, 0)}};
    cr_arrays data = {.columns = columns, .column_count = 3};
    char path[] = "/tmp/chainrule-memory-XXXXXX", text[1024];
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    write_table(path, &f, words);
    snprintf(text, sizeof text, "{\"data\": {%s", rest);
    cr_experiment *mine = parse(text, &data);
    snprintf(text, sizeof text, "{\"data\": {\"train\": \"%s\", %s", path, rest);
    cr_experiment *theirs = cr_experiment_parse(text, NULL, NULL, 0, NULL);
    assert_non_null(theirs);
    cr_result result, same;
    assert_true(cr_train(mine, NULL, &result, NULL));
    assert_true(cr_train(theirs, NULL, &same, NULL));
    assert_true(result.parts[CR_PART_TRAIN].loss == same.parts[CR_PART_TRAIN].loss);

    /* columns in another order, found by their names, and one that nobody asked for */
    cr_model *model = cr_experiment_model(mine);
    cr_table_column turned[] = {columns[1], {"more", columns[0].values}, columns[0]};
    data = (cr_arrays){.columns = turned, .column_count = 3};
    cr_real y[ROWS][CLASSES];
    cr_error err = CR_ERROR_INIT;
    double loss = 0;
    assert_int_equal(cr_model_outputs(model), CLASSES);
    assert_true(cr_model_predict_arrays(model, &data, false, y[0], &err));
    for (size_t i = 0; i < ROWS; i++)
        loss -= log((double)y[i][f.y[i]]) / ROWS;
    assert_true(fabs(loss - result.parts[CR_PART_TRAIN].loss) < 1e-6); /* of float32 */
    data.columns++;
    data.column_count = 1;
    assert_false(cr_model_predict_arrays(model, &data, false, y[0], &err));
    assert_non_null(strstr(err.text, "word"));
    cr_experiment_destroy(mine);
    cr_experiment_destroy(theirs);
    remove(path);
}

static void test_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    const flowers f = make_flowers(4);
    const cr_arrays data = arrays_of(&f);
    uint32_t expected = train_on(classifier, &data);
    cr_experiment *e = parse(classifier, &data), *other = parse(classifier, &data);
    cr_session *session = cr_session_create(e, NULL),
               *next = cr_session_create(other, NULL);
    void *bytes = NULL;
    size_t length = 0;
    assert_int_not_equal(train(session, 2), expected);
    assert_true(cr_session_save(session, &bytes, &length, NULL));
    assert_int_equal(train(session, 0), expected);
    assert_true(cr_session_load(next, bytes, length, NULL));
    assert_int_equal(train(next, 3), expected);
    ((char *)bytes)[length / 2] ^= 1;
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_session_load(next, bytes, length, &err));
    assert_int_equal(err.code, CR_E_DATA);
    cr_model_free_bytes(bytes);

    /* other rows, fewer; the same as the first rows' view of them */
    const flowers more = make_flowers(5);
    cr_arrays few = arrays_of(&more);
    few.inputs.dim[0] = few.targets.dim[0] = 30;
    assert_true(cr_session_set_data(session, &few, NULL));
    assert_true(cr_session_set_data(next, &few, NULL));
    assert_int_equal(train(session, 1), train(next, 1));
    few.targets.dim[0] = 29;
    assert_false(cr_session_set_data(session, &few, &err));
    assert_int_equal(train(session, 1), train(next, 1)); /* as before */
    cr_session_destroy(session);
    cr_session_destroy(next);
    cr_experiment_destroy(e);
    cr_experiment_destroy(other);
}

static void test_model_is_the_same_from_bytes(void **state)
{
    (void)state;
    const flowers f = make_flowers(6);
    const cr_arrays data = arrays_of(&f);
    cr_experiment *e = parse(classifier, &data);
    cr_result result;
    void *bytes = NULL;
    size_t length = 0;
    assert_true(cr_train(e, NULL, &result, NULL));
    assert_true(cr_model_save_bytes(cr_experiment_model(e), &bytes, &length, NULL));
    cr_model *model = cr_model_load_bytes(bytes, length, NULL);
    cr_model_free_bytes(bytes);
    assert_non_null(model);
    cr_real x[INPUTS], y[CLASSES], scores[CLASSES], again[ROWS][CLASSES];
    assert_true(
        cr_model_predict_arrays(cr_experiment_model(e), &data, false, again[0], NULL));
    for (size_t j = 0; j < INPUTS; j++)
        x[j] = (cr_real)f.x[0][j];
    assert_true(cr_model_predict(model, x, 1, y, NULL));
    assert_true(cr_model_predict_scores(model, x, 1, scores, NULL));
    double total = 0;
    for (size_t k = 0; k < CLASSES; k++)
        total += exp((double)scores[k] - (double)scores[0]);
    for (size_t k = 0; k < CLASSES; k++) {
        assert_true(fabs((double)(y[k] - again[0][k])) < 1e-6); /* of batches */
        assert_true(fabs(exp((double)scores[k] - (double)scores[0]) / total -
                         (double)y[k]) < 1e-6); /* of float32 */
    }
    cr_model_destroy(model);
    cr_experiment_destroy(e);
}

enum { MANY = 6000 }; /* rows, and a network, for which threads are worth their start */

static double many_double[MANY][INPUTS];
static float many_float[MANY][INPUTS], many_columns[INPUTS][MANY];
static cr_real many_y[2][MANY][CLASSES];

static void test_many_rows_are_the_same_by_threads_and_layouts(void **state)
{
    (void)state;
    const flowers f = make_flowers(8);
    cr_arrays data = arrays_of(&f);
    char wide[sizeof classifier + 8];
    const char *units = strstr(classifier, "8}");
    snprintf(wide, sizeof wide, "%.*s2048%s", (int)(units - classifier), classifier,
             units + 1);
    cr_experiment *e = parse(wide, &data);
    cr_model *model = cr_experiment_model(e);
    for (size_t i = 0; i < MANY; i++)
        for (size_t j = 0; j < INPUTS; j++) {
            many_float[i][j] = (float)(i % 97) / 8 - (float)(i * j % 89) / 16;
            many_double[i][j] = (double)many_float[i][j];
            many_columns[j][i] = many_float[i][j];
        }
    const cr_view layouts[] = {
        {many_double, CR_ARRAY_REAL, 8, false, 2, {MANY, INPUTS}, {8 * INPUTS, 8}},
        {many_float, CR_ARRAY_REAL, 4, false, 2, {MANY, INPUTS}, {4 * INPUTS, 4}},
        {many_columns, CR_ARRAY_REAL, 4, false, 2, {MANY, INPUTS}, {4, 4 * MANY}},
    };
    cr_error err = CR_ERROR_INIT;
    for (size_t i = 0; i < 6; i++) {
        cr_model_use_threads(model, i < 3 ? 1 : 3);
        data = (cr_arrays){.inputs = layouts[i % 3]};
        assert_true(cr_model_predict_arrays(model, &data, false, many_y[i > 0][0], &err));
        assert_memory_equal(many_y[0], many_y[i > 0], sizeof many_y[0]);
    }
    many_double[MANY - 1][INPUTS - 1] = (double)NAN;
    data.inputs = layouts[0];
    assert_false(cr_model_predict_arrays(model, &data, false, many_y[1][0], &err));
    assert_int_equal(err.code, CR_E_DATA);
    cr_experiment_destroy(e);
}

static bool stop_at_third(void *user, const cr_progress *progress)
{
    (void)user;
    return progress->total_steps < 3;
}

static void test_step_callback_stops_and_model_stays_usable(void **state)
{
    (void)state;
    const flowers f = make_flowers(7);
    const cr_arrays data = arrays_of(&f);
    cr_experiment *e = parse(classifier, &data);
    cr_session *session = cr_session_create(e, NULL);
    const cr_session_run how = {.callbacks = {.on_step = stop_at_third}};
    cr_result result;
    assert_true(cr_session_train(session, &how, &result, NULL));
    assert_int_equal(result.status, CR_STATUS_INTERRUPTED);
    assert_int_equal(result.steps, 3);
    assert_int_equal(train(session, 0), train_on(classifier, &data));
    cr_session_destroy(session);
    cr_experiment_destroy(e);
}

static bool stop_at_second_epoch(void *user, const cr_epoch *epoch, cr_error *err)
{
    (void)err;
    *(size_t *)user += 1;
    return epoch->epoch < 2;
}

static void test_epoch_callback_stops(void **state)
{
    (void)state;
    const flowers f = make_flowers(7);
    const cr_arrays data = arrays_of(&f);
    cr_experiment *e = parse(classifier, &data);
    cr_session *session = cr_session_create(e, NULL);
    size_t calls = 0;
    const cr_session_run how = {
        .callbacks = {.user = &calls, .on_epoch = stop_at_second_epoch}};
    cr_result result;
    assert_true(cr_session_train(session, &how, &result, NULL));
    assert_int_equal(result.status, CR_STATUS_INTERRUPTED);
    assert_int_equal(result.epochs, 2);
    assert_int_equal(calls, 2);
    assert_int_equal(train(session, 0), train_on(classifier, &data));
    cr_session_destroy(session);
    cr_experiment_destroy(e);
}

static void test_classes_may_have_no_row_yet(void **state)
{
    (void)state;
    flowers f = make_flowers(8);
    static const int64_t classes[] = {0, 1, 7};
    for (size_t i = 0; i < ROWS; i++)
        f.y[i] %= 2;
    cr_arrays data = arrays_of(&f);
    data.classes = (cr_view){.data = classes,
                             .kind = CR_ARRAY_SIGNED,
                             .size = 8,
                             .rank = 1,
                             .dim = {3},
                             .stride = {8}};
    cr_experiment *e = parse(classifier, &data);
    assert_int_equal(cr_model_outputs(cr_experiment_model(e)), 8);
    cr_experiment_destroy(e);
}

typedef struct work {
    cr_arrays data;
    uint32_t crc32;
} work;

static void *train_thread(void *user)
{
    work *w = user;
    w->crc32 = train_on(classifier, &w->data);
    return NULL;
}

static void test_several_threads_train_as_one_does(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    flowers f[THREADS];
    work works[THREADS];
    pthread_t threads[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        f[i] = make_flowers(10 + i);
        works[i].data = arrays_of(&f[i]);
        assert_int_equal(pthread_create(&threads[i], NULL, train_thread, &works[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(works[i].crc32, train_on(classifier, &works[i].data));
    }
}

/* What is wrong with the arrays is said; nothing is left behind. */
static void test_bad_arrays_are_refused(void **state)
{
    (void)state;
    flowers f = make_flowers(9);
    static const struct {
        const char *said;
        size_t which;
    } cases[] = {{"59 targets, but", 0}, {"both from 0) is missing", 1},
                 {"infinite", 2},        {"is 0; it holds nothing", 3},
                 {"0 dimensions", 4},    {"unknown", 5},
                 {"without targets", 6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_arrays data[CR_PARTS] = {arrays_of(&f)};
        cr_error err = CR_ERROR_INIT;
        f.x[5][1] = cases[i].which == 1   ? (double)NAN
                    : cases[i].which == 2 ? (double)INFINITY
                                          : 0;
        if (cases[i].which == 0)
            data[0].targets.dim[0]--;
        if (cases[i].which == 3)
            data[0].inputs.dim[0] = 0;
        if (cases[i].which == 4)
            data[0].inputs.rank = 0;
        if (cases[i].which == 5)
            data[0].inputs.size = 3;
        if (cases[i].which == 6)
            data[0].targets = (cr_view){0};
        assert_null(cr_experiment_parse(classifier, data, NULL, 0, &err));
        if (!strstr(err.text, cases[i].said))
            fail_msg("%s: %s", cases[i].said, err.text);
    }
    cr_error err = CR_ERROR_INIT;
    assert_null(cr_experiment_parse("{\"model\": 1", NULL, NULL, 0, &err));
    assert_int_equal(err.code, CR_E_CONFIG);
    assert_null(cr_model_load_bytes("no model", 8, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrays_of_any_layout_are_the_same_data),
        cmocka_unit_test(test_numbers_are_those_of_the_formula),
        cmocka_unit_test(test_table_trains_and_predicts_as_its_file),
        cmocka_unit_test(test_training_goes_on_to_the_same_bits),
        cmocka_unit_test(test_model_is_the_same_from_bytes),
        cmocka_unit_test(test_many_rows_are_the_same_by_threads_and_layouts),
        cmocka_unit_test(test_step_callback_stops_and_model_stays_usable),
        cmocka_unit_test(test_epoch_callback_stops),
        cmocka_unit_test(test_classes_may_have_no_row_yet),
        cmocka_unit_test(test_several_threads_train_as_one_does),
        cmocka_unit_test(test_bad_arrays_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
