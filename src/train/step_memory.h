/* The memory of a training step, counted before any of it is taken. */
#ifndef CHAINRULE_TRAIN_STEP_MEMORY_H
#define CHAINRULE_TRAIN_STEP_MEMORY_H

#include "train/experiment.h"

enum { CR_STEP_MEMORY_PARTS = 8 };

typedef struct cr_step_memory {
    size_t batch, threads; /* examples, and the threads that they are split among */
    double bytes;          /* in all */
    struct {
        const char *name;
        double bytes;
    } parts[CR_STEP_MEMORY_PARTS];
} cr_step_memory;

/* What a training step works in; of a graph alone, what its passes do. */
CR_MUST_CHECK bool cr_step_memory_count(cr_step_memory *memory, const cr_experiment *e,
                                        cr_error *err);

/* What makes it smaller: "a training step over 64 pictures works in 6.9 GiB: …". Returns
 * out. */
enum { CR_STEP_MEMORY_CURE = 320 };
const char *cr_step_memory_cure(const cr_step_memory *memory, const cr_experiment *e,
                                char out[CR_STEP_MEMORY_CURE]);

/* Adds a warning, a line, where there is less than a training step takes. */
void cr_step_memory_warn(const cr_step_memory *memory, const cr_experiment *e,
                         cr_text *lines);

#endif
