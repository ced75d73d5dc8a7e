/* NumPy's files, as inputs and as targets: .npy, and .npz by the same reader. */
#include "data/sources/npy.h"
#include "arrays.h"
#include "base/memory.h"

enum { MOST_ELEMENTS = 1000 };

static const char three_examples[] =
    "\x93NUMPY\1\0\x46\0{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), }   "
    "        \nabcdef";

static void check_elements(const cr_array *array)
{
    size_t size = 0;
    FUZZ_CHECK(cr_array_count_bytes(array, &size));
    fuzz_sum(array->data, size);
    for (size_t i = 0; i < size / array->size && i < MOST_ELEMENTS; i++) {
        double number = 0;
        if (cr_array_is_text(array))
            cr_free(cr_array_read_text(array, i, NULL));
        else
            cr_array_read(array, i, 1, &number);
    }
}

/* Whoever looks at the beginning alone sees the same. */
static void check_array(const char *path)
{
    cr_array array, peeked;
    cr_error err = CR_ERROR_INIT;
    bool good = cr_npy_read(&array, path, &err);
    FUZZ_CHECK(good == (err.count == 0));
    if (good) {
        check_elements(&array);
        FUZZ_CHECK(cr_npy_recognize(path) || strstr(path, ".npz"));
        FUZZ_CHECK(cr_npy_peek(&peeked, path, NULL));
        FUZZ_CHECK(peeked.rank == array.rank && peeked.kind == array.kind &&
                   memcmp(peeked.dim, array.dim, sizeof array.dim) == 0);
    }
    cr_array_finish(&array);
}

static void check_source(const char *inputs, const char *targets, size_t count,
                         bool classify, cr_missing missing)
{
    const cr_source source = {.type = &cr_source_npy, .path = inputs, .targets = targets};
    fuzz_check_source(&source, count, classify, missing);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_write("input.npz", bytes, size);
    const char *inputs = fuzz_write("inputs", three_examples, sizeof three_examples - 1);
    char member[300];
    snprintf(member, sizeof member, "%s:x", path);
    check_array(path);
    check_array(member);
    check_source(path, NULL, 0, false, CR_MISSING_MEAN);
    check_source(path, NULL, 0, false, CR_MISSING_INDICATOR);
    check_source(path, path, 1, true, CR_MISSING_DROP);
    check_source(inputs, path, 1, true, CR_MISSING_DROP);
    check_source(inputs, path, 1, false, CR_MISSING_DROP);
    check_source(inputs, member, 2, false, CR_MISSING_ERROR);
    return 0;
}
