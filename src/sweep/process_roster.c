#include "sweep/process_roster.h"

#include "base/memory.h"

bool cr_process_roster_start(cr_process_roster *roster, size_t workers, cr_error *err)
{
    *roster = (cr_process_roster){.workers = workers};
    roster->next = cr_alloc(workers + CR_ROSTER_ROWS, sizeof *roster->next, err);
    roster->previous = cr_alloc(workers + CR_ROSTER_ROWS, sizeof *roster->previous, err);
    roster->rows = cr_alloc(workers, sizeof *roster->rows, err);
    if (!roster->next || !roster->previous || !roster->rows)
        return false;
    for (size_t i = 0; i < workers; i++)
        roster->rows[i] = CR_ROSTER_ROWS;
    for (size_t i = workers; i < workers + CR_ROSTER_ROWS; i++)
        roster->next[i] = roster->previous[i] = i;
    return true;
}

void cr_process_roster_finish(cr_process_roster *roster)
{
    cr_free(roster->next);
    cr_free(roster->previous);
    cr_free(roster->rows);
}

void cr_process_roster_remove(cr_process_roster *roster, size_t worker)
{
    if (roster->rows[worker] == CR_ROSTER_ROWS)
        return;
    roster->next[roster->previous[worker]] = roster->next[worker];
    roster->previous[roster->next[worker]] = roster->previous[worker];
    roster->counts[roster->rows[worker]]--;
    roster->count--;
    roster->rows[worker] = CR_ROSTER_ROWS;
}

void cr_process_roster_place(cr_process_roster *roster, size_t worker, size_t jobs,
                             bool first)
{
    cr_process_roster_remove(roster, worker);
    size_t head = roster->workers + jobs;
    size_t before = first ? head : roster->previous[head], after = roster->next[before];
    roster->previous[worker] = before;
    roster->next[worker] = after;
    roster->next[before] = roster->previous[after] = worker;
    roster->rows[worker] = jobs;
    roster->counts[jobs]++;
    roster->count++;
}

size_t cr_process_roster_first(const cr_process_roster *roster, size_t jobs)
{
    size_t worker = roster->next[roster->workers + jobs];
    return worker < roster->workers ? worker : CR_ROSTER_NOBODY;
}

size_t cr_process_roster_fewest(const cr_process_roster *roster)
{
    size_t jobs = 0;
    while (jobs < CR_ROSTER_ROWS - 1 && roster->counts[jobs] == 0)
        jobs++;
    return cr_process_roster_first(roster, jobs);
}

size_t cr_process_roster_most(const cr_process_roster *roster)
{
    size_t jobs = CR_ROSTER_ROWS - 1;
    while (jobs > 0 && roster->counts[jobs] == 0)
        jobs--;
    return cr_process_roster_first(roster, jobs);
}
