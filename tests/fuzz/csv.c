/* Tables: the quick ways and libcsv agree however the text is cut up, as do encodings, and
 * a table that was learned reads back the same. */
#include "data/csv.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/table_text.h"
#include "fuzz.h"
#include "tables.h"

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
static cr_text read_rows(const cr_table_format *format, const char *text, size_t length,
                         size_t first, size_t piece)
{
    cr_text rows = {0};
    cr_error err = CR_ERROR_INIT;
    cr_csv *csv = cr_csv_create("rows", format, note_row, &rows, &err);
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

static void check_equal(cr_text *one, cr_text *other)
{
    FUZZ_CHECK(one->failed || other->failed ||
               (one->length == other->length &&
                (one->length == 0 || memcmp(one->data, other->data, one->length) == 0)));
    cr_text_finish(other);
}

static void check_pieces(const cr_table_format *format, const char *text, size_t length)
{
    cr_text whole = read_rows(format, text, length, length, length);
    for (size_t way = 0; way < 3; way++) {
        /* bytes on their own leave all to libcsv but lines of one */
        static const size_t firsts[] = {1, 3, 1}, pieces[] = {1 << 16, 7, 1};
        cr_text other = read_rows(format, text, length, firsts[way], pieces[way]);
        check_equal(&whole, &other);
    }
    cr_text_finish(&whole);
}

/* The text of a file, and the message that ended it. */
static cr_text read_text(const char *path, const char *encoding, size_t piece)
{
    cr_text all = {0};
    cr_error err = CR_ERROR_INIT;
    cr_table_format format = cr_table_format_default;
    format.encoding = encoding;
    format.piece = piece;
    const char *some = NULL;
    size_t length = 1;
    cr_table_text *text = cr_table_text_open(path, &format, 1 << 20, &err);
    FUZZ_CHECK(text);
    while (length > 0 && cr_table_text_read(text, &some, &length, &err))
        cr_text_add_bytes(&all, some, length);
    cr_table_text_close(text);
    if (err.count > 0) { /* what came before it differs */
        cr_text_finish(&all);
        cr_text_add(&all, "%s", err.text);
    }
    for (size_t at = 0, step = 0; at < all.length; at += step)
        FUZZ_CHECK((step = cr_text_utf8_length(all.data + at, all.length - at)) > 0);
    return all;
}

static void check_text(const char *path, size_t size)
{
    static const char *const encodings[] = {NULL, "windows-1252", "utf-16le",
                                            "shift_jis"};
    const char *encoding = encodings[size % CR_COUNT(encodings)];
    cr_text whole = read_text(path, encoding, 0);
    cr_text other = read_text(path, encoding, 1 + size % 7);
    check_equal(&whole, &other);
    cr_text_finish(&whole);
}

static void check_numbers(const cr_raw *a, const cr_raw *b)
{
    cr_numbers_view one, other;
    FUZZ_CHECK(cr_numbers_view_init(&one, a->numbers, NULL) &&
               cr_numbers_view_init(&other, b->numbers, NULL));
    for (size_t i = 0; i < a->rows; i++)
        FUZZ_CHECK(memcmp(cr_numbers_row(&one, i), cr_numbers_row(&other, i),
                          a->width * sizeof(double)) == 0);
    cr_numbers_view_finish(&one);
    cr_numbers_view_finish(&other);
}

/* Raw, and normalised by what the first one says. */
static void check_same(cr_raw *a, cr_raw *b, cr_encoding *encoding)
{
    const cr_part all = {.count = a->rows};
    const cr_normalization how = {.kind = CR_NORMALIZE_STANDARDIZE};
    cr_dataset first = {0}, second = {0};
    FUZZ_CHECK(a->rows == b->rows && a->width == b->width);
    check_numbers(a, b);
    FUZZ_CHECK(cr_normalize_fit(encoding, &how, a, &all, NULL) &&
               cr_dataset_encode(&first, a, encoding, NULL) &&
               cr_dataset_encode(&second, b, encoding, NULL));
    FUZZ_CHECK(memcmp(first.values, second.values,
                      first.examples * first.stride * sizeof *first.values) == 0);
    FUZZ_CHECK(!first.labels || memcmp(first.labels, second.labels,
                                       first.examples * sizeof *first.labels) == 0);
    cr_dataset_finish(&first);
    cr_dataset_finish(&second);
}

/* Reads the table as the encoding says, as if it were another. */
static void check_again(const cr_source *source, cr_raw *learned, cr_encoding *encoding)
{
    cr_opened file;
    cr_reading reading = {0};
    cr_raw again = {0};
    if (!cr_source_open(&file, source, NULL))
        return;
    if (cr_reading_match(&reading, encoding, &file, CR_TARGET_NEEDED, NULL) &&
        cr_source_read(&file, &reading, &again, NULL) &&
        cr_raw_translate(&again, encoding, NULL))
        check_same(learned, &again, encoding);
    cr_raw_finish(&again);
    cr_reading_finish(&reading);
    cr_source_close(&file);
}

static bool guess_header(const char *path, size_t *columns, cr_error *err)
{
    cr_opened file;
    const cr_source source = tables_source(path, -1);
    if (!cr_source_open(&file, &source, err))
        return false;
    bool header = file.has_header;
    *columns = file.columns;
    cr_source_close(&file);
    return header;
}

/* Learns a table with its last column as target, and reads it as if it were another. */
static void check_table(const char *path, bool classify, cr_missing missing)
{
    cr_error err = CR_ERROR_INIT;
    size_t columns = 0;
    bool header = guess_header(path, &columns, &err);
    FUZZ_CHECK((columns == 0) == (err.count > 0));
    if (columns == 0)
        return;
    cr_raw raw;
    cr_encoding encoding;
    cr_dataset other = {0};
    const size_t target = columns - 1;
    const tables_plan plan = {&target, 1, .classify = classify, .missing = missing};
    const cr_source source = tables_source(path, header), guess = tables_source(path, -1);
    if (tables_learn(&source, &plan, &raw, &encoding, &err)) {
        check_again(&source, &raw, &encoding);
        (void)!cr_dataset_load(&other, &guess, &encoding, CR_TARGET_IGNORED, NULL);
        cr_dataset_finish(&other);
    } else {
        FUZZ_CHECK(err.count > 0);
    }
    cr_raw_finish(&raw);
    cr_encoding_finish(&encoding);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    cr_table_format format = cr_table_format_default;
    check_pieces(&format, (const char *)bytes, size);
    format =
        (cr_table_format){.delimiter = ' ', .comment_prefix = "a,", .max_line = size};
    format.skip_rows = size % 3;
    check_pieces(&format, (const char *)bytes, size);
    const char *path = fuzz_write("table.csv", bytes, size);
    check_text(path, size);
    check_table(path, true, CR_MISSING_ERROR);
    check_table(path, false, CR_MISSING_DROP);
    check_table(path, true, CR_MISSING_INDICATOR);
    return 0;
}
