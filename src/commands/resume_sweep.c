#include "commands/resume_sweep.h"

#include "base/memory.h"
#include "base/path.h"
#include "commands/sweeping.h"
#include "sweep/sweep_command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What a sweep is made of again. */
typedef struct origin {
    char *directory; /* of the sweep, owned */
    cr_store_sweep sweep;
    cr_sweep_command command;
    const char **overrides; /* [count], owned: those then, and those of now */
    size_t count;
} origin;

static bool read_command(origin *o, cr_error *err)
{
    cr_error unknown = CR_ERROR_INIT;
    return cr_sweep_command_read(o->directory, &o->command, &unknown) ||
           cr_fail(err, CR_E_USAGE,
                   "%s: it is not written there how the sweep was begun (%s); the "
                   "command that began it goes on with it",
                   o->directory, unknown.text);
}

/* Paths in overrides are meant from where the sweep was begun. */
static bool go_there(origin *o, cr_error *err)
{
    char *here = cr_path_absolute(".", err), *whole = NULL;
    bool same = here && strcmp(here, o->command.directory) == 0;
    cr_free(here);
    if (same)
        return true;
    whole = cr_path_absolute(o->directory, err);
    if (!whole)
        return false;
    cr_free(o->directory);
    o->directory = whole;
    return o->command.count == 0 || chdir(o->command.directory) == 0 ||
           cr_fail(err, CR_E_USAGE,
                   "%s: the sweep was begun there, where its overrides have paths from: "
                   "%s; the command that began it goes on with it",
                   o->command.directory, strerror(errno));
}

static bool read_origin(origin *o, const cr_resumed_sweep *resumed, cr_error *err)
{
    o->directory = cr_text_copy(resumed->directory, strlen(resumed->directory), err);
    cr_store *store = o->directory ? cr_store_open_read(o->directory, err) : NULL;
    bool good = store && cr_store_describe(store, &o->sweep, err) &&
                read_command(o, err) && go_there(o, err);
    cr_store_close(store);
    if (good)
        o->overrides =
            cr_alloc(o->command.count + resumed->count, sizeof *o->overrides, err);
    for (size_t i = 0; o->overrides && i < o->command.count; i++)
        o->overrides[o->count++] = o->command.overrides[i];
    for (size_t i = 0; o->overrides && i < resumed->count; i++)
        o->overrides[o->count++] = resumed->overrides[i];
    return o->overrides != NULL;
}

/* The plan, from the text of the config as it was; NULL with err. */
static cr_sweep_plan *make_plan(const origin *o, cr_error *err)
{
    cr_text warnings = {0};
    const cr_recipe recipe = {.path = o->command.config,
                              .text = o->sweep.config,
                              .overrides = o->overrides,
                              .override_count = o->count};
    const cr_shard shard = {o->sweep.shard - 1, o->sweep.shards};
    cr_sweep_plan *plan = cr_sweep_plan_create(&recipe, shard, &warnings, err);
    cr_command_warn(warnings.data ? warnings.data : "");
    cr_text_finish(&warnings);
    return plan;
}

int cr_resume_sweep(const cr_resumed_sweep *resumed)
{
    cr_error err = CR_ERROR_INIT;
    origin o = {0};
    size_t jobs = 1;
    if (resumed->out)
        return cr_command_usage(&cr_command_resume,
                                "-o %s: a sweep goes on in its own directory",
                                resumed->out);
    if (!cr_sweeping_read_jobs(resumed->jobs, resumed->ranks, &jobs))
        return cr_command_usage(&cr_command_resume,
                                "-j %s: expected a whole number from 1 to %d",
                                resumed->jobs, CR_MOST_JOBS);
    if (resumed->ranks)
        resumed->ranks->workers = jobs;
    cr_sweep_plan *plan = read_origin(&o, resumed, &err) ? make_plan(&o, &err) : NULL;
    bool other = false;
    cr_store *store =
        plan ? cr_sweeping_open(o.directory, plan, true, &other, &err) : NULL;
    if (store)
        cr_command_warn_of_kernel();
    int status =
        store
            ? cr_sweeping_run(&(cr_sweeping){resumed->context, plan, store, o.directory,
                                             jobs, resumed->quiet, false, resumed->ranks})
            : cr_command_error(&err);
    cr_store_close(store);
    cr_sweep_plan_destroy(plan);
    cr_free(o.overrides);
    cr_sweep_command_finish(&o.command);
    cr_store_sweep_finish(&o.sweep);
    cr_free(o.directory);
    return status;
}
