/* The sections of a config, each with the table of its keys. */
#ifndef CHAINRULE_TRAIN_EXPERIMENT_SECTIONS_H
#define CHAINRULE_TRAIN_EXPERIMENT_SECTIONS_H

#include "train/experiment.h"

/* Reads all of them into the experiment, `data` into *data_section. Nothing is loaded.
 * load_for: bits of cr_load_for. Errors go to the reader. */
void cr_experiment_sections_read(cr_experiment *experiment, cr_reader *reader,
                                 cr_data_section *data_section, unsigned load_for);

#endif
