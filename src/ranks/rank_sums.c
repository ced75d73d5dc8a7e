#include "ranks/rank_sums.h"

#include "base/memory.h"

#include <string.h>

enum {
    NONE = -1,
    FIRST_TAG = 16,
    LEVELS = 30,     /* of a tree */
    SMALL = 1 << 12, /* bytes that are not worth halving */
    LINE = 16        /* numbers: halves begin at multiples */
};

/* One sum: from step to step it exchanges with the partner of a level. Halving goes up the
 * levels of the tree, and doubling down again. */
typedef struct sum {
    char *numbers;
    char *room; /* for what a partner sends to be added */
    size_t size;
    cr_rank_number kind;
    bool halves;
    size_t step, steps;                         /* steps: 0: it is not at work */
    size_t first[LEVELS + 1], last[LEVELS + 1]; /* what this rank has at each level */
    int send, receive;
    bool starts; /* its first step is still to be begun */
} sum;

struct cr_rank_sums {
    cr_ranks *ranks;
    cr_rank_wait wait;
    size_t levels; /* of the ranks' tree */
    sum *sums;     /* [count] */
    size_t count, working;
    char *room;
};

void cr_rank_sums_destroy(cr_rank_sums *s)
{
    if (!s)
        return;
    cr_free(s->sums);
    cr_free(s->room);
    cr_free(s);
}

cr_rank_sums *cr_rank_sums_create(cr_ranks *ranks, size_t sums, size_t bytes,
                                  double patience, cr_error *err)
{
    cr_rank_sums *s = cr_alloc(1, sizeof *s, err);
    if (!s)
        return NULL;
    size_t room = bytes / 2 + LINE * sizeof(double);
    room = (room > SMALL ? room : SMALL) / CR_ALIGNMENT * CR_ALIGNMENT + CR_ALIGNMENT;
    *s = (cr_rank_sums){.ranks = ranks, .wait = {.patience = patience}, .count = sums};
    while (1 << s->levels < ranks->size)
        s->levels++;
    s->sums = cr_alloc(sums, sizeof *s->sums, err);
    s->room = s->sums ? cr_alloc_raw(sums, room, err) : NULL;
    if (!s->room) {
        cr_rank_sums_destroy(s);
        return NULL;
    }
    for (size_t i = 0; i < sums; i++)
        s->sums[i].room = s->room + i * room;
    return s;
}

/* Where level `level` cuts what the rank has: the lower half is the lower rank's. */
static size_t middle(const sum *m, size_t level)
{
    size_t count = m->last[level] - m->first[level];
    return m->first[level] + (count / 2 + LINE - 1) / LINE * LINE;
}

static bool is_upper(const cr_rank_sums *s, size_t level)
{
    return s->ranks->rank >> level & 1;
}

/* What the step sends, and what it receives; a small sum whole. */
typedef struct exchange {
    size_t level, send_first, send_last, receive_first, receive_last;
    bool adds;
} exchange;

static exchange exchange_of(const cr_rank_sums *s, const sum *m)
{
    if (!m->halves)
        return (exchange){m->step,     m->first[0], m->last[0],
                          m->first[0], m->last[0],  true};
    bool adds = m->step < s->levels;
    size_t level = adds ? m->step : m->steps - 1 - m->step;
    size_t cut = middle(m, level), first = m->first[level], last = m->last[level];
    cut = cut < last ? cut : last;
    exchange low = {level, cut, last, first, cut, adds}; /* keeps the lower half */
    exchange high = {level, first, cut, cut, last, adds};
    exchange e = is_upper(s, level) ? high : low;
    if (adds)
        return e;
    return (exchange){level,        e.receive_first, e.receive_last,
                      e.send_first, e.send_last,     false};
}

static bool begin_step(cr_rank_sums *s, sum *m, cr_error *err)
{
    const exchange e = exchange_of(s, m);
    int partner = s->ranks->rank ^ 1 << e.level, tag = FIRST_TAG + (int)(m - s->sums);
    char *to = e.adds ? m->room : m->numbers + e.receive_first * m->size;
    m->receive = s->ranks->type->receive(s->ranks->module, partner, tag, to,
                                         (e.receive_last - e.receive_first) * m->size);
    m->send = m->receive == NONE
                  ? NONE
                  : s->ranks->type->send(s->ranks->module, partner, tag,
                                         m->numbers + e.send_first * m->size,
                                         (e.send_last - e.send_first) * m->size);
    return m->send != NONE || cr_rank_wait_fail(s->ranks, err);
}

static void add(const sum *m, const exchange *e)
{
    size_t n = e->receive_last - e->receive_first;
    if (m->kind == CR_RANK_FLOAT) {
        float *restrict a = (float *)(void *)m->numbers + e->receive_first;
        const float *restrict b = (const float *)(void *)m->room;
        for (size_t i = 0; i < n; i++)
            a[i] += b[i];
    } else {
        double *restrict a = (double *)(void *)m->numbers + e->receive_first;
        const double *restrict b = (const double *)(void *)m->room;
        for (size_t i = 0; i < n; i++)
            a[i] += b[i];
    }
}

/* Whether the request is no longer at work; false with err when it broke. */
static bool ask(cr_rank_sums *s, int *request, cr_error *err)
{
    if (*request == NONE)
        return true;
    switch (s->ranks->type->test(s->ranks->module, *request, NULL)) {
    case CR_RANKS_BROKEN:
        return cr_rank_wait_fail(s->ranks, err);
    case CR_RANKS_DONE:
        *request = NONE;
        s->wait.since = 0;
        break;
    case CR_RANKS_PENDING:
        break;
    }
    return true;
}

/* Steps that are done, and the next of each. */
static bool get_on(cr_rank_sums *s, sum *m, cr_error *err)
{
    for (;;) {
        if (!ask(s, &m->receive, err) || !ask(s, &m->send, err))
            return false;
        if (m->receive != NONE || m->send != NONE)
            return true;
        const exchange e = exchange_of(s, m);
        if (e.adds)
            add(m, &e);
        if (e.adds && m->halves) {
            m->first[e.level + 1] = e.receive_first;
            m->last[e.level + 1] = e.receive_last;
        }
        if (++m->step == m->steps) {
            m->steps = 0;
            s->working--;
            return true;
        }
        if (!begin_step(s, m, err))
            return false;
    }
}

void cr_rank_sums_begin(cr_rank_sums *s, size_t i, void *numbers, size_t count,
                        cr_rank_number kind)
{
    sum *m = &s->sums[i];
    m->numbers = numbers;
    m->kind = kind;
    m->size = kind == CR_RANK_FLOAT ? sizeof(float) : sizeof(double);
    m->halves = count * m->size > SMALL;
    m->first[0] = 0;
    m->last[0] = count;
    m->step = 0;
    m->steps = m->halves ? 2 * s->levels : s->levels;
    m->send = m->receive = NONE;
    m->starts = true;
    s->working += m->steps > 0;
}

bool cr_rank_sums_turn(cr_rank_sums *s, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < s->count; i++) {
        sum *m = &s->sums[i];
        if (m->steps == 0)
            continue;
        if (m->starts)
            good = begin_step(s, m, err);
        m->starts = false;
        good = good && get_on(s, m, err);
    }
    return good;
}

bool cr_rank_sums_wait(cr_rank_sums *s, cr_error *err)
{
    s->wait.since = 0;
    while (s->working > 0) {
        if (!cr_rank_sums_turn(s, err))
            return false;
        if (s->working > 0 && !cr_rank_wait_rest(&s->wait, err))
            return false;
    }
    return true;
}
