/* The table of commands: a new one is one file and one row here, in the order of the
 * help. */
#include "commands/command.h"

const cr_command *const cr_commands[] = {
    &cr_command_train,  &cr_command_resume,    &cr_command_eval,     &cr_command_predict,
    &cr_command_export, &cr_command_import,    &cr_command_describe, &cr_command_check,
    &cr_command_doctor, &cr_command_gradcheck, &cr_command_trace,    &cr_command_show,
    &cr_command_sweep,  &cr_command_runs,      &cr_command_watch,    &cr_command_report,
    &cr_command_bench,
};

const size_t cr_command_count = CR_COUNT(cr_commands);
