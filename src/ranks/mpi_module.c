/* The one place that knows MPI: a module of its own, built for each MPI there is. */
#include "ranks/ranks.h"

#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct module {
    MPI_Request *requests; /* [capacity]; MPI_REQUEST_NULL: a free place */
    int capacity;
    char why[CR_RANKS_WHY];
} module;

static bool is_good(module *m, int code)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (code == MPI_SUCCESS)
        return true;
    MPI_Error_string(code, text, &length);
    snprintf(m->why, sizeof m->why, "%s", text);
    return false;
}

static void *start(int *rank, int *size, char why[CR_RANKS_WHY])
{
    module *m = calloc(1, sizeof *m);
    if (!m) {
        snprintf(why, CR_RANKS_WHY, "out of memory");
        return NULL;
    }
    int provided = 0; /* one thread at a time: an MPI without threads is one for processes
                         without them */
    if (is_good(m, MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided)) &&
        is_good(m, MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN)) &&
        is_good(m, MPI_Comm_rank(MPI_COMM_WORLD, rank)) &&
        is_good(m, MPI_Comm_size(MPI_COMM_WORLD, size)))
        return m;
    snprintf(why, CR_RANKS_WHY, "%s", m->why);
    free(m);
    return NULL;
}

/* A free place for a request; -1 when out of memory. */
static int find_place(module *m)
{
    for (int i = 0; i < m->capacity; i++)
        if (m->requests[i] == MPI_REQUEST_NULL)
            return i;
    int before = m->capacity, capacity = before ? 2 * before : 16;
    MPI_Request *requests = realloc(m->requests, (size_t)capacity * sizeof *requests);
    if (!requests) {
        snprintf(m->why, sizeof m->why, "out of memory");
        return -1;
    }
    m->requests = requests;
    m->capacity = capacity;
    for (int i = before; i < capacity; i++)
        requests[i] = MPI_REQUEST_NULL;
    return before;
}

/* The place of a request, once it was begun with this code. */
static int begun(module *m, int place, int code)
{
    if (is_good(m, code))
        return place;
    m->requests[place] = MPI_REQUEST_NULL;
    return -1;
}

static int send_(void *user, int to, int tag, const void *bytes, size_t length)
{
    module *m = user;
    int place = find_place(m);
    return place < 0 ? -1
                     : begun(m, place,
                             MPI_Isend(bytes, (int)length, MPI_BYTE, to, tag,
                                       MPI_COMM_WORLD, &m->requests[place]));
}

static int receive(void *user, int from, int tag, void *bytes, size_t room)
{
    module *m = user;
    int place = find_place(m), source = from == CR_RANKS_ANYONE ? MPI_ANY_SOURCE : from;
    return place < 0 ? -1
                     : begun(m, place,
                             MPI_Irecv(bytes, (int)room, MPI_BYTE, source, tag,
                                       MPI_COMM_WORLD, &m->requests[place]));
}

static int broadcast(void *user, int root, void *bytes, size_t length)
{
    module *m = user;
    int place = find_place(m);
    return place < 0 ? -1
                     : begun(m, place,
                             MPI_Ibcast(bytes, (int)length, MPI_BYTE, root,
                                        MPI_COMM_WORLD, &m->requests[place]));
}

static cr_ranks_state test(void *user, int request, cr_ranks_received *received)
{
    module *m = user;
    MPI_Status status;
    int done = 0, count = 0;
    if (!is_good(m, MPI_Test(&m->requests[request], &done, &status)))
        return CR_RANKS_BROKEN;
    if (done && received) {
        if (!is_good(m, MPI_Get_count(&status, MPI_BYTE, &count)))
            return CR_RANKS_BROKEN;
        received->from = status.MPI_SOURCE;
        received->length = (size_t)count;
    }
    return done ? CR_RANKS_DONE : CR_RANKS_PENDING;
}

static void cancel(void *user, int request)
{
    module *m = user;
    MPI_Status status;
    if (is_good(m, MPI_Cancel(&m->requests[request])))
        MPI_Wait(&m->requests[request], &status);
}

static const char *why(void *user)
{
    const module *m = user;
    return m->why;
}

static void finish(void *user)
{
    module *m = user;
    MPI_Finalize();
    free(m->requests);
    free(m);
}

static void give_up(void *user, int status)
{
    (void)user;
    MPI_Abort(MPI_COMM_WORLD, status);
}

CR_API extern const cr_ranks_type cr_mpi_module;
const cr_ranks_type cr_mpi_module = {
    .version = CR_RANKS_VERSION,
    .library = CR_MPI_LIBRARY,
    .start = start,
    .send = send_,
    .receive = receive,
    .broadcast = broadcast,
    .test = test,
    .cancel = cancel,
    .why = why,
    .finish = finish,
    .give_up = give_up,
};
