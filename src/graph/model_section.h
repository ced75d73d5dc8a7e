/* The config's "model" section: a list of layers, read through their option tables. */
#ifndef CHAINRULE_GRAPH_MODEL_SECTION_H
#define CHAINRULE_GRAPH_MODEL_SECTION_H

#include "graph/layer.h"

typedef struct cr_layer_spec {
    const cr_layer_type *type; /* NULL when unknown (then there was an error) */
    const char *name;          /* owned by the config's tree, as inputs is */
    const cr_json *inputs;     /* a list of names; NULL: the layer before */
    bool trainable;
    void *options; /* the type's option struct, owned; NULL for a type without options */
    cr_json *object; /* the layer in the tree */
    char path[40];   /* "model.layers.3" */
} cr_layer_spec;

typedef struct cr_model_section {
    const char *weights; /* path of a safetensors file to start from, or NULL */
    cr_product_kernels kernels;
    cr_layer_spec *layers;
    size_t layer_count;
} cr_model_section;

/* Reads `model` of the root. Errors go to the reader; default names are written into the
 * tree. */
void cr_model_section_read(cr_reader *reader, cr_json *root, cr_model_section *section);

/* Gives an output layer that left out "units" this number of them, in its options and in
 * the tree. */
void cr_model_section_set_units(cr_layer_spec *layer, size_t units);

void cr_model_section_finish(cr_model_section *section); /* takes zeros */

/* The section's keys and all layers, for the reference. */
void cr_model_section_describe(cr_text *out);

#endif
