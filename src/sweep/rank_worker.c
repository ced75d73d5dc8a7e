#define _XOPEN_SOURCE 700 /* nftw */
#include "sweep/rank_worker.h"

#include "base/directory.h"
#include "base/memory.h"
#include "base/path.h"
#include "math/blas.h"
#include "sweep/luggage.h"
#include "sweep/plan_message.h"
#include "sweep/sweep_work.h"
#include "sweep/trial_mark.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static const char prefix[] = "chainrule-trials-";

static int remove_entry(const char *path, const struct stat *status, int kind,
                        struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

static void remove_all(const char *path)
{
    nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *find_home(void)
{
    const char *home = getenv("TMPDIR");
    return home && *home ? home : "/tmp";
}

/* Removes what ranks left behind that were killed: nobody has a lock on it. */
static void remove_leftovers(void)
{
    const char *home = find_home();
    DIR *directory = opendir(home);
    for (const struct dirent *entry = directory ? readdir(directory) : NULL; entry;
         entry = readdir(directory)) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        char *path = cr_path_join(home, entry->d_name, NULL);
        int lock = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : -1;
        if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
            remove_all(path);
        if (lock >= 0)
            close(lock);
        cr_free(path);
    }
    if (directory)
        closedir(directory);
}

/* The lock is inherited by the workers, and so lasts as long as any of them. Somebody who
 * clears up may have been faster than it. */
static bool make_scratch(cr_rank_worker *w, cr_error *err)
{
    cr_text path = {0};
    bool made = false;
    w->lock = -1;
    for (int i = 0; i < 3 && !made; i++) {
        path.length = 0;
        cr_text_add(&path, "%s/%sXXXXXX", find_home(), prefix);
        if (path.failed || !mkdtemp(path.data))
            break;
        w->lock = open(path.data, O_RDONLY | O_DIRECTORY);
        made =
            w->lock >= 0 && flock(w->lock, LOCK_SH) == 0 && access(path.data, F_OK) == 0;
    }
    if (!made) {
        cr_fail(err, CR_E_IO,
                "%s: cannot make a directory for runs: %s; TMPDIR names another place",
                find_home(), strerror(errno));
        cr_text_finish(&path);
        return false;
    }
    w->scratch = path.data;
    w->trials = cr_path_join(w->scratch, "trials", err);
    return w->trials && cr_directory_create(w->trials, err);
}

static bool receive(void *user, void *bytes, size_t length, cr_error *err)
{
    const int *socket = user;
    for (char *at = bytes; length > 0;) {
        ssize_t got = recv(*socket, at, length, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return cr_fail(err, CR_E_IO, "the sweep's data did not come to its end");
        at += got > 0 ? got : 0;
        length -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* A job whose run comes and goes with it. */
static bool work(void *context, const cr_worker_news *news, const char *job,
                 size_t length, cr_text *result)
{
    cr_rank_worker *w = context;
    const char *luggage = NULL;
    size_t luggage_length = 0;
    uint64_t trial = 0;
    cr_text run = {0};
    bool good = cr_luggage_split(job, &length, &luggage, &luggage_length, NULL) &&
                length >= sizeof trial;
    if (good) {
        memcpy(&trial, job, sizeof trial); /* every job begins with it */
        cr_text_add(&run, "%s/%zu", w->trials, (size_t)trial);
        good = !run.failed && cr_luggage_unpack(luggage, luggage_length, run.data, NULL);
    }
    bool done = !good || cr_sweep_work(&w->worker, news, job, length, result);
    result->failed |= !good;
    if (good && done)
        cr_luggage_add(result, run.data);
    if (good)
        cr_trial_mark_remove(run.data);
    cr_text_finish(&run);
    return done;
}

bool cr_rank_worker_prepare(void *user, int socket, cr_transport_work *work_,
                            cr_error *err)
{
    cr_rank_worker *w = user;
    cr_byte_stream from = {.move = receive, .user = &socket};
    cr_blas_set_threads(1); /* here, so that no worker has to */
    remove_leftovers();
    if (!w->plan)
        w->plan = cr_plan_message_get(&from, err);
    if (!w->plan || !make_scratch(w, err))
        return false;
    w->worker = (cr_trial_worker){
        .plan = w->plan, .draws = cr_kept_draws_create(err), .directory = w->trials};
    *work_ = (cr_transport_work){.work = work, .context = w};
    return w->worker.draws != NULL;
}

void cr_rank_worker_clear(void *user)
{
    const cr_rank_worker *w = user; /* the process ends, and with it the rest */
    if (w->scratch)
        remove_all(w->scratch);
}
