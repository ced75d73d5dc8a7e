/* An experiment: all sections of a config, its data, its network and its optimizer. */
#ifndef CHAINRULE_TRAIN_EXPERIMENT_H
#define CHAINRULE_TRAIN_EXPERIMENT_H

#include "data/data_section.h"
#include "train/model.h"
#include "train/optimizer.h"

#include <chainrule/train.h>

typedef struct cr_training_section {
    int64_t epochs, batch_size;
    bool shuffle;
    double max_seconds; /* 0: no limit */
    int threads;
} cr_training_section;

struct cr_experiment {
    cr_model model; /* its document is the experiment's config, resolved once loading is
                       done */
    cr_data data;
    int64_t seed;
    double l2;
    cr_optimizer optimizer;
    cr_training_section training;
    cr_text warnings;
};

/* As cr_experiment_load; with all_gradients every value of the graph has a gradient, even
 * the batch. */
CR_MUST_CHECK cr_experiment *cr_experiment_create(const char *path,
                                                  const char *const *overrides,
                                                  size_t count, bool all_gradients,
                                                  cr_error *err);

/* η of the optimizer. */
double cr_experiment_learning_rate(const cr_experiment *experiment);

/* The reference of all config keys, in Markdown, from the option tables. */
void cr_experiment_describe(cr_text *out);

#endif
