#include "exchange/import_read.h"

#include "base/memory.h"
#include "exchange/import_input.h"
#include "exchange/import_ops/import_op.h"
#include "exchange/import_pattern.h"

#include <math.h>

/* What becomes of a node. */
typedef struct step {
    bool needed;
    const char *layer;  /* of a pattern that ends in it; NULL: the node's own */
    cr_wire_text input; /* of that */
} step;

static void use(const cr_import_graph *graph, cr_wire_text name)
{
    cr_import_value *value = cr_import_graph_find(graph, name);
    if (value)
        value->uses++;
}

/* From the end on, which nodes the scores need. */
static void mark(const cr_import_graph *graph, step *steps)
{
    const cr_onnx_model *m = graph->model;
    for (size_t i = m->node_count; i-- > 0;) {
        const cr_onnx_model_node *node = &m->nodes[i];
        for (size_t k = 0; k < node->output_count; k++) {
            const cr_import_value *value = cr_import_graph_find(graph, node->outputs[k]);
            steps[i].needed = steps[i].needed || (value && value->uses > 0);
        }
        if (!steps[i].needed)
            continue;
        steps[i].layer = cr_import_pattern_find(graph, node, &steps[i].input);
        if (steps[i].layer)
            use(graph, steps[i].input);
        for (size_t k = 0; !steps[i].layer && k < node->input_count; k++)
            use(graph, node->inputs[k]);
    }
}

/* A node of one input in place of the pattern. */
static bool read_pattern(cr_import_graph *graph, step *pattern, cr_error *err)
{
    cr_onnx_model_node node = *graph->node;
    const cr_import_op op = {.layer = pattern->layer};
    node.inputs = &pattern->input;
    node.input_count = 1;
    graph->node = &node;
    bool good = cr_import_unary_read(graph, &op, err);
    graph->node = NULL;
    return good;
}

/* Tensors of the file are read again where another node takes them. */
static void forget_constants(const cr_import_graph *graph)
{
    for (size_t i = 0; i < graph->node->input_count; i++) {
        cr_import_value *value = cr_import_graph_find(graph, graph->node->inputs[i]);
        if (!value || !value->constant.tensor)
            continue;
        cr_free(value->constant.values);
        value->constant.values = NULL;
    }
}

static bool read_nodes(cr_import_graph *graph, step *steps, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < graph->model->node_count; i++) {
        if (!steps[i].needed)
            continue;
        graph->node = &graph->model->nodes[i];
        graph->number = i;
        good = steps[i].layer ? read_pattern(graph, &steps[i], err)
                              : cr_import_op_read(graph, err);
        if (good && graph->node)
            forget_constants(graph);
    }
    graph->node = NULL;
    return good;
}

/* The scores have to be a list of an example. */
static bool check_scores(const cr_import_graph *graph, const cr_import_output *output,
                         cr_error *err)
{
    const cr_import_value *scores = output->scores;
    const cr_import_computed *computed = &scores->computed;
    char shape[CR_SHAPE_TEXT];
    if (scores->kind != CR_IMPORT_COMPUTED)
        return cr_import_graph_fail(graph, err,
                                    "its output \"%.*s\" is not computed from its input",
                                    CR_WIRE_SHOWN(output->name));
    if (computed->shape.rank != 1 || computed->axes > 1 || computed->of_last.rank > 0)
        return cr_import_graph_fail(graph, err,
                                    "its output \"%.*s\" is %s an example, in %zu "
                                    "dimensions; expected a list of classes or targets",
                                    CR_WIRE_SHOWN(output->name),
                                    cr_shape_format(&computed->shape, shape),
                                    computed->axes);
    return (graph->layer_count > 0 && computed->layer == graph->layer_count - 1) ||
           cr_import_graph_fail(graph, err,
                                "its output \"%.*s\" is not what its last layer puts out",
                                CR_WIRE_SHOWN(output->name));
}

bool cr_import_read(cr_import_graph *graph, cr_import_output *output,
                    const cr_import_options *options, cr_error *err)
{
    if (!cr_import_output_find(output, graph, options->output, options->loss, err) ||
        !cr_import_input_set(graph, err))
        return false;
    step *steps = cr_alloc(graph->model->node_count, sizeof *steps, err);
    if (!steps)
        return false;
    output->scores->uses++;
    mark(graph, steps);
    bool good = read_nodes(graph, steps, err) && check_scores(graph, output, err);
    cr_free(steps);
    return good;
}
