#include "sweep/store_lock.h"

#include "base/memory.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static bool fail_taken(const char *directory, int file, cr_error *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char process[64] = ""; /* of another host it is not known */
    if (fcntl(file, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK && whole.l_pid > 0)
        snprintf(process, sizeof process, ": kill %ld", (long)whole.l_pid);
    return cr_fail(err, CR_E_USAGE,
                   "%s: another sweep is at work in this directory; wait until it has "
                   "finished, or stop it first%s",
                   directory, process);
}

/* There are two locks. The record lock is this process's alone, and tells of another
 * sweep at work. The other lock is inherited by the workers: after a sweep that was
 * killed, it is free when the last of them has noticed, which is soon. Both are on a file
 * of their own, since SQLite has locks on the database. */
bool cr_store_lock_take(const char *directory, int *file, cr_error *err)
{
    *file = -1;
    char *path = cr_path_join(directory, "lock", err);
    if (!path)
        return false;
    *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    bool good = *file >= 0 ||
                cr_fail(err, CR_E_IO, "%s: cannot write: %s", path, strerror(errno));
    cr_free(path);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (good && fcntl(*file, F_SETLK, &whole) != 0 &&
        (errno == EACCES || errno == EAGAIN))
        return fail_taken(directory, *file, err);
    if (good && flock(*file, LOCK_EX) != 0 && errno == EINTR)
        return cr_fail(
            err, CR_E_USAGE,
            "%s: interrupted while waiting for the workers of a sweep that was "
            "killed",
            directory);
    return good;
}

bool cr_store_lock_is_taken(const char *directory)
{
    char *path = cr_path_join(directory, "lock", NULL);
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool taken =
        file >= 0 && fcntl(file, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
    if (file >= 0)
        close(file);
    cr_free(path);
    return taken;
}
