/* Augmented images against NumPy's and SciPy's (golden/augment.py) for given draws; the
 * statistics of the draws, and what they are a function of. */
#include "augmentations.h"
#include "config/typed_section.h"
#include "golden_file.h"
#include "image/augment.h"

/* A list that was read from a document {"data": {"augment": …}}. */
typedef struct list {
    cr_document document;
    cr_error err;
    cr_text warnings;
    cr_augment augment;
} list;

static cr_reader read_list(list *l, const char *entries)
{
    cr_text text = {0};
    *l = (list){.err = CR_ERROR_INIT};
    cr_text_add(&text, "{\"data\": {\"augment\": %s}}", entries);
    assert_true(cr_document_parse(&l->document, "t.json", text.data, text.length,
                                  CR_E_CONFIG, &l->err));
    cr_reader reader = {.document = &l->document,
                        .directory = (char[]){""},
                        .err = &l->err,
                        .warnings = &l->warnings};
    cr_augment_read(&reader, cr_json_edit(l->document.root, "data"), &l->augment);
    return reader;
}

static void create(list *l, const char *entries, const cr_shape *shape)
{
    cr_reader reader = read_list(l, entries);
    if (l->err.count > 0 || !cr_augment_fit(&reader, &l->augment, shape, false))
        fail_msg("%s: %s", entries, l->err.text);
}

static void finish(list *l)
{
    cr_augment_finish(&l->augment);
    cr_text_finish(&l->warnings);
    cr_document_finish(&l->document);
}

static void read_draws(const cr_json *c, cr_augmentation_draw *draws)
{
    const cr_json *draw = cr_json_first(cr_json_get(c, "draws"));
    for (; draw; draw = cr_json_next(draw), draws++) {
        assert_int_equal(golden_numbers(draw, "u", 4, draws->u), 4);
        draws->seed = (uint64_t)golden_number(draw, "seed");
    }
}

/* Augments x with given draws and compares. */
static void compare(const cr_augment *augment, const cr_augmentation_draw *draws,
                    bool bytes, const cr_json *golden, const char *what)
{
    enum { MOST = 256 };
    double x[MOST], y[MOST], change = 0;
    size_t n = golden_numbers(golden, "x", MOST, x);
    assert_int_equal(golden_numbers(golden, "y", MOST, y), n);
    cr_real *scratch = cr_alloc(cr_augment_scratch(augment), sizeof *scratch, NULL);
    for (size_t i = 0; i < n; i++)
        scratch[i] = (cr_real)x[i];
    const cr_real infinite = (cr_real)INFINITY;
    const cr_real *found = cr_augment_apply(augment, draws, bytes ? 0 : -infinite,
                                            bytes ? 255 : infinite, scratch);
    for (size_t i = 0; i < n; i++) {
        /* places are rounded to 1e-6 of a pixel, between values up to 255; normal draws
         * are as exact in both precisions, and the expected values have 9 digits */
        double tolerance = sizeof(cr_real) == 4 ? 1e-3 : 1e-7;
        if (strstr(what, "noise"))
            tolerance = 1e-3;
        change += fabs(y[i] - x[i]);
        if (fabs((double)found[i] - y[i]) > tolerance)
            fail_msg("%s: value %zu is %.9g, expected %.9g", what, i, (double)found[i],
                     y[i]);
    }
    if (change == 0 && !strstr(what, "flip"))
        fail_msg("%s: nothing happens", what);
    cr_free(scratch);
}

static void test_apply_is_what_others_compute(void **state)
{
    (void)state;
    cr_document golden = golden_read("augment.json");
    double dim[3];
    assert_int_equal(golden_numbers(golden.root, "shape", 3, dim), 3);
    const cr_shape shape = {3, {(size_t)dim[0], (size_t)dim[1], (size_t)dim[2]}};
    size_t cases = 0;
    bool seen[CR_MOST_TYPES] = {false};
    const cr_json *c = cr_json_first(cr_json_get(golden.root, "cases"));
    for (; c; c = cr_json_next(c), cases++) {
        char *entries = cr_json_print(cr_json_get(c, "augment"), false);
        cr_augmentation_draw draws[CR_AUGMENT_MOST];
        list l;
        create(&l, entries, &shape);
        read_draws(c, draws);
        compare(&l.augment, draws, cr_json_bool(cr_json_get(c, "bytes")), c, entries);
        for (size_t i = 0; i < l.augment.count; i++)
            for (size_t k = 0; k < cr_augmentation_type_count; k++)
                seen[k] |= l.augment.items[i].type == cr_augmentation_types[k];
        finish(&l);
        cr_free(entries);
    }
    assert_true(cases > 30);
    for (size_t k = 0; k < cr_augmentation_type_count; k++)
        if (!seen[k])
            fail_msg("no case in golden/augment.py has %s",
                     cr_augmentation_types[k]->name);
    cr_document_finish(&golden);
}

static void test_rotate_turns_against_the_clock(void **state)
{
    (void)state;
    cr_document golden = golden_read("augment.json");
    const cr_shape shape = {3, {1, 6, 6}};
    const cr_augmentation_draw draw = {.u = {0.75}}; /* of −180 to 180: 90 degrees */
    list l;
    create(&l, "[{\"type\": \"rotate\", \"degrees\": 180}]", &shape);
    compare(&l.augment, &draw, true, cr_json_get(golden.root, "quarter"), "rotate");
    finish(&l);
    cr_document_finish(&golden);
}

/* Pixels that are moved out and in again are there; each moved alone, they would not be. */
static void test_apply_joins_neighbours(void **state)
{
    (void)state;
    enum { SIDE = 5, PIXELS = SIDE * SIDE };
    const cr_shape shape = {3, {1, SIDE, SIDE}};
    const cr_augmentation_draw draws[] = {{.u = {0, 0}}, {.u = {0.999, 0.999}}};
    list l;
    create(&l,
           "[{\"type\": \"shift\", \"pixels\": 2}, {\"type\": \"crop\", \"padding\": 2}]",
           &shape);
    cr_real *scratch = cr_alloc(cr_augment_scratch(&l.augment), sizeof *scratch, NULL);
    for (size_t i = 0; i < PIXELS; i++)
        scratch[i] = (cr_real)i;
    const cr_real *x = cr_augment_apply(&l.augment, draws, 0, 255, scratch);
    for (size_t i = 0; i < PIXELS; i++)
        assert_true(x[i] == (cr_real)i);
    cr_free(scratch);
    finish(&l);
}

/* Nothing is left of an image that is moved out of itself, mirrored or not. */
static void test_apply_can_move_all_out(void **state)
{
    (void)state;
    enum { SIDE = 5, PIXELS = SIDE * SIDE };
    const cr_shape shape = {3, {1, SIDE, SIDE}};
    list l;
    create(&l,
           "[{\"type\": \"flip\", \"vertical\": true}, {\"type\": \"shift\", \"pixels\": "
           "3}, {\"type\": \"shift\", \"pixels\": 3}]",
           &shape);
    cr_real *scratch = cr_alloc(cr_augment_scratch(&l.augment), sizeof *scratch, NULL);
    for (int i = 0; i < 8; i++) {
        const double flips = i & 1 ? 0.1 : 0.9, down = i & 2 ? 0 : 0.999,
                     across = i & 4 ? 0.5 : 0.999; /* −3 or 3, 0 or 3 */
        const cr_augmentation_draw draws[] = {
            {.u = {flips, flips}}, {.u = {down, across}}, {.u = {down, across}}};
        for (size_t k = 0; k < PIXELS; k++)
            scratch[k] = 1;
        const cr_real *x = cr_augment_apply(&l.augment, draws, 0, 255, scratch);
        for (size_t k = 0; k < PIXELS; k++)
            assert_true(x[k] == 0);
    }
    cr_free(scratch);
    finish(&l);
}

/* Whole numbers: each as often as the others; fractions: mean and variance of a uniform
 * draw; none follows from another. */
static void test_draw_is_uniform(void **state)
{
    (void)state;
    enum { ROWS = 4000, PLACES = 5, ITEMS = 2 };
    const cr_shape shape = {3, {1, 8, 8}};
    size_t counts[ITEMS][2][PLACES] = {{{0}}};
    double sum = 0, squares = 0, products = 0;
    list l;
    create(&l,
           "[{\"type\": \"crop\", \"padding\": 2}, {\"type\": \"shift\", \"pixels\": 2}]",
           &shape);
    for (uint32_t row = 0; row < ROWS; row++) {
        const cr_augment_place place = {1, row % 7, row};
        cr_augmentation_draw draws[ITEMS];
        cr_augment_draw(&l.augment, &place, draws);
        for (size_t i = 0; i < ITEMS; i++) {
            const cr_augment_item *item = &l.augment.items[i];
            cr_warp warp = item->type->warp(item->options, &l.augment.size, &draws[i]);
            for (int axis = 0; axis < 2; axis++)
                counts[i][axis][(size_t)(warp.t[axis] + 2)]++;
        }
        double a = draws[0].u[0] - 0.5, b = draws[1].u[0] - 0.5;
        sum += a;
        squares += a * a;
        products += a * b;
    }
    for (size_t i = 0; i < ITEMS; i++)
        for (int axis = 0; axis < 2; axis++)
            for (size_t k = 0; k < PLACES; k++) {
                double expected = (double)ROWS / PLACES; /* ± 5 standard deviations */
                assert_true(fabs((double)counts[i][axis][k] - expected) <
                            5 * sqrt(expected));
            }
    assert_true(fabs(sum / ROWS) < 5 * sqrt(1 / 12.0 / ROWS));
    assert_true(fabs(squares / ROWS - 1 / 12.0) < 5 * sqrt(1 / 180.0 / ROWS));
    assert_true(fabs(products / ROWS) < 5 * sqrt(1 / 144.0 / ROWS));
    finish(&l);
}

static void test_draw_is_a_function_of_seed_step_row_and_place(void **state)
{
    (void)state;
    const cr_shape shape = {3, {1, 8, 8}};
    const cr_augment_place places[] = {
        {1, 0, 0}, {2, 0, 0}, {1, 1, 0}, {1, 0, 1}, {1, 0, 4000000000u}};
    enum { PLACES = sizeof places / sizeof places[0], ITEMS = 2 };
    cr_augmentation_draw draws[PLACES * ITEMS], again[ITEMS];
    list l;
    create(&l, "[{\"type\": \"flip\"}, {\"type\": \"flip\"}]", &shape);
    for (size_t i = 0; i < PLACES; i++)
        cr_augment_draw(&l.augment, &places[i], draws + i * ITEMS);
    cr_augment_draw(&l.augment, &places[0], again);
    assert_memory_equal(again, draws, sizeof again);
    for (size_t i = 0; i < PLACES * ITEMS; i++)
        for (size_t k = 0; k < i; k++) {
            const cr_augmentation_draw *a = &draws[i], *b = &draws[k];
            assert_true(a->u[0] != b->u[0] && a->u[3] != b->u[3] && a->seed != b->seed);
        }
    finish(&l);
}

/* Mean, variance, skewness and tails of the noise of a large image. */
static void test_noise_is_normal(void **state)
{
    (void)state;
    enum { SIDE = 200, PIXELS = SIDE * SIDE };
    const cr_shape shape = {3, {1, SIDE, SIDE}};
    const cr_augment_place place = {3, 4, 5};
    cr_augmentation_draw draw;
    list l;
    create(&l, "[{\"type\": \"noise\", \"std\": 2}]", &shape);
    cr_augment_draw(&l.augment, &place, &draw);
    cr_real *scratch = cr_alloc(cr_augment_scratch(&l.augment), sizeof *scratch, NULL);
    const cr_real *x = cr_augment_apply(&l.augment, &draw, -(cr_real)INFINITY,
                                        (cr_real)INFINITY, scratch);
    double moments[5] = {0};
    size_t beyond = 0; /* two standard deviations */
    for (size_t i = 0; i < PIXELS; i++) {
        double z = (double)x[i] / 2;
        for (int k = 1; k < 5; k++)
            moments[k] += pow(z, k) / PIXELS;
        beyond += fabs(z) > 2;
    }
    double n = PIXELS; /* ± 5 standard deviations of each */
    assert_true(fabs(moments[1]) < 5 * sqrt(1 / n));
    assert_true(fabs(moments[2] - 1) < 5 * sqrt(2 / n));
    assert_true(fabs(moments[3]) < 5 * sqrt(15 / n));
    assert_true(fabs(moments[4] - 3) < 5 * sqrt(96 / n));
    assert_true(fabs((double)beyond / n - 0.0455) < 5 * sqrt(0.0455 / n));
    cr_free(scratch);
    finish(&l);
}

static void refuse(const char *entries, const cr_shape *shape, const char *place,
                   const char *message)
{
    list l;
    cr_reader reader = read_list(&l, entries);
    bool good = l.err.count == 0 && cr_augment_fit(&reader, &l.augment, shape, false);
    if (good || !strstr(l.err.text, message) || !strstr(l.err.text, place))
        fail_msg("%s: %s", entries, l.err.text);
    finish(&l);
}

static void test_read_refuses_what_cannot_be(void **state)
{
    (void)state;
    const cr_shape image = {3, {3, 8, 6}}, flat = cr_shape_flat(64), plane = {2, {8, 8}};
    refuse("[{\"type\": \"blur\"}]", &image, "data.augment.0.type",
           "unknown augmentation \"blur\"; known: crop, flip");
    refuse("[{\"type\": \"RandomCrop\"}]", &image, "augment.0.type", "called \"crop\"");
    refuse("[{}]", &image, "augment.0.type", "missing");
    refuse("[7]", &image, "augment.0", "found a number, expected an augmentation");
    refuse("[{\"type\": \"flip\", \"p\": 1}]", &image, "augment.0.p", "\"probability\"");
    refuse("[{\"type\": \"flip\", \"probability\": 2}]", &image, "probability", "to 1");
    refuse("[{\"type\": \"flip\", \"horizontal\": false}]", &image, "augment.0",
           "nothing is ever flipped");
    refuse("[{\"type\": \"flip\"}, {\"type\": \"shift\"}]", &image, "augment.1",
           "\"pixels\"");
    refuse("[{\"type\": \"shift\", \"pixels\": 1, \"share\": 0.2}]", &image, "augment.0",
           "remove one");
    refuse("[{\"type\": \"shift\", \"pixels\": 6}]", &image, "augment.0", "8x6");
    refuse("[{\"type\": \"shift\", \"share\": 0.05}]", &image, "augment.0",
           "less than a pixel");
    refuse("[{\"type\": \"crop\", \"padding\": 6}]", &image, "augment.0.padding",
           "at most 5");
    refuse("[{\"type\": \"cutout\", \"size\": 6}]", &image, "augment.0.size",
           "less than 6");
    refuse("[{\"type\": \"rotate\"}]", &image, "augment.0.degrees", "missing");
    refuse("[{\"type\": \"scale\", \"range\": [0, 1]}]", &image, "augment.0.range",
           "above 0");
    refuse("[{\"type\": \"scale\", \"range\": [2, 1]}]", &image, "augment.0.range",
           "the lower one first");
    refuse("[{\"type\": \"contrast\", \"range\": [1]}]", &image, "augment.0.range",
           "two numbers");
    refuse("[{\"type\": \"noise\", \"std\": 0}]", &image, "augment.0.std", "above 0");
    refuse("[{\"type\": \"flip\"}]", &flat, "data.augment", "\"shape\" in \"data\"");
    refuse("[{\"type\": \"flip\"}]", &plane, "data.augment", "8x8");
}

/* Nothing, and every type of the table. */
static void test_read_takes_lists(void **state)
{
    (void)state;
    const cr_shape image = {3, {3, 8, 8}}, flat = cr_shape_flat(64);
    cr_text all = augmentations_all();
    list l;
    create(&l, "[]", &flat);
    assert_int_equal(l.augment.count, 0);
    finish(&l);
    create(&l, all.data, &image);
    assert_int_equal(l.augment.count, cr_augmentation_type_count);
    for (size_t i = 0; i < l.augment.count; i++)
        assert_true(!l.augment.items[i].type->warp != !l.augment.items[i].type->paint);
    finish(&l);
    cr_text_finish(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apply_is_what_others_compute),
        cmocka_unit_test(test_rotate_turns_against_the_clock),
        cmocka_unit_test(test_apply_joins_neighbours),
        cmocka_unit_test(test_apply_can_move_all_out),
        cmocka_unit_test(test_draw_is_uniform),
        cmocka_unit_test(test_draw_is_a_function_of_seed_step_row_and_place),
        cmocka_unit_test(test_noise_is_normal),
        cmocka_unit_test(test_read_refuses_what_cannot_be),
        cmocka_unit_test(test_read_takes_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
