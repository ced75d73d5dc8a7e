#include "train/trainer_memory.h"

#include "base/memory.h"
#include "base/size.h"
#include "train/pieces.h"
#include "train/shards_memory.h"

/* Whether the shares of a step meet: some layer needs to know of all rows. */
static bool rows_depend(const cr_network *network)
{
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].type->rows_depend)
            return true;
    return false;
}

/* One for the rows of a step, of `shares` shares; fast as cr_trainer_create. */
static cr_evaluator *create_batches(const cr_trainer *t, size_t rows, size_t shares,
                                    bool fast, cr_error *err)
{
    const cr_experiment *e = t->experiment;
    cr_evaluator *batches = cr_evaluator_create(&e->model, rows, shares, true, err);
    if (!batches || !cr_evaluator_augment(batches, &e->augment, err)) {
        cr_evaluator_destroy(batches);
        return NULL;
    }
    if (fast)
        cr_workspace_join(batches->workspace);
    return batches;
}

static bool allocate_step(cr_trainer *t, bool fast, cr_error *err)
{
    const cr_network *network = t->experiment->model.network;
    size_t members = cr_team_members(t->team), blocks = t->piece ? members : 1;
    bool good = true;
    if (t->piece) {
        t->pieces = cr_alloc(members, sizeof *t->pieces, err);
        for (size_t i = 0; t->pieces && good && i < members; i++) {
            t->pieces[i].evaluator = create_batches(t, t->piece, 1, fast, err);
            good = t->pieces[i].evaluator != NULL;
        }
        good = good && t->pieces;
    } else {
        t->batches = create_batches(t, t->batch, members, fast, err);
        good = t->batches != NULL;
    }
    if (good && !t->fused) {
        t->gradients = cr_alloc(blocks * network->parameter_size, sizeof(cr_real), err);
        good = t->gradients != NULL;
    }
    return good;
}

/* What passes write, of a trainer without shards. */
static bool allocate_passes(cr_trainer *t, bool fast, cr_error *err)
{
    const cr_experiment *e = t->experiment;
    t->meets = rows_depend(e->model.network);
    /* one row is what a session keeps that waits for others: threads are not started for it */
    if (e->training.threads > 1 && e->data->parts[CR_PART_TRAIN].count > 1) {
        t->team = cr_team_create((size_t)e->training.threads, err);
        if (!t->team)
            return false;
    }
    t->figures = cr_evaluator_for_figures(&e->model, cr_team_members(t->team), err);
    t->order = cr_alloc(e->data->parts[CR_PART_TRAIN].count, sizeof *t->order, err);
    return t->figures && t->order && allocate_step(t, fast, err);
}

bool cr_trainer_memory_allocate(cr_trainer *t, bool fast, const cr_shards_place *place,
                                cr_error *err)
{
    const cr_experiment *e = t->experiment;
    const cr_network *network = e->model.network;
    bool good = t->shards ? cr_shards_memory_allocate(t, fast, place, err)
                          : allocate_passes(t, fast, err);
    if (good && e->log.count > 0 && (!place || place->ranks->rank == 0)) {
        t->logger = cr_logger_create(&e->log, &e->model, e->data, (uint64_t)e->seed, err);
        good = t->logger && cr_logger_augment(t->logger, &e->augment, err);
    }
    size_t states = cr_optimizer_states(&e->optimizer);
    if (good && states > 0) {
        t->state = cr_alloc(states * network->parameter_size, sizeof(cr_real), err);
        good = t->state != NULL;
    }
    if (good && e->data->parts[e->stopping.monitor.metric.part].dataset) {
        t->best_parameters = cr_alloc(network->parameter_size, sizeof(cr_real), err);
        t->best_buffers = cr_alloc(network->buffer_size, sizeof(cr_real), err);
        good = t->best_parameters && t->best_buffers;
    }
    return good;
}

void cr_trainer_memory_free(cr_trainer *trainer)
{
    for (size_t i = 0; trainer->pieces && i < cr_team_members(trainer->team); i++)
        cr_evaluator_destroy(trainer->pieces[i].evaluator);
    cr_free(trainer->pieces);
    cr_evaluator_destroy(trainer->batches);
    cr_shards_memory_free(trainer);
    cr_team_destroy(trainer->team);
    cr_evaluator_destroy(trainer->figures);
    cr_logger_destroy(trainer->logger);
    cr_free(trainer->order);
    cr_free(trainer->gradients);
    cr_free(trainer->state);
    cr_free(trainer->best_parameters);
    cr_free(trainer->best_buffers);
}
