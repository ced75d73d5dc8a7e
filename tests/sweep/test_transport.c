/* Transports: every job once, whatever becomes of the workers, and bytes as they were
 * sent. A transport is a row of the table here. */
#include "base/clock.h"
#include "fixture.h"
#include "sweep/rank_session.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 200, LONG = 1 << 20 };

static const cr_transport_type *const transports[] = {&cr_process_pool, &cr_rank_pool};
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

/* Where a transport is at work: for ranks, the others are children of this process, and a
 * module joins them by sockets (ranks/socket_module.c). */
enum { MOST_RANKS = 3 };
typedef struct place {
    const cr_transport_type *type;
    cr_transport *transport;
    behaviour behaviour;
    cr_rank_session *session; /* NULL: without ranks */
    int sockets[MOST_RANKS][MOST_RANKS];
    int ranks;
    pid_t others[MOST_RANKS];
} place;

static bool prepare(void *user, int socket, cr_transport_work *how, cr_error *err)
{
    (void)socket;
    (void)err;
    *how = (cr_transport_work){.work = work, .context = user};
    return true;
}

static void clear(void *user)
{
    (void)user;
}

static const volatile sig_atomic_t no_signal;

static cr_rank_session *join(place *p, int rank, size_t workers)
{
    const cr_ranks_launch launch = {rank, p->ranks, "sockets"};
    const cr_nursery_plan plan = {workers, prepare, clear, &p->behaviour};
    const cr_rank_options options = {.patience = 60, .signal = &no_signal};
    cr_error err = CR_ERROR_INIT;
    char text[128];
    bool refused = false;
    int length = snprintf(text, sizeof text, "%d", rank);
    for (int i = 0; i < p->ranks; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, " %d",
                           p->sockets[rank][i]);
    setenv("CHAINRULE_SOCKETS", text, 1);
    cr_rank_session *session =
        cr_rank_session_start(&launch, &plan, &options, &refused, &err);
    if (!session)
        print_error("%s\n", err.text);
    return session;
}

static _Noreturn void serve(place *p, int rank, size_t workers)
{
    cr_rank_session *session = join(p, rank, workers);
    bool good = session && cr_rank_session_serve(session, NULL);
    cr_rank_session_finish(session, !good);
    _exit(good ? 0 : 1);
}

static void begin_ranks(place *p, size_t workers)
{
    cr_byte_stream to;
    p->ranks = workers < MOST_RANKS ? (int)workers : MOST_RANKS;
    size_t each = workers / (size_t)p->ranks;
    for (int i = 0; i < p->ranks; i++)
        for (int k = 0; k < i; k++) {
            int ends[2];
            assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
            p->sockets[i][k] = ends[0];
            p->sockets[k][i] = ends[1];
        }
    for (int i = 1; i < p->ranks; i++) {
        p->others[i] = fork();
        if (p->others[i] == 0)
            serve(p, i, each);
    }
    p->session = join(p, 0, each);
    assert_non_null(p->session);
    assert_true(cr_rank_session_begin_broadcast(p->session, &to, NULL));
    assert_true(cr_rank_session_end_broadcast(p->session, NULL));
}

static cr_transport *begin(place *p, const cr_transport_type *type, const behaviour *b,
                           size_t workers)
{
    *p = (place){.type = type, .behaviour = *b};
    if (type == &cr_rank_pool)
        begin_ranks(p, workers);
    const cr_transport_work how = {p->session ? cr_rank_session_workers(p->session)
                                              : workers,
                                   work, &p->behaviour, p->session};
    p->transport = type->start(&how, NULL);
    assert_non_null(p->transport);
    return p->transport;
}

static void finish(place *p)
{
    p->type->destroy(p->transport);
    cr_rank_session_finish(p->session, false);
    for (int i = 0; i < p->ranks; i++) {
        int status = 0;
        for (int k = 0; k < p->ranks; k++)
            if (k != i)
                close(p->sockets[i][k]);
        if (i > 0)
            assert_int_equal(waitpid(p->others[i], &status, 0), p->others[i]);
        assert_int_equal(status, 0);
    }
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
    place p;
    cr_transport *transport = begin(&p, type, b, workers);
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
    finish(&p);
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
        place p;
        cr_transport *transport = begin(&p, type, &b, 2);
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
        finish(&p); /* which stops the long one */
    }
}

static void test_transport_tells_the_latest_notice(void **state)
{
    (void)state;
    for (size_t k = 0; k < transport_count; k++) {
        const cr_transport_type *type = transports[k];
        const behaviour b = {.seconds = 0.2, .tells_notice = true};
        place p;
        cr_transport *transport = begin(&p, type, &b, 1);
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
        finish(&p);
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
