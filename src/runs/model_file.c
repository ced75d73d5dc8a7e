#include "runs/model_file.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "config/document.h"
#include "data/encoding_metadata.h"
#include "graph/safetensors.h"
#include "train/experiment.h"

#include <string.h>
#include <sys/stat.h>

typedef struct listing {
    cr_tensor *tensors;
    size_t count;
    const cr_real *own[2],
        *other[2]; /* parameters and buffers: the network's, and those to write */
} listing;

static void list_segment(void *user, const cr_segment *segment, cr_real *block)
{
    listing *l = user;
    if (l->tensors) {
        const cr_real *from = block == l->own[0] ? l->other[0] : l->other[1];
        l->tensors[l->count] =
            (cr_tensor){segment->full_name, segment->shape, from + segment->offset};
    }
    l->count++;
}

static cr_json *make_metadata(const cr_model *model, cr_error *err)
{
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    char *config = cr_json_print(model->document.root, false);
    bool good = metadata && config &&
                cr_json_set_string(metadata, "version", CR_VERSION) &&
                cr_json_set_string(metadata, "config", config);
    cr_free(config);
    if (!good)
        cr_fail(err, CR_E_MEMORY, "out of memory");
    if (good && cr_encoding_metadata_write(model->encoding, metadata, err))
        return metadata;
    cr_json_free(metadata);
    return NULL;
}

/* Lists all tensors, with the given parameters and buffers (NULL: the model's), and makes
 * the metadata. finish_listing frees both, also after a failure. */
static bool list_all(listing *l, const cr_model *model, const cr_real *parameters,
                     const cr_real *buffers, cr_json **metadata, cr_error *err)
{
    const cr_network *network = model->network;
    *l = (listing){.own = {network->parameters, network->buffers}};
    l->other[0] = parameters ? parameters : network->parameters;
    l->other[1] = buffers ? buffers : network->buffers;
    cr_network_visit(network, list_segment, l);
    l->tensors = cr_alloc(l->count, sizeof *l->tensors, err);
    l->count = 0;
    *metadata = l->tensors ? make_metadata(model, err) : NULL;
    if (*metadata)
        cr_network_visit(network, list_segment, l);
    return *metadata != NULL;
}

static void finish_listing(listing *l, cr_json *metadata)
{
    cr_json_free(metadata);
    cr_free(l->tensors);
}

bool cr_model_file_save(const cr_model *model, const cr_real *parameters,
                        const cr_real *buffers, const char *path, cr_error *err)
{
    listing l;
    cr_json *metadata;
    bool good = list_all(&l, model, parameters, buffers, &metadata, err) &&
                cr_safetensors_write(path, l.tensors, l.count, metadata, NULL, err);
    finish_listing(&l, metadata);
    return good;
}

bool cr_model_save(const cr_model *model, const char *path, cr_error *err)
{
    return cr_model_file_save(model, NULL, NULL, path, err);
}

bool cr_model_save_bytes(const cr_model *model, void **bytes, size_t *length,
                         cr_error *err)
{
    listing l;
    cr_json *metadata;
    *bytes = NULL;
    *length = 0;
    bool good =
        list_all(&l, model, NULL, NULL, &metadata, err) &&
        cr_safetensors_write_bytes(l.tensors, l.count, metadata, bytes, length, err);
    finish_listing(&l, metadata);
    return good;
}

void cr_model_free_bytes(void *bytes)
{
    cr_free(bytes);
}

bool cr_experiment_save(const cr_experiment *experiment, const char *path, cr_error *err)
{
    return cr_model_file_save(&experiment->model, NULL, NULL, path, err);
}

/* The file of a model: the path itself, or model.safetensors in it if it is a directory.
 * The caller frees it. */
static char *find_file(const char *path, cr_error *err)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return cr_path_join(path, "model.safetensors", err);
    return cr_text_copy(path, strlen(path), err);
}

/* The config in the metadata becomes the model's document; only what a model needs of it
 * is read. */
static bool read_config(cr_model *model, const cr_safetensors *file, cr_error *err)
{
    const char *config = cr_json_get_string(file->metadata, "config");
    if (!config)
        return cr_fail(
            err, CR_E_DATA,
            "%s: it has tensors but no config: not a model that chainrule wrote; "
            "to start a training from it, name it in model.weights",
            file->path);
    char *text = cr_text_copy(config, strlen(config), err);
    if (!text || !cr_document_parse(&model->document, file->path, text, strlen(text),
                                    CR_E_DATA, err))
        return false;
    cr_json *root = model->document.root;
    cr_json *section =
        cr_json_is(root, CR_JSON_OBJECT) ? cr_json_edit(root, "model") : NULL;
    if (!cr_json_is(section, CR_JSON_OBJECT))
        return cr_fail(err, CR_E_DATA, "%s: the config in its metadata has no model",
                       file->path);
    cr_json_remove(section,
                   "weights"); /* what training began from plays no part any more */
    return true;
}

static bool build(cr_model *model, const cr_safetensors *file, cr_error *err)
{
    if (!read_config(model, file, err) ||
        !cr_encoding_metadata_read(&model->own_encoding, file->path, file->metadata, err))
        return false;
    model->encoding = &model->own_encoding;
    return cr_model_build(model, file->path, err) &&
           cr_safetensors_load(file, model->network, err);
}

/* The model of a file that was read, which is finished. */
static cr_model *create(cr_safetensors *file, cr_error *err)
{
    cr_model *model = cr_alloc(1, sizeof *model, err);
    if (model && !build(model, file, err)) {
        cr_model_destroy(model);
        model = NULL;
    }
    cr_safetensors_finish(file);
    return model;
}

cr_model *cr_model_load(const char *path, cr_error *err)
{
    char *file_path = find_file(path, err);
    cr_safetensors file;
    cr_model *model = file_path && cr_safetensors_read(&file, file_path, err)
                          ? create(&file, err)
                          : NULL;
    cr_free(file_path);
    return model;
}

cr_model *cr_model_load_bytes(const void *bytes, size_t length, cr_error *err)
{
    cr_safetensors file;
    return cr_safetensors_parse(&file, "the model", bytes, length, err)
               ? create(&file, err)
               : NULL;
}
