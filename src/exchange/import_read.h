/* An ONNX file as layers: the graph's nodes, one after another. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_READ_H
#define CHAINRULE_EXCHANGE_IMPORT_READ_H

#include "exchange/import_output.h"

/* What is asked for besides the file; NULL: what the file says. */
typedef struct cr_import_options {
    const char *output; /* the one to look at, of several that tell different things */
    const char *loss;   /* its type */
    const char *classes, *targets; /* names with commas between them */
    const char *const *overrides;  /* [override_count] of the config, such as "data.train=
                                      iris.csv", which names the data that it is for */
    size_t override_count;
} cr_import_options;

/* Reads what the outputs need of the graph, which was initialised. The caller finishes both,
 * also after a failure. */
CR_MUST_CHECK bool cr_import_read(cr_import_graph *graph, cr_import_output *output,
                                  const cr_import_options *options, cr_error *err);

#endif
