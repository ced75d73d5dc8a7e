/* chainrule/session.h: an experiment with a trainer that stays. */
#include <chainrule/session.h>

#include "base/memory.h"
#include "data/data_replace.h"
#include "runs/checkpoint.h"

#include <string.h>

struct cr_session {
    cr_experiment *experiment;
    cr_trainer *trainer;
    cr_epoch *history; /* [count] */
    size_t count, capacity;
    double *logged; /* [capacity of the history, columns of the log] */
    size_t logged_capacity;
};

/* What a call of cr_session_train goes through. */
typedef struct run {
    cr_session *session;
    const cr_session_run *how;
    double next;  /* when to call on_step, in seconds of steps */
    bool stopped; /* on_epoch said so */
} run;

cr_session *cr_session_create(cr_experiment *experiment, cr_error *err)
{
    cr_session *session = cr_alloc(1, sizeof *session, err);
    if (!session)
        return NULL;
    session->experiment = experiment;
    session->trainer = cr_trainer_create(experiment, true, err);
    if (session->trainer)
        return session;
    cr_session_destroy(session);
    return NULL;
}

void cr_session_destroy(cr_session *session)
{
    if (!session)
        return;
    cr_trainer_destroy(session->trainer);
    cr_free(session->history);
    cr_free(session->logged);
    cr_free(session);
}

static bool on_step(void *user, const cr_progress *progress)
{
    run *r = user;
    if (progress->seconds < r->next)
        return true;
    r->next = progress->seconds + r->how->step_seconds;
    return r->how->callbacks.on_step(r->how->callbacks.user, progress);
}

static bool remember(cr_session *s, const cr_epoch *epoch, cr_error *err)
{
    size_t columns = epoch->logged_count;
    if (!cr_reserve(&s->history, &s->capacity, s->count + 1, sizeof *s->history, err) ||
        !cr_reserve(&s->logged, &s->logged_capacity, (s->count + 1) * columns,
                    sizeof *s->logged, err))
        return false;
    s->history[s->count] = *epoch;
    for (size_t i = 0; i < columns; i++)
        s->logged[s->count * columns + i] = epoch->logged[i];
    s->count++;
    for (size_t i = 0; columns > 0 && i < s->count; i++) /* they may have moved */
        s->history[i].logged = s->logged + i * columns;
    return true;
}

static bool on_epoch(void *user, const cr_epoch *epoch, cr_error *err)
{
    run *r = user;
    const cr_callbacks *theirs = &r->how->callbacks;
    if (!remember(r->session, epoch, err))
        return false;
    bool going = !theirs->on_epoch || theirs->on_epoch(theirs->user, epoch, err);
    r->stopped = !going && err->count == 0;
    return going;
}

/* The best parameters, where they were restored, are what training goes on with; they stay
 * the best so far. */
static void begin_with_model(cr_trainer *t)
{
    const cr_network *network = t->experiment->model.network;
    if (!t->restored)
        return;
    memcpy(t->best_parameters, network->parameters,
           network->parameter_size * sizeof(cr_real));
    memcpy(t->best_buffers, network->buffers, network->buffer_size * sizeof(cr_real));
    t->restored = false;
}

bool cr_session_train(cr_session *session, const cr_session_run *how, cr_result *result,
                      cr_error *err)
{
    static const cr_session_run to_the_end = {0};
    cr_trainer *t = session->trainer;
    run r = {.session = session, .how = how ? how : &to_the_end};
    const cr_callbacks callbacks = {
        .user = &r,
        .on_step = r.how->callbacks.on_step ? on_step : NULL,
        .on_epoch = on_epoch,
    };
    int64_t epochs = session->experiment->training.epochs;
    *result = (cr_result){0};
    r.next = r.how->step_seconds > 0 ? t->at.step_seconds + r.how->step_seconds : 0;
    begin_with_model(t);
    if (r.how->epochs > 0) {
        session->experiment->training.epochs = (int64_t)(t->at.epochs + r.how->epochs);
        t->at.bad_epochs = 0;
        if (cr_trainer_is_out_of_patience(t)) /* by a plateau, which begins anew */
            t->at.plateau.bad = 0;
    }
    t->without_figures = r.how->without_figures;
    bool good = cr_trainer_run(t, &callbacks, result, err);
    session->experiment->training.epochs = epochs;
    if (good && r.stopped)
        result->status = CR_STATUS_INTERRUPTED;
    return good;
}

const cr_epoch *cr_session_history(const cr_session *session, size_t *count)
{
    *count = session->count;
    return session->history;
}

/* Puts what a run is besides its parameters, which the network has, into a trainer. */
static void move_position(const cr_trainer *from, cr_trainer *to)
{
    const cr_network *network = from->experiment->model.network;
    to->at = from->at;
    to->at.step = 0;
    to->at.sums = (cr_sums){0};
    if (from->state)
        memcpy(to->state, from->state, cr_trainer_state_size(from) * sizeof(cr_real));
    if (!from->best_parameters || !to->best_parameters)
        return;
    memcpy(to->best_parameters, from->best_parameters,
           network->parameter_size * sizeof(cr_real));
    memcpy(to->best_buffers, from->best_buffers, network->buffer_size * sizeof(cr_real));
    to->best_value = from->best_value;
    to->best_epoch = from->best_epoch;
    to->restored = from->restored;
}

bool cr_session_set_data(cr_session *session, const cr_arrays *train, cr_error *err)
{
    cr_experiment *e = session->experiment;
    cr_data_replaced before;
    if (e->data != &e->own_data)
        return cr_fail(err, CR_E_USAGE, "the experiment's data belongs to others");
    if (!cr_data_replace(e->data, train, &before, err))
        return false;
    const cr_part *part = &e->data->parts[CR_PART_TRAIN];
    bool good = cr_loss_check_targets(e->model.loss.type, part, "new", err);
    cr_trainer *trainer = good ? cr_trainer_create(e, true, err) : NULL;
    if (!trainer) {
        cr_data_replace_undo(e->data, &before);
        return false;
    }
    move_position(session->trainer, trainer);
    cr_trainer_destroy(session->trainer);
    session->trainer = trainer;
    cr_data_replace_finish(&before);
    return true;
}

bool cr_session_save(const cr_session *session, void **bytes, size_t *length,
                     cr_error *err)
{
    const cr_checkpoint_run nowhere = {0};
    return cr_checkpoint_write(session->trainer, &nowhere, bytes, length, err);
}

bool cr_session_load(cr_session *session, const void *bytes, size_t length, cr_error *err)
{
    cr_checkpoint checkpoint;
    cr_text warnings = {0};
    bool good = cr_checkpoint_read(&checkpoint, bytes, length, err) &&
                cr_checkpoint_restore(&checkpoint, session->trainer, &warnings, err);
    cr_text_finish(&warnings);
    cr_checkpoint_finish(&checkpoint);
    return good;
}
