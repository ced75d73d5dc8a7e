/* Models as safetensors files: tensors, and in the metadata the config and the encoding.
 */
#ifndef CHAINRULE_RUNS_MODEL_FILE_H
#define CHAINRULE_RUNS_MODEL_FILE_H

#include "model/model.h"

/* Writes the model with the given parameters and buffers in place of its own (NULL: its
 * own). */
CR_MUST_CHECK bool cr_model_file_save(const cr_model *model, const cr_real *parameters,
                                      const cr_real *buffers, const char *path,
                                      cr_error *err);

#endif
