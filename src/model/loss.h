/*
 * Losses: a type is one file under losses/ and one row in the table. A loss ends the
 * graph: scores and targets in, one number out, L = (1/N) Σ L_i over the examples of the
 * batch.
 */
#ifndef CHAINRULE_MODEL_LOSS_H
#define CHAINRULE_MODEL_LOSS_H

#include "data/batch.h"
#include "data/part.h"
#include "graph/layer.h"
#include "onnx/onnx_writer.h"

typedef struct cr_loss_io {
    const void *options;
    size_t outputs;         /* scores per example */
    const cr_real *scores;  /* [batch rows, outputs] */
    cr_targets targets;     /* labels [batch rows], or values [batch rows, outputs] */
    const cr_real *weights; /* [classes] of the examples by their labels; NULL: all 1 */
    double
        mean_weight;  /* of the examples of the whole step, where targets has weights; 0:
                           backward's pass is over all of them */
    cr_real *kept;    /* [batch rows, outputs] what forward leaves for backward */
    cr_real *dscores; /* [batch rows, outputs] gradient of L */
} cr_loss_io;

typedef struct cr_loss_type {
    const char *name, *summary;
    const cr_option *options;
    size_t option_count, options_size;
    bool classify; /* targets are classes; else numbers */
    bool binary;   /* with classify: one score that says yes or no. Of two classes there
                      is that of the second (labels in targets); of several columns of 0
                      and 1 there is one of each (values in targets) */

    bool logarithmic; /* targets are numbers from 0 on, and scores logarithms of what is
                         predicted, which forward leaves in kept */

    /* Σ L_i over the pass's rows (not divided), in double. Overwrites kept. */
    double (*forward)(const cr_pass *pass, const cr_loss_io *io);

    /* dscores from what forward saw, divided by batch_rows. Overwrites. */
    void (*backward)(const cr_pass *pass, const cr_loss_io *io);

    /* As cr_layer_type.branches. */
    uint64_t (*branches)(const cr_pass *pass, const cr_loss_io *io, uint64_t hash);

    /* A figure of the rows that tells how it goes, and its name; NULL: there is none. */
    const char *health_name;
    double (*health)(const cr_pass *pass, const cr_loss_io *io);

    const char *chance; /* the loss of equal scores, as a formula; NULL: there is none */

    /* What predictions show: the heading of a class's column, and scores turned into it
     * in place (NULL: as they are). */
    const char *output_name;
    void (*present)(size_t rows, size_t outputs, cr_real *scores);

    /* `present` as an operator of ONNX, of a value [n, outputs]; NULL where it is. */
    cr_onnx_node (*onnx)(const char *scores);

    /* Writes the same as C, for scores in `y` (graph/layer_c.h). NULL: as they are. */
    void (*c_source)(size_t outputs, struct cr_csource *out);
} cr_loss_type;

extern const cr_loss_type *const cr_loss_types[];
extern const size_t cr_loss_type_count;

extern const cr_loss_type cr_loss_softmax;
extern const cr_loss_type cr_loss_svm;
extern const cr_loss_type cr_loss_logistic;
extern const cr_loss_type cr_loss_l2;
extern const cr_loss_type cr_loss_l1;
extern const cr_loss_type cr_loss_huber;
extern const cr_loss_type cr_loss_poisson;

/* The row of an option table for the field `label_smoothing`. */
#define CR_OPTION_LABEL_SMOOTHING(struct_type, meaning)                                  \
    {                                                                                    \
        .key = "label_smoothing", .kind = CR_OPTION_NUMBER,                              \
        .offset = offsetof(struct_type, label_smoothing), .fallback = "0", .minimum = 0, \
        .maximum = 0.999, .help = meaning                                                \
    }

typedef struct cr_loss {
    const cr_loss_type *type;
    void *options;                /* owned */
    const cr_json *class_weights; /* as in the config, or NULL */
    cr_real *weights;             /* [classes] what they come to, or NULL; owned */
} cr_loss;

/* The type's functions with the weights c of the classes and v of the examples,
 * L = Σ c_i v_i L_i / Σ v_i: forward returns Σ c_i v_i L_i over the pass's rows, backward
 * overwrites their dscores (with 0, where the v_i are). */
double cr_loss_forward(const cr_loss_type *type, const cr_pass *pass,
                       const cr_loss_io *io);
void cr_loss_backward(const cr_loss_type *type, const cr_pass *pass,
                      const cr_loss_io *io);

/* Σ v_i over the pass's rows, by which forward's sum is to be divided. */
double cr_loss_weight(const cr_pass *pass, const cr_loss_io *io);

/* What a loss of numbers compares with targets, after forward: [batch rows, outputs]. */
static inline const cr_real *cr_loss_values(const cr_loss_type *type,
                                            const cr_loss_io *io)
{
    return type->logarithmic ? io->kept : io->scores;
}

/* Sections of a config that a model has; errors go to the reader. */
void cr_loss_read(cr_reader *reader, cr_json *root, cr_loss *loss);

/* The weights of the classes, where the config has some: what "balanced" comes to is
 * counted in `train` (NULL: of a trained model, whose config has numbers) and written
 * into the tree. False with errors in the reader. */
CR_MUST_CHECK bool cr_loss_weigh(cr_reader *reader, cr_json *root,
                                 const cr_encoding *encoding, const cr_part *train,
                                 cr_loss *loss);

/* All losses, for the reference. */
void cr_loss_describe(cr_text *out);

/* What the loss takes. */
cr_target_kind cr_loss_targets(const cr_loss_type *loss);

/* Whether targets of this encoding are what the loss takes. */
bool cr_loss_fits(const cr_loss_type *loss, const cr_encoding *encoding);

/* Whether the loss is defined for all targets of a part, which messages call `name`; else
 * CR_E_DATA. */
CR_MUST_CHECK bool cr_loss_check_targets(const cr_loss_type *loss, const cr_part *part,
                                         const char *name, cr_error *err);

#endif
