#include "base/flush.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void *run(void *argument)
{
    cr_flush *flush = argument;
    flush->code = fdatasync(flush->file) == 0 ? 0 : errno;
    return NULL;
}

void cr_flush_begin(cr_flush *flush, int file, const char *path)
{
    *flush = (cr_flush){.file = file, .path = path};
    flush->runs = pthread_create(&flush->thread, NULL, run, flush) == 0;
    if (!flush->runs)
        run(flush);
}

bool cr_flush_end(cr_flush *flush, cr_error *err)
{
    if (flush->runs)
        pthread_join(flush->thread, NULL);
    flush->runs = false;
    return flush->code == 0 || cr_fail(err, CR_E_IO, "%s: cannot write: %s", flush->path,
                                       strerror(flush->code));
}
