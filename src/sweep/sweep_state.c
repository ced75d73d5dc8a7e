#include "sweep/sweep_state.h"

#include "sweep/store.h"
#include "sweep/store_lock.h"
#include "sweep/sweep_command.h"

static bool count_row(void *user, const cr_store_row *row)
{
    cr_sweep_state *state = user;
    if (row->status == CR_TRIAL_FAILED)
        state->failed++;
    else
        state->done++;
    return true;
}

bool cr_sweep_state_read(const char *directory, cr_sweep_state *state, cr_error *err)
{
    *state = (cr_sweep_state){0};
    cr_store_sweep sweep = {0};
    cr_store *store = cr_store_open_read(directory, err);
    bool good = store && cr_store_describe(store, &sweep, err) &&
                cr_store_visit(store, count_row, state, err);
    cr_sweep_command command = {0};
    bool known = good && cr_sweep_command_read(directory, &command, NULL);
    for (size_t i = 0; i < command.count; i++)
        cr_text_add(&state->overrides, "%s%s", i ? " " : "", command.overrides[i]);
    state->trials = sweep.trials;
    bool all = known ? command.completed : state->done >= state->trials;
    bool failed = state->failed > 0 && state->failed + state->done >= state->trials;
    state->state = !good                               ? CR_RUN_NONE
                   : cr_store_lock_is_taken(directory) ? CR_RUN_RUNNING
                   : all                               ? CR_RUN_COMPLETED
                   : failed                            ? CR_RUN_FAILED
                                                       : CR_RUN_INTERRUPTED;
    cr_sweep_command_finish(&command);
    cr_store_sweep_finish(&sweep);
    cr_store_close(store);
    return good;
}

void cr_sweep_state_finish(cr_sweep_state *state)
{
    cr_text_finish(&state->overrides);
    *state = (cr_sweep_state){0};
}
