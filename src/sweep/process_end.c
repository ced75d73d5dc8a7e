#include "sweep/process_end.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

const char *cr_process_end_describe(int status, char out[CR_PROCESS_END_WHY])
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return NULL;
    if (WIFSIGNALED(status))
        snprintf(out, CR_PROCESS_END_WHY, "its process was ended by signal %d (%s)%s",
                 WTERMSIG(status), strsignal(WTERMSIG(status)),
                 WTERMSIG(status) == SIGKILL
                     ? "; by someone, or by the system when memory ran out"
                     : "");
    else
        snprintf(out, CR_PROCESS_END_WHY,
                 "its process could not report, and exited with status %d",
                 WEXITSTATUS(status));
    return out;
}
