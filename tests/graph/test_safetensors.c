#include "files.h"
#include "fixture.h"
#include "graph/safetensors.h"

static const char json[] =
    "{\"model\": {\"layers\": [{\"type\": \"linear\", \"units\": 3}]}}";

/* Writes the fixture's parameters and returns the file's bytes. */
static char *write_model(fixture *f, const char *name, size_t *length)
{
    const cr_segment *s = f->model.network->nodes[0].plan.parameters;
    const cr_real *p = f->model.network->parameters;
    cr_tensor tensors[] = {{"linear1.weight", cr_shape_matrix(2, 3), p + s[0].offset},
                           {"linear1.bias", cr_shape_flat(3), p + s[1].offset}};
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_json_set_string(metadata, "config", "{\"crc32\":\"ffffffff\"}"));
    assert_true(cr_safetensors_write(files_path(name), tensors, 2, metadata, NULL, NULL));
    cr_json_free(metadata);
    char *bytes = NULL;
    assert_true(cr_file_read(files_path(name), 1 << 20, CR_E_DATA, &bytes, length, NULL));
    return bytes;
}

static void create(fixture *f)
{
    assert_true(fixture_create(f, json, &(cr_shape){1, {2}}, 0, false));
    cr_network_init(f->model.network, 1, NULL);
}

static void test_safetensors_round_trip(void **state)
{
    (void)state;
    fixture f;
    create(&f);
    size_t length = 0;
    cr_free(write_model(&f, "a.safetensors", &length));
    uint32_t before = cr_safetensors_crc32(f.model.network);
    cr_network_init(f.model.network, 2, NULL);
    assert_int_not_equal(cr_safetensors_crc32(f.model.network), before);
    cr_safetensors file;
    assert_true(cr_safetensors_read(&file, files_path("a.safetensors"), NULL));
    assert_true(cr_safetensors_load(&file, f.model.network, NULL));
    assert_int_equal(cr_safetensors_crc32(f.model.network), before);
    assert_int_equal((size_t)(file.data - file.bytes) % 8, 0);
    cr_safetensors_finish(&file);
    fixture_finish(&f);
}

static void test_safetensors_write_four_dimensions(void **state)
{
    (void)state;
    cr_real numbers[120];
    for (size_t i = 0; i < 120; i++)
        numbers[i] = (cr_real)i;
    const cr_tensor tensor = {"filters", {4, {2, 3, 4, 5}}, numbers};
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_safetensors_write(files_path("d.safetensors"), &tensor, 1, metadata,
                                     NULL, NULL));
    cr_json_free(metadata);
    cr_safetensors file;
    assert_true(cr_safetensors_read(&file, files_path("d.safetensors"), NULL));
    char *shape = cr_json_print(
        cr_json_get(cr_json_get(file.header.root, "filters"), "shape"), false);
    assert_string_equal(shape, "[2,3,4,5]");
    cr_free(shape);
    assert_int_equal(file.data_length, sizeof numbers);
    assert_memory_equal(file.data, numbers, sizeof numbers);
    cr_safetensors_finish(&file);
}

static void test_safetensors_read_notices_every_changed_byte(void **state)
{
    (void)state;
    fixture f;
    create(&f);
    size_t length = 0;
    char *bytes = write_model(&f, "b.safetensors", &length);
    for (size_t i = 0; i < length; i++) {
        bytes[i] ^= 1;
        cr_safetensors file;
        if (cr_safetensors_read(&file, files_write("c.safetensors", bytes, length), NULL))
            fail_msg("byte %zu of %zu was changed and nobody noticed", i, length);
        bytes[i] ^= 1;
    }
    for (size_t i = 0; i < length; i++) {
        cr_safetensors file;
        assert_false(
            cr_safetensors_read(&file, files_write("c.safetensors", bytes, i), NULL));
    }
    cr_free(bytes);
    fixture_finish(&f);
}

/* A file with the given header and so many bytes of data. */
static void check_refused(const char *header, size_t data, const char *message)
{
    char bytes[1024] = {0};
    size_t length = strlen(header);
    bytes[0] = (char)(length & 0xFF);
    bytes[1] = (char)(length >> 8);
    memcpy(bytes + 8, header, length);
    cr_safetensors file;
    cr_error err = CR_ERROR_INIT;
    fixture f;
    create(&f);
    bool good = cr_safetensors_read(
        &file, files_write("d.safetensors", bytes, 8 + length + data), &err);
    if (good && cr_safetensors_load(&file, f.model.network, &err))
        fail_msg("%s: not refused", header);
    if (good)
        cr_safetensors_finish(&file);
    assert_int_equal(err.code, CR_E_DATA);
    if (!strstr(err.text, message))
        fail_msg("%s: said \"%s\", expected \"%s\"", header, err.text, message);
    fixture_finish(&f);
}

#define WEIGHT                                                                           \
    "\"linear1.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}"
#define BIAS "\"linear1.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[24,36]}"

static void test_safetensors_read_refuses(void **state)
{
    (void)state;
    check_refused("", 0, "the file is empty");
    check_refused("[]", 0, "its header is not an object");
    check_refused("{" WEIGHT "," BIAS "}", 35, "it is truncated");
    check_refused("{" WEIGHT "," BIAS "}", 37, "there is more in it than its tensors");
    check_refused("{" WEIGHT "," WEIGHT "}", 24, "is there twice");
    check_refused("{" WEIGHT
                  ",\"b\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[20,32]}}",
                  32, "overlap or leave gaps");
    check_refused("{" WEIGHT
                  ",\"b\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[28,40]}}",
                  40, "overlap or leave gaps");
    check_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_"
                  "offsets\":[0,24]}}",
                  24, "do not fit together");
    check_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4,
                  "do not fit together");
    check_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4,
                  "do not fit together");
    check_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "do not fit together");
    check_refused("{\"__metadata__\":{\"x\":1}," WEIGHT "," BIAS "}", 36, "not a string");
    check_refused("{" WEIGHT "}", 24, "there is no tensor \"linear1.bias\"");
    check_refused("{\"linear1.weight\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_"
                  "offsets\":[0,24]}," BIAS "}",
                  36,
                  "tensor \"linear1.weight\" has the shape [3, 2], but the config's "
                  "network needs [2, 3]");
    check_refused("{\"linear1.weight\":{\"dtype\":\"I32\",\"shape\":[2,3],\"data_"
                  "offsets\":[0,24]}," BIAS "}",
                  36, "neither F32 nor F64");
    check_refused("{" WEIGHT "," BIAS
                  ",\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[36,36]}}",
                  36, "it has 3 tensors, but the config's network has 2");
}

/* A state of PyTorch has a counter beside each batch norm's running figures. */
static void test_safetensors_load_passes_counters_of_pytorch_by(void **state)
{
    (void)state;
    static const char text[] =
        "{\"norm.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":["
        "0,"
        "8]},\"norm.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
        "\"norm.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]},"
        "\"norm.running_mean\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]}"
        ","
        "\"norm.running_var\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[20,24]}"
        "}";
    const float numbers[] = {0, 0, 1, 2, 3, 4};
    char bytes[1024] = {0};
    bytes[0] = (char)(sizeof text - 1);
    bytes[1] = (char)((sizeof text - 1) >> 8);
    memcpy(bytes + 8, text, sizeof text - 1);
    memcpy(bytes + 8 + sizeof text - 1, numbers, sizeof numbers);
    fixture f;
    assert_true(fixture_create(&f,
                               "{\"model\": {\"layers\": [{\"type\": \"batch_norm\", "
                               "\"name\": \"norm\"}]}}",
                               &(cr_shape){3, {1, 2, 2}}, 0, false));
    cr_safetensors file;
    cr_error err = CR_ERROR_INIT;
    size_t length = 8 + sizeof text - 1 + sizeof numbers;
    assert_true(
        cr_safetensors_read(&file, files_write("f.safetensors", bytes, length), &err));
    if (!cr_safetensors_load(&file, f.model.network, &err))
        fail_msg("%s", err.text);
    const cr_layer_plan *plan = &f.model.network->nodes[0].plan;
    assert_true(f.model.network->parameters[plan->parameters[1].offset] == 2);
    assert_true(f.model.network->buffers[plan->buffers[1].offset] == 4);
    cr_safetensors_finish(&file);
    fixture_finish(&f);
}

static void test_safetensors_read_does_not_trust_lengths(void **state)
{
    (void)state;
    unsigned char bytes[16];
    memset(bytes, 0xFF, sizeof bytes);
    cr_safetensors file;
    cr_error err = CR_ERROR_INIT;
    assert_false(
        cr_safetensors_read(&file, files_write("e.safetensors", bytes, 16), &err));
    assert_non_null(strstr(err.text, "its header would be longer than the file"));
    assert_false(
        cr_safetensors_read(&file, files_write("e.safetensors", bytes, 3), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_safetensors_round_trip),
        cmocka_unit_test(test_safetensors_write_four_dimensions),
        cmocka_unit_test(test_safetensors_read_notices_every_changed_byte),
        cmocka_unit_test(test_safetensors_read_refuses),
        cmocka_unit_test(test_safetensors_load_passes_counters_of_pytorch_by),
        cmocka_unit_test(test_safetensors_read_does_not_trust_lengths),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
