/* Where a command writes its result: never over what it was made from, and never over a
 * run's own files. */
#ifndef CHAINRULE_COMMANDS_OUTPUT_H
#define CHAINRULE_COMMANDS_OUTPUT_H

#include "base/file.h"
#include "commands/command.h"

/* A file that is read, and what it is to the user: "the table to predict". */
typedef struct cr_protected {
    const char *path; /* NULL: there is none */
    const char *what;
} cr_protected;

/* Whether the value of -o may be written: it is none of the inputs[0..count), no file that
 * the config (resolved; NULL: none) names, no directory, and not one of the files that a
 * run's or a sweep's directory consists of. Without err->count, it may. path NULL:
 * standard output, which the shell has opened, and emptied, before the program began; so
 * that is looked at too. */
CR_MUST_CHECK bool cr_output_check(const char *path, const cr_protected *inputs,
                                   size_t count, const cr_json *config, cr_error *err);

/* Whether the value of -o may be written: it is no file that the config, as it was read
 * from `directory`, names. */
CR_MUST_CHECK bool cr_output_check_data(const char *path, const char *directory,
                                        const cr_json *config, cr_error *err);

/* cr_file_begin for the value of -o (NULL: standard output), and its end: commit where all
 * went well, else cancel. A signal that ends the process in between leaves no half file. */
CR_MUST_CHECK bool cr_output_begin(const cr_context *context, cr_file_writer *writer,
                                   const char *path, cr_error *err);
CR_MUST_CHECK bool cr_output_end(const cr_context *context, cr_file_writer *writer,
                                 bool good, cr_error *err);

#endif
