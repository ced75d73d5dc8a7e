#include "sweep/sweep_list.h"

#include "base/memory.h"
#include "sweep/ranking.h"

#include <math.h>
#include <string.h>

/* The best setting's mean, by the sweep's own metric. */
static bool take_best(cr_listed_sweep *sweep, cr_error *err)
{
    const char *directory = sweep->directory;
    cr_ranking ranking;
    bool good = true;
    if (cr_ranking_read(&ranking, &directory, 1, NULL, NULL) &&
        ranking.setting_count > 0) {
        const char *metric = ranking.list.metric, *run = ranking.settings[0].run;
        sweep->best = ranking.settings[0].mean;
        sweep->metric = cr_text_copy(metric, strlen(metric), err);
        sweep->model = run ? cr_text_copy(run, strlen(run), err) : NULL;
        good = sweep->metric && (!run || sweep->model);
    }
    cr_ranking_finish(&ranking);
    return good;
}

bool cr_sweep_list_add(cr_sweep_list *list, const char *directory, bool ranks,
                       cr_error *err)
{
    if (!cr_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items,
                    err))
        return false;
    cr_listed_sweep *sweep = &list->items[list->count++];
    *sweep = (cr_listed_sweep){.best = NAN};
    sweep->directory = cr_text_copy(directory, strlen(directory), err);
    if (!sweep->directory)
        return false;
    bool read = cr_sweep_state_read(directory, &sweep->state, NULL);
    return !read || !ranks || take_best(sweep, err);
}

void cr_sweep_list_finish(cr_sweep_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        cr_sweep_state_finish(&list->items[i].state);
        cr_free(list->items[i].directory);
        cr_free(list->items[i].metric);
        cr_free(list->items[i].model);
    }
    cr_free(list->items);
    *list = (cr_sweep_list){0};
}
