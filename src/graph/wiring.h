/* From names to a graph: who takes whose output, and in which order they run. */
#ifndef CHAINRULE_GRAPH_WIRING_H
#define CHAINRULE_GRAPH_WIRING_H

#include "graph/model_section.h"

/* Layer i takes inputs[i][0..input_count[i]): positions of layers, or CR_DATA for the
 * batch. */
typedef struct cr_wiring {
    size_t count;        /* layers */
    size_t *input_count; /* [count] */
    size_t **inputs;
    size_t *order; /* [count] topological; as in the file where that is one */
    size_t
        *consumers; /* [count + 1] how often each output is used; the last: the batch */
    size_t output;  /* the layer that nobody uses */
} cr_wiring;

#define CR_DATA SIZE_MAX

/* False with errors in the reader: unknown names, cycles, none or several outputs, a
 * layer that takes the batch where there is none (has_data false). */
CR_MUST_CHECK bool cr_wiring_create(cr_wiring *wiring, cr_reader *reader,
                                    const cr_model_section *model, bool has_data);
void cr_wiring_finish(cr_wiring *wiring); /* takes zeros */

#endif
