/* The table of checks: a new one is one function and one row here. */
#include "base/memory.h"
#include "inspect/doctor.h"

const cr_doctor_check cr_doctor_checks[] = {
    {"columns", cr_doctor_data_columns},
    {"inputs", cr_doctor_data_inputs},
    {"targets", cr_doctor_data_targets},
    {"duplicates", cr_doctor_data_duplicates},
    {"initial loss", cr_doctor_network_loss},
    {"regularization", cr_doctor_network_regularization},
    {"activations", cr_doctor_network_activations},
    {"gradients", cr_doctor_network_gradients},
    {"overfitting", cr_doctor_training_overfit},
    {"learning rate", cr_doctor_rate_check},
};

const size_t cr_doctor_check_count = CR_COUNT(cr_doctor_checks);
