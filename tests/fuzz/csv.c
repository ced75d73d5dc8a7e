/* CSV: the quick way and libcsv agree however the text is cut up, and a table that was
 * learned reads back the same. */
#include "data/csv.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/normalize.h"
#include "fuzz.h"

static bool note_row(void *user, const cr_csv_row *row, cr_error *err)
{
    (void)err;
    cr_text_add(user, "%zu:", row->line);
    for (size_t i = 0; i < row->count; i++) {
        FUZZ_CHECK(row->cells[i][row->lengths[i]] == '\0');
        cr_text_add(user, "[");
        cr_text_add_bytes(user, row->cells[i], row->lengths[i]);
        cr_text_add(user, "]");
    }
    cr_text_add(user, "\n");
    return true;
}

/* The rows as text, and the message that ended them. */
static cr_text read_rows(const char *text, size_t length, size_t first, size_t piece)
{
    cr_text rows = {0};
    cr_error err = CR_ERROR_INIT;
    char delimiter = cr_csv_delimiter(text, length);
    cr_csv *csv = cr_csv_create("rows", delimiter, note_row, &rows, &err);
    FUZZ_CHECK(csv);
    bool good = true;
    for (size_t at = 0, size = first; good && at < length; at += size, size = piece) {
        size = size < length - at ? size : length - at;
        char *copy = cr_text_copy(text + at, size, &err); /* so that its end is guarded */
        good = cr_csv_feed(csv, copy, size, &err);
        cr_free(copy);
    }
    good = good && cr_csv_end(csv, &err);
    FUZZ_CHECK(good == (err.count == 0));
    cr_csv_destroy(csv);
    cr_text_add(&rows, "%s", err.text);
    return rows;
}

static void check_pieces(const char *text, size_t length)
{
    cr_text whole = read_rows(text, length, length, length);
    for (size_t way = 0; way < 2; way++) {
        /* a first byte on its own leaves all to libcsv unless it ends a line */
        cr_text other = read_rows(text, length, way ? 3 : 1, way ? 7 : length);
        FUZZ_CHECK(other.failed || whole.failed ||
                   (other.length == whole.length &&
                    memcmp(other.data, whole.data, whole.length) == 0));
        cr_text_finish(&other);
    }
    cr_text_finish(&whole);
}

/* Raw, and normalised by what the first one says. */
static void check_same(cr_dataset *a, cr_dataset *b, cr_encoding *encoding)
{
    const cr_part all = {.dataset = a, .count = a->examples};
    FUZZ_CHECK(a->examples == b->examples && a->raw_stride == b->raw_stride);
    FUZZ_CHECK(memcmp(a->raw, b->raw, a->examples * a->raw_stride * sizeof *a->raw) == 0);
    FUZZ_CHECK(cr_normalize_fit(encoding, CR_NORMALIZE_STANDARDIZE, 0, &all, NULL) &&
               cr_normalize_dataset(a, encoding, NULL) &&
               cr_normalize_dataset(b, encoding, NULL));
    FUZZ_CHECK(
        memcmp(a->values, b->values, a->examples * a->stride * sizeof *a->values) == 0);
    FUZZ_CHECK(!a->labels ||
               memcmp(a->labels, b->labels, a->examples * sizeof *a->labels) == 0);
}

/* Learns a table with its last column as target, and reads it as if it were another. */
static void check_table(const char *path, bool classify, cr_missing missing)
{
    cr_table_file file = {0};
    cr_error err = CR_ERROR_INIT;
    if (!cr_table_file_open(&file, path, CR_TABLE_MAX_BYTES, &err)) {
        FUZZ_CHECK(err.count > 0);
        return;
    }
    cr_dataset learned = {0}, again = {0};
    cr_encoding encoding = {0};
    size_t target = file.columns - 1;
    int header = file.has_header;
    const cr_table_plan plan = {&target, 1, .classify = classify, .missing = missing};
    if (cr_dataset_learn_table(&learned, &encoding, &file, header, &plan, &err)) {
        if (cr_dataset_read_table(&again, &encoding, path, CR_TABLE_MAX_BYTES, header,
                                  CR_TARGET_NEEDED, &err))
            check_same(&learned, &again, &encoding);
        cr_dataset_finish(&again);
        (void)!cr_dataset_read_table(&again, &encoding, path, CR_TABLE_MAX_BYTES, -1,
                                     CR_TARGET_IGNORED, NULL);
        cr_dataset_finish(&again);
    } else {
        FUZZ_CHECK(err.count > 0);
    }
    cr_dataset_finish(&learned);
    cr_encoding_finish(&encoding);
    cr_table_file_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    check_pieces((const char *)bytes, size);
    const char *path = fuzz_write("table.csv", bytes, size);
    check_table(path, true, CR_MISSING_ERROR);
    check_table(path, false, CR_MISSING_DROP);
    check_table(path, true, CR_MISSING_INDICATOR);
    return 0;
}
