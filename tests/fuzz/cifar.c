/* CIFAR's binary files, one and two of them; the last bytes are the names of classes. A
 * byte of input fills a run of the file, so that inputs stay short. */
#include "arrays.h"
#include "base/memory.h"

enum { RUN = 439, NAMES = 24 }; /* 7 runs are a record of CIFAR-10 */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t names = size % NAMES;
    uint8_t *file = malloc((size - names) * RUN + 1);
    FUZZ_CHECK(file);
    for (size_t i = 0; i < size - names; i++)
        memset(file + i * RUN, bytes[i], RUN);
    const char *path = fuzz_write("data.bin", file, (size - names) * RUN + size % 2);
    fuzz_write("batches.meta.txt", bytes + size - names, names);
    fuzz_write("fine_label_names.txt", bytes + size - names, names);
    free(file);
    if (names == 0)
        remove(fuzz_write("batches.meta.txt", "", 0));
    cr_json *files = cr_json_new(CR_JSON_ARRAY);
    FUZZ_CHECK(cr_json_set_string(files, NULL, path) &&
               cr_json_set_string(files, NULL, path));
    const cr_source_type *const types[] = {&cr_source_cifar10, &cr_source_cifar100};
    for (size_t i = 0; i < 2; i++) {
        const cr_source one = {.type = types[i], .path = path};
        const cr_source two = {.type = types[i], .path = path, .paths = files};
        types[i]->recognize(path);
        fuzz_check_source(&one, 0, false, CR_MISSING_ERROR);
        fuzz_check_source(&two, 1, true, CR_MISSING_ERROR);
    }
    cr_json_free(files);
    return 0;
}
