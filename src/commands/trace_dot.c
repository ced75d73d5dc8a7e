#include "commands/print.h"
#include "commands/trace_view.h"

#include <string.h>

enum { SHOWN = 4 }; /* numbers on a wire; of more, their shape and how large they are */

/* A name for DOT: letters, digits and _ already, which need no quotes but may be
 * keywords. */
static void print_id(FILE *out, const cr_network *network, size_t node)
{
    cr_print_to(out, "\"%s\"", node == CR_NO_SPEC ? "data" : network->nodes[node].name);
}

/*
 * A wire: the line runs through a small table, whose rule continues it between the value
 * above and the gradient below. `wire` numbers the tables.
 */
static void print_wire(const cr_traced *traced, size_t wire, FILE *out)
{
    char value[CR_TRACE_TEXT], gradient[CR_TRACE_TEXT];
    char shape[CR_SHAPE_TEXT];
    size_t rows = traced->size / cr_shape_size(traced->shape);
    cr_print_to(out,
                "  \" %zu\" [shape=plain, fontsize=11, label=<<TABLE BORDER=\"0\" "
                "CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\">",
                wire);
    if (traced->size > SHOWN)
        cr_print_to(out, "<TR><TD>%s</TD></TR>",
                    cr_trace_text_shape(traced, rows, shape));
    cr_print_to(out,
                "<TR><TD><FONT COLOR=\"#00802b\">%s</FONT></TD></TR><HR/>"
                "<TR><TD><FONT COLOR=\"#cc0000\">%s</FONT></TD></TR></TABLE>>];\n",
                cr_trace_text_brief(traced->values, traced, SHOWN, value),
                cr_trace_text_brief(traced->gradients, traced, SHOWN, gradient));
}

/* The constant of a gate that has one (scale, shift, power) belongs to its symbol. */
static void print_constant(FILE *out, const cr_node *node)
{
    for (size_t i = 0; i < node->type->option_count; i++) {
        const cr_option *option = &node->type->options[i];
        if (option->kind != CR_OPTION_NUMBER)
            continue;
        double number = 0;
        memcpy(&number, (const char *)node->options + option->offset, sizeof number);
        cr_print_to(out, "%.6g", number);
    }
}

static void print_node(FILE *out, const cr_node *node)
{
    if (node->type->constant) {
        cr_print_to(out, "  \"%s\" [shape=plaintext, label=\"%s\"];\n", node->name,
                    node->name);
        return;
    }
    const char *symbol = node->type->symbol ? node->type->symbol : node->type->name;
    cr_print_to(out, "  \"%s\" [label=<%s", node->name, symbol);
    print_constant(out, node);
    cr_print_to(out, "<BR/><FONT POINT-SIZE=\"9\" COLOR=\"gray40\">%s</FONT>>];\n",
                node->name);
}

void cr_trace_dot_print(cr_trace *trace, FILE *out)
{
    const cr_network *network = trace->experiment->model.network;
    const cr_loss_type *loss = trace->experiment->model.loss.type;
    cr_print_to(
        out, "digraph trace {\n  rankdir=LR;\n  nodesep=0.3;\n  ranksep=0.25;\n"
             "  node [shape=circle, fontname=\"Helvetica\", fontsize=13, margin=0.02];\n"
             "  edge [arrowsize=0.6];\n");
    if (network->values[0].size > 0)
        cr_print_to(out, "  \"data\" [shape=plaintext];\n");
    size_t last = 0, wire = 0;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        if (node->spec == CR_NO_SPEC)
            continue;
        print_node(out, node);
        if (node->output == network->output)
            last = i;
        for (size_t k = 0; k < node->plan.input_count; k++, wire++) {
            cr_traced traced = cr_trace_wire(trace, i, k);
            print_wire(&traced, wire, out);
            cr_print_to(out, "  ");
            print_id(out, network, cr_trace_producer(network, i, k));
            cr_print_to(out, " -> \" %zu\":w [dir=none];\n  \" %zu\":e -> ", wire, wire);
            print_id(out, network, i);
            cr_print_to(out, ";\n");
        }
    }
    cr_traced output = cr_trace_node(trace, last);
    print_wire(&output, wire, out);
    cr_print_to(out, "  \" end\" [shape=%s, label=\"%s\"];\n  ", loss ? "box" : "point",
                loss ? loss->name : "");
    print_id(out, network, last);
    cr_print_to(out, " -> \" %zu\":w [dir=none];\n  \" %zu\":e -> \" end\";\n}\n", wire,
                wire);
}
