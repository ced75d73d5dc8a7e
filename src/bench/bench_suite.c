#include "bench/bench_suite.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/random.h"
#include "base/text.h"

const cr_workload cr_workloads[] = {
    {"spiral", {2, 100, 3}, 300, 300, false},
    {"digits", {64, 32, 10}, 32, 1437, false},
    {"mnist-mlp", {784, 128, 10}, 64, 60000, true},
    {"mnist-deep", {784, 256, 128, 10}, 128, 60000, true},
    {"wide", {784, 1024, 1024, 10}, 256, 60000, true},
};
const size_t cr_workload_count = CR_COUNT(cr_workloads);

enum { SIDE = 28, HEAD_IMAGES = 16, HEAD_LABELS = 8 };

static size_t last_layer(const cr_workload *w)
{
    size_t last = 1;
    while (last + 1 < sizeof w->units / sizeof w->units[0] && w->units[last + 1] > 0)
        last++;
    return last;
}

static bool write_text(const char *directory, const char *name, cr_text *text,
                       cr_error *err)
{
    char *path = cr_path_join(directory, name, err);
    bool good = path && (!text->failed || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_file_replace(path, text->data, text->length, err);
    cr_free(path);
    cr_text_finish(text);
    return good;
}

static bool write_config(const cr_workload *w, const char *directory, cr_error *err)
{
    cr_text text = {0};
    const char *source = w->images ? "{\"images\": \"images.idx\", \"labels\": "
                                     "\"labels.idx\"}, \"normalize\": 255"
                                   : "\"table.csv\", \"target\": -1";
    cr_text_add(&text, "{\"data\": {\"train\": %s}, \"model\": {\"layers\": [", source);
    for (size_t i = 1; i < last_layer(w); i++)
        cr_text_add(&text,
                    "{\"type\": \"linear\", \"units\": %zu}, {\"type\": \"relu\"}, ",
                    w->units[i]);
    /* a small step: the numbers are noise, and must stay ordinary ones for as long as it
     * takes */
    cr_text_add(
        &text,
        "{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"softmax\"}, \"optimizer\": "
        "{\"type\": \"sgd\", \"learning_rate\": 0.0001}, \"training\": {\"batch_size\": "
        "%zu}}",
        w->batch);
    return write_text(directory, "config.json", &text, err);
}

static void big_endian(unsigned char *bytes, size_t number)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(number >> (24 - 8 * i));
}

static bool write_images(const cr_workload *w, const char *directory, cr_error *err)
{
    size_t size = w->examples * SIDE * SIDE, outputs = w->units[last_layer(w)];
    unsigned char *bytes = cr_alloc(HEAD_IMAGES + size + 16, 1, err);
    char *images = cr_path_join(directory, "images.idx", err);
    char *labels = cr_path_join(directory, "labels.idx", err);
    bool good = bytes && images && labels;
    if (good) {
        bytes[2] = 8;
        bytes[3] = 3;
        big_endian(bytes + 4, w->examples);
        big_endian(bytes + 8, SIDE);
        big_endian(bytes + 12, SIDE);
        for (size_t i = 0; i < size; i += 16) {
            uint32_t draw[4];
            cr_random_block(1, CR_FOR_CHECK, 0, i, draw);
            for (size_t k = 0; k < 16; k++)
                bytes[HEAD_IMAGES + i + k] = (unsigned char)(draw[k / 4] >> 8 * (k % 4));
        }
        good = cr_file_replace(images, bytes, HEAD_IMAGES + size, err);
        bytes[3] = 1;
        for (size_t i = 0; i < w->examples; i++)
            bytes[HEAD_LABELS + i] = (unsigned char)(i % outputs);
        good = good && cr_file_replace(labels, bytes, HEAD_LABELS + w->examples, err);
    }
    cr_free(bytes);
    cr_free(images);
    cr_free(labels);
    return good;
}

static bool write_table(const cr_workload *w, const char *directory, cr_error *err)
{
    cr_text text = {0};
    for (size_t i = 0; i < w->examples; i++) {
        for (size_t j = 0; j < w->units[0]; j++) {
            uint32_t draw[4];
            cr_random_block(1, CR_FOR_CHECK, (uint32_t)j, i, draw);
            cr_text_add(&text, "%.3f,", (double)draw[0] / 2147483648.0 - 1);
        }
        cr_text_add(&text, "%zu\n", i % w->units[last_layer(w)]);
    }
    return write_text(directory, "table.csv", &text, err);
}

bool cr_bench_suite_write(const cr_workload *workload, const char *directory,
                          cr_error *err)
{
    return write_config(workload, directory, err) &&
           (workload->images ? write_images(workload, directory, err)
                             : write_table(workload, directory, err));
}
