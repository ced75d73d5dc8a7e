#include "base/memory.h"
#include "commands/print.h"
#include "commands/trace_view.h"
#include "data/json_lists.h"

static bool add_numbers(cr_json *object, const char *key, const cr_real *numbers,
                        size_t count)
{
    cr_json *list = cr_json_add(object, key, CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = cr_json_set_number(list, NULL, (double)numbers[i]);
    return good;
}

static bool add_node(cr_json *list, cr_trace *trace, size_t index)
{
    const cr_network *network = trace->experiment->model.network;
    const cr_node *node = index == CR_NO_SPEC ? NULL : &network->nodes[index];
    cr_traced traced = cr_trace_node(trace, index);
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    bool good = object &&
                cr_json_set_string(object, "name", node ? node->name : "data") &&
                cr_json_set_string(object, "type", node ? node->type->name : "data");
    cr_json *inputs = good ? cr_json_add(object, "inputs", CR_JSON_ARRAY) : NULL;
    for (size_t k = 0; inputs && node && k < node->plan.input_count; k++) {
        size_t from = cr_trace_producer(network, index, k);
        good = good && cr_json_set_string(inputs, NULL,
                                          from == CR_NO_SPEC ? "data"
                                                             : network->nodes[from].name);
    }
    return good && inputs &&
           cr_json_lists_write_numbers(object, "shape", traced.shape->dim,
                                       traced.shape->rank) &&
           add_numbers(object, "value", traced.values, traced.size) &&
           add_numbers(object, "gradient", traced.gradients, traced.size);
}

static bool add_parameters(cr_json *list, const cr_trace *trace, const cr_node *node)
{
    const cr_network *network = trace->experiment->model.network;
    bool good = true;
    for (size_t k = 0; good && node->trainable && k < node->plan.parameter_count; k++) {
        const cr_segment *s = &node->plan.parameters[k];
        cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
        good =
            object && cr_json_set_string(object, "name", s->full_name) &&
            cr_json_lists_write_numbers(object, "shape", s->shape.dim, s->shape.rank) &&
            add_numbers(object, "value", network->parameters + s->offset, s->size) &&
            add_numbers(object, "gradient", trace->gradients + s->offset, s->size);
    }
    return good;
}

static void add_entry(void *user, const char *name, size_t index, cr_real gradient)
{
    (void)name;
    (void)index;
    (void)!cr_json_set_number(user, NULL, (double)gradient);
}

static void add_column(void *user, const char *name, size_t index, cr_real gradient)
{
    (void)gradient;
    char text[100];
    snprintf(text, sizeof text, index == SIZE_MAX ? "%.60s" : "%.60s.%zu", name, index);
    (void)!cr_json_set_string(user, NULL, text);
}

/* Memory that runs out here leaves a row too short, which the count at the end shows. */
static void add_row(void *user, size_t output, cr_trace *trace)
{
    cr_json *jacobian = user;
    cr_json *columns =
        output == 0 ? cr_json_add(jacobian, "columns", CR_JSON_ARRAY) : NULL;
    if (columns)
        cr_trace_text_visit_inputs(trace, add_column, columns);
    cr_json *rows = output == 0 ? cr_json_add(jacobian, "value", CR_JSON_ARRAY)
                                : cr_json_edit(jacobian, "value");
    cr_json *row = rows ? cr_json_add(rows, NULL, CR_JSON_ARRAY) : NULL;
    if (row)
        cr_trace_text_visit_inputs(trace, add_entry, row);
}

static bool fill(cr_json *root, cr_trace *trace)
{
    const cr_network *network = trace->experiment->model.network;
    const cr_loss_type *loss = trace->experiment->model.loss.type;
    bool good = cr_json_set_number(root, "batch", (double)trace->rows);
    cr_json *nodes = good ? cr_json_add(root, "nodes", CR_JSON_ARRAY) : NULL;
    good = nodes && (network->values[0].size == 0 || add_node(nodes, trace, CR_NO_SPEC));
    for (size_t i = 0; good && i < network->node_count; i++)
        good = network->nodes[i].spec == CR_NO_SPEC || add_node(nodes, trace, i);
    cr_json *parameters = good ? cr_json_add(root, "parameters", CR_JSON_ARRAY) : NULL;
    good = parameters != NULL;
    for (size_t i = 0; good && i < network->node_count; i++)
        good = add_parameters(parameters, trace, &network->nodes[i]);
    return good && (!loss || cr_json_set_number(root, "loss", trace->loss));
}

bool cr_trace_json_print(cr_trace *trace, bool jacobian, FILE *out, cr_error *err)
{
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = root && fill(root, trace);
    if (good && jacobian) {
        cr_json *object = cr_json_add(root, "jacobian", CR_JSON_OBJECT);
        good = object && cr_trace_jacobian(trace, add_row, object, err);
    }
    good = good && cr_print_json(out, root, false);
    cr_json_free(root);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}
