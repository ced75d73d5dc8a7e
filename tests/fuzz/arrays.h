/* What targets of sources without columns share: a source read, learned and encoded. */
#ifndef CHAINRULE_TESTS_FUZZ_ARRAYS_H
#define CHAINRULE_TESTS_FUZZ_ARRAYS_H

#include "data/dataset.h"
#include "data/learn.h"
#include "fuzz.h"

static unsigned fuzz_sum(const void *bytes, size_t size)
{
    unsigned total = 0;
    for (size_t i = 0; i < size; i++)
        total += ((const uint8_t *)bytes)[i];
    return total;
}

/* With so many targets an example, or none. */
static inline void fuzz_check_source(const cr_source *source, size_t targets,
                                     bool classify, cr_missing missing)
{
    cr_error err = CR_ERROR_INIT;
    cr_opened file;
    cr_raw raw = {0};
    cr_dataset dataset = {0};
    cr_encoding encoding = {0};
    const cr_reading reading = {
        .targets = targets, .classify = targets > 0 && classify, .missing = missing};
    bool opened = cr_source_open(&file, source, &err);
    bool good = opened && cr_source_read(&file, &reading, &raw, &err) &&
                cr_learn_encoding(&encoding, &file, &reading, &raw, &err) &&
                cr_dataset_encode(&dataset, &raw, &encoding, &err);
    FUZZ_CHECK(good == (err.count == 0));
    if (good && dataset.bytes)
        fuzz_sum(dataset.bytes, dataset.examples * dataset.features);
    if (good && dataset.values)
        fuzz_sum(dataset.values,
                 dataset.examples * dataset.stride * sizeof *dataset.values);
    cr_source_close(&file);
    cr_raw_finish(&raw);
    cr_dataset_finish(&dataset);
    cr_encoding_finish(&encoding);
}

#endif
