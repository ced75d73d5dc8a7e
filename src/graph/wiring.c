#include "graph/wiring.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

void cr_wiring_finish(cr_wiring *wiring)
{
    for (size_t i = 0; wiring->inputs && i < wiring->count; i++)
        cr_free(wiring->inputs[i]);
    cr_free(wiring->inputs);
    cr_free(wiring->input_count);
    cr_free(wiring->order);
    cr_free(wiring->consumers);
    *wiring = (cr_wiring){0};
}

static bool find_layer(const cr_model_section *model, const char *name, size_t *position)
{
    *position = CR_DATA;
    if (strcmp(name, "data") == 0)
        return true;
    for (size_t i = 0; i < model->layer_count; i++)
        if (strcmp(model->layers[i].name, name) == 0) {
            *position = i;
            return true;
        }
    return false;
}

static void unknown_input(cr_reader *reader, const char *path,
                          const cr_model_section *model, const char *name)
{
    const char **known = cr_alloc(model->layer_count + 1, sizeof *known, reader->err);
    if (!known)
        return;
    known[0] = "data";
    for (size_t i = 0; i < model->layer_count; i++)
        known[i + 1] = model->layers[i].name;
    cr_reader_unknown(reader, path, "input", name, known, model->layer_count + 1);
    cr_free(known);
}

static void wrong_count(cr_reader *reader, const cr_layer_spec *layer, size_t found)
{
    const cr_layer_type *type = layer->type;
    char expected[48];
    if (type->min_inputs == type->max_inputs)
        snprintf(expected, sizeof expected, "%zu", type->min_inputs);
    else
        snprintf(expected, sizeof expected, "at least %zu", type->min_inputs);
    cr_reader_error(reader, layer->path, "\"%s\" has %zu inputs; %s takes %s",
                    layer->name, found, type->name, expected);
}

/* The named inputs, or the layer before; a layer that takes none has none. */
static bool wire_layer(cr_wiring *wiring, cr_reader *reader,
                       const cr_model_section *model, size_t i)
{
    const cr_layer_spec *layer = &model->layers[i];
    size_t count =
        layer->inputs ? cr_json_count(layer->inputs) : layer->type->max_inputs > 0;
    if (count < layer->type->min_inputs || count > layer->type->max_inputs) {
        wrong_count(reader, layer, count);
        return true;
    }
    wiring->inputs[i] = cr_alloc(count, sizeof **wiring->inputs, reader->err);
    if (!wiring->inputs[i])
        return false;
    wiring->input_count[i] = count;
    if (!layer->inputs && count == 1)
        wiring->inputs[i][0] = i > 0 ? i - 1 : CR_DATA;
    const cr_json *name = layer->inputs ? cr_json_first(layer->inputs) : NULL;
    for (size_t k = 0; name; k++, name = cr_json_next(name)) {
        char path[CR_WHERE], index[40];
        snprintf(index, sizeof index, "inputs.%zu", k);
        if (!find_layer(model, cr_json_string(name), &wiring->inputs[i][k]))
            unknown_input(reader, cr_json_path(layer->path, index, path), model,
                          cr_json_string(name));
    }
    return true;
}

/* Follows unsorted inputs from an unsorted layer until one comes again: the way between
 * is a cycle. */
static void name_cycle(const cr_wiring *wiring, cr_reader *reader,
                       const cr_model_section *model, const bool *sorted, size_t *trail)
{
    size_t at = 0, length = 0, first = 0;
    while (sorted[at])
        at++;
    for (bool closed = false; !closed; at = wiring->inputs[at][first]) {
        trail[length++] = at;
        for (first = 0; first < wiring->input_count[at]; first++) {
            size_t input = wiring->inputs[at][first];
            if (input != CR_DATA && !sorted[input])
                break;
        }
        for (size_t k = 0; k < length; k++)
            if (trail[k] == wiring->inputs[at][first])
                closed = true;
    }
    size_t start = 0;
    while (trail[start] != at)
        start++;
    cr_text members = {0};
    for (size_t k = length; k-- > start;) /* the trail goes against the data */
        cr_text_add(&members, "%s -> ", model->layers[trail[k]].name);
    cr_text_add(&members, "%s", model->layers[trail[length - 1]].name);
    cr_reader_error(
        reader, model->layers[trail[length - 1]].path,
        "the layers form a cycle: %s; a graph goes one way: change one of their inputs",
        members.failed ? "" : members.data);
    cr_text_finish(&members);
}

/* Takes, again and again, the first layer of the file whose inputs are all there. */
static bool sort(cr_wiring *wiring, cr_reader *reader, const cr_model_section *model)
{
    bool *sorted = cr_alloc(wiring->count, sizeof *sorted, reader->err);
    if (!sorted)
        return false;
    size_t done = 0;
    for (size_t i = 0; i < wiring->count;) {
        bool ready = !sorted[i];
        for (size_t k = 0; ready && k < wiring->input_count[i]; k++)
            ready = wiring->inputs[i][k] == CR_DATA || sorted[wiring->inputs[i][k]];
        if (ready) {
            sorted[i] = true;
            wiring->order[done++] = i;
        }
        i = ready ? 0 : i + 1;
    }
    if (done < wiring->count)
        name_cycle(wiring, reader, model, sorted, wiring->order);
    cr_free(sorted);
    return done == wiring->count;
}

static bool find_output(cr_wiring *wiring, cr_reader *reader,
                        const cr_model_section *model)
{
    size_t outputs = 0;
    cr_text names = {0};
    for (size_t i = 0; i < wiring->count; i++) {
        if (wiring->consumers[i] > 0)
            continue;
        cr_text_add(&names, "%s\"%s\"", outputs ? ", " : "", model->layers[i].name);
        wiring->output = i;
        outputs++;
    }
    if (outputs > 1)
        cr_reader_error(
            reader, "model.layers",
            "a network has one output, but nothing uses %s; use all but one as an "
            "input, or remove them",
            names.failed ? "several layers" : names.data);
    cr_text_finish(&names);
    return outputs == 1;
}

bool cr_wiring_create(cr_wiring *wiring, cr_reader *reader, const cr_model_section *model,
                      bool has_data)
{
    size_t count = model->layer_count, errors = reader->err->count;
    *wiring = (cr_wiring){.count = count};
    wiring->input_count = cr_alloc(count, sizeof *wiring->input_count, reader->err);
    wiring->inputs = cr_alloc(count, sizeof *wiring->inputs, reader->err);
    wiring->order = cr_alloc(count, sizeof *wiring->order, reader->err);
    wiring->consumers = cr_alloc(count + 1, sizeof *wiring->consumers, reader->err);
    bool good =
        wiring->input_count && wiring->inputs && wiring->order && wiring->consumers;
    for (size_t i = 0; good && i < count; i++)
        good = wire_layer(wiring, reader, model, i);
    good = good && reader->err->count == errors;
    for (size_t i = 0; good && i < count; i++)
        for (size_t k = 0; k < wiring->input_count[i]; k++) {
            size_t input = wiring->inputs[i][k];
            wiring->consumers[input == CR_DATA ? count : input]++;
            if (input == CR_DATA && !has_data) {
                cr_reader_error(
                    reader, model->layers[i].path,
                    "\"%s\" takes the batch, but the config has no data; give it "
                    "\"inputs\", or the config a \"data\" section",
                    model->layers[i].name);
                good = false;
            }
        }
    good = good && sort(wiring, reader, model) && find_output(wiring, reader, model);
    if (!good)
        cr_wiring_finish(wiring);
    return good;
}
