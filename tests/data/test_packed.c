#include "data/packed.h"
#include "fixture.h"

#include <float.h>
#include <stdlib.h>

/* Packs and unpacks, whole and from every place on with a stride, and compares bits. */
static void check(const double *values, size_t count, cr_packing expected)
{
    cr_packing packing = cr_packed_choose(values, count);
    assert_int_equal(packing.type, expected.type);
    assert_int_equal(packing.exponent, expected.exponent);
    assert_int_equal(packing.marks, expected.marks);
    void *packed = cr_alloc_raw(count, cr_packed_size(packing), NULL);
    double *back = cr_alloc(2 * count, sizeof *back, NULL);
    cr_packed_write(packing, values, count, packed);
    cr_packed_read(packing, packed, 0, count, back, 1);
    assert_memory_equal(back, values, count * sizeof *back);
    for (size_t first = 0; first < count; first += 1 + first / 4) {
        cr_packed_read(packing, packed, first, count - first, back, 2);
        for (size_t i = first; i < count; i++)
            assert_memory_equal(&back[2 * (i - first)], &values[i], sizeof *values);
    }
    cr_free(packed);
    cr_free(back);
}

#define CHECK(type, exponent, marks, ...)                                                \
    check((const double[]){__VA_ARGS__},                                                 \
          sizeof((const double[]){__VA_ARGS__}) / sizeof(double),                        \
          (cr_packing){type, exponent, marks})

static void test_packed_takes_the_fewest_bytes(void **state)
{
    (void)state;
    CHECK(CR_PACKED_INT8, 0, false, 0);
    CHECK(CR_PACKED_INT8, 0, false, 126, -126);
    CHECK(CR_PACKED_INT16, 0, false, 127);
    CHECK(CR_PACKED_INT16, 0, false, -127);
    CHECK(CR_PACKED_INT16, 0, false, 32766, -32766);
    CHECK(CR_PACKED_INT32, 0, false, 32767);
    CHECK(CR_PACKED_INT32, 0, false, 2147483646, -2147483646);
    CHECK(CR_PACKED_DOUBLE, 0, false, 2147483647, 0);
    CHECK(CR_PACKED_FLOAT, 0, false, 2147483648, 0);
    CHECK(CR_PACKED_INT8, 1, false, 0.5, -0.1, 12.6);
    CHECK(CR_PACKED_INT16, 2, false, 0.5, 1.25, 99, -327.66);
    CHECK(CR_PACKED_INT32, 9, false, 1e-9, 2.147483646);
    CHECK(CR_PACKED_INT8, 22, false, 1e-22, -126e-22);
    CHECK(CR_PACKED_DOUBLE, 0, false, 1e-23);
    CHECK(CR_PACKED_DOUBLE, 0, false, 0.1, 1e9);
    CHECK(CR_PACKED_DOUBLE, 0, false, 3.141592653589793);
    CHECK(CR_PACKED_FLOAT, 0, false, (double)3.14159274f);
    CHECK(CR_PACKED_FLOAT, 0, false, 1e300 * 1e300, -1e300 * 1e300); /* infinite */
    CHECK(CR_PACKED_FLOAT, 0, false, (double)FLT_MAX, (double)FLT_MIN / 8);
    CHECK(CR_PACKED_DOUBLE, 0, false, DBL_MAX, DBL_MIN / 8);
    CHECK(CR_PACKED_DOUBLE, 0, false, 1700000000123.0);
}

static void test_packed_marks_gaps_and_negative_zero(void **state)
{
    (void)state;
    CHECK(CR_PACKED_INT8, 0, true, NAN);
    CHECK(CR_PACKED_INT8, 0, true, -0.0, 0.0, 1);
    CHECK(CR_PACKED_INT16, 2, true, -0.0, NAN, 1.28, 0.01, -1.28);
    CHECK(CR_PACKED_INT32, 3, true, 123456.789, NAN, -0.0, 0);
    CHECK(CR_PACKED_FLOAT, 0, false, (double)3.14159274f, NAN, -0.0);
    CHECK(CR_PACKED_DOUBLE, 0, false, 1e-300, NAN, -0.0);
}

/* Decimals as a table has them, read by strtod: what is packed reads back to the bit. */
static void test_packed_is_exact(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    static double values[COUNT];
    for (uint32_t digits = 0; digits <= 10; digits++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            char text[64];
            uint32_t r[4];
            cr_random_block(7, CR_FOR_SPLIT, digits, i, r);
            snprintf(text, sizeof text, "%s%u.%010u", i % 2 ? "-" : "", r[0] % 100, r[1]);
            text[strlen(text) - 10 + digits] = '\0'; /* so many behind the point */
            values[i] = strtod(text, NULL);
        }
        cr_packing packing = cr_packed_choose(values, COUNT);
        assert_int_equal(packing.type, digits == 0   ? CR_PACKED_INT8
                                       : digits <= 2 ? CR_PACKED_INT16
                                       : digits <= 7 ? CR_PACKED_INT32
                                                     : CR_PACKED_DOUBLE);
        check(values, COUNT, packing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packed_takes_the_fewest_bytes),
        cmocka_unit_test(test_packed_marks_gaps_and_negative_zero),
        cmocka_unit_test(test_packed_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
