/* First values of weights: a table of initialisers, and the config's "init" (a name or an
 * object with options). */
#ifndef CHAINRULE_GRAPH_INITIALIZER_H
#define CHAINRULE_GRAPH_INITIALIZER_H

#include "base/kept_draws.h"
#include "config/options.h"

#include <chainrule/real.h>

typedef struct cr_initializer_type cr_initializer_type;

typedef struct cr_initializer {
    const cr_initializer_type *type;
    double std;   /* of `normal` */
    double limit; /* of `uniform` */
    double gain;  /* of `orthogonal` */
} cr_initializer;

/* Reads the value at `path`: "he", or {"type": "normal", "std": 0.01}. */
void cr_initializer_read(cr_reader *reader, const char *path, const cr_json *value,
                         cr_initializer *initializer);

/* A tensor of weights as a matrix, and how many values go into one of an output, and out of
 * one of an input: what the variance of the first values follows from. */
typedef struct cr_initializer_matrix {
    size_t rows, columns;
    size_t fan_in, fan_out;
} cr_initializer_matrix;

/* Where draws come from. */
typedef struct cr_initializer_draws {
    uint64_t seed;
    uint32_t stream;     /* names the tensor (cr_random_stream) */
    cr_kept_draws *kept; /* or NULL */
} cr_initializer_draws;

/* Fills w [rows, columns]. */
void cr_initializer_fill(const cr_initializer *initializer,
                         const cr_initializer_draws *draws,
                         const cr_initializer_matrix *matrix, cr_real *w);

/* What the value may be, for the option's row. */
#define CR_INITIALIZER_EXPECTS                                                           \
    "\"he\", \"xavier\", \"lecun\", \"orthogonal\", \"zeros\", {\"type\": \"normal\", "  \
    "\"std\": "                                                                          \
    "0.01} or {\"type\": \"uniform\", \"limit\": 0.1}"

#endif
