/*
 * Configs: the JSON reader, and all that loading an experiment does, short of training.
 * What stands behind a first NUL are overrides, each ended by another. A config may name
 * table.csv, images, labels and weights.safetensors, which lie beside it.
 */
#include "base/memory.h"
#include "base/text.h"
#include "config/document.h"
#include "fuzz.h"
#include "train/experiment.h"

enum { MOST_OVERRIDES = 4 };

static const char table[] = "a,b,class\n1,2,red\n3,4,blue\n5,6,red\n7,8.5,blue\n";
static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 1,
                                 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 1, 0};
static const char weights[] =
    "\x90\0\0\0\0\0\0\0"
    "{\"linear1.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
    "\"linear1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]}}   "
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/* What was read must, when it is printed, be read again. */
static void parse(const char *bytes, size_t size)
{
    cr_document document = {0};
    cr_error err = CR_ERROR_INIT;
    char *text = cr_text_copy(bytes, size, NULL);
    FUZZ_CHECK(text);
    bool good = cr_document_parse(&document, "config", text, size, CR_E_CONFIG, &err);
    FUZZ_CHECK(good == (err.count == 0));
    if (!good)
        return;
    char *printed = cr_json_print(document.root, false), where[CR_WHERE];
    cr_document_where(&document, "model.layers.0.type", where);
    cr_document_finish(&document);
    FUZZ_CHECK(printed);
    FUZZ_CHECK(cr_document_parse(&document, "printed", printed, strlen(printed),
                                 CR_E_CONFIG, &err));
    cr_document_finish(&document);
}

static void load(const char *path, const char *const *overrides, size_t count,
                 unsigned load_for)
{
    cr_error err = CR_ERROR_INIT;
    cr_experiment *experiment = cr_experiment_create(&(cr_recipe){.path = path,
                                                                  .overrides = overrides,
                                                                  .override_count = count,
                                                                  .load_for = load_for},
                                                     &err);
    FUZZ_CHECK((experiment != NULL) == (err.count == 0));
    FUZZ_CHECK(experiment || (err.length > 0 && strlen(err.text) == err.length));
    cr_experiment_destroy(experiment);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    parse((const char *)bytes, size);
    char *text = cr_text_copy((const char *)bytes, size, NULL);
    FUZZ_CHECK(text);
    size_t length = strlen(text), count = 0;
    const char *overrides[MOST_OVERRIDES];
    for (size_t at = length + 1; at < size && count < MOST_OVERRIDES;
         at += strlen(text + at) + 1)
        overrides[count++] = text + at;
    static bool written;
    if (!written) {
        fuzz_write("table.csv", table, sizeof table - 1);
        fuzz_write("images", images, sizeof images);
        fuzz_write("labels", labels, sizeof labels);
        fuzz_write("weights.safetensors", weights, sizeof weights);
        written = true;
    }
    const char *path = fuzz_write("config.json", text, length);
    load(path, overrides, count, CR_LOAD_TO_TRAIN);
    load(path, overrides, count, CR_LOAD_GRAPHS | CR_LOAD_ALL_GRADIENTS);
    cr_free(text);
    return 0;
}
