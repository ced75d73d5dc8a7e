#include "sweep/ranking_sweep.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "sweep/store.h"

#include <string.h>

/* What take_row needs besides the row. */
typedef struct source {
    cr_trial_list *list;
    const char *directory;
    cr_error *err;
} source;

static bool take_row(void *user, const cr_store_row *row)
{
    source *s = user;
    cr_listed_trial *t = cr_trial_list_add(s->list, s->err);
    cr_text run = {0}, model = {0};
    if (!t)
        return false;
    *t = (cr_listed_trial){.number = row->trial,
                           .order = row->setting,
                           .seed = row->seed,
                           .fold = row->fold,
                           .status = row->status,
                           .value = row->value,
                           .seconds = row->seconds,
                           .ended = row->ended,
                           .epochs = row->epochs};
    t->parameters = cr_text_copy(row->parameters, strlen(row->parameters), s->err);
    if (*row->error)
        t->error = cr_text_copy(row->error, strlen(row->error), s->err);
    cr_text_add(&run, "%s/trials/%zu", s->directory, row->trial);
    cr_text_add(&model, "%s/model.safetensors", run.data ? run.data : "");
    if (!run.failed && !model.failed && !cr_file_problem(model.data))
        t->run = run.data;
    else
        cr_text_finish(&run);
    cr_text_finish(&model);
    return t->parameters && (t->error || !*row->error);
}

/* The values that the trials are to have: the sweep's metric, or another column. */
static bool choose_values(cr_store *store, const cr_store_sweep *sweep,
                          const char *metric, source *s)
{
    if (metric && strcmp(metric, sweep->metric) != 0)
        return cr_store_value_is(store, metric, s->err);
    return cr_trial_list_agree_on_metric(s->list, sweep->metric,
                                         strcmp(sweep->goal, "maximize") == 0,
                                         s->directory, s->err);
}

bool cr_ranking_sweep_read(cr_trial_list *list, const char *directory, const char *metric,
                           char **section, cr_error *err)
{
    cr_store_sweep sweep = {0};
    cr_store *store = cr_store_open_read(directory, err);
    source s = {list, directory, err};
    bool good = store && cr_store_describe(store, &sweep, err) &&
                choose_values(store, &sweep, metric, &s) &&
                cr_store_visit(store, take_row, &s, err);
    good = good && (!err || err->count == 0);
    if (good) {
        list->expected += sweep.trials;
        cr_free(*section);
        *section = (char *)sweep.section;
        sweep.section = NULL;
    }
    cr_store_sweep_finish(&sweep);
    cr_store_close(store);
    return good;
}
