/* What goes from rank 0 to another rank: a run, with the rows of that rank's shards alone. */
#include "files.h"
#include "fixture.h"
#include "runs/rank_message.h"
#include "train/shards_rows.h"

#include <stdlib.h>

enum { ROWS = 4000, COLUMNS = 40, RANKS = 4 };

static const char config[] =
    "{\"data\": {\"train\": \"message.csv\", \"target\": \"y\", \"weight\": \"w\","
    "\"normalize\": \"standardize\", \"validation\": %s},"
    "\"model\": {\"layers\": [{\"type\": \"linear\"}]}, \"loss\": {\"type\": "
    "\"softmax\"},"
    "\"log\": {%s}, \"training\": {\"batch_size\": 8, \"shards\": 8}}";

static void write_table(void)
{
    cr_text text = {0};
    for (int j = 0; j < COLUMNS; j++)
        cr_text_add(&text, "x%d,", j);
    cr_text_add(&text, "w,y\n");
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLUMNS; j++)
            cr_text_add(&text, "%g,", (double)((i * 31 + j * 17) % 97) / 8);
        cr_text_add(&text, "%d,%c\n", 1 + i % 3, i % 2 ? 'a' : 'b');
    }
    files_write_text("message.csv", text.data);
    cr_text_finish(&text);
}

static cr_experiment *load(const char *split, const char *log, unsigned load_for)
{
    char text[1024];
    cr_error err = CR_ERROR_INIT;
    snprintf(text, sizeof text, config, split, log);
    const cr_recipe recipe = {.path = files_write_text("message.json", text),
                              .load_for = load_for};
    cr_experiment *e = cr_experiment_create(&recipe, &err);
    if (!e)
        fail_msg("%s", err.text);
    return e;
}

typedef struct bytes {
    char *items;
    size_t length, capacity, at;
} bytes;

static bool write_bytes(void *user, void *from, size_t length, cr_error *err)
{
    bytes *b = user;
    if (!cr_reserve(&b->items, &b->capacity, b->length + length, 1, err))
        return false;
    memcpy(b->items + b->length, from, length);
    b->length += length;
    return true;
}

static bool read_bytes(void *user, void *to, size_t length, cr_error *err)
{
    bytes *b = user;
    if (length > b->length - b->at)
        return cr_byte_stream_fail(err);
    memcpy(to, b->items + b->at, length);
    b->at += length;
    return true;
}

static size_t size_of_data(const cr_experiment *e)
{
    const cr_dataset *d = &e->data->datasets[CR_PART_TRAIN];
    return d->examples * (d->stride * sizeof(cr_real) + sizeof(int32_t) + sizeof(double));
}

/* The rows that it has are those of the whole, in every part. */
static void check_rows(const cr_experiment *whole, const cr_experiment *part,
                       const cr_data_rows *rows)
{
    for (size_t p = 0; p < CR_PARTS; p++) {
        const cr_part *a = &whole->data->parts[p], *b = &part->data->parts[p];
        assert_int_equal(a->count, b->count);
        for (size_t i = rows->first[p]; i < rows->last[p]; i++) {
            size_t row = cr_part_row(a, i), size = a->dataset->stride;
            assert_int_equal(cr_part_row(b, i), row);
            assert_memory_equal(a->dataset->values + row * size,
                                b->dataset->values + row * size, size * sizeof(cr_real));
            assert_int_equal(a->dataset->labels[row], b->dataset->labels[row]);
            assert_true(a->dataset->weights[row] == b->dataset->weights[row]);
        }
    }
}

static void check_split(const char *split, unsigned load_for)
{
    cr_error err = CR_ERROR_INIT;
    size_t sent[CR_PARTS] = {0};
    cr_experiment *e = load(split, "", load_for);
    cr_trainer *trainer = cr_trainer_create(e, true, &err);
    for (int rank = 0; rank < RANKS; rank++) {
        bytes b = {0};
        cr_rank_message message;
        const cr_data_rows rows = cr_shards_rows_of(e, RANKS, rank);
        cr_byte_stream to = {.move = write_bytes, .user = &b},
                       from = {.move = read_bytes, .user = &b};
        assert_true(cr_rank_message_put(trainer, &rows, &to, &err));
        if ((double)b.length >= 0.3 * (double)size_of_data(e))
            fail_msg("rank %d: %zu of %zu bytes", rank, b.length, size_of_data(e));
        if (!cr_rank_message_get(&message, &from, &err))
            fail_msg("%s", err.text);
        check_rows(e, message.experiment, &rows);
        for (size_t p = 0; p < CR_PARTS; p++)
            sent[p] += rows.last[p] - rows.first[p];
        cr_rank_message_finish(&message);
        b.at = 0; /* cut short, it is an error and no crash */
        b.length /= 2;
        assert_false(cr_rank_message_get(&message, &from, NULL));
        cr_rank_message_finish(&message);
        free(b.items);
    }
    for (size_t p = 0; p < CR_PARTS; p++)
        assert_int_equal(sent[p], e->data->parts[p].count);
    cr_trainer_destroy(trainer);
    cr_experiment_destroy(e);
}

static void test_message_has_a_rank_s_rows(void **state)
{
    (void)state;
    const unsigned kinds[] = {CR_LOAD_TO_TRAIN, CR_LOAD_SPILLED};
    write_table();
    for (size_t i = 0; i < CR_COUNT(kinds); i++) {
        check_split("{\"fraction\": 0.2}", kinds[i]);
        check_split("{\"fraction\": 0.3, \"stratify\": true}", kinds[i]);
        check_split("{\"last\": 0.2}", kinds[i]);
    }
}

/* Rows that rank 0 keeps are as they were, in memory or in a file; others need not be. */
static void test_rows_that_are_kept(void **state)
{
    (void)state;
    const char *logs[] = {"", "\"health\": true",
                          "\"metrics\": [\"validation_roc_auc\"]"};
    write_table();
    for (size_t i = 0; i < 2 * CR_COUNT(logs); i++) {
        const char *log = logs[i / 2];
        cr_experiment *whole = load("{\"last\": 0.2}", log, CR_LOAD_TO_TRAIN);
        cr_experiment *e = load("{\"last\": 0.2}", log, i % 2 ? CR_LOAD_SPILLED : 0);
        const cr_data_rows rows = cr_shards_rows_of(e, RANKS, 0);
        assert_int_equal(rows.last[CR_PART_TRAIN], 800);
        assert_int_equal(rows.last[CR_PART_VALIDATION], i / 2 == 2 ? 800 : 200);
        cr_data_rows_keep(e->data, &rows);
        check_rows(whole, e, &rows);
        cr_experiment_destroy(e);
        cr_experiment_destroy(whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_has_a_rank_s_rows),
        cmocka_unit_test(test_rows_that_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
