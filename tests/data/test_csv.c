/* The quick way through lines without quotes against libcsv, which is the reference. */
#include "base/random.h"
#include "base/text.h"
#include "data/csv.h"
#include "fixture.h"

static bool note_row(void *user, const cr_csv_row *row, cr_error *err)
{
    (void)err;
    cr_text_add(user, "%zu:", row->line);
    for (size_t i = 0; i < row->count; i++) {
        assert_int_equal(strlen(row->cells[i]), row->lengths[i]);
        cr_text_add(user, "[%s]", row->cells[i]);
    }
    cr_text_add(user, "\n");
    return true;
}

/* The rows as text. A first piece that ends within a row leaves the rest to libcsv. */
static char *read_rows(const char *text, size_t length, size_t first_piece)
{
    cr_text rows = {0};
    cr_csv *csv = cr_csv_create("test", ',', note_row, &rows, NULL);
    assert_non_null(csv);
    bool good = cr_csv_feed(csv, text, first_piece, NULL) &&
                cr_csv_feed(csv, text + first_piece, length - first_piece, NULL) &&
                cr_csv_end(csv, NULL);
    cr_csv_destroy(csv);
    cr_text_add(&rows, good ? "end" : "refused");
    return rows.data;
}

static void test_feed_is_the_same_as_libcsv(void **state)
{
    (void)state;
    static const char alphabet[] = ",,,\n\n\r \t\"ab1.";
    size_t with_rows = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        char text[32] = "x";
        size_t length = 1 + round % 30, used = round % 3 ? 8 : sizeof alphabet - 1;
        for (size_t i = 1; i < length; i++) {
            uint32_t draw[4];
            cr_random_block(1, CR_FOR_CHECK, round, i, draw);
            text[i] = alphabet[draw[0] % used];
        }
        char *fast = read_rows(text, length, 0), *slow = read_rows(text, length, 1);
        assert_string_equal(fast, slow);
        with_rows += strchr(fast, ']') != NULL;
        cr_free(fast);
        cr_free(slow);
    }
    assert_true(with_rows > 15000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_feed_is_the_same_as_libcsv)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
