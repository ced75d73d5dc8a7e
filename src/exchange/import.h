/* ONNX files as models: read, checked, and written as the directory of a run. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_H
#define CHAINRULE_EXCHANGE_IMPORT_H

#include "exchange/import_read.h"
#include "runs/run.h"

/* The file's network as a model with its parameters, in an experiment: with the data that the
 * overrides name, for which the network has to be made, or without any. NULL with err, and
 * CR_E_USAGE for options that do not fit. The caller destroys it. */
CR_MUST_CHECK cr_experiment *
cr_import_experiment(const char *path, const cr_import_options *options, cr_error *err);

/* Writes it as a run: into the directory `out`, or runs/<name of the file>. The result has
 * its figures over the parts of the data. `run` is the caller's to finish, also after a
 * failure, which leaves no directory. */
CR_MUST_CHECK bool cr_import_save(cr_experiment *experiment, const char *path,
                                  const char *out, cr_run *run, cr_result *result,
                                  cr_error *err);

#endif
