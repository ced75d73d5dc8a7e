/* Transports: every job once, whatever becomes of the workers, and bytes as they were
 * sent. A transport is a row of the table here. */
#include "base/clock.h"
#include "fixture.h"
#include "sweep/transport.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { JOBS = 200, LONG = 1 << 20 };

static const cr_transport_type *const transports[] = {&cr_process_pool};
static const size_t transport_count = sizeof transports / sizeof transports[0];

/* What workers have: how they are to behave. */
typedef struct behaviour {
    size_t length;      /* of a result */
    size_t crash_every; /* jobs; 0: none */
    double seconds;     /* that a job takes, unless the worker is to stop */
    double slow;        /* that job 0 takes */
    bool tells_notice;  /* the result is the latest notice */
} behaviour;

/* A job is its number as text; job 7 is "7" with a 0 and a byte of every value behind. */
static size_t make_job(size_t number, char bytes[CR_MOST_JOB_BYTES])
{
    size_t length = (size_t)snprintf(bytes, CR_MOST_JOB_BYTES, "%zu", number) + 1;
    for (int i = 0; number == 7 && i < 256; i++)
        bytes[length++] = (char)i;
    return length;
}

/* Waits, and looks whether it is to stop. */
static bool spend(const cr_worker_news *news, double seconds)
{
    double end = cr_clock() + seconds;
    bool stops = news->is_stopping(news->user);
    while (!stops && cr_clock() < end) {
        usleep(500);
        stops = news->is_stopping(news->user);
    }
    return !stops;
}

static bool work(void *context, const cr_worker_news *news, const char *job,
                 size_t length, cr_text *result)
{
    const behaviour *b = context;
    size_t number = strtoul(job, NULL, 10);
    char expected[CR_MOST_JOB_BYTES];
    if (length != make_job(number, expected) || memcmp(job, expected, length) != 0)
        _exit(9);
    if (b->crash_every > 0 && number % b->crash_every == 0) {
        if (number % 2 == 0)
            _exit(3);
        raise(SIGKILL);
    }
    if (!spend(news, number == 0 && b->slow > 0 ? b->slow : b->seconds))
        return false;
    size_t notice_length = 0;
    const char *notice = news->notice(news->user, &notice_length);
    if (b->tells_notice)
        cr_text_add_bytes(result, notice, notice_length);
    for (size_t i = 0; i < b->length; i++)
        cr_text_add_bytes(result, number % 2 ? "a" : "b", 1);
    return true;
}

/* What came of the jobs. */
typedef struct tally {
    int results[JOBS], lost[JOBS];
    char why[JOBS][128];
    size_t count, bytes, length; /* events with a job; bytes of results; the jobs' own */
} tally;

static void take(tally *t, const cr_event *event)
{
    if (event->kind != CR_EVENT_RESULT && event->kind != CR_EVENT_LOST)
        return;
    size_t number = strtoul(event->job, NULL, 10);
    assert_in_range(number, 0, JOBS - 1);
    t->count++;
    t->length += event->job_length;
    if (event->kind == CR_EVENT_RESULT) {
        t->results[number]++;
        t->bytes += event->length;
        for (size_t i = 0; i < event->length; i++)
            assert_int_equal(event->bytes[i], number % 2 ? 'a' : 'b');
    } else {
        t->lost[number]++;
        snprintf(t->why[number], sizeof t->why[number], "%s", event->bytes);
    }
}

/* Sends jobs 0, 1, … and takes what comes, up to the end. stop_after: events; 0: never.
 */
static void run(const cr_transport_type *type, const behaviour *b, size_t workers,
                size_t stop_after, tally *t)
{
    const cr_transport_work how = {workers, work, (void *)b, NULL};
    cr_transport *transport = type->start(&how, NULL);
    assert_non_null(transport);
    *t = (tally){0};
    cr_event event = {.kind = CR_EVENT_NONE};
    size_t sent = 0;
    for (bool stopped = false; event.kind != CR_EVENT_END;) {
        char job[CR_MOST_JOB_BYTES];
        for (size_t room = type->room(transport); room > 0 && sent < JOBS; room--) {
            size_t length = make_job(sent++, job);
            assert_true(type->send(transport, job, length, NULL));
        }
        if (sent == JOBS)
            type->close(transport);
        assert_true(type->receive(transport, 20, &event, NULL));
        take(t, &event);
        if (stop_after > 0 && t->count >= stop_after && !stopped) {
            stopped = true;
            type->stop(transport);
        }
        if (stopped)
            sent = JOBS;
    }
    type->destroy(transport);
}

static void test_transport_does_every_job_once(void **state)
{
    (void)state;
    static tally t;
    for (size_t k = 0; k < transport_count; k++)
        for (size_t workers = 1; workers <= 9; workers += 4) {
            run(transports[k], &(behaviour){.length = 100}, workers, 0, &t);
            for (size_t i = 0; i < JOBS; i++)
                assert_int_equal(t.results[i], 1);
            assert_int_equal(t.bytes, JOBS * 100);
            assert_int_equal(t.length, 10 * 2 + 90 * 3 + 100 * 4 + 256);
        }
}

static void test_transport_takes_long_and_empty_results(void **state)
{
    (void)state;
    static tally t;
    for (size_t k = 0; k < transport_count; k++) {
        run(transports[k], &(behaviour){.length = LONG}, 3, 0, &t);
        assert_int_equal(t.bytes, (size_t)JOBS * LONG);
        run(transports[k], &(behaviour){.length = 0}, 3, 0, &t);
        assert_int_equal(t.count, JOBS);
    }
}

static void test_transport_loses_what_crashed_and_nothing_else(void **state)
{
    (void)state;
    static tally t;
    for (size_t k = 0; k < transport_count; k++) {
        run(transports[k], &(behaviour){.length = 1000, .crash_every = 7}, 2, 0, &t);
        for (size_t i = 0; i < JOBS; i++) {
            assert_int_equal(t.results[i], i % 7 != 0);
            assert_int_equal(t.lost[i], i % 7 == 0);
        }
        assert_string_equal(t.why[0],
                            "its process could not report, and exited with status 3");
        assert_non_null(strstr(t.why[7], "its process was ended by signal 9"));
    }
}

static void test_transport_loses_all_where_all_crash(void **state)
{
    (void)state;
    static tally t;
    for (size_t k = 0; k < transport_count; k++) {
        run(transports[k], &(behaviour){.crash_every = 1}, 3, 0, &t);
        for (size_t i = 0; i < JOBS; i++)
            assert_int_equal(t.lost[i], 1);
    }
}

static void test_transport_stops_when_told(void **state)
{
    (void)state;
    static tally t;
    for (size_t k = 0; k < transport_count; k++) {
        double began = cr_clock();
        run(transports[k], &(behaviour){.length = 10, .seconds = 0.001, .slow = 1000}, 2,
            10, &t);
        assert_in_range(t.count, 10, JOBS - 1);
        assert_true(cr_clock() - began < 100);
        for (size_t i = 0; i < JOBS; i++)
            assert_in_range(t.results[i] + t.lost[i], 0, 1);
        assert_int_equal(t.results[0] + t.lost[0], 0);
    }
}

/* Short jobs are sent ahead; those behind one that takes long are done by others. */
static void test_transport_lets_no_job_wait_behind_a_long_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < transport_count; k++) {
        const cr_transport_type *type = transports[k];
        const behaviour b = {.length = 1, .slow = 1000};
        const cr_transport_work how = {2, work, (void *)&b, NULL};
        cr_transport *transport = type->start(&how, NULL);
        static tally t;
        t = (tally){0};
        char job[CR_MOST_JOB_BYTES];
        cr_event event;
        /* 100 short ones make it send ahead, then the long one goes out with 99 others */
        for (size_t next = 100, done = 0; done < JOBS - 1; done = t.count) {
            for (size_t room = type->room(transport); room > 0 && next > 0; room--) {
                assert_true(type->send(transport, job, make_job(next % JOBS, job), NULL));
                next = next % JOBS == 0 ? 1 : next == 99 ? 0 : next + 1;
            }
            assert_true(type->receive(transport, 20, &event, NULL));
            take(&t, &event);
        }
        for (size_t i = 1; i < JOBS; i++)
            assert_int_equal(t.results[i], 1);
        type->destroy(transport); /* which stops the long one */
    }
}

static void test_transport_tells_the_latest_notice(void **state)
{
    (void)state;
    for (size_t k = 0; k < transport_count; k++) {
        const cr_transport_type *type = transports[k];
        const behaviour b = {.seconds = 0.2, .tells_notice = true};
        const cr_transport_work how = {1, work, (void *)&b, NULL};
        cr_transport *transport = type->start(&how, NULL);
        cr_event event = {.kind = CR_EVENT_NONE};
        static const char first[] = {1, 0, 2}, second[] = {3, 4, 0, 5};
        type->notify(transport, first, sizeof first); /* before there is a worker */
        assert_true(type->send(transport, "1", 2, NULL));
        while (event.kind == CR_EVENT_NONE)
            assert_true(type->receive(transport, 20, &event, NULL));
        assert_int_equal(event.length, sizeof first);
        assert_memory_equal(event.bytes, first, sizeof first);
        assert_true(type->send(transport, "2", 2, NULL));
        assert_true(type->receive(transport, 20, &event, NULL));
        type->notify(transport, second, sizeof second); /* while it is at work */
        while (event.kind == CR_EVENT_NONE)
            assert_true(type->receive(transport, 20, &event, NULL));
        assert_int_equal(event.length, sizeof second);
        assert_memory_equal(event.bytes, second, sizeof second);
        type->destroy(transport);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transport_does_every_job_once),
        cmocka_unit_test(test_transport_takes_long_and_empty_results),
        cmocka_unit_test(test_transport_loses_what_crashed_and_nothing_else),
        cmocka_unit_test(test_transport_loses_all_where_all_crash),
        cmocka_unit_test(test_transport_stops_when_told),
        cmocka_unit_test(test_transport_lets_no_job_wait_behind_a_long_one),
        cmocka_unit_test(test_transport_tells_the_latest_notice),
    };
    return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
