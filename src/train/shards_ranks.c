#include "train/shards_ranks.h"

#include "base/clock.h"
#include "base/memory.h"
#include "ranks/rank_pipe.h"
#include "ranks/rank_sums.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a bucket: fewer are not worth a message of their own, and of more the first are
 * on their way while the others are still to come. */
enum { LEAST_BYTES = 1 << 18, MOST_BYTES = 1 << 20 };

/* What goes with a step's sums. */
enum { EXAMPLES, WEIGHT, LOSS, CORRECT, SQUARES, INTERRUPTED, TERMINATED, LATE, WORDS };

/* Numbers [first, last) of a block, complete when the node has been passed. */
typedef struct bucket {
    size_t first, last, node;
    atomic_size_t passed; /* by so many shards */
    atomic_bool is_there;
    bool is_begun;
} bucket;

struct cr_shards_ranks {
    cr_shards_place place;
    cr_rank_sums *sums;
    bucket *buckets; /* [count], in the order in which they are complete */
    size_t count, capacity;
    size_t own, block;
    cr_real *blocks;
    double word[WORDS];
    atomic_flag at_work; /* somebody takes a turn */
    cr_error err;        /* of a turn */
    int signal;
    bool out_of_time;
};

static bool add_buckets(cr_shards_ranks *r, size_t first, size_t last, size_t node,
                        cr_error *err)
{
    const size_t most = MOST_BYTES / sizeof(cr_real);
    size_t parts = (last - first + most - 1) / most, lines = (last - first) / 16;
    for (size_t i = parts; i-- > 0;) {
        if (!cr_reserve(&r->buckets, &r->capacity, r->count + 1, sizeof *r->buckets, err))
            return false;
        size_t from = first + lines * i / parts * 16;
        size_t to = i + 1 < parts ? first + lines * (i + 1) / parts * 16 : last;
        r->buckets[r->count++] = (bucket){.first = from, .last = to, .node = node};
    }
    return true;
}

/* The first number of a node's parameters; `end` without any. */
static size_t begin_of(const cr_node *node, size_t end)
{
    size_t begin = end;
    for (size_t k = 0; k < node->plan.parameter_count; k++)
        if (node->plan.parameters[k].offset < begin)
            begin = node->plan.parameters[k].offset;
    return begin;
}

/* The parameters lie in the order of the nodes, and are complete in the other; buffers,
 * which lie behind, go last. */
static bool plan_buckets(cr_shards_ranks *r, const cr_network *network, cr_error *err)
{
    size_t end = network->parameter_size, begin = end;
    bool good = true;
    for (size_t i = network->node_count; good && i-- > 0;) {
        begin = begin_of(&network->nodes[i], begin);
        bool enough = (end - begin) * sizeof(cr_real) >= LEAST_BYTES;
        if ((!enough && i > 0) || begin == end)
            continue;
        good = add_buckets(r, begin, end, i, err);
        end = begin;
    }
    return good && (r->block == network->parameter_size ||
                    add_buckets(r, network->parameter_size, r->block, SIZE_MAX, err));
}

void cr_shards_ranks_destroy(cr_shards_ranks *r)
{
    if (!r)
        return;
    cr_rank_sums_destroy(r->sums);
    cr_free(r->buckets);
    cr_free(r);
}

cr_shards_ranks *cr_shards_ranks_create(const cr_shards_place *place,
                                        const cr_shards *shards,
                                        const cr_network *network, cr_error *err)
{
    cr_shards_ranks *r = cr_alloc(1, sizeof *r, err);
    if (!r)
        return NULL;
    r->place = *place;
    r->own = shards->own;
    r->block = shards->block;
    atomic_flag_clear(&r->at_work);
    if (plan_buckets(r, network, err))
        r->sums = cr_rank_sums_create(place->ranks, r->count + 1,
                                      MOST_BYTES + LEAST_BYTES, place->patience, err);
    if (r->sums)
        return r;
    cr_shards_ranks_destroy(r);
    return NULL;
}

void cr_shards_ranks_begin(cr_shards_ranks *r, cr_real *blocks)
{
    r->blocks = blocks;
    for (size_t i = 0; i < r->count; i++) {
        bucket *b = &r->buckets[i];
        atomic_store(&b->passed, 0);
        atomic_store(&b->is_there, false);
        b->is_begun = false;
    }
}

/* Adds a bucket of the own shards up, in the order of the tree. */
static void add_bucket(const cr_shards_ranks *r, const bucket *b)
{
    for (size_t across = 1; across < r->own; across *= 2)
        for (size_t k = 0; k < r->own; k += 2 * across) {
            cr_real *restrict sum = r->blocks + k * r->block;
            const cr_real *restrict other = r->blocks + (k + across) * r->block;
            for (size_t i = b->first; i < b->last; i++)
                sum[i] += other[i];
        }
}

/* Begins what is there and not begun yet, in the order that all ranks have, and gets on with
 * what is on its way. */
static bool turn(cr_shards_ranks *r, cr_error *err)
{
    const cr_rank_number kind =
        sizeof(cr_real) == sizeof(float) ? CR_RANK_FLOAT : CR_RANK_DOUBLE;
    for (size_t i = 0; i < r->count; i++) {
        bucket *b = &r->buckets[i];
        if (b->is_begun || !atomic_load(&b->is_there))
            continue;
        cr_rank_sums_begin(r->sums, i, r->blocks + b->first, b->last - b->first, kind);
        b->is_begun = true;
    }
    return cr_rank_sums_turn(r->sums, err);
}

/* MPI lets one thread in at a time: whoever finds another there goes on. */
void cr_shards_ranks_pass(cr_shards_ranks *r, size_t node)
{
    for (size_t i = 0; i < r->count; i++) {
        bucket *b = &r->buckets[i];
        if (b->node != node || atomic_fetch_add(&b->passed, 1) + 1 < r->own)
            continue;
        add_bucket(r, b);
        atomic_store(&b->is_there, true);
    }
    if (atomic_flag_test_and_set(&r->at_work))
        return;
    bool good = r->err.count == 0 && turn(r, &r->err);
    (void)good; /* the step's end asks for the error */
    atomic_flag_clear(&r->at_work);
}

bool cr_shards_ranks_add(cr_shards_ranks *r, double *numbers, size_t count, cr_error *err)
{
    cr_rank_sums_begin(r->sums, r->count, numbers, count, CR_RANK_DOUBLE);
    return cr_rank_sums_wait(r->sums, err);
}

static void put_sums(double *word, const cr_sums *sums)
{
    word[EXAMPLES] = (double)sums->examples;
    word[WEIGHT] = sums->weight;
    word[LOSS] = sums->loss;
    word[CORRECT] = sums->correct;
    word[SQUARES] = sums->squared_error;
}

static void get_sums(const double *word, cr_sums *sums)
{
    *sums = (cr_sums){.examples = (size_t)word[EXAMPLES],
                      .weight = word[WEIGHT],
                      .loss = word[LOSS],
                      .correct = word[CORRECT],
                      .squared_error = word[SQUARES]};
}

bool cr_shards_ranks_end(cr_shards_ranks *r, bool out_of_time, cr_sums *sums,
                         cr_error *err)
{
    int signal = r->place.signal ? (int)*r->place.signal : 0;
    if (r->err.count > 0) {
        *err = r->err;
        return false;
    }
    for (size_t i = 0; i < r->count; i++)
        if (!atomic_load(&r->buckets[i].is_there)) { /* the buffers */
            add_bucket(r, &r->buckets[i]);
            atomic_store(&r->buckets[i].is_there, true);
        }
    put_sums(r->word, sums);
    r->word[INTERRUPTED] = signal == SIGINT;
    r->word[TERMINATED] = signal != 0 && signal != SIGINT;
    r->word[LATE] = out_of_time;
    if (!turn(r, err) || !cr_shards_ranks_add(r, r->word, WORDS, err))
        return false;
    get_sums(r->word, sums);
    r->signal = r->word[TERMINATED] > 0 ? SIGTERM : r->word[INTERRUPTED] > 0 ? SIGINT : 0;
    r->out_of_time = r->word[LATE] > 0;
    return true;
}

bool cr_shards_ranks_add_sums(cr_shards_ranks *r, cr_sums *sums, cr_error *err)
{
    double word[SQUARES + 1];
    put_sums(word, sums);
    if (!cr_shards_ranks_add(r, word, SQUARES + 1, err))
        return false;
    get_sums(word, sums);
    return true;
}

/* Of some times the shortest: others use the network and the processors too. */
static bool measure_latency(cr_shards_ranks *r, double *seconds, cr_error *err)
{
    enum { TIMES = 20 };
    *seconds = INFINITY;
    for (int i = 0; i < TIMES; i++) {
        double word[WORDS] = {0}, began = cr_clock();
        if (!cr_shards_ranks_add(r, word, WORDS, err))
            return false;
        *seconds = fmin(*seconds, cr_clock() - began);
    }
    return true;
}

static bool measure_blocks(cr_shards_ranks *r, double *seconds, cr_error *err)
{
    const int times = r->block * sizeof(cr_real) < MOST_BYTES ? 20 : 4;
    *seconds = INFINITY;
    for (int i = 0; i < times; i++) {
        double word[WORDS] = {0};
        if (!cr_shards_ranks_add(r, word, WORDS, err)) /* all begin together */
            return false;
        double began = cr_clock();
        for (size_t k = 0; k < r->count; k++)
            atomic_store(&r->buckets[k].is_there, true);
        if (!turn(r, err) || !cr_rank_sums_wait(r->sums, err))
            return false;
        *seconds = fmin(*seconds, cr_clock() - began);
        cr_shards_ranks_begin(r, r->blocks);
    }
    return true;
}

bool cr_shards_ranks_measure(cr_shards_ranks *r, cr_real *blocks, cr_rank_link *link,
                             cr_error *err)
{
    double small = 0, large = 0, n = r->place.ranks->size, levels = log2(n);
    cr_shards_ranks_begin(r, blocks);
    if (!measure_latency(r, &small, err) || !measure_blocks(r, &large, err))
        return false;
    double bytes = 2 * (n - 1) / n * (double)(r->block * sizeof(cr_real));
    double moving = large - 2 * small; /* so many messages of a large sum */
    link->latency = small / levels;
    link->bandwidth = bytes / fmax(moving, large / 10);
    return true;
}

bool cr_shards_ranks_compare(cr_shards_ranks *r, uint32_t number, cr_error *err)
{
    double sum = number, size = r->place.ranks->size;
    return cr_shards_ranks_add(r, &sum, 1, err) &&
           (sum == size * number ||
            cr_fail(err, CR_E_IO,
                    "rank %d has other parameters than the others, though it has had the "
                    "same gradients: its processor or memory is faulty, or it computes "
                    "in another way; look at its host",
                    r->place.ranks->rank));
}

int cr_shards_ranks_signal(const cr_shards_ranks *r)
{
    return r->signal;
}

bool cr_shards_ranks_out_of_time(const cr_shards_ranks *r)
{
    return r->out_of_time;
}

/* The first rank: keeps what a rank says, if none before it has said anything. */
static bool hear(cr_shards_ranks *r, int from, char *text, size_t room, cr_error *err)
{
    cr_rank_pipe *pipe =
        cr_rank_pipe_create(r->place.ranks, from, true, r->place.patience, err);
    if (!pipe)
        return false;
    cr_byte_stream stream = cr_rank_pipe_stream(pipe);
    char *said = cr_byte_stream_get_text(&stream, err);
    if (said && !*text)
        snprintf(text, room, "%s", said);
    bool good = said != NULL;
    cr_free(said);
    cr_rank_pipe_destroy(pipe);
    return good;
}

static bool say(cr_shards_ranks *r, const char *text, cr_error *err)
{
    cr_rank_pipe *pipe =
        cr_rank_pipe_create(r->place.ranks, 0, false, r->place.patience, err);
    if (!pipe)
        return false;
    cr_byte_stream stream = cr_rank_pipe_stream(pipe);
    bool good =
        cr_byte_stream_put_text(&stream, text, err) && cr_rank_pipe_flush(pipe, err);
    cr_rank_pipe_destroy(pipe);
    return good;
}

bool cr_shards_ranks_gather(cr_shards_ranks *r, char *text, size_t room, cr_error *err)
{
    if (r->place.ranks->rank > 0)
        return say(r, text, err);
    bool good = true;
    for (int i = 1; good && i < r->place.ranks->size; i++)
        good = hear(r, i, text, room, err);
    return good;
}
