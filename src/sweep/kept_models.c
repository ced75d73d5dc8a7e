#include "sweep/kept_models.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "sweep/trial_mark.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t no_trial = (size_t)-1;

bool cr_kept_models_begin(cr_kept_models *kept, const char *directory,
                          const cr_sweep_workload *workload, size_t limit, cr_error *err)
{
    *kept = (cr_kept_models){.workload = workload, .limit = limit};
    kept->best = cr_alloc(limit, sizeof *kept->best, err);
    kept->directory = cr_text_copy(directory, strlen(directory), err);
    kept->trials_path = cr_path_join(directory, "trials", err);
    return kept->best && kept->directory && kept->trials_path &&
           cr_directory_create(kept->trials_path, err);
}

void cr_kept_models_finish(cr_kept_models *kept)
{
    cr_free(kept->best);
    cr_free(kept->directory);
    cr_free(kept->trials_path);
    *kept = (cr_kept_models){0};
}

static void remove_run(const cr_kept_models *kept, size_t trial)
{
    cr_text path = {0};
    cr_text_add(&path, "%s/%zu", kept->trials_path, trial);
    if (!path.failed)
        cr_trial_mark_remove(path.data);
    cr_text_finish(&path);
}

/* Removes the runs of a setting's trials but one. */
static void remove_others(const cr_kept_models *kept, size_t setting, size_t but)
{
    size_t count = kept->workload->trials_per_setting;
    for (size_t i = setting * count; i < (setting + 1) * count; i++)
        if (i != but)
            remove_run(kept, i);
}

void cr_kept_models_remove(const cr_kept_models *kept, size_t setting)
{
    remove_others(kept, setting, no_trial);
}

void cr_kept_models_offer(cr_kept_models *kept, const cr_setting_score *setting)
{
    for (size_t i = 0; i < kept->count; i++)
        if (kept->best[i].setting == setting->setting)
            return;
    size_t at = kept->count;
    while (at > 0 && cr_sweep_schedule_ranks_before(&kept->workload->metric, setting,
                                                    &kept->best[at - 1]))
        at--;
    if (isnan(setting->score) || at == kept->limit) {
        cr_kept_models_remove(kept, setting->setting);
        return;
    }
    if (kept->count == kept->limit)
        cr_kept_models_remove(kept, kept->best[--kept->count].setting);
    memmove(&kept->best[at + 1], &kept->best[at],
            (kept->count - at) * sizeof *kept->best);
    kept->best[at] = *setting;
    kept->count++;
    remove_others(kept, setting->setting, setting->trial);
}

double cr_kept_models_threshold(const cr_kept_models *kept)
{
    bool single = kept->workload->trials_per_setting == 1;
    bool full = kept->limit > 0 && kept->count == kept->limit;
    return single && full ? kept->best[kept->limit - 1].score : (double)NAN;
}

void cr_kept_models_remove_leftovers(const cr_kept_models *kept, const bool *done)
{
    const cr_sweep_workload *w = kept->workload;
    DIR *directory = opendir(kept->trials_path);
    if (!directory)
        return;
    for (const struct dirent *entry = readdir(directory); entry;
         entry = readdir(directory)) {
        char *end = NULL;
        unsigned long long number = strtoull(entry->d_name, &end, 10);
        if (*end == '\0' && end != entry->d_name &&
            number < w->settings * w->trials_per_setting && !done[number])
            remove_run(kept, (size_t)number);
    }
    closedir(directory);
}

bool cr_kept_models_has_run(const cr_kept_models *kept, size_t place)
{
    cr_text path = {0};
    cr_text_add(&path, "%s/%zu/summary.json", kept->trials_path, kept->best[place].trial);
    bool has_run = path.failed || !cr_file_problem(path.data);
    cr_text_finish(&path);
    return has_run;
}

bool cr_kept_models_link_best(const cr_kept_models *kept, cr_error *err)
{
    char *link = cr_path_join(kept->directory, "best", err);
    char *temporary = cr_path_join(kept->directory, "best.tmp", err);
    bool good = link && temporary;
    if (good && kept->count == 0) {
        unlink(link);
    } else if (good) {
        char target[64];
        snprintf(target, sizeof target, "trials/%zu", kept->best[0].trial);
        unlink(temporary);
        good = (symlink(target, temporary) == 0 && rename(temporary, link) == 0) ||
               cr_fail(err, CR_E_IO, "%s: cannot make the link to %s", link, target);
    }
    cr_free(link);
    cr_free(temporary);
    return good;
}
