#include "sweep/process_pool.h"

#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MILLISECONDS = 20, CHUNK = 1 << 16 };

/* In shared memory. */
typedef struct control {
    atomic_size_t next; /* position in todo */
    atomic_bool stop;
    atomic_size_t taken[]; /* [workers]: the position being done + 1; 0: none */
} control;

typedef struct worker {
    pid_t pid; /* 0: none */
    int pipe;
    char *buffer; /* bytes of messages that are not whole yet; [length], owned */
    size_t length, capacity;
    size_t last; /* the position + 1 whose message came last */
} worker;

struct cr_pool {
    const cr_pool_work *work;
    control *shared;
    size_t shared_size;
    pid_t parent;
    worker *workers;
    size_t *todo; /* [todo_count] items of this round */
    size_t todo_count;
    bool *done; /* [count] */
    struct pollfd *polled;
    cr_error *err;
};

/* In front of each message. */
typedef struct frame {
    uint64_t position, length;
} frame;

void *cr_shared_create(size_t size, cr_error *err)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED)
        return memory;
    cr_fail(err, CR_E_MEMORY, "out of memory: cannot share %zu bytes: %s", size,
            strerror(errno));
    return NULL;
}

void cr_shared_destroy(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}

bool cr_pool_is_stopping(const cr_pool *pool)
{
    return atomic_load_explicit(&pool->shared->stop, memory_order_relaxed) ||
           getppid() != pool->parent;
}

static bool write_all(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, bytes, length);
        if (written < 0 && errno != EINTR)
            return false;
        bytes += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* A worker's life. */
static void work(const cr_pool *pool, size_t self, int pipe)
{
    control *shared = pool->shared;
    cr_text message = {0};
    for (;;) {
        size_t position = atomic_fetch_add(&shared->next, 1);
        if (position >= pool->todo_count || cr_pool_is_stopping(pool))
            _exit(0);
        atomic_store(&shared->taken[self], position + 1);
        frame head = {position, 0};
        message.length = 0;
        cr_text_add_bytes(&message, (const char *)&head, sizeof head);
        bool whole =
            pool->work->work(pool->work->context, pool, pool->todo[position], &message);
        if (!whole)
            _exit(0);
        if (message.failed)
            _exit(1);
        head.length = message.length - sizeof head;
        memcpy(message.data, &head, sizeof head);
        if (!write_all(pipe, message.data, message.length))
            _exit(1);
        atomic_store(&shared->taken[self], 0);
    }
}

static void begin_child(const cr_pool *pool)
{
    signal(SIGINT, SIG_IGN); /* the parent decides */
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN); /* a parent that is gone is seen when writing fails */
    for (size_t i = 0; i < pool->work->workers; i++)
        if (pool->workers[i].pid)
            close(pool->workers[i].pipe);
}

static bool start(cr_pool *pool, size_t number)
{
    worker *w = &pool->workers[number];
    int ends[2];
    if (pipe(ends) != 0)
        return cr_fail(pool->err, CR_E_IO, "cannot make a pipe to a worker: %s",
                       strerror(errno));
    atomic_store(&pool->shared->taken[number], 0);
    w->length = w->last = 0;
    pid_t pid = fork();
    if (pid == 0) {
        begin_child(pool);
        close(ends[0]);
        work(pool, number, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return cr_fail(pool->err, CR_E_MEMORY, "cannot start a worker: %s",
                       strerror(errno));
    }
    w->pid = pid;
    w->pipe = ends[0];
    return true;
}

static void stop(cr_pool *pool)
{
    atomic_store(&pool->shared->stop, true);
}

/* Whole messages of the buffer go to the parent's hands. */
static void take_messages(cr_pool *pool, worker *w)
{
    size_t at = 0;
    frame head;
    while (w->length - at >= sizeof head) {
        memcpy(&head, w->buffer + at, sizeof head);
        if (w->length - at - sizeof head < head.length)
            break;
        size_t item = pool->todo[head.position];
        w->last = (size_t)head.position + 1;
        pool->done[item] = true;
        if (pool->err->count == 0 &&
            !pool->work->take(pool->work->context, item, w->buffer + at + sizeof head,
                              (size_t)head.length, pool->err))
            stop(pool);
        at += sizeof head + (size_t)head.length;
    }
    w->length -= at;
    memmove(w->buffer, w->buffer + at, w->length);
}

/* Why a process ended as it should not; NULL: it did as it should. */
static const char *describe_end(int status, char out[128])
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return NULL;
    if (WIFSIGNALED(status))
        snprintf(out, 128, "its process was ended by signal %d (%s)%s", WTERMSIG(status),
                 strsignal(WTERMSIG(status)),
                 WTERMSIG(status) == SIGKILL
                     ? "; by someone, or by the system when memory ran out"
                     : "");
    else
        snprintf(out, 128, "its process could not report, and exited with status %d",
                 WEXITSTATUS(status));
    return out;
}

/* After a worker's end: was it in the middle of something, is there more to do? */
static void bury(cr_pool *pool, size_t number)
{
    worker *w = &pool->workers[number];
    int status = 0;
    char text[128];
    close(w->pipe);
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    w->pid = 0;
    const char *why = describe_end(status, text);
    size_t taken = atomic_load(&pool->shared->taken[number]);
    if (why && taken > 0 && taken != w->last) {
        size_t item = pool->todo[taken - 1];
        pool->done[item] = true;
        if (pool->err->count == 0 &&
            !pool->work->lose(pool->work->context, item, why, pool->err))
            stop(pool);
    }
    if (why && !atomic_load(&pool->shared->stop) &&
        atomic_load(&pool->shared->next) < pool->todo_count && !start(pool, number))
        stop(pool);
}

static void receive(cr_pool *pool, size_t number)
{
    worker *w = &pool->workers[number];
    if (!cr_reserve(&w->buffer, &w->capacity, w->length + CHUNK, 1, pool->err)) {
        stop(pool);
        return;
    }
    ssize_t got = read(w->pipe, w->buffer + w->length, CHUNK);
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        bury(pool, number);
        return;
    }
    w->length += (size_t)got;
    take_messages(pool, w);
}

/* Workers that live, after waiting for one of them to speak. */
static size_t listen_once(cr_pool *pool)
{
    size_t count = 0, living = 0;
    for (size_t i = 0; i < pool->work->workers; i++)
        if (pool->workers[i].pid)
            pool->polled[count++] =
                (struct pollfd){.fd = pool->workers[i].pipe, .events = POLLIN};
    if (count == 0 || poll(pool->polled, (nfds_t)count, LOOK_MILLISECONDS) < 0)
        count = 0;
    for (size_t i = 0, at = 0; at < count; i++)
        if (pool->workers[i].pid && pool->polled[at++].revents)
            receive(pool, i);
    for (size_t i = 0; i < pool->work->workers; i++)
        living += pool->workers[i].pid != 0;
    return living;
}

static size_t find_todo(cr_pool *pool)
{
    pool->todo_count = 0;
    for (size_t i = 0; i < pool->work->count; i++)
        if (!pool->done[i])
            pool->todo[pool->todo_count++] = i;
    return pool->todo_count;
}

/* One round over what is to do. An item that a worker was about to take when it was
 * killed is left for the next. */
static void run_round(cr_pool *pool)
{
    atomic_store(&pool->shared->next, 0);
    for (size_t i = 0; i < pool->work->workers && i < pool->todo_count; i++)
        if (!start(pool, i)) {
            stop(pool);
            break;
        }
    size_t living = 1;
    while (living > 0) {
        living = listen_once(pool);
        if (pool->err->count == 0 &&
            !pool->work->look(pool->work->context, living, pool->err))
            stop(pool);
    }
}

bool cr_pool_run(const cr_pool_work *work_, cr_error *err)
{
    cr_error own = CR_ERROR_INIT;
    cr_pool pool = {.work = work_,
                    .shared_size =
                        sizeof(control) + work_->workers * sizeof(atomic_size_t),
                    .parent = getpid(),
                    .err = err ? err : &own};
    pool.shared = cr_shared_create(pool.shared_size, pool.err);
    pool.workers = cr_alloc(work_->workers, sizeof *pool.workers, pool.err);
    pool.polled = cr_alloc(work_->workers, sizeof *pool.polled, pool.err);
    pool.todo = cr_alloc(work_->count, sizeof *pool.todo, pool.err);
    pool.done = cr_alloc(work_->count, sizeof *pool.done, pool.err);
    bool good = pool.shared && pool.workers && pool.polled && pool.todo && pool.done;
    while (good && pool.err->count == 0 && !atomic_load(&pool.shared->stop) &&
           find_todo(&pool) > 0)
        run_round(&pool);
    for (size_t i = 0; pool.workers && i < work_->workers; i++)
        cr_free(pool.workers[i].buffer);
    cr_free(pool.workers);
    cr_free(pool.polled);
    cr_free(pool.todo);
    cr_free(pool.done);
    cr_shared_destroy(pool.shared, pool.shared_size);
    return pool.err->count == 0;
}
