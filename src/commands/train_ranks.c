#include "commands/train_ranks.h"

#include "base/memory.h"
#include "base/number.h"
#include "math/blas.h"
#include "ranks/rank_pipe.h"
#include "runs/rank_message.h"
#include "sweep/rank_hello.h"
#include "train/shards_rows.h"
#include "train/shards_step.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* What rank 0 says to each of the others. */
typedef enum word { WORD_REFUSED, WORD_WELCOME, WORD_TRAIN, WORD_END } word;

const cr_shards_place *cr_train_ranks_place(const cr_train_ranks *r)
{
    return r->several ? &r->place : NULL;
}

/* One message to a rank: the word, and what belongs to it. */
static bool say(cr_train_ranks *r, int to, word what, const void *more, size_t length,
                cr_error *err)
{
    cr_rank_pipe *pipe =
        cr_rank_pipe_create(&r->ranks, to, false, r->place.patience, err);
    if (!pipe)
        return false;
    cr_byte_stream stream = cr_rank_pipe_stream(pipe);
    bool good = cr_byte_stream_put_whole(&stream, what, err) &&
                cr_byte_stream_put(&stream, more, length, err) &&
                cr_rank_pipe_flush(pipe, err);
    cr_rank_pipe_destroy(pipe);
    return good;
}

/* Waits for rank 0, however long it takes it to read its data. */
static bool hear(cr_train_ranks *r, word *what, void *more, size_t length, cr_error *err)
{
    uint64_t number = 0;
    cr_rank_pipe *pipe = cr_rank_pipe_create(&r->ranks, 0, true, 0, err);
    if (!pipe)
        return false;
    cr_byte_stream stream = cr_rank_pipe_stream(pipe);
    bool good =
        cr_byte_stream_get_whole(&stream, &number, err) &&
        (number != WORD_WELCOME || cr_byte_stream_get(&stream, more, length, err));
    *what = (word)number;
    cr_rank_pipe_destroy(pipe);
    return good;
}

static bool send_hello(cr_train_ranks *r, const cr_rank_hello *hello, cr_error *err)
{
    return say(r, 0, WORD_WELCOME, hello, sizeof *hello, err);
}

static bool take_hello(cr_train_ranks *r, int from, cr_rank_hello *hello, cr_error *err)
{
    const double most = 60; /* seconds to start in */
    uint64_t number = 0;
    cr_rank_pipe *pipe =
        cr_rank_pipe_create(&r->ranks, from, true, fmin(most, r->place.patience), err);
    if (!pipe)
        return false;
    cr_byte_stream stream = cr_rank_pipe_stream(pipe);
    bool good = cr_byte_stream_get_whole(&stream, &number, err) &&
                cr_byte_stream_get(&stream, hello, sizeof *hello, err);
    cr_rank_pipe_destroy(pipe);
    return good;
}

static uint64_t count_on_host(const cr_rank_hello_list *all, const char *host)
{
    uint64_t count = 0;
    for (int i = 0; i < all->count; i++)
        count += strcmp(all->items[i].host, host) == 0;
    return count;
}

/* Rank 0 hears all, and says whether they may train together. Every rank has to have the
 * same bits: no mixture is allowed. */
static bool judge(cr_train_ranks *r, const cr_rank_hello *own, cr_rank_hello *hellos,
                  cr_error *err)
{
    const cr_rank_hello_list all = {hellos, r->ranks.size};
    cr_text mixture = {0};
    cr_error found = CR_ERROR_INIT, lost = CR_ERROR_INIT;
    hellos[0] = *own;
    bool heard = true;
    for (int i = 1; heard && i < all.count; i++)
        heard = take_hello(r, i, &hellos[i], err);
    if (!heard)
        return false;
    bool good = cr_rank_hello_judge(&all, false, &mixture, &found);
    cr_text_finish(&mixture);
    r->on_host = count_on_host(&all, own->host);
    for (int i = 1; heard && i < all.count; i++) {
        uint64_t count = count_on_host(&all, hellos[i].host);
        heard =
            say(r, i, good ? WORD_WELCOME : WORD_REFUSED, &count, sizeof count, &lost);
    }
    if (!good || !heard)
        *err = good ? lost : found;
    return good && heard;
}

/* *refused: rank 0 has said why. */
static bool compare(cr_train_ranks *r, bool *refused, cr_error *err)
{
    cr_rank_hello own;
    word what = WORD_WELCOME;
    if (!cr_rank_hello_make(&own, r->command, 1, err))
        return false;
    if (r->ranks.rank > 0) {
        bool good = send_hello(r, &own, err) &&
                    hear(r, &what, &r->on_host, sizeof r->on_host, err);
        *refused = good && what != WORD_WELCOME;
        return good && !*refused;
    }
    cr_rank_hello *hellos = cr_alloc((size_t)r->ranks.size, sizeof *hellos, err);
    bool good = hellos && judge(r, &own, hellos, err);
    cr_free(hellos);
    return good;
}

static bool read_timeout(const char *text, double *patience)
{
    *patience = CR_TRAIN_RANKS_PATIENCE;
    return !text || (cr_number_parse(text, strlen(text), patience) && *patience >= 1 &&
                     *patience <= 1e6);
}

/* Joins the others. */
static bool join(cr_train_ranks *r, int *status)
{
    cr_error err = CR_ERROR_INIT;
    bool refused = false;
    *status = CR_EXIT_USAGE;
    if (!cr_ranks_check_launch(&r->launch, &err)) {
        if (r->launch.rank == 0 || r->launch.module)
            *status = cr_command_error(&err);
        return false;
    }
    if (cr_ranks_start(&r->ranks, &r->launch, r->place.signal, &err) &&
        compare(r, &refused, &err)) {
        r->several = true;
        r->place.ranks = &r->ranks;
        return true;
    }
    *status = refused ? CR_EXIT_DONE : cr_command_error(&err);
    cr_ranks_finish(&r->ranks);
    return false;
}

/* False with the exit status: a flag is wrong. */
static bool set(cr_train_ranks *r, const cr_train_ranks_flags *flags, int *status)
{
    *r = (cr_train_ranks){.force = flags->force != NULL, .quiet = flags->quiet != NULL};
    bool several = cr_ranks_find_launch(&r->launch);
    if (!read_timeout(flags->timeout, &r->place.patience)) {
        if (!several || r->launch.rank == 0)
            cr_print_to(stderr,
                        "chainrule: error: --rank-timeout %s: expected seconds, from 1 "
                        "to 1000000\n",
                        flags->timeout);
        *status = CR_EXIT_USAGE;
        return false;
    }
    return true;
}

/* False with the exit status: they cannot, or another rank has said why. */
static bool meet(cr_train_ranks *r, const cr_context *context,
                 const cr_arguments *arguments, int *status)
{
    r->place.signal = context->signal;
    if (!cr_ranks_find_launch(&r->launch))
        return true;
    for (size_t i = 0; i < arguments->count; i++)
        r->command = cr_hash_text(r->command, arguments->items[i]);
    for (size_t i = 0; i < arguments->override_count; i++)
        r->command = cr_hash_text(r->command, arguments->overrides[i]);
    return join(r, status);
}

/* Processors for one of the ranks of this host: those that it is bound to, or its part. */
static int count_processors(const cr_train_ranks *r)
{
    int mine = cr_blas_processors();
    long all = sysconf(_SC_NPROCESSORS_ONLN);
    int share = mine < all ? mine : (int)(all / (long)r->on_host);
    return share > 1 ? share : 1;
}

bool cr_train_ranks_fit(const cr_train_ranks *r, cr_experiment *e, cr_error *err)
{
    int64_t shards = e->training.shards, ranks = r->ranks.size;
    const cr_json *section = cr_json_get(e->model.document.root, "training");
    int processors = count_processors(r);
    if (ranks & (ranks - 1))
        return cr_fail(err, CR_E_USAGE,
                       "%" PRId64 " ranks: training takes a power of two of them, since "
                       "their gradients are added up in pairs; mpirun -n %" PRId64,
                       ranks, ranks == 3 ? 2 : (int64_t)4);
    if (shards % ranks != 0)
        return cr_fail(
            err, CR_E_USAGE,
            "training.shards is %" PRId64 ", which %" PRId64 " ranks cannot "
            "share out; give the config \"shards\": %" PRId64 " or more in "
            "\"training\" (a result depends on that, and not on how many ranks "
            "there are), or take fewer ranks; a run that has begun keeps its shards",
            shards, ranks, ranks);
    if (cr_json_is(cr_json_get(section, "threads"), CR_JSON_STRING) &&
        e->training.threads > processors)
        e->training.threads = processors;
    return true;
}

static bool send_part(cr_train_ranks *r, int to, const cr_trainer *trainer, cr_error *err)
{
    const cr_data_rows rows = cr_shards_rows_of(trainer->experiment, r->ranks.size, to);
    if (!say(r, to, WORD_TRAIN, NULL, 0, err))
        return false;
    cr_rank_pipe *pipe =
        cr_rank_pipe_create(&r->ranks, to, false, r->place.patience, err);
    if (!pipe)
        return false;
    cr_byte_stream stream = cr_rank_pipe_stream(pipe);
    bool good = cr_rank_message_put(trainer, &rows, &stream, err) &&
                cr_rank_pipe_flush(pipe, err);
    cr_rank_pipe_destroy(pipe);
    return good;
}

/* Whether N ranks are faster than one, by the shapes and what was measured. */
static bool is_worth_it(const cr_train_ranks *r, const cr_rank_work *work,
                        const cr_rank_link *link, cr_error *err)
{
    size_t n = (size_t)r->ranks.size;
    double alone = cr_rank_estimate_step(work, NULL, 1);
    double together = cr_rank_estimate_step(work, link, n);
    if ((together < alone || r->force) && !r->quiet)
        cr_print_to(stderr,
                    "chainrule: %zu ranks: a step is to take %.3g ms, and %.3g ms in one "
                    "(latency %.3g ms, %.3g MB/s)\n",
                    n, together * 1e3, alone * 1e3, link->latency * 1e3,
                    link->bandwidth / 1e6);
    if (together < alone || r->force)
        return true;
    return cr_fail(err, CR_E_USAGE,
                   "a step would take %.3g ms over %zu ranks, and takes %.3g ms in one: "
                   "adding up %.3g MB of gradients costs %.3g ms (latency %.3g ms, %.3g "
                   "MB/s); train in one process, or with a larger batch_size; --force "
                   "takes the ranks all the same, for data that one machine cannot hold",
                   together * 1e3, n, alone * 1e3, (double)work->bytes / 1e6,
                   cr_rank_estimate_sum(work, link, n) * 1e3, link->latency * 1e3,
                   link->bandwidth / 1e6);
}

bool cr_train_ranks_send(cr_train_ranks *r, cr_trainer *trainer, cr_error *err)
{
    cr_rank_link link;
    bool good = true;
    if (!r->several)
        return true;
    r->sent = true;
    for (int i = 1; good && i < r->ranks.size; i++)
        good = send_part(r, i, trainer, err);
    if (good) {
        const cr_data_rows own = cr_shards_rows_of(trainer->experiment, r->ranks.size, 0);
        cr_data_rows_keep(trainer->experiment->data, &own);
    }
    good = good && cr_shards_ranks_measure(trainer->shards->ranks, trainer->gradients,
                                           &link, err);
    r->broken = !good;
    if (!good)
        return false;
    const cr_rank_work work = cr_shards_step_measure(trainer);
    return is_worth_it(r, &work, &link, err);
}

bool cr_train_ranks_begin(cr_train_ranks *r, cr_error *err)
{
    bool good = true;
    for (int i = 1; r->several && good && i < r->ranks.size; i++)
        good = say(r, i, WORD_TRAIN, NULL, 0, err);
    r->began = good;
    r->broken = !good;
    return good;
}

/* A trainer of what rank 0 sends. */
static cr_trainer *take_part(cr_train_ranks *r, cr_rank_message *message, cr_error *err)
{
    cr_rank_pipe *pipe = cr_rank_pipe_create(&r->ranks, 0, true, r->place.patience, err);
    if (!pipe)
        return NULL;
    cr_byte_stream stream = cr_rank_pipe_stream(pipe);
    bool good = cr_rank_message_get(message, &stream, err) &&
                cr_train_ranks_fit(r, message->experiment, err);
    cr_rank_pipe_destroy(pipe);
    cr_trainer *trainer =
        good ? cr_trainer_create_ranked(message->experiment, &r->place, err) : NULL;
    if (trainer && cr_rank_message_restore(message, trainer, err))
        return trainer;
    cr_trainer_destroy(trainer);
    return NULL;
}

/* A rank's own part of the training, if there is to be one, up to the end of all. */
static bool train(cr_train_ranks *r, cr_rank_message *message, cr_error *err)
{
    cr_result result;
    cr_rank_link link;
    word what = WORD_END;
    cr_trainer *trainer = take_part(r, message, err);
    bool good =
        trainer &&
        cr_shards_ranks_measure(trainer->shards->ranks, trainer->gradients, &link, err) &&
        hear(r, &what, NULL, 0, err);
    if (good && what == WORD_TRAIN)
        good =
            (cr_trainer_run(trainer, NULL, &result, err) || err->code == CR_E_DIVERGED) &&
            hear(r, &what, NULL, 0, err);
    cr_trainer_destroy(trainer);
    return good;
}

/* The other ranks: their part, up to its end. Returns the exit status. */
static int serve(cr_train_ranks *r)
{
    cr_error err = CR_ERROR_INIT;
    cr_rank_message message = {0};
    word what = WORD_END;
    bool good = hear(r, &what, NULL, 0, &err);
    if (good && what == WORD_TRAIN)
        good = train(r, &message, &err);
    cr_rank_message_finish(&message);
    int status = good ? CR_EXIT_DONE : cr_command_error(&err);
    if (!good)
        cr_ranks_give_up(&r->ranks, status);
    cr_ranks_finish(&r->ranks);
    return status;
}

/* Rank 0, at its end: the others leave too. */
static int leave(cr_train_ranks *r, int status)
{
    cr_error ignored = CR_ERROR_INIT;
    bool good = !r->broken;
    for (int i = 1; r->several && good && i < r->ranks.size; i++)
        good = say(r, i, WORD_END, NULL, 0, &ignored);
    if (r->several && !good)
        cr_ranks_give_up(&r->ranks, status ? status : CR_EXIT_FAILED);
    cr_ranks_finish(&r->ranks);
    return status;
}

int cr_train_ranks_run(const cr_context *context, const cr_arguments *arguments,
                       const cr_train_ranks_flags *flags,
                       int (*alone)(const cr_context *context,
                                    const cr_arguments *arguments, cr_train_ranks *ranks))
{
    cr_train_ranks r;
    int status = CR_EXIT_DONE;
    if (!set(&r, flags, &status) || !meet(&r, context, arguments, &status))
        return status;
    return r.ranks.rank > 0 ? serve(&r) : leave(&r, alone(context, arguments, &r));
}
