/* Optimizers: a type is one file under optimizers/ and one row in the table. One pass
 * over parameters and state a step. */
#ifndef CHAINRULE_TRAIN_OPTIMIZER_H
#define CHAINRULE_TRAIN_OPTIMIZER_H

#include "train/step.h"

/* The values [from, to) of a segment that a call of update does. */
typedef struct cr_update_range {
    const cr_segment *segment;
    size_t from, to;
    cr_real *w;       /* [segment->size] */
    const cr_real *g; /* [segment->size] its data gradient */
    cr_real *state;   /* [states, segment->size] */
} cr_update_range;

typedef struct cr_optimizer_type {
    const char *name, *summary;
    const cr_option *options;
    size_t option_count, options_size; /* the struct begins with `double learning_rate` */

    bool decoupled; /* weight_decay is no part of the gradient */

    /* Values kept from step to step, per parameter; zeros at first. NULL: none. */
    size_t (*states)(const void *options);

    /* Where gradients have to go for the gradient pass to be the whole step. False: there
     * is no such way with these options. NULL: there is none. */
    bool (*fuse)(const cr_step *step, cr_real *parameters, cr_gradient_sink *sink);

    /* The step on some values of a segment, each for itself. */
    void (*update)(const cr_step *step, const cr_update_range *range);
} cr_optimizer_type;

extern const cr_optimizer_type *const cr_optimizer_types[];
extern const size_t cr_optimizer_type_count;

extern const cr_optimizer_type cr_optimizer_sgd;
extern const cr_optimizer_type cr_optimizer_rmsprop;
extern const cr_optimizer_type cr_optimizer_adagrad;
extern const cr_optimizer_type cr_optimizer_adam;
extern const cr_optimizer_type cr_optimizer_adamw;

typedef struct cr_optimizer {
    const cr_optimizer_type *type;
    void *options; /* owned */
} cr_optimizer;

/* The number that the optimizer's table calls `key`, to be read or changed; NULL without
 * one. */
double *cr_optimizer_number(const cr_optimizer *optimizer, const char *key);

/* States per parameter. */
size_t cr_optimizer_states(const cr_optimizer *optimizer);

/* Part `share` of `shares` of the step on all trainable segments. gradients is laid out
 * as the network's parameters; state is as many such blocks as there are states. */
void cr_optimizer_update(const cr_optimizer *optimizer, const cr_step *step,
                         cr_network *network, const cr_real *gradients, cr_real *state,
                         size_t share, size_t shares);

/* ‖∂L/∂θ‖₂ over all trainable segments, the penalty's gradient included. */
double cr_optimizer_gradient_norm(const cr_penalty *penalty, const cr_network *network,
                                  const cr_real *gradients);

/* Rows of every optimizer's table. */
#define CR_OPTION_LEARNING_RATE(struct_type, text)                                       \
    {                                                                                    \
        .key = "learning_rate", .kind = CR_OPTION_NUMBER,                                \
        .offset = offsetof(struct_type, learning_rate), .fallback = text, .minimum = 0,  \
        .maximum = INFINITY, .above_minimum = true, .help = "step size, eta"             \
    }
#define CR_OPTION_WEIGHT_DECAY(struct_type, text, meaning)                               \
    {                                                                                    \
        .key = "weight_decay", .kind = CR_OPTION_NUMBER,                                 \
        .offset = offsetof(struct_type, weight_decay), .fallback = text, .minimum = 0,   \
        .maximum = INFINITY, .help = meaning ", of weights and not of biases"            \
    }
/* A number from 0 up to, but without, 1. */
#define CR_OPTION_SHARE(struct_type, name, text, meaning)                                \
    {                                                                                    \
        .key = #name, .kind = CR_OPTION_NUMBER, .offset = offsetof(struct_type, name),   \
        .fallback = text, .minimum = 0, .maximum = 1 - 1e-9, .help = meaning             \
    }
#define CR_OPTION_EPSILON(struct_type, text)                                             \
    {                                                                                    \
        .key = "epsilon", .kind = CR_OPTION_NUMBER,                                      \
        .offset = offsetof(struct_type, epsilon), .fallback = text, .minimum = 1e-16,    \
        .maximum = 1, .help = "added to the root in the denominator"                     \
    }

#endif
