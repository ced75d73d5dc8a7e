#include "exchange/import.h"

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "exchange/import_config.h"
#include "exchange/import_layers.h"
#include "measure/inference.h"
#include "runs/model_file.h"
#include "runs/summary.h"

#include <math.h>
#include <string.h>

/* The tensors of the graph on their way into the network. */
typedef struct filling {
    const cr_import_graph *graph;
    size_t filled;
    const char *missing;  /* a segment without a tensor of its size; NULL: none */
    const char *infinite; /* one with a number that is none in cr_real */
} filling;

/* The layer that a segment belongs to: "linear1" of "linear1.weight". */
static size_t layer_of(const cr_import_graph *graph, const cr_segment *segment)
{
    const size_t length = strlen(segment->full_name) - strlen(segment->name) - 1;
    size_t i = 0;
    while (i < graph->layer_count &&
           (strlen(graph->layers[i].name) != length ||
            strncmp(graph->layers[i].name, segment->full_name, length) != 0))
        i++;
    return i;
}

static void fill_segment(void *user, const cr_segment *segment, cr_real *block)
{
    filling *f = user;
    const size_t layer = layer_of(f->graph, segment);
    const cr_import_tensor *tensor =
        cr_import_layers_tensor(f->graph, layer, segment->name);
    if (layer < f->graph->layer_count &&
        strcmp(f->graph->layers[layer].type, "value") == 0)
        return; /* its numbers stand in the config */
    if (!tensor || tensor->count != segment->size) {
        f->missing = segment->full_name;
        return;
    }
    f->filled++;
    for (size_t i = 0; i < segment->size; i++) {
        const cr_real number = (cr_real)tensor->values[i];
        block[segment->offset + i] = number;
        if (!isfinite(number))
            f->infinite = segment->full_name;
    }
}

/* Whether layers put out what import took them to: their planning and the file agree. */
static bool check_shapes(const cr_import_graph *graph, const cr_network *network,
                         cr_error *err)
{
    char found[CR_SHAPE_TEXT], expected[CR_SHAPE_TEXT];
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        if (node->spec == CR_NO_SPEC)
            continue;
        const cr_shape *shape = &network->values[node->output].shape;
        const cr_import_layer *layer = &graph->layers[node->spec];
        if (!cr_shape_is_same(shape, &layer->output))
            return cr_import_graph_fail(
                graph, err, "layer %s puts out %s, and in the file %s", layer->name,
                cr_shape_format(shape, found), cr_shape_format(&layer->output, expected));
    }
    return true;
}

static bool fill_network(const cr_import_graph *graph, cr_network *network, cr_error *err)
{
    filling f = {.graph = graph};
    cr_network_init(network, 1, NULL); /* values of layers `value` */
    cr_network_visit(network, fill_segment, &f);
    if (f.missing || f.filled != graph->tensor_count)
        return cr_import_graph_fail(graph, err, "its tensors are not those of layer %s",
                                    f.missing ? f.missing : "that it has");
    if (f.infinite)
        return cr_import_graph_fail(
            graph, err,
            "%s has a number that is not finite, or too large for "
            "float32",
            f.infinite);
    return check_shapes(graph, network, err);
}

static const cr_loss_type *find_loss(const char *name, cr_error *err)
{
    const char *names[16];
    for (size_t i = 0; i < cr_loss_type_count; i++) {
        if (strcmp(cr_loss_types[i]->name, name) == 0)
            return cr_loss_types[i];
        names[i % CR_COUNT(names)] = cr_loss_types[i]->name;
    }
    const char *near = cr_text_nearest(name, names, cr_loss_type_count);
    cr_fail(err, CR_E_USAGE, "--loss: there is no loss \"%.40s\"%s%s%s", name,
            near ? "; did you mean \"" : "; chainrule check --keys lists them",
            near ? near : "", near ? "\"?" : "");
    return NULL;
}

static bool make_model(cr_model *model, cr_import_graph *graph,
                       const cr_import_options *options, cr_error *err)
{
    cr_import_output output = {0};
    bool good = cr_import_read(graph, &output, options, err);
    const cr_loss_type *loss = good ? find_loss(output.loss, err) : NULL;
    cr_json *root = NULL;
    if (loss && cr_import_config_encode(graph, &output, loss, options,
                                        &model->own_encoding, err)) {
        model->encoding = &model->own_encoding;
        root = cr_import_config_make(graph, loss, model->encoding, err);
    }
    char *text = root ? cr_json_print(root, true) : NULL;
    if (root && !text)
        cr_fail(err, CR_E_MEMORY, "out of memory");
    good = text &&
           cr_document_parse(&model->document, graph->model->whole.file, text,
                             strlen(text), CR_E_DATA, err) &&
           cr_model_build(model, graph->model->whole.file, err) &&
           fill_network(graph, model->network, err);
    cr_json_free(root);
    cr_import_output_finish(&output);
    return good;
}

/* What surprises: where a table's values belong. */
static void warn(cr_experiment *experiment, const cr_import_graph *graph)
{
    char shape[CR_SHAPE_TEXT];
    if (graph->turned)
        cr_text_add_line(&experiment->warnings,
                         "%s: its examples have the channels last; here they come first, "
                         "%s: in a table's row, all values of one channel and then the "
                         "next one's",
                         graph->model->whole.file, cr_shape_format(&graph->input, shape));
}

/* The network alone. NULL with err. */
static cr_experiment *make_bare(const char *path, const cr_import_options *options,
                                cr_error *err)
{
    cr_onnx_model file = {0};
    cr_import_graph graph = {0};
    cr_experiment *experiment = cr_alloc(1, sizeof *experiment, err);
    bool good = experiment && cr_onnx_model_read(&file, path, err) &&
                cr_import_graph_init(&graph, &file, err) &&
                make_model(&experiment->model, &graph, options, err);
    if (good)
        warn(experiment, &graph);
    cr_import_graph_finish(&graph);
    cr_onnx_model_finish(&file);
    if (good)
        return experiment;
    cr_experiment_destroy(experiment);
    return NULL;
}

/* What the file says stays so. */
static bool check_overrides(const cr_import_options *options, cr_error *err)
{
    for (size_t i = 0; i < options->override_count; i++)
        if (strncmp(options->overrides[i], "model.", 6) == 0 ||
            strncmp(options->overrides[i], "loss.type", 9) == 0)
            return cr_fail(err, CR_E_USAGE, "%s: the file says what the network is%s",
                           options->overrides[i],
                           options->overrides[i][0] == 'l'
                               ? "; --loss says what its outputs "
                                 "are for"
                               : "");
    return !options->loss || find_loss(options->loss, err);
}

static bool same_names(const cr_names *a, const cr_names *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

/* 0, 1, 2, …: no names, or what stands for the data's, in their order. */
static bool are_numbered(const cr_names *names)
{
    double number = 0;
    bool numbered = true;
    for (size_t i = 0; numbered && i < names->count; i++)
        numbered = cr_names_is_number(names->items[i], &number) && number == (double)i;
    return numbered;
}

/* Whether what was learned from the data is what the network was made for. */
static bool check_encoding(const char *path, const cr_encoding *file,
                           const cr_encoding *data, cr_error *err)
{
    char a[CR_SHAPE_TEXT], b[CR_SHAPE_TEXT];
    bool same = !file->shift || data->shift;
    if (!cr_shape_is_same(&file->shape, &data->shape))
        return cr_fail(err, CR_E_DATA,
                       "%s: the network takes examples of %s, and those of the data are "
                       "%s; data.columns, data.ignore and data.shape say what they are",
                       path, cr_shape_format(&file->shape, a),
                       cr_shape_format(&data->shape, b));
    for (size_t i = 0; file->shift && same && i < file->features; i++)
        same = fabs(file->shift[i] - data->shift[i]) <= 1e-6 * fabs(file->shift[i]) &&
               fabs(file->scale[i] - data->scale[i]) <= 1e-6 * fabs(file->scale[i]);
    if (!same)
        return cr_fail(err, CR_E_USAGE,
                       "data.normalize: %s normalises its inputs itself; leave it out",
                       path);
    if (file->columns.count > 0 && data->columns.count > 0 &&
        !same_names(&file->columns, &data->columns))
        return cr_fail(err, CR_E_DATA,
                       "%s: its inputs have other names than the columns of the data, or "
                       "another order; put the columns of the table into theirs",
                       path);
    if (!file->classify || same_names(&file->classes, &data->classes) ||
        (are_numbered(&file->classes) && file->classes.count == data->classes.count))
        return true;
    return cr_fail(err, CR_E_DATA,
                   "%s: its %zu classes (\"%s\", …) are not the %zu of the data (\"%s\", "
                   "…); name them with --classes, in the order of the network's outputs",
                   path, file->classes.count, file->classes.items[0], data->classes.count,
                   data->classes.items[0]);
}

/* The bare network with the data that the overrides name. NULL with err. */
static cr_experiment *add_data(const char *path, const cr_experiment *bare,
                               const cr_import_options *options, cr_error *err)
{
    char *text = cr_json_print(bare->model.document.root, true);
    const cr_recipe recipe = {.path = path,
                              .text = text,
                              .overrides = options->overrides,
                              .override_count = options->override_count};
    cr_experiment *experiment = text ? cr_experiment_create(&recipe, err)
                                     : (cr_fail(err, CR_E_MEMORY, "out of memory"), NULL);
    cr_free(text);
    if (!experiment)
        return NULL;
    const cr_network *from = bare->model.network;
    cr_network *to = experiment->model.network;
    if (!check_encoding(path, bare->model.encoding, experiment->model.encoding, err)) {
        cr_experiment_destroy(experiment);
        return NULL;
    }
    memcpy(to->parameters, from->parameters, from->parameter_size * sizeof(cr_real));
    memcpy(to->buffers, from->buffers, from->buffer_size * sizeof(cr_real));
    cr_text_add(&experiment->warnings, "%s", cr_experiment_warnings(bare));
    return experiment;
}

cr_experiment *cr_import_experiment(const char *path, const cr_import_options *options,
                                    cr_error *err)
{
    cr_experiment *bare =
        check_overrides(options, err) ? make_bare(path, options, err) : NULL;
    if (!bare || options->override_count == 0)
        return bare;
    cr_experiment *experiment = add_data(path, bare, options, err);
    cr_experiment_destroy(bare);
    return experiment;
}

/* config.json starts a training from the model beside it, and says what data has to be like;
 * a model without data says it by its encoding. */
static bool create_run(cr_experiment *experiment, const char *path, const char *out,
                       cr_run *run, cr_error *err)
{
    cr_json *root = experiment->model.document.root;
    if (!cr_json_set_string(cr_json_edit(root, "model"), "weights", "model.safetensors"))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    bool good = cr_run_create(run, out, path, experiment, err);
    if (!experiment->data)
        cr_json_remove(root, "data");
    return good;
}

static bool measure(const cr_experiment *experiment, cr_result *result, cr_error *err)
{
    *result = (cr_result){.status = CR_STATUS_COMPLETED};
    if (!experiment->data)
        return true;
    for (int i = 0; i < CR_PARTS; i++) {
        const cr_part *part = &experiment->data->parts[i];
        cr_sums sums = {0};
        if (part->dataset &&
            !cr_inference_run(&experiment->model, part, NULL, NULL, &sums, err))
            return false;
        result->parts[i] = cr_sums_figures(&sums, &experiment->model);
    }
    return true;
}

/* What stands in the directory besides the config. */
static bool write_files(const cr_experiment *experiment, const char *path, cr_run *run,
                        const cr_result *result, cr_error *err)
{
    char *weights = cr_path_join(run->path, "model.safetensors", err);
    cr_json *summary = cr_summary_create(experiment, result, true);
    bool good = weights &&
                cr_model_file_save(&experiment->model, NULL, NULL, weights, err) &&
                ((summary && cr_json_set_string(summary, "imported", path)) ||
                 cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_run_save_summary(run, summary, err);
    cr_json_free(summary);
    cr_free(weights);
    return good;
}

bool cr_import_save(cr_experiment *experiment, const char *path, const char *out,
                    cr_run *run, cr_result *result, cr_error *err)
{
    if (experiment->training.threads == 0)
        experiment->training.threads = 1;
    if (!measure(experiment, result, err) || !create_run(experiment, path, out, run, err))
        return false;
    bool good = write_files(experiment, path, run, result, err);
    if (!good)
        cr_run_remove(run->path);
    return good;
}
