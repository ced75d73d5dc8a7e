/* The outputs of a graph of ONNX: what of them the network computes, and what they say of
 * it. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_OUTPUT_H
#define CHAINRULE_EXCHANGE_IMPORT_OUTPUT_H

#include "exchange/import_graph.h"

typedef struct cr_import_output {
    cr_import_value *scores; /* that the loss takes: softmax, sigmoid, classes and labels
                                are behind it */
    const char *loss;        /* its type */
    cr_wire_text name;       /* of the first output in the file */
    cr_names classes;        /* in the order of the scores; none: they have no names */
    cr_names targets, columns; /* names in the file's metadata; none: there are none */
} cr_import_output;

/* Names of classes come from what stands behind the scores, or else from the metadata: lists
 * of texts in JSON, "classes", "targets" and "columns" (of the inputs), as our own export
 * writes them, with the type of the "loss".
 * output: the name of the only one to look at; NULL: all, which have to tell the same
 * thing. loss: the type that is asked for; NULL: what the graph ends in. The caller finishes
 * the output, also after a failure. */
CR_MUST_CHECK bool cr_import_output_find(cr_import_output *found,
                                         const cr_import_graph *graph, const char *output,
                                         const char *loss, cr_error *err);
void cr_import_output_finish(cr_import_output *output); /* takes zeros */

#endif
