/* Splits that keep groups whole, against scikit-learn's. */
#include "data/group_split.h"
#include "golden_file.h"

#include <stdlib.h>

enum { MOST = 400, MOST_FOLDS = 6, MOST_CLASSES = 8 };

static uint32_t groups[MOST];
static int32_t labels[MOST];

/* A case of the golden file, in `groups` and `labels`. */
static cr_split_rows take_case(const cr_json *c)
{
    cr_split_rows rows = {.groups = groups};
    const cr_json *group = cr_json_first(cr_json_get(c, "groups"));
    const cr_json *label = cr_json_first(cr_json_get(c, "labels"));
    for (; group; group = cr_json_next(group), label = cr_json_next(label)) {
        groups[rows.count] = (uint32_t)cr_json_number(group);
        labels[rows.count] = (int32_t)cr_json_number(label);
        if (groups[rows.count] >= rows.group_count)
            rows.group_count = groups[rows.count] + 1;
        rows.count++;
    }
    return rows;
}

static int by_size(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* All folds of a split: every row is in one, no group in two, none is empty. */
static void hold_folds(const cr_split_rows *rows, size_t folds, size_t *fold_of_row)
{
    int32_t fold_of_group[MOST];
    memset(fold_of_group, -1, sizeof fold_of_group);
    for (size_t i = 0; i < rows->count; i++)
        fold_of_row[i] = SIZE_MAX;
    for (size_t fold = 0; fold < folds; fold++) {
        const cr_split how = {.fold = fold, .folds = folds, .seed = 3};
        cr_part kept, held;
        assert_true(cr_part_split(&how, rows, &kept, &held, NULL));
        assert_true(held.count > 0);
        assert_int_equal(kept.count + held.count, rows->count);
        for (size_t i = 0; i < held.count; i++) {
            uint32_t row = held.rows[i];
            int32_t *before = &fold_of_group[rows->groups[row]];
            assert_int_equal(fold_of_row[row], SIZE_MAX);
            assert_true(*before == -1 || *before == (int32_t)fold);
            *before = (int32_t)fold;
            fold_of_row[row] = fold;
        }
        cr_part_finish(&kept);
        cr_part_finish(&held);
    }
    for (size_t i = 0; i < rows->count; i++)
        assert_true(fold_of_row[i] < folds);
}

/* scikit-learn's folds have these sizes: the same rule gives the same, whichever of
 * several equal groups comes first. */
static void check_sizes(const cr_json *c, const cr_split_rows *rows)
{
    size_t folds = (size_t)cr_json_number(cr_json_get(c, "folds")), fold_of_row[MOST];
    int sizes[MOST_FOLDS] = {0};
    hold_folds(rows, folds, fold_of_row);
    for (size_t i = 0; i < rows->count; i++)
        sizes[fold_of_row[i]]++;
    qsort(sizes, folds, sizeof *sizes, by_size);
    const cr_json *expected = cr_json_first(cr_json_get(c, "sizes"));
    for (size_t i = 0; i < folds; i++, expected = cr_json_next(expected))
        assert_int_equal(sizes[i], (int)cr_json_number(expected));
}

/* With labels the classes are spread as evenly as scikit-learn's best of five draws does
 * it, to within a fifth: both are approximations. */
static void check_spread(const cr_json *c, const cr_split_rows *rows)
{
    size_t folds = (size_t)cr_json_number(cr_json_get(c, "folds")), fold_of_row[MOST];
    double found[MOST_FOLDS][MOST_CLASSES] = {{0}}, all[MOST_CLASSES] = {0}, spread = 0;
    hold_folds(rows, folds, fold_of_row);
    for (size_t i = 0; i < rows->count; i++) {
        found[fold_of_row[i]][labels[i]]++;
        all[labels[i]]++;
    }
    for (size_t fold = 0; fold < folds; fold++)
        for (size_t k = 0; k < MOST_CLASSES; k++)
            spread +=
                all[k] > 0 ? pow(found[fold][k] / all[k] - 1 / (double)folds, 2) : 0;
    double theirs = cr_json_number(cr_json_get(c, "spread"));
    if (spread > theirs * 1.2)
        fail_msg("%s: %g, scikit-learn %g", cr_json_string(cr_json_get(c, "name")),
                 spread, theirs);
}

/* The part of a fraction differs from it by half of the largest group at most, and another
 * seed takes other groups. */
static void check_fraction(const cr_split_rows *rows)
{
    size_t sizes[MOST] = {0}, largest = 0;
    bool differs = false;
    for (size_t i = 0; i < rows->count; i++)
        if (++sizes[rows->groups[i]] > largest)
            largest = sizes[rows->groups[i]];
    bool first[MOST] = {false};
    for (uint64_t seed = 1; seed <= 5; seed++) {
        const cr_split how = {.fraction = 0.3, .seed = seed};
        bool marked[MOST] = {false}, of_group[MOST], seen[MOST] = {false};
        size_t held = 0;
        assert_true(cr_group_split_mark(&how, rows, marked, NULL));
        for (size_t i = 0; i < rows->count; i++) {
            uint32_t group = rows->groups[i];
            assert_true(!seen[group] || of_group[group] == marked[i]);
            seen[group] = true;
            of_group[group] = marked[i];
            held += marked[i];
        }
        assert_true(fabs((double)held - 0.3 * (double)rows->count) <=
                    (double)largest / 2 + 1e-9);
        if (seed == 1)
            memcpy(first, marked, sizeof first);
        differs |= memcmp(first, marked, sizeof first) != 0;
    }
    assert_true(differs);
}

static void test_group_split_is_that_of_scikit_learn(void **state)
{
    (void)state;
    cr_document golden = golden_read("splits.json");
    assert_int_equal(cr_json_count(golden.root), 5);
    for (const cr_json *c = cr_json_first(golden.root); c; c = cr_json_next(c)) {
        cr_split_rows rows = take_case(c);
        check_sizes(c, &rows);
        check_fraction(&rows);
        rows.labels = labels;
        check_spread(c, &rows);
    }
    cr_document_finish(&golden);
}

/* What no share of the rows comes near is still not empty. */
static void test_group_split_leaves_no_part_empty(void **state)
{
    (void)state;
    static const uint32_t of_rows[] = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
    const cr_split_rows rows = {.count = 10, .groups = of_rows, .group_count = 2};
    const double fractions[] = {0.01, 0.2, 0.9};
    for (size_t i = 0; i < 3; i++) {
        const cr_split how = {.fraction = fractions[i], .seed = 1};
        cr_part kept, held;
        assert_true(cr_part_split(&how, &rows, &kept, &held, NULL));
        assert_int_equal(kept.count, 5);
        assert_int_equal(held.count, 5);
        cr_part_finish(&kept);
        cr_part_finish(&held);
    }
}

static void test_group_split_refuses_too_few_groups(void **state)
{
    (void)state;
    static const uint32_t of_rows[] = {0, 1, 0, 1, 2};
    bool marked[5];
    cr_error err = CR_ERROR_INIT, other = CR_ERROR_INIT;
    const cr_split folds = {.folds = 4};
    const cr_split_rows three = {.count = 5, .groups = of_rows, .group_count = 3};
    assert_false(cr_group_split_mark(&folds, &three, marked, &err));
    assert_string_equal(err.text, "4 folds of 3 groups; take fewer folds");
    const cr_split half = {.fraction = 0.5};
    const cr_split_rows one = {.count = 1, .groups = of_rows, .group_count = 1};
    assert_false(cr_group_split_mark(&half, &one, marked, &other));
    assert_non_null(strstr(other.text, "all rows are of one group"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group_split_is_that_of_scikit_learn),
        cmocka_unit_test(test_group_split_leaves_no_part_empty),
        cmocka_unit_test(test_group_split_refuses_too_few_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
