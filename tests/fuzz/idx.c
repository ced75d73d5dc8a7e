/* IDX files, as images and as labels. */
#include "data/sources/idx.h"
#include "data/dataset.h"
#include "data/learn.h"
#include "fuzz.h"

static const uint8_t two_images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0,
                                     0, 1, 0, 0, 0, 2, 1, 2, 3, 4};

static unsigned sum(const uint8_t *bytes, size_t size)
{
    unsigned total = 0;
    for (size_t i = 0; i < size; i++)
        total += bytes[i];
    return total;
}

static void check_images(const char *images, const char *labels, bool classify)
{
    cr_error err = CR_ERROR_INIT;
    cr_opened file;
    cr_raw raw;
    cr_dataset dataset = {0};
    cr_encoding encoding = {0};
    const cr_source source = {.type = &cr_source_idx, .path = images, .targets = labels};
    const cr_reading reading = {.targets = labels ? 1 : 0,
                                .classify = labels && classify};
    FUZZ_CHECK(cr_source_open(&file, &source, &err));
    bool good = cr_source_read(&file, &reading, &raw, &err) &&
                cr_learn_encoding(&encoding, &file, &reading, &raw, &err) &&
                cr_dataset_encode(&dataset, &raw, &encoding, &err);
    FUZZ_CHECK(good == (err.count == 0));
    if (good && dataset.bytes)
        sum(dataset.bytes, dataset.examples * dataset.features);
    cr_source_close(&file);
    cr_raw_finish(&raw);
    cr_dataset_finish(&dataset);
    cr_encoding_finish(&encoding);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_write("input", bytes, size);
    const char *images = fuzz_write("images", two_images, sizeof two_images);
    cr_array idx = {0};
    cr_error err = CR_ERROR_INIT;
    if (cr_idx_read(&idx, path, &err)) {
        size_t size = 0;
        FUZZ_CHECK(cr_array_count_bytes(&idx, &size));
        sum(idx.data, size);
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
