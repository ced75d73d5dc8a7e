/* Sections of a sheet (image/sheet.h): what a network is fed, what its first layer has
 * learned, what it gets most wrong. Their examples are images; without them they fail with
 * CR_E_USAGE. */
#ifndef CHAINRULE_INSPECT_SHOW_H
#define CHAINRULE_INSPECT_SHOW_H

#include "base/text.h"
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

/* The mistakes that a section shows. */
typedef struct cr_show_list {
    cr_text summary; /* for people: how many there are, and which are shown */
    size_t section;  /* of the sheet: tile i is row rows[i], its first line what the model
                        says and its second what is right */
    uint32_t *rows;  /* [count] of the dataset; owned */
    size_t count;
} cr_show_list;

/* The `most` examples of the part (for people: `of`, such as "the test part") that the
 * model gets most wrong, the worst first; of a regression all are wrong. The list is the
 * caller's to finish, also after a failure. */
CR_MUST_CHECK bool cr_show_mistakes(cr_sheet *sheet, cr_model *model, const cr_part *part,
                                    const char *of, size_t most, cr_show_list *list,
                                    cr_error *err);
void cr_show_mistakes_finish(cr_show_list *list);

#endif
