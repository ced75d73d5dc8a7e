#include "data/part.h"
#include "fixture.h"

static void test_split_stratifies(void **state)
{
    (void)state;
    enum { N = 1000 };
    int32_t labels[N];
    for (size_t i = 0; i < N; i++)
        labels[i] = i % 10 == 0 ? 1 : 0; /* 100 of class 1 */
    const cr_split how = {.fraction = 0.2, .seed = 1};
    const cr_split other_seed = {.fraction = 0.2, .seed = 2};
    cr_part kept, split, again, other;
    assert_true(cr_part_split(&how, &(cr_split_rows){.count = N, .labels = labels}, &kept,
                              &split, NULL));
    assert_int_equal(kept.count, 800);
    assert_int_equal(split.count, 200);
    size_t ones = 0;
    bool seen[N] = {false};
    for (size_t i = 0; i < split.count; i++) {
        ones += (size_t)labels[split.rows[i]];
        seen[split.rows[i]] = true;
    }
    assert_int_equal(ones, 20);
    for (size_t i = 0; i < kept.count; i++)
        assert_false(seen[kept.rows[i]]);
    cr_part_finish(&kept);
    assert_true(cr_part_split(&how, &(cr_split_rows){.count = N, .labels = labels}, &kept,
                              &again, NULL));
    assert_memory_equal(split.rows, again.rows, 200 * sizeof *again.rows);
    cr_part_finish(&kept);
    assert_true(cr_part_split(&other_seed, &(cr_split_rows){.count = N, .labels = labels},
                              &kept, &other, NULL));
    assert_memory_not_equal(split.rows, other.rows, 200 * sizeof *other.rows);
    cr_part_finish(&kept);
    cr_part_finish(&split);
    cr_part_finish(&again);
    cr_part_finish(&other);
}

static void test_folds_share_out_every_row_once(void **state)
{
    (void)state;
    enum { N = 103, FOLDS = 5, CLASSES = 3 };
    int32_t labels[N];
    for (int i = 0; i < N; i++)
        labels[i] = i < 3 ? 0 : i < 30 ? 1 : 2; /* a class of fewer rows than folds */
    size_t held[N] = {0};
    for (size_t fold = 0; fold < FOLDS; fold++) {
        cr_part kept, split;
        size_t of_class[CLASSES] = {0};
        const cr_split how = {.fold = fold, .folds = FOLDS, .seed = 7};
        assert_true(cr_part_split(&how, &(cr_split_rows){.count = N, .labels = labels},
                                  &kept, &split, NULL));
        assert_int_equal(kept.count + split.count, N);
        assert_in_range(split.count, 20, 21);
        for (size_t i = 0; i < split.count; i++) {
            held[split.rows[i]]++;
            of_class[labels[split.rows[i]]]++;
        }
        assert_in_range(of_class[0], 0, 1);
        assert_in_range(of_class[1], 5, 6);   /* 27 / 5 */
        assert_in_range(of_class[2], 14, 15); /* 73 / 5 */
        cr_part_finish(&kept);
        cr_part_finish(&split);
    }
    for (size_t i = 0; i < N; i++)
        assert_int_equal(held[i], 1);
    cr_part kept, split;
    cr_error err = CR_ERROR_INIT;
    const cr_split many = {.folds = N + 1, .seed = 7};
    assert_false(cr_part_split(&many, &(cr_split_rows){.count = N, .labels = labels},
                               &kept, &split, &err));
    assert_string_equal(err.text, "104 folds of 103 rows; take fewer folds");
}

static void test_split_takes_the_last_rows(void **state)
{
    (void)state;
    const cr_split how = {.last = 0.3};
    cr_part kept, held;
    const int32_t labels[] = {1, 0, 1, 0, 1, 0, 0, 0, 0};
    assert_true(cr_part_split(&how, &(cr_split_rows){.count = 9, .labels = labels}, &kept,
                              &held, NULL));
    assert_int_equal(kept.count, 6);
    assert_int_equal(held.count, 3); /* 2.7 */
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(kept.rows[i], i);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(held.rows[i], 6 + i);
    cr_part_finish(&kept);
    cr_part_finish(&held);
    cr_error err = CR_ERROR_INIT;
    const cr_split little = {.last = 0.01};
    assert_false(
        cr_part_split(&little, &(cr_split_rows){.count = 9}, &kept, &held, &err));
    assert_string_equal(err.text,
                        "a fraction of 0.01 of 9 rows leaves the validation part empty");
}

static void test_split_refuses_empty_parts(void **state)
{
    (void)state;
    const cr_split how = {.fraction = 0.01, .seed = 1};
    cr_part kept, split;
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_part_split(&how, &(cr_split_rows){.count = 3}, &kept, &split, &err));
    assert_non_null(strstr(err.text, "leaves the validation part empty"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_stratifies),
        cmocka_unit_test(test_folds_share_out_every_row_once),
        cmocka_unit_test(test_split_takes_the_last_rows),
        cmocka_unit_test(test_split_refuses_empty_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
