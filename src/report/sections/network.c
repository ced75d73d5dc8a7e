/* The network: layers with their shapes and parameters, and who takes whose output. */
#include "base/memory.h"
#include "report/page_section.h"

/* The layer that puts out the value, behind copies; -1 for the data. */
static double source_of(const cr_network *network, size_t value, const size_t *numbers)
{
    value = network->values[value].alias_of;
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].output == value)
            return (double)numbers[i];
    return -1;
}

static void write_shape(const cr_shape *shape, cr_page_json *out)
{
    cr_page_json_open(out, "shape", '[');
    for (size_t i = 0; i < shape->rank; i++)
        cr_page_json_number(out, NULL, (double)shape->dim[i]);
    cr_page_json_close(out, ']');
}

static void write_node(const cr_network *network, const cr_node *node,
                       const size_t *numbers, cr_page_json *out)
{
    double parameters = 0;
    for (size_t k = 0; k < node->plan.parameter_count; k++)
        parameters += (double)node->plan.parameters[k].size;
    cr_page_json_open(out, NULL, '{');
    cr_page_json_string(out, "name", node->name);
    cr_page_json_string(out, "type", node->type->name);
    write_shape(&node->plan.output, out);
    cr_page_json_number(out, "parameters", parameters);
    cr_page_json_number(out, "flops", node->plan.flops);
    cr_page_json_bool(out, "trainable", node->trainable);
    cr_page_json_open(out, "inputs", '[');
    for (size_t k = 0; k < node->plan.input_count; k++)
        cr_page_json_number(out, NULL, source_of(network, node->inputs[k], numbers));
    cr_page_json_close(out, ']');
    cr_page_json_close(out, '}');
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    const cr_network *network = run->model->network;
    size_t *numbers = cr_alloc(network->node_count, sizeof *numbers, err), count = 0;
    if (!numbers)
        return false;
    for (size_t i = 0; i < network->node_count; i++) {
        numbers[i] = count;
        count += network->nodes[i].spec != CR_NO_SPEC;
    }
    cr_page_json_open(out, key, '{');
    write_shape(&run->model->encoding->shape, out);
    cr_page_json_number(out, "parameters", (double)network->parameter_count);
    cr_page_json_open(out, "layers", '[');
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].spec != CR_NO_SPEC)
            write_node(network, &network->nodes[i], numbers, out);
    cr_page_json_close(out, ']');
    cr_page_json_close(out, '}');
    cr_free(numbers);
    return true;
}

const cr_page_section cr_page_section_network = {
    .key = "network", .of_model = true, .add = add};
