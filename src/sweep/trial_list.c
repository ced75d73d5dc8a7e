#include "sweep/trial_list.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void finish_trial(cr_listed_trial *t)
{
    cr_free(t->parameters);
    cr_free(t->error);
    cr_free(t->run);
}

void cr_trial_list_finish(cr_trial_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        finish_trial(&list->trials[i]);
    for (size_t i = 0; i < list->sweep_count; i++)
        cr_free(list->sweeps[i]);
    cr_free(list->sweeps);
    cr_free(list->trials);
    cr_free(list->metric);
    *list = (cr_trial_list){0};
}

cr_listed_trial *cr_trial_list_add(cr_trial_list *list, cr_error *err)
{
    if (!cr_reserve(&list->trials, &list->capacity, list->count + 1, sizeof *list->trials,
                    err))
        return NULL;
    cr_listed_trial *t = &list->trials[list->count++];
    *t = (cr_listed_trial){.value = NAN, .ended = NAN};
    return t;
}

bool cr_trial_list_add_sweep(cr_trial_list *list, const char *directory, cr_error *err)
{
    if (!cr_reserve(&list->sweeps, &list->sweep_capacity, list->sweep_count + 1,
                    sizeof *list->sweeps, err))
        return false;
    char *copy = cr_text_copy(directory, strlen(directory), err);
    list->sweeps[list->sweep_count] = copy;
    list->sweep_count += copy != NULL;
    return copy != NULL;
}

/* For qsort. */
static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool cr_trial_list_agree_on_metric(cr_trial_list *list, const char *metric, bool maximize,
                                   const char *where, cr_error *err)
{
    if (!list->metric) {
        list->metric = cr_text_copy(metric, strlen(metric), err);
        list->maximize = maximize;
    } else if (strcmp(list->metric, metric) != 0) {
        return cr_fail(err, CR_E_USAGE,
                       "%s is ranked by %s, what came before it by %s; choose one with "
                       "--sort",
                       where, metric, list->metric);
    }
    return list->metric != NULL;
}

bool cr_trial_list_is_unfinished(const cr_listed_trial *trial)
{
    return trial->state == CR_RUN_RUNNING || trial->state == CR_RUN_INTERRUPTED;
}

/* For qsort. */
static int by_key(const void *a, const void *b)
{
    const cr_listed_trial *x = a, *y = b;
    int order = strcmp(x->parameters, y->parameters);
    if (order == 0)
        order = cr_trial_list_is_unfinished(x) - cr_trial_list_is_unfinished(y);
    if (order == 0)
        order = (x->seed > y->seed) - (x->seed < y->seed);
    if (order == 0)
        order = (x->fold > y->fold) - (x->fold < y->fold);
    bool runs = x->is_run && y->is_run; /* two like runs are two */
    return order != 0 || !runs ? order : strcmp(x->run, y->run);
}

void cr_trial_list_sort(cr_trial_list *list)
{
    size_t kept = 0;
    if (list->count > 0)
        qsort(list->trials, list->count, sizeof *list->trials, by_key);
    if (list->sweep_count > 0)
        qsort(list->sweeps, list->sweep_count, sizeof *list->sweeps, by_name);
    for (size_t i = 0; i < list->count; i++)
        if (kept > 0 && by_key(&list->trials[kept - 1], &list->trials[i]) == 0)
            finish_trial(&list->trials[i]);
        else
            list->trials[kept++] = list->trials[i];
    list->count = kept;
}
