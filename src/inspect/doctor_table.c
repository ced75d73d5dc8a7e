/* The table of checks: a new one is one function and one row here. */
#include "base/memory.h"
#include "inspect/doctor.h"

const cr_doctor_check cr_doctor_checks[] = {
    {"columns", cr_doctor_data_columns, cr_doctor_data_has_columns},
    {"pictures", cr_doctor_pictures_check, cr_doctor_pictures_apply},
    {"inputs", cr_doctor_data_inputs, NULL},
    {"targets", cr_doctor_data_targets, NULL},
    {"duplicates", cr_doctor_data_duplicates, NULL},
    {"initial loss", cr_doctor_network_loss, NULL},
    {"regularization", cr_doctor_network_regularization, NULL},
    {"activations", cr_doctor_network_activations, NULL},
    {"gradients", cr_doctor_network_gradients, NULL},
    {"overfitting", cr_doctor_training_overfit, NULL},
    {"learning rate", cr_doctor_rate_check, NULL},
};

const size_t cr_doctor_check_count = CR_COUNT(cr_doctor_checks);
