#include "exchange/import_output.h"

#include "base/memory.h"
#include "base/text.h"
#include "config/document.h"
#include "data/json_lists.h"
#include "onnx/fields.h"

#include <stdio.h>
#include <string.h>

enum { STEPS = 64 }; /* from an output back, at most */

/* The node that makes the value, where it is this operator of any domain; else NULL. */
static const cr_onnx_model_node *made_by(const cr_import_value *value, const char *name)
{
    const cr_onnx_model_node *node = value ? value->producer : NULL;
    return node && node->input_count > 0 && cr_wire_reader_is(node->operator_name, name)
               ? node
               : NULL;
}

static cr_import_value *input(const cr_import_graph *graph,
                              const cr_onnx_model_node *node, size_t i)
{
    return node && i < node->input_count ? cr_import_graph_find(graph, node->inputs[i])
                                         : NULL;
}

/* The value without the nodes behind it that have one of these names. */
static cr_import_value *skip(const cr_import_graph *graph, cr_import_value *value,
                             const char *const *names, size_t count)
{
    for (int step = 0; step < STEPS; step++) {
        cr_import_value *before = NULL;
        for (size_t i = 0; i < count && !before; i++)
            before = input(graph, made_by(value, names[i]), 0);
        if (!before)
            return value;
        value = before;
    }
    return value;
}

static bool add_number(cr_names *classes, double number, cr_error *err)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", number);
    return cr_names_add(classes, text, err);
}

/* Of the attribute of a node, if it has it. */
static bool add_attribute(const cr_import_graph *graph, const cr_onnx_model_node *node,
                          cr_names *classes, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; i < node->attribute_count; i++) {
        const cr_onnx_model_attribute *a = &node->attributes[i];
        for (size_t k = 0; good && k < a->text_count; k++)
            good = cr_import_graph_add_name(graph, classes, a->texts[k], err);
        for (size_t k = 0; good && k < a->numbers.count; k++)
            good = add_number(classes, a->numbers.values[k], err);
    }
    return good;
}

/* Of a tensor of texts or numbers. */
static bool add_tensor(const cr_import_graph *graph, const cr_onnx_tensor *tensor,
                       cr_names *classes, cr_error *err)
{
    const cr_wire_reader *file = &graph->model->whole;
    const bool words = tensor->type == CR_ONNX_STRING;
    cr_wire_text *texts = words ? cr_onnx_tensor_texts(file, tensor, err) : NULL;
    double *numbers = words ? NULL : cr_onnx_tensor_numbers(file, tensor, err);
    bool good = texts || numbers;
    for (size_t i = 0; good && i < tensor->count; i++)
        good = texts ? cr_import_graph_add_name(graph, classes, texts[i], err)
                     : add_number(classes, numbers[i], err);
    cr_free(texts);
    cr_free(numbers);
    return good;
}

/* The names of classes that an output brings with it, once. */
static bool read_classes(const cr_import_graph *graph, const cr_onnx_model_node *node,
                         const cr_onnx_tensor *tensor, cr_names *classes, cr_error *err)
{
    if (classes->count > 0)
        return true;
    return tensor ? add_tensor(graph, tensor, classes, err)
                  : add_attribute(graph, node, classes, err);
}

/* Behind probabilities: which is the largest, and its name. NULL in *scores where the value
 * is none of that. */
static bool strip_label(const cr_import_graph *graph, cr_import_value *value,
                        cr_names *classes, cr_import_value **scores, cr_error *err)
{
    static const char *const shapes[] = {"Identity", "Cast", "Reshape", "Squeeze"};
    cr_import_value *label = skip(graph, value, shapes, CR_COUNT(shapes));
    const cr_onnx_model_node *named = made_by(label, "ArrayFeatureExtractor");
    cr_import_value *largest =
        named ? skip(graph, input(graph, named, 1), shapes, CR_COUNT(shapes)) : label;
    const cr_onnx_model_node *node = made_by(largest, "ArgMax");
    const cr_import_value *names = input(graph, named, 0);
    *scores = input(graph, node ? node : made_by(label, "Binarizer"), 0);
    if (!*scores || !named)
        return true;
    return !names || !names->constant.tensor ||
           read_classes(graph, named, names->constant.tensor, classes, err);
}

/* 1 - p beside p, of two classes or of labels; NULL of others. */
static cr_import_value *strip_pair(const cr_import_graph *graph,
                                   const cr_import_value *value)
{
    const cr_onnx_model_node *pair = made_by(value, "Concat");
    cr_import_value *first = input(graph, pair, 0), *second = input(graph, pair, 1);
    const cr_onnx_model_node *rest = made_by(first, "Sub");
    const cr_import_value *one = input(graph, rest, 0);
    if (!pair || pair->input_count != 2 || !one || one->kind != CR_IMPORT_CONSTANT ||
        one->constant.count != 1 || input(graph, rest, 1) != second)
        return NULL;
    double *values =
        cr_onnx_tensor_numbers(&graph->model->whole, one->constant.tensor, NULL);
    const bool is_one = values && values[0] == 1;
    cr_free(values);
    return is_one ? second : NULL;
}

/* What an output tells, without what only presents it. */
static bool strip(const cr_import_graph *graph, cr_import_value *value, cr_names *classes,
                  cr_import_value **scores, cr_error *err)
{
    static const char *const same[] = {"Identity", "Cast"};
    const cr_onnx_model_node *map = made_by(value, "ZipMap");
    cr_import_value *label = NULL;
    if (map && !read_classes(graph, map, NULL, classes, err))
        return false;
    if (map)
        value = input(graph, map, 0);
    if (!value || !strip_label(graph, value, classes, &label, err))
        return value ? false : cr_import_graph_fail(graph, err, "an output has no input");
    value = skip(graph, label ? label : value, same, CR_COUNT(same));
    cr_import_value *second = strip_pair(graph, value);
    *scores = second ? skip(graph, second, same, CR_COUNT(same)) : value;
    return true;
}

/* The scores of all outputs that are looked at. */
static bool find_scores(cr_import_output *found, const cr_import_graph *graph,
                        const char *output, cr_error *err)
{
    const cr_onnx_model *m = graph->model;
    for (size_t i = 0; i < m->output_count; i++) {
        const cr_wire_text name = m->outputs[i].name;
        cr_import_value *value = cr_import_graph_find(graph, name), *scores = NULL;
        if (output && !cr_wire_reader_is(name, output))
            continue;
        if (!value)
            return cr_import_graph_fail(graph, err, "nothing makes its output \"%.*s\"",
                                        CR_WIRE_SHOWN(name));
        if (!strip(graph, value, &found->classes, &scores, err))
            return false;
        if (found->scores && scores != found->scores)
            return cr_import_graph_fail(
                graph, err,
                "its outputs \"%.*s\" and \"%.*s\" tell different "
                "things; choose one with --output NAME",
                CR_WIRE_SHOWN(found->name), CR_WIRE_SHOWN(name));
        if (!found->scores)
            found->name = name;
        found->scores = scores;
    }
    if (found->scores)
        return true;
    return output ? cr_import_graph_fail(graph, err, "it has no output called \"%.80s\"",
                                         output)
                  : cr_import_graph_fail(graph, err, "its graph has no output");
}

/* Takes the function of that name away, which the loss has itself. */
static bool take_away(cr_import_output *found, const cr_import_graph *graph,
                      const char *name)
{
    const cr_onnx_model_node *node = made_by(found->scores, name);
    for (size_t i = 0; node && i < node->attribute_count; i++) /* only along scores */
        if (node->attributes[i].number != 1 && node->attributes[i].number != -1)
            node = NULL;
    cr_import_value *before = input(graph, node, 0);
    if (before)
        found->scores = before;
    return before != NULL;
}

/* The metadata's list of texts; none where it is anything else, since anybody may write
 * there. */
static void read_names(const cr_onnx_model *model, const char *key, cr_names *names)
{
    for (size_t i = 0; i < model->entry_count; i++) {
        const cr_wire_text value = model->entries[i].value;
        if (names->count > 0 || !cr_wire_reader_is(model->entries[i].key, key) ||
            value.length == 0)
            continue;
        cr_document document = {0};
        char *text = cr_text_copy(value.data, value.length, NULL);
        if (text &&
            cr_document_parse(&document, key, text, value.length, CR_E_DATA, NULL) &&
            !cr_json_lists_read_names(names, document.root, NULL))
            cr_names_finish(names);
        cr_document_finish(&document);
    }
}

/* The loss's type that the metadata has, among those of the graph's ends; NULL: it has
 * none. */
static const char *read_loss(const cr_onnx_model *model)
{
    static const char *const losses[] = {"softmax", "svm", "logistic",
                                         "l2",      "l1",  "huber"};
    for (size_t i = 0; i < model->entry_count; i++)
        for (size_t k = 0; k < CR_COUNT(losses); k++)
            if (cr_wire_reader_is(model->entries[i].key, "loss") &&
                cr_wire_reader_is(model->entries[i].value, losses[k]))
                return losses[k];
    return NULL;
}

bool cr_import_output_find(cr_import_output *found, const cr_import_graph *graph,
                           const char *output, const char *loss, cr_error *err)
{
    *found = (cr_import_output){0};
    if (!find_scores(found, graph, output, err))
        return false;
    read_names(graph->model, "classes", &found->classes);
    read_names(graph->model, "targets", &found->targets);
    read_names(graph->model, "columns", &found->columns);
    loss = loss ? loss : read_loss(graph->model);
    const bool open = loss == NULL;
    if ((open || strcmp(loss, "softmax") == 0) &&
        (take_away(found, graph, "Softmax") || take_away(found, graph, "LogSoftmax")))
        loss = "softmax";
    else if ((open || strcmp(loss, "logistic") == 0) &&
             take_away(found, graph, "Sigmoid"))
        loss = "logistic";
    else if (open)
        loss = found->classes.count > 0 ? "svm" : "l2";
    found->loss = loss;
    return true;
}

void cr_import_output_finish(cr_import_output *output)
{
    cr_names_finish(&output->classes);
    cr_names_finish(&output->targets);
    cr_names_finish(&output->columns);
    *output = (cr_import_output){0};
}
