/* IDX files, as images and as labels. */
#include "data/sources/idx.h"
#include "arrays.h"

static const uint8_t two_images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0,
                                     0, 1, 0, 0, 0, 2, 1, 2, 3, 4};

static void check_images(const char *images, const char *labels, bool classify)
{
    const cr_source source = {.type = &cr_source_idx, .path = images, .targets = labels};
    fuzz_check_source(&source, labels ? 1 : 0, classify, CR_MISSING_ERROR);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_write("input", bytes, size);
    const char *images = fuzz_write("images", two_images, sizeof two_images);
    cr_array idx = {0};
    cr_error err = CR_ERROR_INIT;
    if (cr_idx_read(&idx, path, &err)) {
        size_t length = 0;
        FUZZ_CHECK(cr_array_count_bytes(&idx, &length));
        fuzz_sum(idx.data, length);
        FUZZ_CHECK(cr_idx_recognize(path));
    } else {
        FUZZ_CHECK(err.count > 0);
    }
    cr_array_finish(&idx);
    check_images(path, NULL, true);
    check_images(path, path, true);
    check_images(images, path, true);
    check_images(images, path, false);
    return 0;
}
