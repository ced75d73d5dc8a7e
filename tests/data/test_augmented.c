/* Augmented batches: raw values are what is augmented, whatever the dataset holds. */
#include "augmentations.h"
#include "data/augmented.h"
#include "fixture.h"

enum {
    CHANNELS = 2,
    HEIGHT = 6,
    WIDTH = 5,
    FEATURES = CHANNELS * HEIGHT * WIDTH,
    ROWS = 9
};

/* The same images as bytes, and as numbers that are normalised already. */
typedef struct images {
    uint8_t bytes[ROWS * FEATURES];
    cr_real values[ROWS * FEATURES], shift[FEATURES], scale[FEATURES];
    double shift_of[FEATURES], scale_of[FEATURES];
    cr_dataset of_bytes, of_values;
    cr_encoding encoding;
    cr_document document;
    cr_augment augment;
} images;

static void create(images *m, const char *entries)
{
    const cr_shape shape = {3, {CHANNELS, HEIGHT, WIDTH}};
    cr_text text = {0}, warnings = {0};
    cr_error err = CR_ERROR_INIT;
    *m = (images){.of_bytes = {.examples = ROWS, .features = FEATURES}};
    for (size_t j = 0; j < FEATURES; j++) {
        m->shift_of[j] = 100 + 20 * (double)(j / (HEIGHT * WIDTH));
        m->scale_of[j] = 1 / (60 + (double)j); /* powers of 2 would round nothing */
        m->shift[j] = (cr_real)m->shift_of[j];
        m->scale[j] = (cr_real)m->scale_of[j];
    }
    for (size_t i = 0; i < ROWS * FEATURES; i++) {
        size_t j = i % FEATURES;
        m->bytes[i] = (uint8_t)(i * 37 % 251);
        m->values[i] = (cr_real)((m->bytes[i] - m->shift_of[j]) * m->scale_of[j]);
    }
    m->of_values = m->of_bytes;
    m->of_values.values = m->values;
    m->of_values.stride = FEATURES;
    m->of_bytes.bytes = m->bytes;
    m->of_bytes.shift = m->shift;
    m->of_bytes.scale = m->scale;
    m->encoding = (cr_encoding){
        .shape = shape, .features = FEATURES, .shift = m->shift_of, .scale = m->scale_of};
    cr_text_add(&text, "{\"data\": {\"augment\": %s}}", entries);
    assert_true(cr_document_parse(&m->document, "t.json", text.data, text.length,
                                  CR_E_CONFIG, &err));
    cr_reader reader = {.document = &m->document, .err = &err, .warnings = &warnings};
    cr_augment_read(&reader, cr_json_edit(m->document.root, "data"), &m->augment);
    if (err.count > 0 || !cr_augment_fit(&reader, &m->augment, &shape, false))
        fail_msg("%s", err.text);
}

static void finish(images *m)
{
    cr_augment_finish(&m->augment);
    cr_document_finish(&m->document);
}

static void gather(const images *m, const cr_dataset *dataset, size_t share,
                   const uint32_t *rows, size_t count, cr_real *x)
{
    const cr_augmented_step step = {1, 7, share};
    cr_augmented augmented;
    assert_true(
        cr_augmented_init(&augmented, &m->augment, &m->encoding, share + 1, NULL));
    cr_augmented_gather(&augmented, &step, dataset, rows, count, x);
    cr_augmented_finish(&augmented);
}

static const uint32_t order[ROWS] = {3, 1, 4, 0, 5, 8, 2, 6, 7};

/* What changes nothing leaves every bit of bytes. */
static void test_gather_leaves_bytes_their_bits(void **state)
{
    (void)state;
    static images m;
    cr_real x[ROWS * FEATURES], plain[ROWS * FEATURES];
    create(&m, "[{\"type\": \"brightness\", \"range\": [1, 1]}, {\"type\": \"flip\", "
               "\"probability\": 0}]");
    gather(&m, &m.of_bytes, 0, order, ROWS, x);
    cr_batch_gather(&m.of_bytes, order, ROWS, plain, NULL);
    assert_memory_equal(x, plain, sizeof x);
    finish(&m);
}

/* What is moved in from outside is black: the raw value 0, as each feature has it. */
static void test_gather_fills_with_black(void **state)
{
    (void)state;
    static images m;
    cr_real x[ROWS * FEATURES];
    create(&m, "[{\"type\": \"shift\", \"pixels\": 4}]");
    memset(m.bytes, 200, sizeof m.bytes);
    gather(&m, &m.of_bytes, 0, order, ROWS, x);
    size_t black = 0;
    for (size_t i = 0; i < ROWS * FEATURES; i++) {
        size_t j = i % FEATURES;
        bool outside = x[i] == (0 - m.shift[j]) * m.scale[j];
        assert_true(outside || x[i] == (200 - m.shift[j]) * m.scale[j]);
        black += outside;
    }
    assert_true(black > ROWS * FEATURES / 4 && black < ROWS * FEATURES);
    finish(&m);
}

/* Values that are stored normalised are augmented as raw ones: with all augmentations at
 * once but those that bytes limit. */
static void test_gather_augments_raw_values(void **state)
{
    (void)state;
    static images m;
    cr_real of_bytes[ROWS * FEATURES], of_values[ROWS * FEATURES];
    create(&m,
           "[{\"type\": \"crop\", \"padding\": 2}, {\"type\": \"rotate\", \"degrees\": "
           "30}, {\"type\": \"cutout\", \"size\": 2}, {\"type\": \"brightness\", "
           "\"range\": [0.5, 1]}, {\"type\": \"flip\"}]");
    gather(&m, &m.of_bytes, 0, order, ROWS, of_bytes);
    gather(&m, &m.of_values, 0, order, ROWS, of_values);
    for (size_t i = 0; i < ROWS * FEATURES; i++) /* raw values are rounded: 255 · 6e-8 */
        assert_float_equal((double)of_bytes[i], (double)of_values[i],
                           sizeof(cr_real) == 4 ? 2e-6F : 1e-14F);
    finish(&m);
}

/* Row by row, backwards, and with another share's memory: the same bits. */
static void test_gather_depends_on_the_row_alone(void **state)
{
    (void)state;
    static images m;
    cr_real whole[ROWS * FEATURES], one[FEATURES];
    cr_text all = augmentations_all();
    create(&m, all.data);
    gather(&m, &m.of_bytes, 0, order, ROWS, whole);
    for (size_t i = ROWS; i-- > 0;) {
        gather(&m, &m.of_bytes, i % 3, order + i, 1, one);
        assert_memory_equal(one, whole + i * FEATURES, sizeof one);
    }
    cr_text_finish(&all);
    finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather_leaves_bytes_their_bits),
        cmocka_unit_test(test_gather_fills_with_black),
        cmocka_unit_test(test_gather_augments_raw_values),
        cmocka_unit_test(test_gather_depends_on_the_row_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
