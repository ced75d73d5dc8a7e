#include "bench/bench_suite.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/random.h"
#include "base/text.h"

#define RELU "{\"type\": \"relu\"}, "
#define LINEAR(units) "{\"type\": \"linear\", \"units\": " #units "}, "
#define CONV(filters, kernel, padding)                                                   \
    "{\"type\": \"conv2d\", \"filters\": " #filters ", \"kernel\": " #kernel             \
    ", \"padding\": \"" padding "\"}, "
#define POOL "{\"type\": \"max_pool2d\", \"size\": 2}, "

/* lenet: LeCun, Bottou, Bengio, Haffner: "Gradient-based learning applied to document
 * recognition", 1998, as in Caffe's examples; mnist-conv: as in KANN's; cifar-conv: as
 * Simonyan, Zisserman: "Very deep convolutional networks", 2015, but small. */
const cr_workload cr_workloads[] = {
    {"spiral", {1, {2}}, LINEAR(100) RELU, 3, 300, 300},
    {"digits", {1, {64}}, LINEAR(32) RELU, 10, 32, 1437},
    {"mnist-mlp", {3, {1, 28, 28}}, LINEAR(128) RELU, 10, 64, 60000},
    {"mnist-deep", {3, {1, 28, 28}}, LINEAR(256) RELU LINEAR(128) RELU, 10, 128, 60000},
    {"wide", {3, {1, 28, 28}}, LINEAR(1024) RELU LINEAR(1024) RELU, 10, 256, 60000},
    {"lenet",
     {3, {1, 28, 28}},
     CONV(20, 5, "valid") POOL CONV(50, 5, "valid") POOL LINEAR(500) RELU,
     10,
     64,
     6400},
    {"mnist-conv",
     {3, {1, 28, 28}},
     CONV(32, 3, "valid") RELU CONV(32, 3, "valid") RELU POOL LINEAR(128) RELU,
     10,
     64,
     6400},
    {"cifar-conv",
     {3, {3, 32, 32}},
     CONV(32, 3, "same") RELU CONV(32, 3, "same") RELU POOL CONV(64, 3, "same")
         RELU CONV(64, 3, "same") RELU POOL LINEAR(256) RELU,
     10,
     64,
     6400},
};
const size_t cr_workload_count = CR_COUNT(cr_workloads);

enum { HEAD_IMAGES = 20, HEAD_LABELS = 8 };

static bool is_images(const cr_workload *w)
{
    return w->input.rank == 3;
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
    const char *source = is_images(w) ? "{\"images\": \"images.idx\", \"labels\": "
                                        "\"labels.idx\"}, \"normalize\": 255"
                                      : "\"table.csv\", \"target\": -1";
    /* a small step: the numbers are noise, and must stay ordinary ones for as long as it
     * takes */
    cr_text_add(&text,
                "{\"data\": {\"train\": %s}, \"model\": {\"layers\": [%s{\"type\": "
                "\"linear\"}]}, "
                "\"loss\": {\"type\": \"softmax\"}, \"optimizer\": {\"type\": \"sgd\", "
                "\"learning_rate\": 0.0001}, \"training\": {\"batch_size\": %zu}}",
                source, w->layers, w->batch);
    return write_text(directory, "config.json", &text, err);
}

static void big_endian(unsigned char *bytes, size_t number)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(number >> (24 - 8 * i));
}

static bool write_images(const cr_workload *w, const char *directory, cr_error *err)
{
    size_t size = w->examples * cr_shape_size(&w->input);
    unsigned char *bytes = cr_alloc(HEAD_IMAGES + size + 16, 1, err);
    char *images = cr_path_join(directory, "images.idx", err);
    char *labels = cr_path_join(directory, "labels.idx", err);
    bool good = bytes && images && labels;
    if (good) {
        bytes[2] = 8;
        bytes[3] = 4;
        big_endian(bytes + 4, w->examples);
        for (size_t i = 0; i < 3; i++)
            big_endian(bytes + 8 + 4 * i, w->input.dim[i]);
        for (size_t i = 0; i < size; i += 16) {
            uint32_t draw[4];
            cr_random_block(1, CR_FOR_CHECK, 0, i, draw);
            for (size_t k = 0; k < 16; k++)
                bytes[HEAD_IMAGES + i + k] = (unsigned char)(draw[k / 4] >> 8 * (k % 4));
        }
        good = cr_file_replace(images, bytes, HEAD_IMAGES + size, err);
        bytes[3] = 1;
        for (size_t i = 0; i < w->examples; i++)
            bytes[HEAD_LABELS + i] = (unsigned char)(i % w->outputs);
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
        for (size_t j = 0; j < w->input.dim[0]; j++) {
            uint32_t draw[4];
            cr_random_block(1, CR_FOR_CHECK, (uint32_t)j, i, draw);
            cr_text_add(&text, "%.3f,", (double)draw[0] / 2147483648.0 - 1);
        }
        cr_text_add(&text, "%zu\n", i % w->outputs);
    }
    return write_text(directory, "table.csv", &text, err);
}

bool cr_bench_suite_write(const cr_workload *workload, const char *directory,
                          cr_error *err)
{
    return write_config(workload, directory, err) &&
           (is_images(workload) ? write_images(workload, directory, err)
                                : write_table(workload, directory, err));
}
