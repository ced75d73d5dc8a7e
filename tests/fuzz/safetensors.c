/* safetensors files: as such, as a model, which then reads a table, and as a checkpoint.
 * An input that begins with { is a header without its length: what stands behind its
 * first NUL is the data. The length is written in front of it, so that a header may grow.
 */
#include "graph/safetensors.h"
#include "base/memory.h"
#include "fuzz.h"
#include "model/predictor.h"
#include "runs/checkpoint.h"
#include "tables.h"

#define NAME "checkpoint-000000000001.safetensors"

/* As many rows as fill the room that a table begins with, so that what is written behind
 * it is noticed. */
static const char table[] = "a,b,class\n1,2,red\n3,4,blue\n5,6,red\n7,8,red\n"
                            "9,1,blue\n2,3,red\n4,5,blue\n6,7,red\n";
static const char bare_table[] =
    "1,2,3\n4,5,6\n7,8,3\n9,1,6\n2,3,3\n4,5,6\n6,7,3\n8,9,6\n";

static void read_table(const cr_encoding *encoding, const char *path, int header)
{
    const cr_source source = tables_source(path, header);
    for (int need = 0; need < 2; need++) {
        cr_dataset dataset = {0};
        cr_error err = CR_ERROR_INIT;
        bool good = cr_dataset_load(&dataset, &source, encoding,
                                    need ? CR_TARGET_NEEDED : CR_TARGET_IGNORED, &err);
        FUZZ_CHECK(good == (err.count == 0));
        cr_dataset_finish(&dataset);
    }
}

/* The first row of the bare table, by position. */
static void predict_cells(cr_model *model)
{
    static const char *const cells[] = {"1", "2", "3"};
    static const size_t lengths[] = {1, 1, 1};
    char heading[CR_PREDICTOR_HEADING], cell[CR_PREDICTOR_CELL];
    for (size_t count = 1; count <= 3; count++) {
        cr_error err = CR_ERROR_INIT;
        const cr_csv_row row = {1, count, cells, lengths};
        cr_predictor *predictor = cr_predictor_create(model, "row", &err);
        FUZZ_CHECK(predictor);
        bool good = cr_row_encoder_match(&predictor->rows, count, &err) &&
                    cr_predictor_cells(predictor, &row, &err);
        FUZZ_CHECK(good == (err.count == 0));
        for (size_t i = 0; good && i < cr_predictor_columns(predictor); i++)
            FUZZ_CHECK(*cr_predictor_heading(predictor, i, heading) &&
                       cr_predictor_cell(predictor, i, cell));
        cr_predictor_destroy(predictor);
    }
}

static void load_model(const char *path)
{
    cr_error err = CR_ERROR_INIT;
    cr_model *model = cr_model_load(path, &err);
    FUZZ_CHECK((model != NULL) == (err.count == 0));
    if (!model)
        return;
    const char *names[] = {fuzz_write("table.csv", table, sizeof table - 1),
                           fuzz_write("bare.csv", bare_table, sizeof bare_table - 1)};
    for (size_t i = 0; i < 2; i++)
        for (int header = -1; header <= 1; header++)
            read_table(model->encoding, names[i], header);
    predict_cells(model);
    for (size_t i = 0; i < cr_model_outputs(model) && cr_model_class(model, i); i++)
        FUZZ_CHECK(strlen(cr_model_class(model, i)) < 1 << 17);
    cr_model_destroy(model);
}

static void find_checkpoint(void)
{
    cr_checkpoint checkpoint = {0};
    cr_text warnings = {0};
    bool found = false;
    cr_error err = CR_ERROR_INIT;
    bool good = cr_checkpoint_find(fuzz_directory, &checkpoint, &found, &warnings, &err);
    FUZZ_CHECK(good == (err.count == 0));
    cr_checkpoint_finish(&checkpoint);
    cr_text_finish(&warnings);
}

/* The file that the input stands for. */
static const char *write_input(const uint8_t *bytes, size_t size)
{
    if (size == 0 || *bytes != '{')
        return fuzz_write(NAME, bytes, size);
    const uint8_t *end = memchr(bytes, 0, size);
    size_t header = end ? (size_t)(end - bytes) : size;
    size_t data = end ? size - header - 1 : 0;
    char *file = cr_alloc(8 + header + data, 1, NULL);
    FUZZ_CHECK(file);
    for (int i = 0; i < 4; i++)
        file[i] = (char)(header >> 8 * i & 0xff);
    memcpy(file + 8, bytes, header);
    if (data > 0)
        memcpy(file + 8 + header, end + 1, data);
    const char *path = fuzz_write(NAME, file, 8 + header + data);
    cr_free(file);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = write_input(bytes, size);
    cr_safetensors file;
    cr_error err = CR_ERROR_INIT;
    bool good = cr_safetensors_read(&file, path, &err);
    FUZZ_CHECK(good == (err.count == 0));
    cr_safetensors_finish(&file);
    find_checkpoint();
    load_model(path);
    return 0;
}
