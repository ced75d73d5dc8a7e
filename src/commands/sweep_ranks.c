#include "commands/sweep_ranks.h"

#include "sweep/plan_message.h"

#include <string.h>

bool cr_sweep_ranks_find(cr_sweep_ranks *ranks, const cr_context *context,
                         const cr_arguments *arguments)
{
    *ranks = (cr_sweep_ranks){.workers = 1};
    ranks->options.patience = CR_SWEEP_RANKS_PATIENCE;
    ranks->options.signal = context->signal;
    cr_hash *command = &ranks->options.command;
    for (size_t i = 0; i < arguments->count; i++)
        *command = cr_hash_text(*command, arguments->items[i]);
    for (size_t i = 0; i < arguments->override_count; i++)
        *command = cr_hash_text(*command, arguments->overrides[i]);
    return cr_ranks_find_launch(&ranks->launch);
}

static cr_rank_session *start(cr_sweep_ranks *ranks, bool *refused, cr_error *err)
{
    const cr_nursery_plan plan = {.workers = ranks->workers,
                                  .prepare = cr_rank_worker_prepare,
                                  .clear = cr_rank_worker_clear,
                                  .user = &ranks->worker};
    return cr_rank_session_start(&ranks->launch, &plan, &ranks->options, refused, err);
}

cr_rank_session *cr_sweep_ranks_begin(cr_sweep_ranks *ranks, cr_sweep_plan *plan,
                                      bool quiet, cr_error *err)
{
    bool refused = false;
    cr_byte_stream to;
    ranks->joined = true;
    ranks->worker.plan = plan;
    cr_rank_session *session = start(ranks, &refused, err);
    if (!session)
        return NULL;
    if (!quiet)
        cr_print_to(stderr, "chainrule: %d ranks with %zu workers on %zu host%s\n",
                    ranks->launch.size, cr_rank_session_workers(session),
                    cr_rank_session_hosts(session),
                    cr_rank_session_hosts(session) == 1 ? "" : "s");
    cr_command_warn(cr_rank_session_mixture(session));
    cr_command_warn(cr_rank_session_cramped(session));
    if (cr_rank_session_begin_broadcast(session, &to, err) &&
        cr_plan_message_put(plan, &to, err) &&
        cr_rank_session_end_broadcast(session, err))
        return session;
    cr_rank_session_finish(session, true);
    return NULL;
}

bool cr_sweep_ranks_check(const cr_sweep_ranks *ranks, int *status)
{
    cr_error err = CR_ERROR_INIT;
    *status = CR_EXIT_USAGE;
    if (cr_ranks_check_launch(&ranks->launch, &err))
        return true;
    if (ranks->launch.rank == 0 || ranks->launch.module)
        *status = cr_command_error(&err);
    return false;
}

void cr_sweep_ranks_dismiss(cr_sweep_ranks *ranks)
{
    cr_error ignored = CR_ERROR_INIT;
    bool refused = false;
    if (ranks->joined)
        return;
    ranks->options.dismisses = true;
    cr_rank_session_finish(start(ranks, &refused, &ignored), false);
}

int cr_sweep_ranks_serve(cr_sweep_ranks *ranks)
{
    cr_error err = CR_ERROR_INIT;
    bool refused = false;
    cr_rank_session *session = start(ranks, &refused, &err);
    if (!session)
        return refused ? CR_EXIT_DONE
                       : cr_command_error(&err); /* the status is rank 0's */
    bool good = cr_rank_session_serve(session, &err);
    int status = good ? CR_EXIT_DONE : cr_command_error(&err);
    cr_rank_session_finish(session, !good);
    return status;
}
