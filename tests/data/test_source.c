/* Every row of the table of sources, and what each of them reads before anything is
 * learned. */
#include "base/text.h"
#include "config/document.h"
#include "config/json.h"
#include "data/encoding_metadata.h"
#include "files.h"
#include "fixture.h"
#include "tables.h"

static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0,
                                       1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6};
static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 4, 0, 4};

static void test_every_type_is_described(void **state)
{
    (void)state;
    size_t of_paths = 0, of_the_rest = 0;
    assert_true(cr_source_type_count >= 2);
    for (size_t i = 0; i < cr_source_type_count; i++) {
        const cr_source_type *type = cr_source_types[i];
        assert_true(*type->name && *type->content);
        assert_true(type->in_memory || (*type->summary && *type->expected));
        assert_non_null(type->read);
        assert_true(type->open || !type->close);
        assert_true(type->has_columns || type->target_place);
        assert_true(!type->option_count == !type->heading);
        of_paths += type->option_count == 0;
        of_the_rest += type->recognize == NULL && !type->in_memory;
        for (size_t k = 0; k < type->option_count; k++) {
            const cr_option *option = &type->options[k];
            assert_true(*option->key && *option->help);
            assert_true(option->offset < sizeof(cr_source));
            assert_true(option->fallback != CR_REQUIRED || type->in_memory ||
                        strstr(type->expected, option->key));
        }
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(type->name, cr_source_types[k]->name);
    }
    assert_int_equal(of_paths, 1); /* a path in a config is of one type */
    assert_int_equal(of_the_rest, 1);
}

static void test_type_of_finds_every_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < cr_source_type_count; i++)
        for (size_t k = 0; k < cr_source_types[i]->option_count; k++) {
            cr_json *object = cr_json_new(CR_JSON_OBJECT);
            assert_true(
                cr_json_set_string(object, cr_source_types[i]->options[k].key, "x"));
            assert_ptr_equal(cr_source_type_of(object), cr_source_types[i]);
            cr_json_free(object);
        }
    cr_json *other = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_json_set_string(other, "path", "t.csv"));
    assert_null(cr_source_type_of(other));
    assert_ptr_equal(cr_source_type_of(cr_json_get(other, "path")), &cr_source_table);
    cr_json_free(other);
}

static void test_of_file_looks_at_the_content(void **state)
{
    (void)state;
    const char *table = files_write_text("t.csv", "a,b\n1,2\n");
    const char *idx = files_write("i.idx", images, sizeof images);
    cr_source source = cr_source_of_file(table, "labels", &cr_table_format_default);
    assert_ptr_equal(source.type, &cr_source_table);
    assert_null(source.targets); /* a table has its own */
    source = cr_source_of_file(idx, "labels", &cr_table_format_default);
    assert_ptr_equal(source.type, &cr_source_idx);
    assert_string_equal(source.targets, "labels");
    assert_ptr_equal(
        cr_source_of_file("no such file", NULL, &cr_table_format_default).type,
        &cr_source_table);
}

static void test_table_reads_without_learning(void **state)
{
    (void)state;
    const cr_source source = tables_source(
        files_write_text("t.csv", "a,skip,w,c\n1,9,u,red\n?,9,v,blue\n3,9,u,red\n"), -1);
    const cr_column_kind kinds[] = {CR_COLUMN_GUESS, CR_COLUMN_SKIP, CR_COLUMN_GUESS,
                                    CR_COLUMN_GUESS};
    const tables_plan plan = {(const size_t[]){3}, 1, kinds, true, CR_MISSING_MEAN, NULL};
    cr_opened file;
    cr_reading reading = {0};
    cr_raw raw;
    assert_true(cr_source_open(&file, &source, NULL));
    assert_int_equal(file.columns, 4);
    assert_true(file.has_header);
    assert_string_equal(file.first->items[2], "w");
    assert_true(tables_choose(&reading, &file, &plan, NULL));
    assert_int_equal(reading.inputs, 2);
    assert_true(cr_source_read(&file, &reading, &raw, NULL));
    assert_int_equal(raw.rows, 3);
    assert_int_equal(raw.width, 2);
    assert_int_equal(raw.inputs[0].kind, CR_COLUMN_NUMBER);
    assert_int_equal(raw.inputs[0].missing, 1);
    assert_int_equal(raw.inputs[1].kind, CR_COLUMN_WORD);
    assert_int_equal(raw.inputs[1].position, 2);
    assert_string_equal(raw.inputs[1].words.names.items[0], "u");
    const int32_t codes[] = {0, 1, 0}; /* in the order of appearance: red, blue */
    assert_memory_equal(raw.codes, codes, sizeof codes);
    assert_true(tables_have_numbers(&raw, (const double[]){1, 0, NAN, 1, 3, 0}));
    assert_int_equal(raw.file_count, 1);
    assert_string_equal(raw.files[0].key, "");
    cr_raw_finish(&raw);
    cr_reading_finish(&reading);
    cr_source_close(&file);
}

static void read_idx(const cr_source *source, bool classify, cr_raw *raw)
{
    cr_opened file;
    cr_error err = CR_ERROR_INIT;
    const cr_reading reading = {.targets = 1, .classify = classify};
    if (!cr_source_open(&file, source, &err) ||
        !cr_source_read(&file, &reading, raw, &err))
        fail_msg("%s", err.text);
    cr_source_close(&file);
}

static void test_idx_reads_without_learning(void **state)
{
    (void)state;
    const cr_source source = {.type = &cr_source_idx,
                              .path = files_write("i.idx", images, sizeof images),
                              .targets =
                                  files_write_gzip("l.idx.gz", labels, sizeof labels)};
    cr_raw raw;
    read_idx(&source, true, &raw);
    assert_int_equal(raw.rows, 3);
    assert_int_equal(cr_shape_size(&raw.shape), 2);
    assert_int_equal(raw.bytes[5], 6);
    assert_null(raw.numbers);
    assert_true(raw.counted);
    assert_string_equal(raw.classes.names.items[0], "4");
    assert_int_equal(raw.classes.lines[1], 1);
    assert_int_equal(raw.file_count, 2);
    assert_string_equal(raw.files[1].key, "labels");

    cr_encoding encoding;
    const cr_opened file = {.source = &source};
    const cr_reading reading = {.targets = 1, .classify = true};
    assert_true(cr_learn_encoding(&encoding, &file, &reading, &raw, NULL));
    assert_int_equal(encoding.classes.count, 5); /* 1 to 3 as well */
    for (int twice = 0; twice < 2; twice++) {
        const int32_t places[] = {4, 0, 4};
        assert_true(cr_raw_translate(&raw, &encoding, NULL));
        assert_memory_equal(raw.codes, places, sizeof places);
    }
    cr_raw_finish(&raw);
    cr_encoding_finish(&encoding);

    read_idx(&source, false, &raw); /* labels as numbers */
    assert_null(raw.codes);
    assert_int_equal(raw.target_count, 1);
    assert_true(tables_have_numbers(&raw, (const double[]){4, 0, 4}));
    cr_raw_finish(&raw);
}

static void test_translate_refuses_what_training_had_not(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    const cr_source source = {.type = &cr_source_idx,
                              .path = files_write("i.idx", images, sizeof images),
                              .targets = files_write("l.idx", labels, sizeof labels)};
    cr_names classes = {0};
    assert_true(cr_names_add(&classes, "0", NULL) && cr_names_add(&classes, "1", NULL) &&
                cr_names_sort(&classes, NULL));
    cr_encoding encoding = {
        .features = 2, .input_count = 2, .classify = true, .classes = classes};
    cr_raw raw;
    read_idx(&source, true, &raw);
    assert_false(cr_raw_translate(&raw, &encoding, &err));
    assert_non_null(strstr(err.text, "l.idx: label 4 of example 0 (from 0) is not in the "
                                     "training data; its classes: 0 to 1"));
    cr_raw_finish(&raw);
    err = (cr_error)CR_ERROR_INIT;
    encoding.features = encoding.input_count = 3;
    encoding.shape = cr_shape_flat(3);
    read_idx(&source, true, &raw);
    assert_false(cr_raw_translate(&raw, &encoding, &err));
    assert_non_null(strstr(err.text, "i.idx: examples of 1x1x2, expected 3"));
    cr_raw_finish(&raw);
    cr_encoding_finish(&encoding);
}

/* A label is the name of a class, not its number among a table's classes. */
static void test_translate_takes_labels_for_names(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    const cr_source source = {.type = &cr_source_idx,
                              .path = files_write("i.idx", images, sizeof images),
                              .targets = files_write("l.idx", labels, sizeof labels)};
    cr_raw raw;
    cr_encoding encoding = {
        .features = 2, .input_count = 2, .classify = true, .file_columns = 3};
    assert_true(cr_names_add(&encoding.classes, "0", NULL) &&
                cr_names_add(&encoding.classes, "4", NULL) &&
                cr_names_sort(&encoding.classes, NULL));
    read_idx(&source, true, &raw);
    assert_true(cr_raw_translate(&raw, &encoding, NULL));
    const int32_t places[] = {1, 0, 1};
    assert_memory_equal(raw.codes, places, sizeof places);
    cr_raw_finish(&raw);
    cr_names_finish(&encoding.classes);
    assert_true(cr_names_add(&encoding.classes, "red", NULL) &&
                cr_names_add(&encoding.classes, "blue", NULL) &&
                cr_names_sort(&encoding.classes, NULL));
    read_idx(&source, true, &raw);
    assert_false(cr_raw_translate(&raw, &encoding, &err));
    assert_non_null(strstr(err.text, "label 4 of example 0 (from 0) is not in the "
                                     "training data; its classes: blue, red"));
    cr_raw_finish(&raw);
    cr_encoding_finish(&encoding);
}

/* Numbers that come without a table around them. */
static bool read_numbers(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                         cr_error *err)
{
    static const double numbers[] = {1, 10, 7, 3, 30, 8};
    (void)opened;
    raw->rows = raw->input_count = 2;
    raw->target_count = reading->targets;
    raw->width = raw->input_count + raw->target_count;
    raw->inputs = cr_alloc(2, sizeof *raw->inputs, err);
    raw->numbers = cr_numbers_create(raw->width, err);
    for (size_t i = 0; raw->inputs && i < 2; i++)
        raw->inputs[i] = (cr_raw_input){.kind = CR_COLUMN_NUMBER, .position = i};
    for (size_t i = 0; raw->numbers && i < 2; i++) {
        double *row = cr_numbers_next(raw->numbers, err);
        if (row) {
            memcpy(row, numbers + 3 * i, raw->width * sizeof *numbers);
            cr_numbers_add(raw->numbers);
        }
    }
    return raw->inputs && raw->numbers;
}

/* A type that nobody else knows is read, learned and encoded like the others. */
static void test_a_new_type_is_one_constant(void **state)
{
    (void)state;
    const cr_source_type type = {.name = "numbers", .read = read_numbers};
    const cr_source source = {.type = &type, .path = "numbers"};
    const cr_reading reading = {.targets = 1};
    const cr_normalization how = {.kind = CR_NORMALIZE_MINMAX};
    const cr_part all = {.count = 2};
    cr_opened file;
    cr_raw raw;
    cr_encoding encoding, back;
    cr_dataset set;
    assert_true(cr_source_open(&file, &source, NULL));
    assert_true(cr_source_read(&file, &reading, &raw, NULL));
    assert_true(cr_learn_encoding(&encoding, &file, &reading, &raw, NULL));
    cr_source_close(&file);
    assert_true(cr_normalize_fit(&encoding, &how, &raw, &all, NULL));
    cr_raw_finish(&raw);

    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_encoding_metadata_write(&encoding, metadata, NULL));
    assert_true(cr_encoding_metadata_read(&back, "m", metadata, NULL));
    assert_true(cr_dataset_load(&set, &source, &back, CR_TARGET_NEEDED, NULL));
    const cr_real expected[] = {0, 0, 7, 1, 1, 8};
    assert_int_equal(set.stride, 3);
    assert_memory_equal(set.values, expected, sizeof expected);
    cr_json_free(metadata);
    cr_dataset_finish(&set);
    cr_encoding_finish(&encoding);
    cr_encoding_finish(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_is_described),
        cmocka_unit_test(test_type_of_finds_every_key),
        cmocka_unit_test(test_of_file_looks_at_the_content),
        cmocka_unit_test(test_table_reads_without_learning),
        cmocka_unit_test(test_idx_reads_without_learning),
        cmocka_unit_test(test_translate_refuses_what_training_had_not),
        cmocka_unit_test(test_translate_takes_labels_for_names),
        cmocka_unit_test(test_a_new_type_is_one_constant),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
