#include "train/shards_memory.h"

#include "base/memory.h"
#include "base/size.h"

size_t cr_shards_memory_block(const cr_network *network)
{
    return cr_size_of_lines(network->parameter_size) +
           cr_size_of_lines(network->buffer_size);
}

static bool allocate_threads(cr_trainer *t, size_t members, bool fast, cr_error *err)
{
    const cr_experiment *e = t->experiment;
    cr_shards *s = t->shards;
    s->batches = cr_alloc(members, sizeof(cr_evaluator *), err);
    s->evaluators = cr_alloc(members, sizeof(cr_evaluator *), err);
    bool good = s->batches && s->evaluators;
    for (size_t i = 0; good && i < members; i++) {
        s->batches[i] = cr_evaluator_create(&e->model, s->batch, 1, true, err);
        good = s->batches[i] && cr_evaluator_augment(s->batches[i], &e->augment, err);
        if (good && fast)
            cr_workspace_join(s->batches[i]->workspace);
        if (good)
            s->evaluators[i] = cr_evaluator_for_figures(&e->model, 1, err);
        good = good && s->evaluators[i];
    }
    t->figures = s->evaluators ? s->evaluators[0] : NULL;
    return good;
}

/* What a process needs that has a part of the shards. */
static bool join(cr_trainer *t, const cr_shards_place *place, cr_error *err)
{
    const cr_experiment *e = t->experiment;
    cr_shards *s = t->shards;
    s->ranks = cr_shards_ranks_create(place, s, e->model.network, err);
    s->logged = cr_alloc(e->log.count, sizeof *s->logged, err);
    return s->ranks && s->logged;
}

bool cr_shards_memory_allocate(cr_trainer *t, bool fast, const cr_shards_place *place,
                               cr_error *err)
{
    const cr_experiment *e = t->experiment;
    cr_shards *s = t->shards;
    size_t rows = e->data->parts[CR_PART_TRAIN].count;
    size_t own = cr_shards_begin(rows, s->count, s->first + s->own) -
                 cr_shards_begin(rows, s->count, s->first);
    size_t members = cr_size_smaller((size_t)e->training.threads, s->own);
    if (members > 1 && !(t->team = cr_team_create(members, err)))
        return false;
    s->sums = cr_alloc(s->own, sizeof *s->sums, err);
    t->order = cr_alloc(own, sizeof *t->order, err);
    if (!s->sums || !t->order || !allocate_threads(t, members, fast, err))
        return false;
    t->gradients = cr_alloc(s->own, s->block * sizeof(cr_real), err);
    return t->gradients && (!place || join(t, place, err));
}

void cr_shards_memory_free(cr_trainer *t)
{
    cr_shards *s = t->shards;
    for (size_t i = 0; s && i < cr_team_members(t->team); i++) {
        if (s->batches)
            cr_evaluator_destroy(s->batches[i]);
        if (s->evaluators && i > 0)
            cr_evaluator_destroy(s->evaluators[i]);
    }
    if (s) {
        cr_free(s->batches);
        cr_free(s->evaluators);
        cr_free(s->sums);
        cr_free(s->logged);
        cr_shards_ranks_destroy(s->ranks);
    }
    cr_free(s);
}
