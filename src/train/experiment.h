/* An experiment: all sections of a config, its data, its network and its optimizer. */
#ifndef CHAINRULE_TRAIN_EXPERIMENT_H
#define CHAINRULE_TRAIN_EXPERIMENT_H

#include "data/data.h"
#include "image/augment.h"
#include "measure/monitor.h"
#include "train/optimizer.h"
#include "train/schedule.h"

#include <chainrule/train.h>

typedef struct cr_training_section {
    int64_t epochs, batch_size;
    bool shuffle;
    double max_seconds;        /* 0: no limit */
    double checkpoint_seconds; /* 0: only at the end */
    int threads;
    int64_t shards; /* parts of the rows whose gradients are added up; 1: all at once */
} cr_training_section;

/* Of gradients; 0: none. */
typedef struct cr_clipping {
    double norm;  /* the most that the norm of all of them together may be */
    double value; /* the most that each of them may be */
} cr_clipping;

/* When to stop before the last epoch, and what the best model is. */
typedef struct cr_stopping {
    cr_monitor monitor; /* validation_loss unless the config says otherwise */
    bool enabled;
    size_t patience; /* epochs without an improvement that are borne */
    double min_delta;
    bool from_best, restore_best;
} cr_stopping;

struct cr_experiment {
    cr_model model; /* its document is the experiment's config, resolved once loading is
                       done */
    cr_data *data;  /* its own, or shared with other experiments, which only read it */
    cr_data own_data;
    int64_t seed;
    cr_augment augment;       /* of the batches that are trained on */
    cr_penalty penalty;       /* of a whole batch */
    bool penalty_per_example; /* it follows from the next: */
    cr_penalty penalty_sum;   /* to be divided by the examples of a batch, or the sum of
                                 their weights */
    cr_clipping clipping;
    cr_optimizer optimizer;
    cr_schedule schedule;
    cr_stopping stopping;
    cr_training_section training;
    cr_log log;
    cr_text warnings;
    cr_text no_effect; /* paths of config values that the result does not depend on, each
                          ended with a newline */
    bool has_sweep;    /* the config has such a section, which is left alone here */
    uint32_t weights_crc32; /* of the file model.weights; 0 without one */
};

/* What a config is loaded for; bits. */
typedef enum cr_load_for {
    CR_LOAD_TO_TRAIN = 0,
    CR_LOAD_ALL_GRADIENTS =
        1,                /* every value of the graph has a gradient, even the batch */
    CR_LOAD_GRAPHS = 2,   /* it may be a graph alone, without data and loss: then there is
                             no training part, and the loss has no type */
    CR_LOAD_TO_CHECK = 4, /* parameters stay zeros */
    CR_LOAD_DATA_AS_READ = 8, /* the document's data section is resolved, so that it is
                                 not read again; with the recipe's data */
    CR_LOAD_SOME_ROWS = 16,   /* the recipe's data has but some of the rows it counts: all
                                 are asked nothing, and weights are not loaded */
    CR_LOAD_SPILLED = 32,     /* tables lie in files, as they will not be kept */
} cr_load_for;

/* A file's bytes, in the place of the file. */
typedef struct cr_given_file {
    char *name, *bytes;
    size_t length;
} cr_given_file;

/* What an experiment is made of. */
typedef struct cr_recipe {
    const char *path; /* the config, for messages too */
    const char *text; /* its text where that is known already; NULL: read path */
    const cr_document *document; /* it with some overrides, where it was parsed before,
                                    which is copied; NULL: parse it */
    const char *const
        *overrides; /* [override_count] "key.path=value", applied in order */
    size_t override_count;
    unsigned load_for;
    const cr_arrays *arrays; /* [CR_PARTS] parts of the data that are in memory, in place
                                of what the config says; NULL: there are none */
    cr_data *data; /* the config's data, loaded before; it outlives the experiment. NULL:
                      load it */
    const char *elsewhere;      /* as in cr_reader: with data and files; NULL: here */
    const cr_given_file *files; /* [file_count] for model.weights; others are read */
    size_t file_count;
    cr_kept_draws *draws; /* for the first weights; NULL: none are kept */
} cr_recipe;

/* Reads or parses the config, without the overrides. */
CR_MUST_CHECK bool cr_experiment_read_document(cr_document *document,
                                               const cr_recipe *recipe, cr_error *err);

/* NULL with all errors of the config in err, one a line. */
CR_MUST_CHECK cr_experiment *cr_experiment_create(const cr_recipe *recipe, cr_error *err);

/* The penalty of the network's parameters as they are now. */
double cr_experiment_penalty(const cr_experiment *experiment);

/* η of the optimizer; a schedule varies it. */
double cr_experiment_learning_rate(const cr_experiment *experiment);

/* The reference of all config keys, in Markdown, from the option tables. */
void cr_experiment_sections_describe(cr_text *out);

#endif
