#include "graph/model_section.h"

#include "base/memory.h"
#include "config/typed_section.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct common_fields {
    const char *type, *name;
    const cr_json *inputs;
    bool trainable;
} common_fields;

enum { TRAINABLE = 3 };

static const cr_option common_options[] = {
    {.key = "type",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(common_fields, type),
     .fallback = CR_REQUIRED,
     .help = "what the layer computes"},
    {.key = "name",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(common_fields, name),
     .fallback = CR_OPTIONAL,
     .help =
         "letters, digits and _; if left out, type and ordinal: linear1, relu1, linear2"},
    {.key = "inputs",
     .kind = CR_OPTION_NAMES,
     .offset = offsetof(common_fields, inputs),
     .fallback = CR_OPTIONAL,
     .help = "names of the layers it takes (\"data\" is the batch); if left out, the "
             "layer before"},
    [TRAINABLE] =
        {.key = "trainable",
         .kind = CR_OPTION_BOOL,
         .offset = offsetof(common_fields, trainable),
         .fallback = "true",
         .help =
             "false keeps its parameters as they are; for a value, false unless given"},
};

enum { MOST_LAYERS = 2048 }; /* names are compared each with each */

enum { COMMON_OPTIONS = CR_COUNT(common_options) };

typedef struct section_fields {
    const char *weights;
    int products; /* a cr_product_kernels */
    const cr_json *layers;
} section_fields;

static const char *const products[] = {"auto", "blas", NULL};

static const cr_option section_options[] = {
    {.key = "weights",
     .kind = CR_OPTION_PATH,
     .offset = offsetof(section_fields, weights),
     .fallback = CR_OPTIONAL,
     .no_effect = true, /* the path; the content is compared by its checksum */
     .help = "a safetensors file to start from"},
    {.key = "products",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(section_fields, products),
     .fallback = "\"auto\"",
     .choices = products,
     .help = "who multiplies matrices: auto, kernels of chainrule's own where products "
             "are small, else OpenBLAS; blas, OpenBLAS alone"},
    {.key = "layers",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(section_fields, layers),
     .fallback = CR_REQUIRED,
     .kinds = 1u << CR_JSON_ARRAY,
     .expects = "a list of layers […]",
     .help = "the network, layer by layer"},
};

/* The type of that name; or, after an error, the one that was likely meant, or NULL. */
static const cr_layer_type *find_type(cr_reader *reader, const char *path,
                                      const char *name)
{
    cr_typed types[CR_MOST_TYPES];
    for (size_t i = 0; i < cr_layer_type_count; i++)
        types[i] = (cr_typed){.name = cr_layer_types[i]->name};
    int index = cr_typed_section_find(reader, path, "layer type", name, types,
                                      cr_layer_type_count);
    return index < 0 ? NULL : cr_layer_types[index];
}

static bool is_name(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

/* The type's keys are known only when the type is; until then the common ones are read
 * alone. */
static void read_layer(cr_reader *reader, cr_layer_spec *layer)
{
    char where[CR_WHERE];
    const char *name = cr_json_get_string(layer->object, "type");
    if (name)
        layer->type = find_type(reader, cr_json_path(layer->path, "type", where), name);
    const cr_layer_type *t = layer->type;
    if (t && t->options_size > 0) {
        layer->options = cr_alloc(1, t->options_size, reader->err);
        if (!layer->options)
            return;
    }
    common_fields fields = {.trainable = true};
    cr_option common[COMMON_OPTIONS];
    memcpy(common, common_options, sizeof common);
    if (t && t->constant)
        common[TRAINABLE].fallback = "false";
    cr_option_group groups[] = {
        {common, COMMON_OPTIONS, &fields},
        {t ? t->options : NULL, t ? t->option_count : 0, layer->options},
    };
    if (t || !name) /* an unknown type's keys are unknown too: its name is error enough */
        cr_options_read(reader, layer->path, layer->object, groups, 2);
    if (t && t->read)
        t->read(reader, layer->path, layer->options);
    layer->name = fields.name;
    layer->inputs = fields.inputs;
    layer->trainable = fields.trainable;
    if (layer->name && (!is_name(layer->name) || strcmp(layer->name, "data") == 0))
        cr_reader_error(
            reader, cr_json_path(layer->path, "name", where),
            "\"%.60s\" cannot be a name: it takes letters, digits and _, begins with "
            "no digit, and is not \"data\"",
            layer->name);
}

/* Type and ordinal: the third linear layer is linear3, whatever the others are called. */
static void name_layers(cr_reader *reader, cr_model_section *section)
{
    for (size_t i = 0; i < section->layer_count; i++) {
        cr_layer_spec *layer = &section->layers[i];
        if (!layer->type || layer->name)
            continue;
        size_t ordinal = 1;
        for (size_t k = 0; k < i; k++)
            ordinal += section->layers[k].type == layer->type;
        char name[64];
        snprintf(name, sizeof name, "%s%zu", layer->type->name, ordinal);
        if (cr_json_set_string(layer->object, "name", name))
            layer->name = cr_json_string(cr_json_get(layer->object, "name"));
        else
            cr_error_add(reader->err, CR_E_MEMORY, "out of memory");
    }
}

static void refuse_same_names(cr_reader *reader, const cr_model_section *section)
{
    for (size_t i = 0; i < section->layer_count; i++)
        for (size_t k = 0; k < i; k++) {
            const cr_layer_spec *layer = &section->layers[i],
                                *other = &section->layers[k];
            if (layer->name && other->name && strcmp(layer->name, other->name) == 0)
                cr_reader_error(reader, layer->path,
                                "the name \"%s\" is taken by %s; choose another",
                                layer->name, other->path);
        }
}

static void read_layers(cr_reader *reader, cr_json *list, cr_model_section *section)
{
    size_t count = cr_json_count(list);
    if (count == 0) {
        cr_reader_error(reader, "model.layers",
                        "the list is empty; a network has at least one layer");
        return;
    }
    if (count > MOST_LAYERS) {
        cr_reader_error(reader, "model.layers", "%zu layers; the most is %d", count,
                        MOST_LAYERS);
        return;
    }
    section->layers = cr_alloc(count, sizeof *section->layers, reader->err);
    if (!section->layers)
        return;
    section->layer_count = count;
    for (size_t i = 0; i < count; i++) {
        cr_layer_spec *layer = &section->layers[i];
        char index[24];
        snprintf(index, sizeof index, "%zu", i);
        snprintf(layer->path, sizeof layer->path, "model.layers.%zu", i);
        layer->object = cr_json_edit(list, index);
        if (cr_json_is(layer->object, CR_JSON_OBJECT))
            read_layer(reader, layer);
        else
            cr_reader_error(reader, layer->path,
                            "found %s, expected a layer such as {\"type\": \"relu\"}",
                            cr_json_kind_name(cr_json_kind_of(layer->object)));
    }
    name_layers(reader, section);
    refuse_same_names(reader, section);
}

void cr_model_section_read(cr_reader *reader, cr_json *root, cr_model_section *section)
{
    *section = (cr_model_section){0};
    cr_json *object = cr_options_section(reader, root, "model");
    if (!object)
        return;
    section_fields fields = {0};
    cr_option_group group = {section_options, CR_COUNT(section_options), &fields};
    cr_options_read(reader, "model", object, &group, 1);
    section->weights = fields.weights;
    section->kernels = (cr_product_kernels)fields.products;
    if (fields.layers)
        read_layers(reader, cr_json_edit(object, "layers"), section);
}

void cr_model_section_set_units(cr_layer_spec *layer, size_t units)
{
    for (size_t i = 0; layer->type && i < layer->type->option_count; i++) {
        const cr_option *option = &layer->type->options[i];
        if (strcmp(option->key, "units") != 0 || cr_json_get(layer->object, "units"))
            continue;
        *(int64_t *)(void *)((char *)layer->options + option->offset) = (int64_t)units;
        if (!cr_json_set_number(layer->object, "units", (double)units))
            return; /* only the resolved config would lack it */
    }
}

void cr_model_section_finish(cr_model_section *section)
{
    for (size_t i = 0; i < section->layer_count; i++)
        cr_free(section->layers[i].options);
    cr_free(section->layers);
    *section = (cr_model_section){0};
}

void cr_model_section_describe(cr_text *out)
{
    cr_options_describe("model", "The network.", section_options,
                        CR_COUNT(section_options), out);
    cr_options_describe("model.layers", "Keys that every layer has.", common_options,
                        COMMON_OPTIONS, out);
    for (size_t i = 0; i < cr_layer_type_count; i++) {
        const cr_layer_type *type = cr_layer_types[i];
        cr_options_describe(type->name, type->summary, type->options, type->option_count,
                            out);
    }
}
