/* A network with what is needed to use it: encoding in front, loss behind, and the config
 * it came from. */
#ifndef CHAINRULE_MODEL_MODEL_H
#define CHAINRULE_MODEL_MODEL_H

#include "config/document.h"
#include "graph/network.h"
#include "graph/workspace.h"
#include "model/loss.h"

#include <chainrule/model.h>

enum { CR_MODEL_BATCH = 64 }; /* rows that pass through the network at once */

struct cr_model {
    cr_document document; /* the resolved config */
    cr_model_section section;
    cr_loss loss;
    cr_network *network;
    const cr_encoding *encoding;
    cr_encoding own_encoding; /* of a model that was loaded from a file */
    cr_workspace *workspace;  /* for CR_MODEL_BATCH rows; NULL before cr_model_prepare */
    int threads;              /* for many rows; 0: one */
};

/* Outputs that a network needs for this loss and encoding. */
size_t cr_model_targets(const cr_loss *loss, const cr_encoding *encoding);

/* From the document and the encoding: the config's sections that a model has, and the
 * network, planned. `where` names the file in messages. */
CR_MUST_CHECK bool cr_model_build(cr_model *model, const char *where, cr_error *err);

/* A workspace for CR_MODEL_BATCH rows, whose scores alone are looked at. NULL with err. */
CR_MUST_CHECK cr_workspace *cr_model_workspace(const cr_model *model, cr_error *err);

/* Makes the model's own, if it is not there. Fails when out of memory. */
CR_MUST_CHECK bool cr_model_prepare(cr_model *model, cr_error *err);

/* What the network says, as it is, of examples that are normalised already: x [rows,
 * cr_model_inputs], y [rows, cr_model_outputs]. Fails only when out of memory. */
CR_MUST_CHECK bool cr_model_scores(cr_model *model, const cr_real *x, size_t rows,
                                   cr_real *y, cr_error *err);

void cr_model_finish(cr_model *model); /* takes zeros */

#endif
