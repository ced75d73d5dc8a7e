/* A network with what is needed to use it: encoding in front, loss behind, and the config
 * it came from. */
#ifndef CHAINRULE_MODEL_MODEL_H
#define CHAINRULE_MODEL_MODEL_H

#include "data/part.h"
#include "graph/network.h"
#include "model/loss.h"

#include <chainrule/model.h>

struct cr_model {
    cr_document document; /* the resolved config */
    cr_model_section section;
    cr_loss loss;
    cr_network *network;
    const cr_encoding *encoding;
    cr_encoding own_encoding; /* of a model that was loaded from a file */
    cr_workspace *workspace;  /* of cr_model_predict; NULL before its first call */
};

/* Sections of a config that a model has; errors go to the reader. */
void cr_loss_read(cr_reader *reader, cr_json *root, cr_loss *loss);

/* The weights of the classes, where the config has some: what "balanced" comes to is
 * counted in `train` (NULL: of a trained model, whose config has numbers) and written
 * into the tree. False with errors in the reader. */
CR_MUST_CHECK bool cr_loss_weigh(cr_reader *reader, cr_json *root,
                                 const cr_encoding *encoding, const cr_part *train,
                                 cr_loss *loss);

/* All losses, for the reference. */
void cr_loss_describe(cr_text *out);

/* What the loss takes. */
cr_target_kind cr_loss_targets(const cr_loss_type *loss);

/* Whether targets of this encoding are what the loss takes. */
bool cr_loss_fits(const cr_loss_type *loss, const cr_encoding *encoding);

/* Outputs that a network needs for this loss and encoding. */
size_t cr_model_targets(const cr_loss *loss, const cr_encoding *encoding);

/* What the network says, as it is, of examples that are normalised already: y [rows,
 * outputs]. */
CR_MUST_CHECK bool cr_model_scores(cr_model *model, const cr_real *x, size_t rows,
                                   cr_real *y, cr_error *err);

/* Row numbers of the highest of each row's scores; ties go to the lowest. */
size_t cr_highest(size_t count, const cr_real *scores);

void cr_model_finish(cr_model *model);

#endif
