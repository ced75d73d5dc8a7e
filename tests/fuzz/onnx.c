/* ONNX files: read and imported; the run that is written of them is read, and predicts a
 * row. */
#include "base/memory.h"
#include "exchange/import.h"
#include "fuzz.h"

enum { LARGEST = 1 << 16 }; /* values of an example, and of all of a network's values */

/* Whether it is small enough to be run: a file may ask for much in a few bytes. */
static bool is_small(const cr_model *model)
{
    const cr_network *network = model->network;
    size_t values = 0;
    for (size_t i = 0; i < network->value_count; i++)
        values += network->values[i].size < LARGEST ? network->values[i].size : LARGEST;
    return values < LARGEST && cr_network_flops(network, false) < 1e7;
}

static void predict(const char *path)
{
    cr_error err = CR_ERROR_INIT;
    cr_model *model = cr_model_load(path, &err);
    if (!model) {
        fprintf(stderr, "%s\n", err.text);
        FUZZ_CHECK(err.code == CR_E_MEMORY);
        return;
    }
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    cr_real *x = cr_alloc(inputs, sizeof *x, &err);
    cr_real *y = cr_alloc(outputs, sizeof *y, &err);
    FUZZ_CHECK(x && y);
    FUZZ_CHECK(cr_model_predict(model, x, 1, y, &err) || err.code == CR_E_MEMORY);
    cr_free(x);
    cr_free(y);
    cr_model_destroy(model);
}

static void save(cr_experiment *experiment)
{
    char path[sizeof fuzz_directory + 8];
    cr_error err = CR_ERROR_INIT;
    cr_run run = {0};
    cr_result result;
    snprintf(path, sizeof path, "%s/run", fuzz_directory);
    if (cr_import_save(experiment, "model.onnx", path, &run, &result, &err))
        predict(path);
    else
        FUZZ_CHECK(err.code == CR_E_MEMORY);
    cr_run_finish(&run);
    cr_run_remove(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const losses[] = {NULL, "softmax", "logistic", "l2"};
    cr_error err = CR_ERROR_INIT;
    const cr_import_options options = {.loss = losses[size % 4]};
    const char *path = fuzz_write("model.onnx", bytes, size);
    cr_experiment *experiment = cr_import_experiment(path, &options, &err);
    FUZZ_CHECK((experiment != NULL) == (err.count == 0));
    if (experiment && is_small(&experiment->model))
        save(experiment);
    cr_experiment_destroy(experiment);
    return 0;
}
