/* The table of methods: a new one is a row here, and a file here if its schedule is new. */
#include "sweep/schedules/sweep_method.h"

const char *const cr_sweep_method_names[] = {"grid", "random", "halving",
                                             "asha", "tpe",    NULL};

const cr_sweep_method cr_sweep_methods[] = {
    {"grid", "a grid", false, &cr_sweep_schedule_once},
    {"random", "random search", true, &cr_sweep_schedule_once},
    {"halving", "successive halving", true, &cr_sweep_schedule_halving},
    {"asha", "asynchronous halving", true, &cr_sweep_schedule_asha},
    {"tpe", "a search by Parzen estimators", true, &cr_sweep_schedule_tpe},
};
