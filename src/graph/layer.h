/*
 * Layers: a type is one constant in one file under layers/, and one row in the table
 * (layer_table.c).
 *
 * A layer knows its inputs and its output and nothing of the graph around it. It is
 * planned once (shapes, parameters, what it keeps), which is all that can fail; after
 * that its functions return void, allocate nothing, and write nothing but what they are
 * handed.
 */
#ifndef CHAINRULE_GRAPH_LAYER_H
#define CHAINRULE_GRAPH_LAYER_H

#include "base/kept_draws.h"
#include "config/options.h"
#include "graph/pass.h"
#include "math/product.h"
#include "math/shape.h"

#include <chainrule/real.h>

/* One tensor of a layer in the network's block of parameters or of buffers. */
typedef struct cr_segment {
    const char *name; /* "weight", "bias", … */
    cr_shape shape;   /* row-major */
    bool regularized; /* a weight: regularization and weight decay apply */
    bool trainable;   /* false for all of a layer with "trainable": false */
    size_t offset;    /* of its first value in the block; a multiple of 16 */
    size_t size;      /* values */
    char *full_name;  /* "linear1.weight"; owned by the network */
} cr_segment;

enum { CR_LAYER_SEGMENTS = 4 };

/* What `plan` is given and what it fills in. */
typedef struct cr_layer_plan {
    const void *options; /* the type's option struct */
    size_t input_count;
    const cr_shape *inputs; /* [input_count] */
    /* filled in by plan: */
    cr_shape output;
    cr_segment parameters[CR_LAYER_SEGMENTS], buffers[CR_LAYER_SEGMENTS];
    size_t parameter_count, buffer_count;
    size_t kept; /* values per example that forward leaves for backward */
    size_t
        scratch;  /* values a share: its own memory, reused over its rows. What a share's
                       forward leaves there its backward, gradient and commit find */
    double flops; /* of forward, per example; backward costs as much per gradient */
} cr_layer_plan;

/* What a layer's functions work on. Arrays are [batch rows, size of one example], unless
 * said otherwise. */
typedef struct cr_layer_io {
    const void *options;
    size_t input_count;
    const cr_shape *input_shapes; /* [input_count] of one example */
    const size_t *input_size;     /* [input_count] values per example */
    size_t output_size;
    const cr_real *const *x;  /* [input_count] inputs */
    cr_real *y;               /* output */
    const cr_real *const *dy; /* [1], for a copy [its consumers]: upstream gradients */
    cr_real *const
        *dx; /* [input_count] gradients of the inputs; NULL where nobody needs one */
    const cr_segment *parameters; /* the layer's segments */
    const cr_real *weights; /* the network's block of parameters, which segments' offsets
                               count from */
    const cr_segment *buffer_segments;
    const cr_real *buffers; /* the network's block of buffers, for buffer_segments */
    cr_real *kept;          /* [batch rows, kept] */
    cr_real *scratch;       /* [shares, scratch_stride]; cr_layer_scratch is a share's */
    size_t scratch_stride;
    cr_kept_draws *draws;       /* for `init`; NULL: none are kept */
    uint32_t stream;            /* of the layer's random draws: a hash of its name */
    bool trained;               /* `gradient` will be called after backward */
    cr_product_kernels kernels; /* for matrix products */
    /* Set by cr_workspace_join; of a layer that can join: */
    bool rectify;        /* forward ends in max(0, y) */
    bool where_positive; /* backward: dx[0] is 0 where x[0] is not positive */
    /* of one that rectifies: */
    bool forward_done, backward_done; /* by its neighbours */
} cr_layer_io;

/* Where a parameter gradient g goes: block[offset…] ← alpha · g + beta · block[offset…].
 * The block is one of gradients (alpha 1, beta 0) or the parameters themselves (a fused
 * step of gradient descent: alpha −η, beta 1 or, for regularised segments, 1 − 2ηλ). beta
 * = 0 overwrites whatever was there. */
typedef struct cr_gradient_sink {
    cr_real *block;
    double alpha, beta, beta_regularized;
} cr_gradient_sink;

#define CR_ANY_NUMBER SIZE_MAX

/* What `products` is asked for. */
typedef struct cr_product_needs {
    size_t rows;
    bool dx, dw; /* the gradients of the inputs, and of the parameters */
} cr_product_needs;

enum { CR_LAYER_PRODUCTS = 3 };

struct cr_layer_c;
struct cr_csource;
struct cr_layer_onnx;

typedef struct cr_layer_type {
    const char *name;    /* the config's "type" */
    const char *summary; /* one line */
    const char *symbol;  /* in a drawing, HTML; NULL: the name */
    const cr_option *options;
    size_t option_count, options_size;
    size_t min_inputs, max_inputs; /* max_inputs may be CR_ANY_NUMBER */
    bool activation; /* element by element, between other layers: losses on scores do not
                        want it before them */
    bool constant;   /* "trainable" is false unless the config says otherwise */
    bool affine;   /* linear in its one input, but for a bias: two of them in a row can do
                        no more than one */
    bool reshapes; /* y is x in another shape: in a workspace both are the same
                                memory, and dx and dy */
    bool rectifies; /* y is max(0, x), which a neighbour that can join does on its way */
    bool joins;     /* can do so: see io->rectify and io->where_positive */
    const char *health_name; /* what `health` measures, for a column's name */
    bool rows_depend; /* in training a row's output depends on other rows: the shares of a
                         pass meet in it (cr_pass_meet) */

    /* Checks that options and input shapes fit and says what the layer needs. Errors are
     * plain sentences; the network adds the place. */
    bool (*plan)(cr_layer_plan *plan, cr_error *err);

    /* Reads options that are more than one value (CR_OPTION_VALUE) after the table was
     * read; may be NULL. `path` is the layer's. */
    void (*read)(cr_reader *reader, const char *path, void *options);

    /* Fills the parameters in `weights` with their first values; they are zeros before.
     * NULL: zeros it is. */
    void (*init)(const cr_layer_io *io, cr_real *weights, uint64_t seed);

    /* Fills the buffers with their first values; they are zeros before. NULL: zeros it is. */
    void (*init_buffers)(const cr_layer_io *io, cr_real *buffers);

    /* y from x. Overwrites y and kept. */
    void (*forward)(const cr_pass *pass, const cr_layer_io *io);

    /* dx from dy and what forward saw. Overwrites every dx that is not NULL. */
    void (*backward)(const cr_pass *pass, const cr_layer_io *io);

    /* The gradient of the parameters over the whole batch (all of batch_rows), into the
     * sink. Called when every row's backward is done. NULL for a layer without
     * parameters. */
    void (*gradient)(const cr_pass *pass, const cr_layer_io *io,
                     const cr_gradient_sink *sink);

    /* From outputs y [rows, size] of a batch, a share that tells whether the layer works:
     * see health_name. NULL: there is none. */
    double (*health)(size_t rows, size_t size, const cr_real *y);

    /* Folds what a pass left in `kept` and `scratch` into the buffers, after a step. It is
     * told the last share, which always has rows. NULL: there is nothing. */
    void (*commit)(const cr_pass *pass, const cr_layer_io *io, cr_real *buffers);

    /* Writes the layer as C, for an example outside of training (graph/layer_c.h). False
     * with a plain sentence for options that it cannot write. NULL: it has no export, but
     * for what `passes`, `reshapes` and channel_affine say. */
    bool (*c_source)(const cr_layer_io *io, const struct cr_layer_c *c,
                     struct cr_csource *out, cr_error *err);
    bool in_place; /* what c_source writes may put y where x[0] is, of the same size */
    bool passes;   /* outside of training y is x */

    /* For a layer whose parameters are weights, each of which is of one channel of the
     * output, and a bias for each channel: the channel of weight i. Then c_source writes
     * c->weights. NULL: it is no such layer. */
    size_t (*channel_of)(const cr_layer_io *io, size_t i);
    bool flat;     /* weights are [inputs, outputs] */
    bool in_bytes; /* c_source can write weights that are bytes */

    /* For a layer whose y is (x - mean) * scale + bias outside of training, channel by
     * channel: these, [channels]. NULL: it is no such layer. */
    void (*channel_affine)(const cr_layer_io *io, double *mean, double *scale,
                           double *bias);

    /* Writes what forward does outside of training as nodes of ONNX, and returns the value
     * that is the output (graph/layer_onnx.h). NULL: it cannot be exported. */
    const char *(*onnx)(const struct cr_layer_onnx *layer);

    /* The matrix products of a training step over `rows` examples, which are the most that
     * BLAS could save of it: forward's, the input gradients' where needed, and the
     * parameter gradients' where needed. Returns their number. NULL: there are none. */
    size_t (*products)(const cr_layer_plan *plan, const cr_product_needs *needs,
                       cr_product products[CR_LAYER_PRODUCTS]);

    /* For a function with kinks: a hash, continued from `hash`, of the side of its kink
     * that every value is on, so that the gradient check sees a difference quotient step
     * over one. NULL for smooth functions. */
    uint64_t (*branches)(const cr_pass *pass, const cr_layer_io *io, uint64_t hash);
} cr_layer_type;

/* The table. */
extern const cr_layer_type *const cr_layer_types[];
extern const size_t cr_layer_type_count;

/* Not in the table: inserted where a value has several consumers. */
extern const cr_layer_type cr_layer_copy;

#ifndef CR_EITHER_PRECISION
/* Pointers to segment i of the layer. */
static inline const cr_real *cr_layer_parameter(const cr_layer_io *io, size_t i)
{
    return io->weights + io->parameters[i].offset;
}

/* A share's scratch memory: [plan.scratch]. What a share with rows (cr_pass_rows_of) left
 * there others may read after cr_pass_meet, or when all rows are done: `gradient`,
 * `commit`. */
static inline cr_real *cr_layer_share_scratch(const cr_layer_io *io, size_t share)
{
    return io->scratch + share * io->scratch_stride;
}

/* The pass's own share of the scratch memory. */
static inline cr_real *cr_layer_scratch(const cr_pass *pass, const cr_layer_io *io)
{
    return cr_layer_share_scratch(io, pass->share);
}
#endif

/* The β of segment i in a sink. */
static inline double cr_sink_beta(const cr_gradient_sink *sink, const cr_segment *segment)
{
    return segment->regularized ? sink->beta_regularized : sink->beta;
}

/* Adds a segment to the plan. */
void cr_layer_plan_parameter(cr_layer_plan *plan, const char *name, cr_shape shape,
                             bool regularized);

/* Adds a buffer to the plan: a tensor that is saved and not trained. */
void cr_layer_plan_buffer(cr_layer_plan *plan, const char *name, cr_shape shape);

/* For a `gradient` whose shares' backward have each left a sum over their rows, of all
 * values of parameter i, at `at` of their scratch memory: adds them in the order of the
 * shares, and puts the pass's part of the values into the sink. */
void cr_layer_gradient_of_shares(const cr_pass *pass, const cr_layer_io *io,
                                 const cr_gradient_sink *sink, size_t i, size_t at);

/* One bit more for a hash of branches. */
static inline uint64_t cr_branch_hash(uint64_t hash, bool side)
{
    return (hash ^ (side ? 0x9E3779B97F4A7C15u : 0x2545F4914F6CDD1Du)) * 1099511628211u;
}

#endif
