/* What stands at a path, by its content: an argument in another's place is answered with
 * the command that takes it. */
#ifndef CHAINRULE_COMMANDS_KIND_H
#define CHAINRULE_COMMANDS_KIND_H

#include <chainrule/error.h>

typedef enum cr_kind {
    CR_KIND_UNKNOWN, /* or nothing is there */
    CR_KIND_CONFIG,  /* JSON, at least */
    CR_KIND_TABLE,
    CR_KIND_DATA, /* another file that a source of data recognizes */
    CR_KIND_PICTURE,
    CR_KIND_MODEL,
    CR_KIND_ONNX,
    CR_KIND_FOLDER, /* of pictures, with a folder a class */
    CR_KIND_RUN,    /* the directory of one */
    CR_KIND_SWEEP,  /* the directory of one */
    CR_KINDS
} cr_kind;

cr_kind cr_kind_of(const char *path);

/* False, with an error that says what stands there and what takes it, where a config, a
 * model, the directory of a run or a table was expected and it is surely something else.
 * What is wrong with one of the expected kind, or with nothing, is for its reader to
 * say. */
CR_MUST_CHECK bool cr_kind_check_config(const char *path, cr_error *err);
CR_MUST_CHECK bool cr_kind_check_model(const char *path, cr_error *err);
CR_MUST_CHECK bool cr_kind_check_run(const char *path, cr_error *err);
CR_MUST_CHECK bool cr_kind_check_data(const char *path, cr_error *err);

#endif
