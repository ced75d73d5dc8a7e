/* Sums over ranks, all of which are in this process: a module that only passes bytes on. */
#include "fixture.h"
#include "ranks/rank_sums.h"

#include <stdlib.h>

enum { MOST_RANKS = 16, MOST_REQUESTS = 64, MOST_LETTERS = 4096 };

typedef struct letter {
    int from, to, tag;
    size_t length;
    char *bytes; /* NULL: it was taken */
} letter;

/* What is on its way, between all. */
typedef struct post {
    letter letters[MOST_LETTERS];
    size_t count, bytes; /* bytes: sent by rank 0 */
} post;

typedef struct request {
    bool used, sends;
    int from, tag;
    char *to;
} request;

typedef struct module {
    post *post;
    int rank;
    request requests[MOST_REQUESTS];
} module;

static int begin(module *m, request r)
{
    int i = 0;
    while (m->requests[i].used)
        i++;
    m->requests[i] = r;
    return i;
}

static int send_(void *user, int to, int tag, const void *bytes, size_t length)
{
    module *m = user;
    post *p = m->post;
    assert_true(p->count < MOST_LETTERS);
    char *copy = malloc(length + 1);
    memcpy(copy, bytes, length);
    p->letters[p->count++] = (letter){m->rank, to, tag, length, copy};
    p->bytes += m->rank == 0 ? length : 0;
    return begin(m, (request){.used = true, .sends = true});
}

static int receive(void *user, int from, int tag, void *bytes, size_t room)
{
    (void)room;
    return begin(user, (request){true, false, from, tag, bytes});
}

static cr_ranks_state test(void *user, int i, cr_ranks_received *received)
{
    module *m = user;
    request *r = &m->requests[i];
    (void)received;
    bool done = r->sends;
    for (size_t k = 0; !done && k < m->post->count; k++) {
        letter *l = &m->post->letters[k];
        if (!l->bytes || l->to != m->rank || l->from != r->from || l->tag != r->tag)
            continue;
        memcpy(r->to, l->bytes, l->length);
        free(l->bytes);
        l->bytes = NULL;
        done = true;
    }
    r->used = !done;
    return done ? CR_RANKS_DONE : CR_RANKS_PENDING;
}

static const cr_ranks_type in_process = {.send = send_, .receive = receive, .test = test};

/* A number that depends on rank, sum and place, of any size and sign. */
static double draw(int rank, size_t sum, size_t i)
{
    uint32_t words[4];
    cr_random_block(7, CR_FOR_CHECK, (uint32_t)(rank * 8 + (int)sum), i, words);
    return ldexp((double)(int32_t)words[0], (int)(words[1] % 40) - 40);
}

/* The tree, as it is written. */
static float tree_of(int first, int ranks, size_t sum, size_t i)
{
    if (ranks == 1)
        return (float)draw(first, sum, i);
    return tree_of(first, ranks / 2, sum, i) +
           tree_of(first + ranks / 2, ranks / 2, sum, i);
}

typedef struct world {
    post post;
    module modules[MOST_RANKS];
    cr_ranks ranks[MOST_RANKS];
    cr_rank_sums *sums[MOST_RANKS];
    int size;
} world;

static void create(world *w, int size, size_t sums, size_t bytes)
{
    *w = (world){.size = size};
    for (int r = 0; r < size; r++) {
        w->modules[r] = (module){.post = &w->post, .rank = r};
        w->ranks[r] = (cr_ranks){&in_process, &w->modules[r], NULL, r, size};
        w->sums[r] = cr_rank_sums_create(&w->ranks[r], sums, bytes, 0.05, NULL);
        assert_non_null(w->sums[r]);
    }
}

static void destroy(world *w)
{
    for (int r = 0; r < w->size; r++)
        cr_rank_sums_destroy(w->sums[r]);
}

enum { SUMS = 3 };

/* Three sums at a time, begun at other times by other ranks. */
static void check_sums(int size, size_t count)
{
    world *w = calloc(1, sizeof *w);
    float *numbers = calloc((size_t)size * SUMS * count, sizeof *numbers);
    create(w, size, SUMS, count * sizeof(float));
    for (int r = 0; r < size; r++)
        for (size_t s = 0; s < SUMS; s++)
            for (size_t i = 0; i < count; i++)
                numbers[((size_t)r * SUMS + s) * count + i] = (float)draw(r, s, i);
    for (size_t turn = 0; turn < 200; turn++)
        for (int r = 0; r < size; r++) {
            size_t s = (turn + (size_t)r) % SUMS;
            if (turn < SUMS)
                cr_rank_sums_begin(w->sums[r], s,
                                   numbers + ((size_t)r * SUMS + s) * count, count,
                                   CR_RANK_FLOAT);
            assert_true(cr_rank_sums_turn(w->sums[r], NULL));
        }
    for (size_t s = 0; s < SUMS; s++)
        for (size_t i = 0; i < count; i++) {
            float expected = tree_of(0, size, s, i);
            for (int r = 0; r < size; r++)
                assert_memory_equal(&numbers[((size_t)r * SUMS + s) * count + i],
                                    &expected, sizeof expected);
        }
    for (int r = 0; r < size; r++) /* there is nothing left to wait for */
        assert_true(cr_rank_sums_wait(w->sums[r], NULL));
    if (count * sizeof(float) > 1 << 16) /* 2 (N − 1) / N of the bytes, and no more */
        assert_true((double)w->post.bytes <=
                    SUMS * (2.0 * (size - 1) / size * (double)(count * sizeof(float)) +
                            64.0 * 16 * size));
    destroy(w);
    free(numbers);
    free(w);
}

static void test_sums_are_those_of_the_tree(void **state)
{
    (void)state;
    const size_t counts[] = {1, 7, 1024, 1025, 1040, 1 << 15, 40003};
    for (int size = 1; size <= MOST_RANKS; size *= 2)
        for (size_t i = 0; i < CR_COUNT(counts); i++)
            check_sums(size, counts[i]);
}

static void test_a_rank_that_does_not_come_is_an_error(void **state)
{
    (void)state;
    world *w = calloc(1, sizeof *w);
    cr_error err = CR_ERROR_INIT;
    double number = 1;
    create(w, 2, 1, sizeof number);
    cr_rank_sums_begin(w->sums[0], 0, &number, 1, CR_RANK_DOUBLE);
    assert_false(cr_rank_sums_wait(w->sums[0], &err));
    assert_non_null(strstr(err.text, "nothing has come from the other ranks"));
    for (size_t i = 0; i < w->post.count; i++)
        free(w->post.letters[i].bytes);
    destroy(w);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_those_of_the_tree),
        cmocka_unit_test(test_a_rank_that_does_not_come_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
