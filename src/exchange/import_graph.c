#include "exchange/import_graph.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "onnx/fields.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_texts(cr_wire_text a, cr_wire_text b)
{
    const size_t shorter = a.length < b.length ? a.length : b.length;
    const int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_values(const void *a, const void *b)
{
    return compare_texts(((const cr_import_value *)a)->name,
                         ((const cr_import_value *)b)->name);
}

bool cr_import_graph_fail(const cr_import_graph *graph, cr_error *err, const char *format,
                          ...)
{
    char text[900];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const cr_onnx_model_node *node = graph->node;
    const char *file = graph->model->whole.file;
    if (!node)
        return cr_fail(err, CR_E_DATA, "%s: %s", file, text);
    const cr_wire_text none = {0};
    const cr_wire_text name = node->name.length > 0    ? node->name
                              : node->output_count > 0 ? node->outputs[0]
                                                       : none;
    return cr_fail(err, CR_E_DATA, "%s: node %zu, %.*s \"%.*s\": %s", file, graph->number,
                   CR_WIRE_SHOWN(node->operator_name), CR_WIRE_SHOWN(name), text);
}

/* One value for each name; an initializer may be an input of the graph as well. */
static void add_values(cr_import_graph *graph)
{
    const cr_onnx_model *m = graph->model;
    size_t n = 0;
    for (size_t i = 0; i < m->tensor_count; i++) {
        cr_import_value *value = &graph->values[n++];
        value->name = m->tensors[i].name;
        value->kind = CR_IMPORT_CONSTANT;
        value->constant.tensor = &m->tensors[i];
        value->constant.rank = m->tensors[i].rank;
        value->constant.count = m->tensors[i].count;
        memcpy(value->constant.dim, m->tensors[i].dim, sizeof value->constant.dim);
    }
    for (size_t i = 0; i < m->node_count; i++)
        for (size_t k = 0; k < m->nodes[i].output_count; k++)
            if (m->nodes[i].outputs[k].length > 0) {
                graph->values[n].name = m->nodes[i].outputs[k];
                graph->values[n++].producer = &m->nodes[i];
            }
    graph->value_count = n;
    qsort(graph->values, n, sizeof *graph->values, compare_values);
    for (size_t i = 0; i < m->input_count; i++) {
        if (cr_import_graph_find(graph, m->inputs[i].name))
            continue;
        graph->values[graph->value_count++].name = m->inputs[i].name;
    }
    qsort(graph->values, graph->value_count, sizeof *graph->values, compare_values);
}

static bool read_opset(cr_import_graph *graph, cr_error *err)
{
    enum { OLDEST = 7, NEWEST = 28 }; /* ONNX 1.2 to 1.23 */
    const cr_onnx_model *m = graph->model;
    for (size_t i = 0; i < m->opset_count; i++)
        if (m->opsets[i].domain.length == 0 ||
            cr_wire_reader_is(m->opsets[i].domain, "ai.onnx"))
            graph->opset = m->opsets[i].version;
    return (graph->opset >= OLDEST && graph->opset <= NEWEST) ||
           cr_import_graph_fail(
               graph, err,
               "its operators are those of opset %lld; import knows %d to "
               "%d: export it for one of them (opset_version=20)",
               (long long)graph->opset, OLDEST, NEWEST);
}

bool cr_import_graph_init(cr_import_graph *graph, const cr_onnx_model *model,
                          cr_error *err)
{
    *graph = (cr_import_graph){.model = model, .batch = NAN};
    size_t most = model->tensor_count + model->input_count + 1;
    for (size_t i = 0; i < model->node_count; i++)
        most += model->nodes[i].output_count;
    if (!read_opset(graph, err))
        return false;
    graph->values = cr_alloc(most, sizeof *graph->values, err);
    graph->list = cr_json_new(CR_JSON_ARRAY);
    if (!graph->values || !graph->list)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    add_values(graph);
    for (size_t i = 1; i < graph->value_count; i++)
        if (compare_values(&graph->values[i - 1], &graph->values[i]) == 0)
            return cr_import_graph_fail(graph, err,
                                        "two values are called \"%.*s\"; a graph makes "
                                        "each once",
                                        CR_WIRE_SHOWN(graph->values[i].name));
    return true;
}

void cr_import_graph_finish(cr_import_graph *graph)
{
    for (size_t i = 0; i < graph->value_count; i++)
        cr_free(graph->values[i].constant.values);
    for (size_t i = 0; i < graph->tensor_count; i++)
        cr_free(graph->tensors[i].values);
    cr_free(graph->values);
    cr_free(graph->layers);
    cr_free(graph->tensors);
    cr_free(graph->factor);
    cr_free(graph->offset);
    cr_names_finish(&graph->columns);
    cr_json_free(graph->list);
    *graph = (cr_import_graph){0};
}

cr_import_value *cr_import_graph_find(const cr_import_graph *graph, cr_wire_text name)
{
    const cr_import_value key = {.name = name};
    return name.length == 0 || graph->value_count == 0
               ? NULL
               : bsearch(&key, graph->values, graph->value_count, sizeof key,
                         compare_values);
}

bool cr_import_graph_has(const cr_import_graph *graph, size_t i)
{
    return i < graph->node->input_count && graph->node->inputs[i].length > 0;
}

/* The node's input i; NULL with err where it is not there, or not made yet. */
static cr_import_value *find_input(const cr_import_graph *graph, size_t i, cr_error *err)
{
    cr_import_value *value = cr_import_graph_has(graph, i)
                                 ? cr_import_graph_find(graph, graph->node->inputs[i])
                                 : NULL;
    if (value && value->kind != CR_IMPORT_UNKNOWN)
        return value;
    if (!cr_import_graph_has(graph, i))
        cr_import_graph_fail(graph, err, "it has no input %zu, which it needs", i);
    else
        cr_import_graph_fail(graph, err,
                             "its input \"%.*s\" is made by no node before it, and is no "
                             "tensor of the file",
                             CR_WIRE_SHOWN(graph->node->inputs[i]));
    return NULL;
}

bool cr_import_graph_is_constant(const cr_import_graph *graph, size_t i)
{
    const cr_import_value *value =
        cr_import_graph_has(graph, i)
            ? cr_import_graph_find(graph, graph->node->inputs[i])
            : NULL;
    return value && value->kind == CR_IMPORT_CONSTANT;
}

cr_import_constant *cr_import_graph_constant(cr_import_graph *graph, size_t i,
                                             cr_error *err)
{
    cr_import_value *value = find_input(graph, i, err);
    if (!value)
        return NULL;
    if (value->kind != CR_IMPORT_CONSTANT) {
        cr_import_graph_fail(graph, err,
                             "its input %zu, \"%.*s\", is computed from the example; "
                             "expected a tensor of the file",
                             i, CR_WIRE_SHOWN(value->name));
        return NULL;
    }
    cr_import_constant *constant = &value->constant;
    if (!constant->values)
        constant->values =
            cr_onnx_tensor_numbers(&graph->model->whole, constant->tensor, err);
    return constant->values ? constant : NULL;
}

const cr_import_computed *cr_import_graph_computed(const cr_import_graph *graph, size_t i,
                                                   cr_error *err)
{
    const cr_import_value *value = find_input(graph, i, err);
    if (!value)
        return NULL;
    if (value->kind == CR_IMPORT_COMPUTED)
        return &value->computed;
    if (value->kind == CR_IMPORT_PART)
        cr_import_graph_fail(graph, err,
                             "it takes the input \"%.*s\" alone; of a graph with several "
                             "inputs, a Concat has to join all of them first",
                             CR_WIRE_SHOWN(value->name));
    else
        cr_import_graph_fail(graph, err,
                             "its input %zu, \"%.*s\", is a constant; expected what is "
                             "computed from the example",
                             i, CR_WIRE_SHOWN(value->name));
    return NULL;
}

bool cr_import_graph_number(cr_import_graph *graph, size_t i, double *number,
                            cr_error *err)
{
    const cr_import_constant *constant = cr_import_graph_constant(graph, i, err);
    if (!constant)
        return false;
    if (constant->count != 1)
        return cr_import_graph_fail(graph, err,
                                    "its input %zu has %zu numbers, expected one", i,
                                    constant->count);
    *number = constant->values[0];
    return true;
}

bool cr_import_graph_add_name(const cr_import_graph *graph, cr_names *names,
                              cr_wire_text name, cr_error *err)
{
    size_t at = 0, step = 1;
    while (at < name.length && step > 0 && name.data[at] != '\0') {
        step = cr_text_utf8_length(name.data + at, name.length - at);
        at += step;
    }
    if (at < name.length || name.length == 0)
        return cr_import_graph_fail(graph, err,
                                    "the name \"%.*s\" of a class, a column or a target "
                                    "is empty, or no text in UTF-8",
                                    CR_WIRE_SHOWN(name));
    char *copy = cr_text_copy(name.data, name.length, err);
    bool good = copy && cr_names_add(names, copy, err);
    cr_free(copy);
    return good;
}

const cr_onnx_model_attribute *cr_import_graph_attribute(const cr_import_graph *graph,
                                                         const char *name)
{
    for (size_t i = 0; i < graph->node->attribute_count; i++)
        if (cr_wire_reader_is(graph->node->attributes[i].name, name))
            return &graph->node->attributes[i];
    return NULL;
}

double cr_import_graph_attribute_number(const cr_import_graph *graph, const char *name,
                                        double fallback)
{
    const cr_onnx_model_attribute *a = cr_import_graph_attribute(graph, name);
    return a && (a->type == CR_ONNX_IS_FLOAT || a->type == CR_ONNX_IS_INT) ? a->number
                                                                           : fallback;
}

bool cr_import_graph_attribute_is(const cr_import_graph *graph, const char *name,
                                  const char *text, const char *fallback)
{
    const cr_onnx_model_attribute *a = cr_import_graph_attribute(graph, name);
    return a ? cr_wire_reader_is(a->text, text) : strcmp(text, fallback) == 0;
}

double cr_import_graph_short_number(double number)
{
    char text[CR_NUMBER_TEXT];
    double read = number;
    cr_number_format_float((float)number, text);
    return cr_number_parse(text, strlen(text), &read) ? read : number;
}

bool cr_import_graph_may_hold(cr_import_graph *graph, size_t count, cr_error *err)
{
    const size_t most =
        4 * (size_t)(graph->model->whole.end - graph->model->whole.first) + 65536;
    if (count > most - graph->folded)
        return cr_import_graph_fail(
            graph, err,
            "it makes %zu numbers; with those before it the most is %zu, by the size of "
            "the file",
            count, most);
    graph->folded += count;
    return true;
}

static cr_import_value *first_output(const cr_import_graph *graph, cr_error *err)
{
    const cr_onnx_model_node *node = graph->node;
    cr_import_value *value =
        node->output_count > 0 ? cr_import_graph_find(graph, node->outputs[0]) : NULL;
    if (!value)
        cr_import_graph_fail(graph, err, "it has no output");
    return value;
}

bool cr_import_graph_set_constant(cr_import_graph *graph,
                                  const cr_import_constant *constant, cr_error *err)
{
    cr_import_value *value = constant->values ? first_output(graph, err) : NULL;
    if (!value) {
        cr_free(constant->values);
        return false;
    }
    cr_free(value->constant.values);
    value->kind = CR_IMPORT_CONSTANT;
    value->constant = *constant;
    return true;
}

bool cr_import_graph_set_computed(cr_import_graph *graph,
                                  const cr_import_computed *computed, cr_error *err)
{
    cr_import_value *value = first_output(graph, err);
    if (!value)
        return false;
    value->kind = CR_IMPORT_COMPUTED;
    value->computed = *computed;
    return true;
}

bool cr_import_graph_is_alone(const cr_import_graph *graph, size_t i)
{
    const cr_import_value *value = cr_import_graph_find(graph, graph->node->inputs[i]);
    return value && value->uses == 1 && !value->computed.shared;
}
