#include "base/clock.h"
#include "base/text.h"
#include "data/batch.h"
#include "data/encoding_metadata.h"
#include "files.h"
#include "fixture.h"
#include "tables.h"

static void learn_raw(const char *text, const size_t *targets, size_t count,
                      bool classify, cr_raw *raw, cr_encoding *encoding)
{
    cr_error err = CR_ERROR_INIT;
    const tables_plan plan = {targets, count, .classify = classify};
    const cr_source source = tables_source(files_write_text("learn.csv", text), -1);
    if (!tables_learn(&source, &plan, raw, encoding, &err))
        fail_msg("%s", err.text);
}

/* Inputs and targets normalised in the same way. */
static void learn_as(const char *text, const size_t *targets, size_t count, bool classify,
                     cr_normalization_kind kind, cr_dataset *dataset,
                     cr_encoding *encoding)
{
    cr_raw raw;
    learn_raw(text, targets, count, classify, &raw, encoding);
    const cr_normalization how = {.kind = kind};
    const cr_part all = {.count = raw.rows};
    assert_true(cr_normalize_fit(encoding, &how, &raw, &all, NULL));
    if (!classify)
        assert_true(cr_normalize_fit_targets(encoding, &how, &raw, &all, NULL));
    assert_true(cr_dataset_encode(dataset, &raw, encoding, NULL));
    assert_null(raw.numbers); /* used up */
}

static void learn(const char *text, const size_t *targets, size_t count, bool classify,
                  cr_dataset *dataset, cr_encoding *encoding)
{
    learn_as(text, targets, count, classify, CR_NORMALIZE_NONE, dataset, encoding);
}

static void check_classes(const char *text, const char *const *names, size_t count,
                          const int32_t *labels)
{
    cr_dataset d;
    cr_encoding e;
    learn(text, (size_t[]){1}, 1, true, &d, &e);
    assert_int_equal(e.classes.count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(e.classes.items[i], names[i]);
    for (size_t i = 0; i < d.examples; i++)
        assert_int_equal(d.labels[i], labels[i]);
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
}

static void test_learn_orders_classes(void **state)
{
    (void)state;
    check_classes("x,c\n1,10\n2,9\n3,-1\n4,9.0\n", (const char *[]){"-1", "9", "10"}, 3,
                  (int32_t[]){2, 1, 0, 1}); /* as numbers; 9 and 9.0 are one */
    check_classes("x,c\n1,10\n2,9\n3,b\n", (const char *[]){"10", "9", "b"}, 3,
                  (int32_t[]){0, 1, 2}); /* by bytes, since one is a word */
    check_classes("x,c\n1,inf\n2,3\n3,Infinity\n4,1\n",
                  (const char *[]){"1", "3", "Infinity", "inf"}, 4,
                  (int32_t[]){3, 1, 2, 0});
    /* a code is not the number that it looks like, nor one that a double cannot tell from
     * another */
    check_classes("x,c\n1,1067\n2,01067\n3,10115\n4,80331\n",
                  (const char *[]){"01067", "10115", "1067", "80331"}, 4,
                  (int32_t[]){2, 0, 1, 3});
    check_classes("x,c\n1,9007199254740992\n2,9007199254740993\n3,5\n4,5\n",
                  (const char *[]){"5", "9007199254740992", "9007199254740993"}, 3,
                  (int32_t[]){1, 2, 0, 0});
}

static void test_learn_regression_targets(void **state)
{
    (void)state;
    cr_dataset d;
    cr_encoding e;
    learn("u,a,v,b\n1,2,3,4\n5,6,7,8\n", (size_t[]){0, 2}, 2, false, &d, &e);
    assert_int_equal(e.features, 2);
    assert_string_equal(e.columns.items[1], "b");
    assert_string_equal(e.targets.items[1], "v");
    cr_real x[4], t[4];
    cr_targets targets = {.values = t, .width = 2};
    cr_batch_gather(&d, (uint32_t[]){1, 0}, 2, x, &targets);
    const cr_real expected_x[] = {6, 8, 2, 4}, expected_t[] = {5, 7, 1, 3};
    assert_memory_equal(x, expected_x, sizeof x);
    assert_memory_equal(t, expected_t, sizeof t);
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
}

static void test_fit_standardize(void **state)
{
    (void)state;
    cr_dataset d;
    cr_encoding e;
    learn_as("a,b,c\n1,17000000000000000123,x\n2,17000000000000000123,y\n"
             "3,17000000000000000123,x\n6,17000000000000000123,y\n",
             (size_t[]){2}, 1, true, CR_NORMALIZE_STANDARDIZE, &d, &e);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < 4; i++) {
        mean += (double)d.values[i * d.stride] / 4;
        variance += pow((double)d.values[i * d.stride], 2) / 4;
        assert_true(d.values[i * d.stride + 1] ==
                    0); /* a constant column is divided by 1 */
    }
    assert_true(fabs(mean) < 1e-6 && fabs(variance - 1) < 1e-6); /* float32 rounding */
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
}

/* Milliseconds since 1970 differ by less than a float of their size can tell apart. */
static void test_normalize_keeps_what_large_numbers_differ_by(void **state)
{
    (void)state;
    cr_dataset d;
    cr_encoding e;
    learn_as("time,y\n1700000000000,1e12\n1700000001000,1000000000001\n"
             "1700000002000,1000000000002\n1700000003000,1000000000003\n",
             (size_t[]){1}, 1, false, CR_NORMALIZE_MINMAX, &d, &e);
    for (size_t i = 0; i < 4; i++) {
        double third = (double)i / 3;
        double x = (double)d.values[i * d.stride];
        double y = (double)cr_dataset_target(&d, i);
        assert_true(fabs(x - third) < 1e-7 && fabs(y - third) < 1e-7); /* float32 */
        double back = cr_encoding_restore_target(&e, 0, y);
        assert_true(fabs(back - 1e12 - (double)i) < 1e-3); /* a double near 1e12 */
    }
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
}

static void test_fit_uses_the_part_alone(void **state)
{
    (void)state;
    cr_raw raw;
    cr_encoding e;
    learn_raw("a,c\n1,x\n3,y\n1000,x\n", (size_t[]){1}, 1, true, &raw, &e);
    const cr_part part = {.rows = (uint32_t[]){0, 1}, .count = 2};
    const cr_normalization how = {.kind = CR_NORMALIZE_MINMAX};
    assert_true(cr_normalize_fit(&e, &how, &raw, &part, NULL));
    assert_true(e.shift[0] == 1 && e.scale[0] == 0.5);
    cr_raw_finish(&raw);
    cr_encoding_finish(&e);
}

static void check_bytes(cr_normalization_kind kind, const double expected[4])
{
    const uint8_t bytes[] = {0, 51, 102, 255};
    cr_raw raw = {.rows = 2, .bytes = bytes, .shape = cr_shape_flat(2)};
    cr_encoding e = {.features = 2, .input_count = 2};
    cr_dataset d;
    const cr_part all = {.count = 2};
    const cr_normalization how = {.kind = kind, .divisor = 255};
    cr_real x[4];
    assert_true(cr_normalize_fit(&e, &how, &raw, &all, NULL));
    assert_true(cr_dataset_encode(&d, &raw, &e, NULL));
    assert_ptr_equal(d.bytes, bytes); /* as they are */
    cr_batch_gather(&d, (uint32_t[]){1, 0}, 2, x, NULL);
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs((double)x[i] - expected[i]) < 1e-7); /* float32 rounding */
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
}

static void test_gather_converts_bytes(void **state)
{
    (void)state;
    check_bytes(CR_NORMALIZE_NONE, (double[]){102, 255, 0, 51});
    check_bytes(CR_NORMALIZE_DIVIDE, (double[]){0.4, 1, 0, 0.2});
}

static void test_order_covers_every_row_every_epoch(void **state)
{
    (void)state;
    cr_dataset d = {.examples = 50};
    uint32_t rows[] = {3, 5, 8, 13, 21, 34};
    cr_part part = {.dataset = &d, .rows = rows, .count = 6};
    uint32_t first[6], second[6], plain[6];
    cr_batch_order(&part, true, 1, 0, first);
    cr_batch_order(&part, true, 1, 1, second);
    cr_batch_order(&part, false, 1, 0, plain);
    assert_memory_equal(plain, rows, sizeof rows);
    assert_memory_not_equal(first, second, sizeof first);
    for (size_t i = 0; i < 6; i++) {
        size_t found = 0;
        for (size_t k = 0; k < 6; k++)
            found += first[k] == rows[i];
        assert_int_equal(found, 1);
    }
}

/* Figures of channels are one each; those of features, as models have them that are
 * older, are read too. */
static void test_encoding_metadata_of_pictures(void **state)
{
    (void)state;
    double shifts[][4] = {{1, 1, 2, 2}, {1, 2, 3, 4}, {5, 5, 5, 5}},
           scale[4] = {3, 3, 4, 4};
    const char *const written[] = {"\"shift\":[1,2]", "\"shift\":[1,2,3,4]",
                                   "\"shift\":[5]"};
    for (size_t i = 0; i < 3; i++) {
        cr_encoding back, e = {.shape = {3, {2, 1, 2}},
                               .features = 4,
                               .input_count = 4,
                               .target_count = 1,
                               .shift = shifts[i],
                               .scale = scale};
        cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
        assert_true(cr_encoding_metadata_write(&e, metadata, NULL));
        assert_non_null(
            strstr(cr_json_get_string(metadata, "normalization"), written[i]));
        assert_true(cr_encoding_metadata_read(&back, "m", metadata, NULL));
        assert_true(cr_shape_is_same(&back.shape, &e.shape));
        assert_memory_equal(back.shift, shifts[i], sizeof shifts[i]);
        assert_memory_equal(back.scale, scale, sizeof scale);
        cr_encoding_finish(&back);
        cr_json_free(metadata);
    }
}

static void test_encoding_metadata_round_trip(void **state)
{
    (void)state;
    cr_dataset d;
    cr_encoding e, back;
    learn_as("a,\"b \"\"q\"\"\",c\n1,2,x\n3,5,y\n", (size_t[]){2}, 1, true,
             CR_NORMALIZE_STANDARDIZE, &d, &e);
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_encoding_metadata_write(&e, metadata, NULL));
    assert_true(cr_encoding_metadata_read(&back, "m", metadata, NULL));
    assert_int_equal(back.features, 2);
    assert_string_equal(back.columns.items[1], "b \"q\"");
    assert_string_equal(back.classes.items[1], "y");
    assert_int_equal(back.target_positions[0], 2);
    assert_memory_equal(back.shift, e.shift, 2 * sizeof *e.shift);
    assert_memory_equal(back.scale, e.scale, 2 * sizeof *e.scale);
    cr_json_free(metadata);
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
    cr_encoding_finish(&back);
}

static void test_read_table_refuses_repeated_names(void **state)
{
    (void)state;
    static const struct {
        const char *train, *other, *message;
    } cases[] = {
        {"a,a,y\n1,2,3\n", "a,y,a\n1,3,2\n", "columns are called \"a\""},
        {"a,a,y\n1,2,3\n", "a,b,y\n1,2,3\n", "columns are called \"a\""},
        {"a,b,y\n1,2,3\n", "a,b,b,y\n1,2,3,4\n", "columns are called \"b\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_dataset d, other;
        cr_encoding e;
        cr_error err = CR_ERROR_INIT;
        learn(cases[i].train, (size_t[]){2}, 1, false, &d, &e);
        const cr_source source =
            tables_source(files_write_text("other.csv", cases[i].other), 1);
        assert_false(cr_dataset_load(&other, &source, &e, CR_TARGET_NEEDED, &err));
        assert_non_null(strstr(err.text, cases[i].message));
        cr_dataset_finish(&d);
        cr_encoding_finish(&e);
    }
}

/* A target of numbers taken for classes: each is looked up among all, and split. */
static void test_many_classes_take_no_time(void **state)
{
    (void)state;
    enum { CLASSES = 100000 };
    cr_text text = {0};
    cr_text_add(&text, "x,c\n");
    for (int i = 0; i < CLASSES; i++)
        cr_text_add(&text, "1,%d\n2,%d.0\n", CLASSES - i, CLASSES - i);
    double start = cr_clock();
    cr_dataset d, other;
    cr_encoding e;
    learn(text.data, (size_t[]){1}, 1, true, &d, &e);
    assert_int_equal(e.classes.count, CLASSES);
    const cr_source source = tables_source(files_path("learn.csv"), 1);
    assert_true(cr_dataset_load(&other, &source, &e, CR_TARGET_NEEDED, NULL));
    assert_memory_equal(d.labels, other.labels, d.examples * sizeof *d.labels);
    cr_part kept, split;
    const cr_split half = {.fraction = 0.5, .seed = 1};
    assert_true(cr_part_split(&half,
                              &(cr_split_rows){.count = d.examples, .labels = d.labels},
                              &kept, &split, NULL));
    assert_int_equal(split.count, CLASSES);
    assert_true(cr_clock() - start < 5); /* seconds: 0.8 measured, 30 without */
    cr_part_finish(&kept);
    cr_part_finish(&split);
    cr_dataset_finish(&d);
    cr_dataset_finish(&other);
    cr_encoding_finish(&e);
    cr_text_finish(&text);
}

/* What a model says of its input is not believed before it fits together. */
static void test_encoding_read_refuses_contradictions(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{\"count\":1,\"columns\":[\"y\"],\"positions\":[3]}",
        "{\"count\":2,\"columns\":[\"y\",\"z\"],\"positions\":[2,2]}",
        "{\"count\":1,\"columns\":[\"y\",\"y\"],\"positions\":[2]}",
        "{\"count\":1,\"columns\":[],\"positions\":[2]}",
        "{\"count\":0,\"columns\":[],\"positions\":[]}",
    };
    cr_dataset d;
    cr_encoding e, back;
    learn("a,b,y\n1,2,3\n", (size_t[]){2}, 1, false, &d, &e);
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_encoding_metadata_write(&e, metadata, NULL));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_true(cr_json_set_string(metadata, "target", wrong[i]));
        assert_false(cr_encoding_metadata_read(&back, "m", metadata, NULL));
    }
    cr_json_free(metadata);
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learn_orders_classes),
        cmocka_unit_test(test_learn_regression_targets),
        cmocka_unit_test(test_fit_standardize),
        cmocka_unit_test(test_normalize_keeps_what_large_numbers_differ_by),
        cmocka_unit_test(test_fit_uses_the_part_alone),
        cmocka_unit_test(test_gather_converts_bytes),
        cmocka_unit_test(test_order_covers_every_row_every_epoch),
        cmocka_unit_test(test_encoding_metadata_of_pictures),
        cmocka_unit_test(test_encoding_metadata_round_trip),
        cmocka_unit_test(test_read_table_refuses_repeated_names),
        cmocka_unit_test(test_many_classes_take_no_time),
        cmocka_unit_test(test_encoding_read_refuses_contradictions),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
