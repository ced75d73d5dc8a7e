/* The table of losses: a new loss is one file and one row here. */
#include "train/loss.h"

const cr_loss_type *const cr_loss_types[] = {&cr_loss_softmax,  &cr_loss_svm,
                                             &cr_loss_logistic, &cr_loss_l2,
                                             &cr_loss_l1,       &cr_loss_huber};

const size_t cr_loss_type_count = sizeof cr_loss_types / sizeof cr_loss_types[0];
