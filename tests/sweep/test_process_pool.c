/* Worker processes: every item once, whatever becomes of the workers. */
#include "base/memory.h"
#include "fixture.h"
#include "sweep/process_pool.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ITEMS = 200, LONG_MESSAGE = 1 << 20 };

typedef struct bench {
    int taken[ITEMS], lost[ITEMS];
    char why[ITEMS][128];
    size_t bytes;
    size_t stop_after; /* results; 0: never */
    size_t results;
    size_t crash_every; /* items; 0: none */
    size_t length;      /* of a message */
    bool fails;         /* taking a result does */
} bench;

static bool work(void *context, const cr_pool *pool, size_t item, cr_text *message)
{
    bench *b = context;
    if (b->crash_every > 0 && item % b->crash_every == 0) {
        if (item % 2 == 0)
            _exit(3);
        raise(SIGKILL);
    }
    for (size_t i = 0; i < b->length; i++)
        cr_text_add_bytes(message, item % 2 ? "a" : "b", 1);
    return !cr_pool_is_stopping(pool);
}

static bool take(void *context, size_t item, const char *message, size_t length,
                 cr_error *err)
{
    bench *b = context;
    b->taken[item]++;
    b->results++;
    b->bytes += length;
    for (size_t i = 0; i < length; i++)
        assert_int_equal(message[i], item % 2 ? 'a' : 'b');
    return !b->fails || cr_fail(err, CR_E_IO, "no room");
}

static bool lose(void *context, size_t item, const char *why, cr_error *err)
{
    (void)err;
    bench *b = context;
    b->lost[item]++;
    snprintf(b->why[item], sizeof b->why[item], "%s", why);
    return true;
}

static bool look(void *context, size_t running, cr_error *err)
{
    (void)running;
    (void)err;
    const bench *b = context;
    return b->stop_after == 0 || b->results < b->stop_after;
}

static bool run(bench *b, size_t workers, cr_error *err)
{
    const cr_pool_work all = {.workers = workers,
                              .count = ITEMS,
                              .context = b,
                              .work = work,
                              .take = take,
                              .lose = lose,
                              .look = look};
    return cr_pool_run(&all, err);
}

static void test_pool_does_every_item_once(void **state)
{
    (void)state;
    for (size_t workers = 1; workers <= 9; workers += 4) {
        bench b = {.length = 100};
        assert_true(run(&b, workers, NULL));
        for (size_t i = 0; i < ITEMS; i++)
            assert_int_equal(b.taken[i], 1);
        assert_int_equal(b.bytes, ITEMS * 100);
    }
}

static void test_pool_takes_messages_longer_than_a_pipe(void **state)
{
    (void)state;
    bench b = {.length = LONG_MESSAGE};
    assert_true(run(&b, 3, NULL));
    assert_int_equal(b.bytes, (size_t)ITEMS * LONG_MESSAGE);
}

static void test_pool_loses_what_crashed_and_nothing_else(void **state)
{
    (void)state;
    bench b = {.length = 1000, .crash_every = 7};
    assert_true(run(&b, 2, NULL));
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(b.taken[i], i % 7 != 0);
        assert_int_equal(b.lost[i], i % 7 == 0);
    }
    assert_string_equal(b.why[0],
                        "its process could not report, and exited with status 3");
    assert_non_null(strstr(b.why[7], "its process was ended by signal 9"));
}

static void test_pool_stops_when_told(void **state)
{
    (void)state;
    bench b = {.length = LONG_MESSAGE, .stop_after = 10};
    assert_true(run(&b, 2, NULL));
    assert_in_range(b.results, 10, ITEMS - 1);
    for (size_t i = 0; i < ITEMS; i++)
        assert_in_range(b.taken[i], 0, 1);
}

static void test_pool_ends_with_the_parents_failure(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    bench b = {.length = 10, .fails = true};
    assert_false(run(&b, 2, &err));
    assert_string_equal(err.text, "no room");
    assert_int_equal(b.results, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_does_every_item_once),
        cmocka_unit_test(test_pool_takes_messages_longer_than_a_pipe),
        cmocka_unit_test(test_pool_loses_what_crashed_and_nothing_else),
        cmocka_unit_test(test_pool_stops_when_told),
        cmocka_unit_test(test_pool_ends_with_the_parents_failure),
    };
    return cmocka_run_group_tests_name("process_pool", tests, NULL, NULL);
}
