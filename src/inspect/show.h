/* Sections of a sheet (image/sheet.h): what a network is fed, what its first layer has
 * learned, what it gets most wrong. Their examples are images; without them they fail with
 * CR_E_USAGE. */
#ifndef CHAINRULE_INSPECT_SHOW_H
#define CHAINRULE_INSPECT_SHOW_H

#include "image/sheet.h"
#include "train/experiment.h"

/* The first `most` examples of the first batch of the first epoch, augmented as training
 * does, each with its class. */
CR_MUST_CHECK bool cr_show_inputs(cr_sheet *sheet, const cr_experiment *experiment,
                                  size_t most, cr_error *err);

/* The first `most` filters of the first layer whose weights are images: those of a
 * convolution, or of the units of a linear layer that takes all pixels. */
CR_MUST_CHECK bool cr_show_filters(cr_sheet *sheet, const cr_model *model, size_t most,
                                   cr_error *err);

/* The `most` examples of the part (for people: `name`) that the model gets most wrong, the
 * worst first. *wrong: how many it gets wrong; of a regression all. */
CR_MUST_CHECK bool cr_show_mistakes(cr_sheet *sheet, cr_model *model, const cr_part *part,
                                    const char *name, size_t most, size_t *wrong,
                                    cr_error *err);

#endif
