/* A config with its data in the tests' directory, and plans of sweeps of it. */
#ifndef CHAINRULE_TESTS_SWEEP_PLAN_FILES_H
#define CHAINRULE_TESTS_SWEEP_PLAN_FILES_H

#include "files.h"
#include "fixture.h"
#include "sweep/sweep_plan.h"

/* For cmocka_run_group_tests: makes the directory, the table and the config. */
static inline int plan_files_setup(void **state)
{
    if (files_setup(state) != 0)
        return -1;
    files_write_text("t.csv", "a,b,c\n1,2,x\n2,1,y\n3,5,x\n0,4,y\n2,2,x\n1,1,y\n4,3,x\n");
    files_write_text(
        "c.json",
        "{\"seed\": 5, \"data\": {\"train\": \"t.csv\", \"target\": \"c\", "
        "\"validation\": {\"fraction\": 0.3}}, \"model\": {\"layers\": [{\"type\": "
        "\"linear\", \"units\": 3}, {\"type\": \"relu\"}, {\"type\": \"linear\"}]}, "
        "\"loss\": {\"type\": \"softmax\"}, \"optimizer\": {\"type\": \"sgd\", "
        "\"learning_rate\": 0.1}, \"training\": {\"epochs\": 9, \"batch_size\": 2}}");
    return 0;
}

/* The plan of the config with this sweep section; NULL with err, which may be NULL. */
static inline cr_sweep_plan *plan_files_create(const char *sweep, cr_shard shard,
                                               cr_error *err)
{
    /* the plan keeps what it is given, so this stays */
    static char overrides[16][512];
    static const char *lists[16][1];
    static size_t next;
    size_t i = next++ % 16;
    snprintf(overrides[i], sizeof overrides[i], "sweep=%s", sweep);
    lists[i][0] = overrides[i];
    cr_text warnings = {0};
    cr_error own = CR_ERROR_INIT;
    const cr_recipe recipe = {
        .path = files_path("c.json"), .overrides = lists[i], .override_count = 1};
    cr_sweep_plan *plan =
        cr_sweep_plan_create(&recipe, shard, &warnings, err ? err : &own);
    cr_text_finish(&warnings);
    return plan;
}

static const cr_shard plan_files_whole = {0, 1};

#endif
