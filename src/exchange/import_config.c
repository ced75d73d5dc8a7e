#include "exchange/import_config.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/json_lists.h"
#include "exchange/import_layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The names between commas. */
static bool split_names(const char *text, cr_names *names, cr_error *err)
{
    for (bool more = true; more;) {
        const size_t length = strcspn(text, ",");
        char *name = length > 0 ? cr_text_copy(text, length, err) : NULL;
        bool good = name && cr_names_add(names, name, err);
        cr_free(name);
        if (!good)
            return cr_fail(err, CR_E_USAGE,
                           "a name is empty; expected names with commas between them, "
                           "such as setosa,versicolor");
        more = text[length] == ',';
        text += length + more;
    }
    return true;
}

/* 0, 1, 2, … */
static bool number_names(cr_names *names, size_t count, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i);
        good = cr_names_add(names, name, err);
    }
    return good;
}

/* The names of the classes in the order of the file's scores. */
static bool find_classes(const cr_import_graph *graph, const cr_import_output *output,
                         const char *given, size_t count, cr_names *names, cr_error *err)
{
    bool good = given ? split_names(given, names, err)
                : output->classes.count > 0
                    ? cr_names_add_all(names, &output->classes, err)
                    : number_names(names, count, err);
    if (good && names->count != count)
        good = given
                   ? cr_fail(err, CR_E_USAGE,
                             "--classes: found %zu names, expected %zu, in the order of "
                             "the network's scores",
                             names->count, count)
                   : cr_import_graph_fail(graph, err,
                                          "it names %zu classes, expected the %zu of its "
                                          "scores; name them with --classes",
                                          names->count, count);
    return good;
}

/* Moves the scores of the last layer into the order of the sorted classes: that of class
 * sorted[i] in the file is from[i]. Of one score, which is the second class's, the sign. */
static bool reorder(cr_import_graph *graph, size_t scores, const size_t *from,
                    cr_error *err)
{
    const cr_import_layer *last = &graph->layers[graph->layer_count - 1];
    if (strcmp(last->type, "linear") != 0)
        return cr_import_graph_fail(
            graph, err,
            "its classes are not in the order of their names, and "
            "its last layer is no linear one, whose units could be "
            "put into it; name the classes in order with "
            "--classes");
    for (size_t t = 0; t < graph->tensor_count; t++) {
        const cr_import_tensor *tensor = &graph->tensors[t];
        if (tensor->layer != graph->layer_count - 1)
            continue;
        double *row = cr_alloc(scores, sizeof *row, err);
        if (!row)
            return false;
        for (size_t i = 0; i < tensor->count; i += scores) {
            memcpy(row, tensor->values + i, scores * sizeof *row);
            for (size_t k = 0; k < scores; k++)
                tensor->values[i + k] = scores == 1 ? -row[0] : row[from[k]];
        }
        cr_free(row);
    }
    return true;
}

static bool sort_classes(cr_import_graph *graph, size_t scores, const cr_names *names,
                         cr_names *sorted, cr_error *err)
{
    bool moved = false;
    if (!cr_names_add_all(sorted, names, err) || !cr_names_sort(sorted, err))
        return false;
    bool twice = sorted->count != names->count; /* spellings of one number */
    for (size_t i = 1; i < sorted->count; i++)
        twice = twice || strcmp(sorted->items[i - 1], sorted->items[i]) == 0;
    if (twice)
        return cr_import_graph_fail(graph, err, "two of its classes have the same name");
    size_t *from = cr_alloc(names->count, sizeof *from, err);
    for (size_t i = 0; from && i < names->count; i++) {
        const int32_t place = cr_names_place(sorted, names->items[i]); /* it is there */
        from[place > 0 ? place : 0] = i;
        moved = moved || place != (int32_t)i;
    }
    bool good = from && (!moved || reorder(graph, scores, from, err));
    cr_free(from);
    return good;
}

static bool add_classes(cr_import_graph *graph, const cr_import_output *output,
                        const cr_loss_type *loss, const cr_import_options *options,
                        cr_encoding *encoding, cr_error *err)
{
    const size_t scores = cr_shape_size(&output->scores->computed.shape);
    const bool labels = loss->binary && scores > 1;
    encoding->classify = loss->classify && !labels;
    encoding->target_count = encoding->classify ? 1 : scores;
    if (!encoding->classify)
        return !options->classes ||
               cr_fail(
                   err, CR_E_USAGE,
                   "--classes: the loss is %s, and the network has %zu outputs, which "
                   "are no classes; --loss softmax makes classes of them",
                   loss->name, scores);
    if (scores == 1 && !loss->binary)
        return cr_import_graph_fail(
            graph, err,
            "it has one output, which is no score of several "
            "classes; --loss logistic makes two of it, and --loss "
            "l2 a number");
    cr_names names = {0};
    bool good = find_classes(graph, output, options->classes, loss->binary ? 2 : scores,
                             &names, err) &&
                sort_classes(graph, scores, &names, &encoding->classes, err);
    cr_names_finish(&names);
    return good;
}

/* Targets stand behind the inputs, and have names where those have. */
static bool add_targets(const cr_import_graph *graph, const cr_import_output *output,
                        const char *given, cr_encoding *encoding, cr_error *err)
{
    const size_t count = encoding->target_count;
    encoding->target_positions = cr_alloc(count, sizeof *encoding->target_positions, err);
    for (size_t i = 0; encoding->target_positions && i < count; i++)
        encoding->target_positions[i] = encoding->features + i;
    if (!encoding->target_positions)
        return false;
    if (given && encoding->columns.count == 0)
        return cr_fail(err, CR_E_USAGE,
                       "--target: %s has no names of columns, so that its targets go by "
                       "their place: behind the inputs",
                       graph->model->whole.file);
    if (given && !split_names(given, &encoding->targets, err))
        return false;
    const bool known = output->targets.count == count && encoding->columns.count > 0;
    if (!given && known)
        return cr_names_add_all(&encoding->targets, &output->targets, err);
    if (!given && encoding->columns.count > 0 && count == 1)
        return cr_import_graph_add_name(graph, &encoding->targets, output->name, err);
    for (size_t i = 0; !given && encoding->columns.count > 0 && i < count; i++) {
        char name[24];
        snprintf(name, sizeof name, "target_%zu", i);
        if (!cr_names_add(&encoding->targets, name, err))
            return false;
    }
    return encoding->targets.count == 0 || encoding->targets.count == count ||
           cr_fail(err, CR_E_USAGE, "--target: found %zu names, expected %zu",
                   encoding->targets.count, count);
}

/* raw · factor + offset = (raw - shift) · scale, the same for all values of a channel. */
static bool add_normalization(const cr_import_graph *graph, cr_encoding *encoding,
                              cr_error *err)
{
    const size_t n = encoding->features, run = n / cr_encoding_channels(encoding);
    if (!graph->factor)
        return true;
    encoding->shift = cr_alloc(n, sizeof *encoding->shift, err);
    encoding->scale = cr_alloc(n, sizeof *encoding->scale, err);
    if (!encoding->shift || !encoding->scale)
        return false;
    for (size_t i = 0; i < n; i++) {
        encoding->shift[i] = -graph->offset[i] / graph->factor[i];
        encoding->scale[i] = graph->factor[i];
        if (encoding->shift[i] == 0)
            encoding->shift[i] = 0; /* not -0 */
        if (!isfinite(encoding->shift[i]) || !isfinite(1 / encoding->scale[i]))
            return cr_import_graph_fail(
                graph, err,
                "what it does to its inputs first is too large for "
                "a number");
        if (encoding->scale[i] != encoding->scale[i / run * run] ||
            encoding->shift[i] != encoding->shift[i / run * run])
            return cr_import_graph_fail(
                graph, err,
                "it normalises each pixel with numbers of its own; "
                "a config has one for each channel");
    }
    return true;
}

bool cr_import_config_encode(cr_import_graph *graph, const cr_import_output *output,
                             const cr_loss_type *loss, const cr_import_options *options,
                             cr_encoding *encoding, cr_error *err)
{
    *encoding =
        (cr_encoding){.shape = graph->input, .features = cr_shape_size(&graph->input)};
    encoding->input_count = encoding->features;
    const bool known = output->columns.count == encoding->features;
    const cr_names *columns = known ? &output->columns : &graph->columns;
    return cr_names_add_all(&encoding->columns, columns, err) &&
           add_classes(graph, output, loss, options, encoding, err) &&
           add_targets(graph, output, options->targets, encoding, err) &&
           add_normalization(graph, encoding, err);
}

/* One figure, or one a channel. */
static bool add_figures(cr_json *object, const char *key, const cr_encoding *encoding,
                        bool std)
{
    const size_t channels = cr_encoding_channels(encoding);
    const size_t run = encoding->features / channels;
    const double *values = std ? encoding->scale : encoding->shift;
    bool same = true;
    for (size_t i = 0; i < channels; i++)
        same = same && values[i * run] == values[0];
    if (same)
        return cr_json_set_number(object, key, std ? 1 / values[0] : values[0]);
    cr_json *list = cr_json_add(object, key, CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < channels; i++)
        good =
            cr_json_set_number(list, NULL, std ? 1 / values[i * run] : values[i * run]);
    return good;
}

/* What training data has to be like; nothing where there is nothing to say. */
static bool add_data(cr_json *root, const cr_encoding *encoding)
{
    const cr_shape *shape = &encoding->shape;
    const bool named = encoding->targets.count > 0;
    if (shape->rank == 1 && !encoding->shift && !named)
        return true;
    cr_json *data = cr_json_add(root, "data", CR_JSON_OBJECT);
    cr_json *normalize =
        data && encoding->shift ? cr_json_add(data, "normalize", CR_JSON_OBJECT) : NULL;
    return data &&
           (!named || cr_json_lists_write_names(data, "target", &encoding->targets)) &&
           (shape->rank == 1 ||
            cr_json_lists_write_numbers(data, "shape", shape->dim, shape->rank)) &&
           (!encoding->shift ||
            (normalize && add_figures(normalize, "mean", encoding, false) &&
             add_figures(normalize, "std", encoding, true)));
}

cr_json *cr_import_config_make(cr_import_graph *graph, const cr_loss_type *loss,
                               const cr_encoding *encoding, cr_error *err)
{
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = root && add_data(root, encoding);
    cr_json *model = good ? cr_json_add(root, "model", CR_JSON_OBJECT) : NULL;
    cr_json *section = good ? cr_json_add(root, "loss", CR_JSON_OBJECT) : NULL;
    char *layers = cr_json_print(graph->list, false);
    good = model && section && layers && cr_json_set_text(model, "layers", layers) &&
           cr_json_set_string(section, "type", loss->name);
    cr_free(layers);
    if (good)
        return root;
    cr_json_free(root);
    cr_fail(err, CR_E_MEMORY, "out of memory");
    return NULL;
}
