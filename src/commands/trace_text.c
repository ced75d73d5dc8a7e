#include "base/memory.h"
#include "base/text.h"
#include "base/text_visible.h"
#include "commands/print.h"
#include "commands/trace_view.h"

#include <math.h>
#include <string.h>

enum { SHOWN = 16, SHOWN_OF_BATCH = 8 }; /* numbers; more are summarised */

/* How a text stands in a column. */
static const char *const green = "\033[32m%-*s\033[0m",
                         *const red = "\033[31m%-*s\033[0m", *const plain = "%-*s";

/* What there is to say of many numbers. */
typedef struct summary {
    double mean, deviation, low, high, zeros; /* zeros: a share */
} summary;

static summary summarize(const cr_real *numbers, size_t size)
{
    summary s = {.low = INFINITY, .high = -INFINITY};
    double sum = 0, squares = 0, n = (double)size;
    size_t zeros = 0;
    for (size_t i = 0; i < size; i++) {
        double x = (double)numbers[i];
        sum += x;
        s.low = fmin(s.low, x);
        s.high = fmax(s.high, x);
        zeros += x == 0;
    }
    s.mean = sum / n;
    for (size_t i = 0; i < size; i++)
        squares += pow((double)numbers[i] - s.mean, 2);
    s.deviation = sqrt(squares / n);
    s.zeros = (double)zeros / n;
    return s;
}

const char *cr_trace_text_shape(const cr_traced *traced, size_t rows,
                                char out[CR_SHAPE_TEXT])
{
    int used = rows > 1 ? snprintf(out, CR_SHAPE_TEXT, "%zux", rows) : 0;
    char shape[CR_SHAPE_TEXT];
    snprintf(out + used, CR_SHAPE_TEXT - (size_t)used, "%s",
             cr_shape_format(traced->shape, shape));
    return out;
}

static void list(const cr_real *numbers, const cr_traced *traced, char out[CR_TRACE_TEXT])
{
    size_t used = 0, columns = traced->shape->dim[traced->shape->rank - 1];
    out[0] = '\0';
    for (size_t i = 0; i < traced->size && used < CR_TRACE_TEXT - 24; i++) {
        const char *gap = i == 0 ? "" : i % columns == 0 ? "; " : ", ";
        double x = (double)numbers[i];
        used += (size_t)snprintf(out + used, CR_TRACE_TEXT - used, "%s%.6g", gap,
                                 x == 0 ? 0 : x); /* no -0 */
    }
}

const char *cr_trace_text_brief(const cr_real *numbers, const cr_traced *traced,
                                size_t most, char out[CR_TRACE_TEXT])
{
    if (traced->size <= most) {
        list(numbers, traced, out);
        return out;
    }
    const summary s = summarize(numbers, traced->size);
    snprintf(out, CR_TRACE_TEXT, "mean %.3g std %.3g", s.mean, s.deviation);
    return out;
}

/* Up to `most` numbers as they are, more in short. */
static void format(const cr_real *numbers, const cr_traced *traced, size_t rows,
                   size_t most, char out[CR_TRACE_TEXT])
{
    if (traced->size <= most) {
        list(numbers, traced, out);
        return;
    }
    char shape[CR_SHAPE_TEXT];
    const summary s = summarize(numbers, traced->size);
    snprintf(out, CR_TRACE_TEXT, "%s mean %.3g std %.3g range %.3g to %.3g zeros %.0f%%",
             cr_trace_text_shape(traced, rows, shape), s.mean, s.deviation, s.low, s.high,
             100 * s.zeros);
}

/* The cells of a line, as text; nodes come first, then the loss. */
typedef struct line {
    char name[80], type[40], value[CR_TRACE_TEXT], gradient[CR_TRACE_TEXT];
} line;

static void fill_line(cr_trace *trace, size_t node, line *l)
{
    const cr_network *network = trace->experiment->model.network;
    cr_traced traced = cr_trace_node(trace, node);
    bool batch = node == CR_NO_SPEC;
    size_t rows = traced.size / cr_shape_size(traced.shape);
    snprintf(l->name, sizeof l->name, "%.79s",
             batch ? "data" : network->nodes[node].name);
    snprintf(l->type, sizeof l->type, "%.39s",
             batch ? "" : network->nodes[node].type->name);
    size_t most = rows > 1 ? SHOWN_OF_BATCH : SHOWN;
    format(traced.values, &traced, rows, most, l->value);
    format(traced.gradients, &traced, rows, most, l->gradient);
}

static int longest(int width, const char *text)
{
    int own = (int)cr_text_visible_width(text, strlen(text));
    return own > width ? own : width;
}

static void print_lines(const line *lines, size_t count, bool colour, FILE *out)
{
    int name = 4, type = 4, value = 5;
    for (size_t i = 0; i < count; i++) {
        name = longest(name, lines[i].name);
        type = longest(type, lines[i].type);
        value = longest(value, lines[i].value);
    }
    cr_print_to(out, "%-*s  %-*s  %-*s  %s\n", name, "node", type, "type", value, "value",
                "gradient");
    for (size_t i = 0; i < count; i++) {
        cr_print_to(out, "%-*s  %-*s  ", name, lines[i].name, type, lines[i].type);
        cr_print_to(out, colour ? green : plain, value, lines[i].value);
        cr_print_to(out, "  ");
        cr_print_to(out, colour ? red : plain, 0, lines[i].gradient);
        cr_print_to(out, "\n");
    }
}

bool cr_trace_text_print(cr_trace *trace, bool colour, FILE *out, cr_error *err)
{
    const cr_network *network = trace->experiment->model.network;
    const cr_loss_type *loss = trace->experiment->model.loss.type;
    line *lines = cr_alloc(network->node_count + 2, sizeof *lines, err);
    if (!lines)
        return false;
    size_t count = 0;
    if (network->values[0].size > 0)
        fill_line(trace, CR_NO_SPEC, &lines[count++]);
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].spec != CR_NO_SPEC)
            fill_line(trace, i, &lines[count++]);
    if (loss) {
        snprintf(lines[count].name, sizeof lines[count].name, "loss");
        snprintf(lines[count].type, sizeof lines[count].type, "%.39s", loss->name);
        snprintf(lines[count].value, sizeof lines[count].value, "%.6g", trace->loss);
        snprintf(lines[count].gradient, sizeof lines[count].gradient, "1");
        count++;
    }
    print_lines(lines, count, colour, out);
    cr_free(lines);
    return true;
}

void cr_trace_text_visit_inputs(cr_trace *trace, cr_trace_input_visitor visit, void *user)
{
    const cr_network *network = trace->experiment->model.network;
    for (size_t node = 0; node < network->node_count; node++) {
        if (network->nodes[node].spec == CR_NO_SPEC ||
            !network->nodes[node].type->constant)
            continue;
        cr_traced traced = cr_trace_node(trace, node);
        for (size_t i = 0; i < traced.size; i++)
            visit(user, network->nodes[node].name, traced.size > 1 ? i : SIZE_MAX,
                  traced.gradients[i]);
    }
}

static void print_column(void *user, const char *name, size_t index, cr_real gradient)
{
    (void)gradient;
    char text[100];
    if (index == SIZE_MAX)
        snprintf(text, sizeof text, "%.60s", name);
    else
        snprintf(text, sizeof text, "%.60s.%zu", name, index);
    cr_print_to(user, " %12s", text);
}

static void print_entry(void *user, const char *name, size_t index, cr_real gradient)
{
    (void)name;
    (void)index;
    cr_print_to(user, " %12.6g", gradient == 0 ? 0 : (double)gradient);
}

static void print_row(void *user, size_t output, cr_trace *trace)
{
    FILE *out = user;
    const cr_network *network = trace->experiment->model.network;
    if (output == 0) {
        cr_print_to(out, "%-12s", "");
        cr_trace_text_visit_inputs(trace, print_column, out);
        cr_print_to(out, "\n");
    }
    char name[100] = "";
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].output == network->output)
            snprintf(name, sizeof name, "%.60s.%zu", network->nodes[i].name, output);
    cr_print_to(out, "%-12s", name);
    cr_trace_text_visit_inputs(trace, print_entry, out);
    cr_print_to(out, "\n");
}

bool cr_trace_text_print_jacobian(cr_trace *trace, FILE *out, cr_error *err)
{
    return cr_trace_jacobian(trace, print_row, out, err);
}
