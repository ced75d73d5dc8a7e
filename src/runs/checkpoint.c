#include "runs/checkpoint.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "config/document.h"
#include "math/product.h"
#include "runs/config_difference.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEPT = 2, TENSORS = 5 };

/* Steps in the name, padded so that names sort as numbers do. */
#define NAME "checkpoint-%012zu.safetensors"
#define PREFIX "checkpoint-"
#define SUFFIX ".safetensors"

/* ---- which there are ---- */

static bool is_checkpoint(const char *name)
{
    size_t length = strlen(name),
           digits = strspn(name + (length > 11 ? 11 : length), "0123456789");
    return length < CR_CHECKPOINT_NAME && strncmp(name, PREFIX, strlen(PREFIX)) == 0 &&
           digits > 0 && strcmp(name + strlen(PREFIX) + digits, SUFFIX) == 0;
}

/* The newest name before `before` (NULL: of all), into out. False when there is none. */
static bool newest(const char *directory, const char *before,
                   char out[CR_CHECKPOINT_NAME])
{
    out[0] = '\0';
    DIR *stream = opendir(directory);
    if (!stream)
        return false;
    for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream))
        if (is_checkpoint(entry->d_name) && strcmp(entry->d_name, out) > 0 &&
            (!before || strcmp(entry->d_name, before) < 0))
            snprintf(out, CR_CHECKPOINT_NAME, "%.63s", entry->d_name);
    closedir(stream);
    return out[0] != '\0';
}

const char *cr_checkpoint_last(const char *directory, char out[CR_CHECKPOINT_NAME])
{
    newest(directory, NULL, out);
    return out;
}

/* Removes all but the newest. What cannot be removed is in nobody's way. */
static void remove_old(const char *directory)
{
    char name[CR_CHECKPOINT_NAME], before[CR_CHECKPOINT_NAME] = "";
    for (size_t i = 0; newest(directory, i ? before : NULL, name); i++) {
        char *path = i < KEPT ? NULL : cr_path_join(directory, name, NULL);
        if (path)
            unlink(path);
        cr_free(path);
        memcpy(before, name, sizeof before);
    }
}

/* ---- writing ---- */

typedef enum number_kind {
    COUNT, /* size_t */
    REAL,  /* double, finite */
    FLAG   /* bool, as 0 or 1 */
} number_kind;

/* A number of the state: its key in the file, and the field that it is. */
typedef struct state_number {
    const char *key;
    number_kind kind;
    size_t offset;
} state_number;

#define NUMBER(key, kind, field)                                                         \
    {                                                                                    \
        key, kind, offsetof(cr_checkpoint_state, field)                                  \
    }

static const state_number state_numbers[] = {
    NUMBER("epochs", COUNT, at.epochs),
    NUMBER("step", COUNT, at.step),
    NUMBER("steps", COUNT, at.steps),
    NUMBER("samples", COUNT, at.samples),
    NUMBER("epoch_examples", COUNT, at.sums.examples),
    NUMBER("epoch_loss", REAL, at.sums.loss),
    NUMBER("epoch_weight", REAL, at.sums.weight),
    NUMBER("epoch_correct", REAL, at.sums.correct),
    NUMBER("epoch_squared_error", REAL, at.sums.squared_error),
    NUMBER("plateau_best", REAL, at.plateau.best),
    NUMBER("plateau_bad", COUNT, at.plateau.bad),
    NUMBER("plateau_factor", REAL, at.plateau.factor),
    NUMBER("plateau_has_best", FLAG, at.plateau.has_best),
    NUMBER("reference", REAL, at.reference),
    NUMBER("bad_epochs", COUNT, at.bad_epochs),
    NUMBER("seconds", REAL, at.seconds),
    NUMBER("step_seconds", REAL, at.step_seconds),
    NUMBER("best_epoch", COUNT, best_epoch),
    NUMBER("best_value", REAL, best_value),
    NUMBER("metrics_bytes", COUNT, run.metrics_bytes),
};
enum { STATE_NUMBERS = CR_COUNT(state_numbers) };

static double get_number(const cr_checkpoint_state *state, const state_number *number)
{
    const void *field = (const char *)state + number->offset;
    switch (number->kind) {
    case COUNT:
        return (double)*(const size_t *)field;
    case FLAG:
        return *(const bool *)field;
    case REAL:
        break;
    }
    return *(const double *)field;
}

/* False for a value that the field cannot have. */
static bool set_number(cr_checkpoint_state *state, const state_number *number,
                       double value)
{
    void *field = (char *)state + number->offset;
    bool is_count =
        value >= 0 && value <= 9007199254740992.0 /* 2⁵³ */ && value == floor(value);
    switch (number->kind) {
    case COUNT:
        *(size_t *)field = is_count ? (size_t)value : 0;
        return is_count;
    case FLAG:
        *(bool *)field = value > 0;
        return is_count;
    case REAL:
        break;
    }
    *(double *)field = value;
    return isfinite(value);
}

static bool add_state(cr_json *json, const cr_trainer *t, const cr_checkpoint_run *run)
{
    const cr_checkpoint_state state = {t->at, t->best_epoch, t->best_value, *run};
    bool good = true;
    for (size_t i = 0; good && i < STATE_NUMBERS; i++)
        good = cr_json_set_number(json, state_numbers[i].key,
                                  get_number(&state, &state_numbers[i]));
    return good;
}

/* Sets metadata[key] to the object's text, and frees the object. */
static bool set_object(cr_json *metadata, const char *key, cr_json *object, bool good)
{
    char *text = good ? cr_json_print(object, false) : NULL;
    good = text && cr_json_set_string(metadata, key, text);
    cr_free(text);
    cr_json_free(object);
    return good;
}

static bool add_files(cr_json *files, const cr_experiment *e)
{
    char digits[9];
    snprintf(digits, sizeof digits, "%08lx", (unsigned long)e->weights_crc32);
    return cr_data_checksums(e->data, files) &&
           (!e->model.section.weights ||
            cr_json_set_string(files, "model.weights", digits));
}

static cr_json *make_metadata(const cr_trainer *t, const cr_checkpoint_run *run)
{
    const cr_experiment *e = t->experiment;
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT), *state = cr_json_new(CR_JSON_OBJECT),
            *files = cr_json_new(CR_JSON_OBJECT);
    char kernel[CR_PRODUCT_KERNEL];
    bool good = set_object(metadata, "state", state,
                           metadata && state && add_state(state, t, run));
    good = set_object(metadata, "files", files, good && files && add_files(files, e));
    char *config = good ? cr_json_print(e->model.document.root, false) : NULL;
    good = config && cr_json_set_string(metadata, "config", config) &&
           cr_json_set_string(metadata, "version", CR_VERSION) &&
           cr_json_set_string(metadata, "kernel", cr_product_kernel(kernel)) &&
           cr_json_set_string(metadata, "bit_exact", run->bit_exact ? "true" : "false");
    cr_free(config);
    if (good)
        return metadata;
    cr_json_free(metadata);
    return NULL;
}

/* A block of the trainer that a checkpoint holds. */
typedef struct block {
    const char *name;
    size_t size;
    cr_real *numbers;
} block;

/* The blocks that there are; returns their number. Those of the last step are where the
 * best were, if these were restored. */
static size_t list_blocks(const cr_trainer *t, bool with_best, block blocks[TENSORS])
{
    const cr_network *network = t->experiment->model.network;
    cr_real *here[] = {network->parameters, network->buffers};
    cr_real *there[] = {t->best_parameters, t->best_buffers};
    cr_real **last = t->restored ? there : here, **best = t->restored ? here : there;
    const block all[TENSORS] = {
        {"parameters", network->parameter_size, last[0]},
        {"buffers", network->buffer_size, last[1]},
        {"optimizer_state", t->state ? cr_trainer_state_size(t) : 0, t->state},
        {"best_parameters", with_best ? network->parameter_size : 0, best[0]},
        {"best_buffers", with_best ? network->buffer_size : 0, best[1]},
    };
    size_t count = 0;
    for (size_t i = 0; i < TENSORS; i++)
        if (all[i].size > 0)
            blocks[count++] = all[i];
    return count;
}

/* The blocks as tensors; returns their number. */
static size_t list_tensors(const cr_trainer *t, cr_tensor tensors[TENSORS])
{
    block blocks[TENSORS];
    size_t count = list_blocks(t, t->best_epoch > 0, blocks);
    for (size_t i = 0; i < count; i++)
        tensors[i] =
            (cr_tensor){blocks[i].name, cr_shape_flat(blocks[i].size), blocks[i].numbers};
    return count;
}

bool cr_checkpoint_write(const cr_trainer *trainer, const cr_checkpoint_run *run,
                         void **bytes, size_t *length, cr_error *err)
{
    cr_tensor tensors[TENSORS];
    size_t count = list_tensors(trainer, tensors);
    cr_json *metadata = make_metadata(trainer, run);
    bool good = (metadata || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_safetensors_write_bytes(tensors, count, metadata, bytes, length, err);
    cr_json_free(metadata);
    return good;
}

bool cr_checkpoint_save(const char *directory, const cr_trainer *trainer,
                        const cr_checkpoint_run *run, cr_error *err)
{
    char name[CR_CHECKPOINT_NAME];
    cr_tensor tensors[TENSORS];
    size_t count = list_tensors(trainer, tensors);
    cr_flush none = {0};
    snprintf(name, sizeof name, NAME, trainer->at.steps);
    char *path = cr_path_join(directory, name, err);
    cr_json *metadata = make_metadata(trainer, run);
    bool good = path && (metadata || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_safetensors_write(path, tensors, count, metadata,
                                     run->metrics ? run->metrics : &none, err);
    if (good) {
        cr_directory_flush(directory);
        remove_old(directory);
    }
    cr_json_free(metadata);
    cr_free(path);
    return good;
}

/* ---- reading ---- */

static const char *metadata_text(const cr_checkpoint *c, const char *key)
{
    return cr_json_get_string(c->file.metadata, key);
}

/* The JSON text in metadata[key] as a document. */
static bool read_object(const cr_checkpoint *c, const char *key, cr_document *document,
                        cr_error *err)
{
    const char *string = metadata_text(c, key);
    if (!string)
        return cr_fail(err, CR_E_DATA, "%s: there is no \"%s\" in it: not a checkpoint",
                       c->file.path, key);
    char *text = cr_text_copy(string, strlen(string), err);
    if (!text ||
        !cr_document_parse(document, c->file.path, text, strlen(text), CR_E_DATA, err))
        return false;
    return cr_json_is(document->root, CR_JSON_OBJECT) ||
           cr_fail(err, CR_E_DATA, "%s: its \"%s\" is not an object", c->file.path, key);
}

static bool read_state(cr_checkpoint *c, cr_error *err)
{
    cr_document document = {0};
    bool good = read_object(c, "state", &document, err);
    for (size_t i = 0; good && i < STATE_NUMBERS; i++) {
        const state_number *number = &state_numbers[i];
        double value = cr_json_get_number(document.root, number->key, NAN);
        good = set_number(&c->state, number, value) ||
               cr_fail(err, CR_E_DATA, "%s: its \"%s\" is not what it should be",
                       c->file.path, number->key);
    }
    cr_document_finish(&document);
    const char *bit_exact = metadata_text(c, "bit_exact");
    c->state.run.bit_exact = bit_exact && strcmp(bit_exact, "true") == 0;
    return good;
}

bool cr_checkpoint_find(const char *directory, cr_checkpoint *checkpoint, bool *found,
                        cr_text *warnings, cr_error *err)
{
    char name[CR_CHECKPOINT_NAME], before[CR_CHECKPOINT_NAME] = "";
    *checkpoint = (cr_checkpoint){0};
    *found = false;
    for (bool first = true; !*found && newest(directory, first ? NULL : before, name);
         first = false) {
        char *path = cr_path_join(directory, name, err);
        if (!path)
            return false;
        cr_error problem = CR_ERROR_INIT;
        *found = cr_safetensors_read(&checkpoint->file, path, &problem) &&
                 read_state(checkpoint, &problem);
        cr_free(path);
        if (!*found) {
            cr_checkpoint_finish(checkpoint);
            if (problem.code == CR_E_MEMORY)
                return cr_fail(err, CR_E_MEMORY, "%s", problem.text);
            cr_text_add_line(warnings, "%s", problem.text);
        }
        memcpy(before, name, sizeof before);
    }
    return true;
}

bool cr_checkpoint_read(cr_checkpoint *checkpoint, const void *bytes, size_t length,
                        cr_error *err)
{
    *checkpoint = (cr_checkpoint){0};
    if (cr_safetensors_parse(&checkpoint->file, "the state", bytes, length, err) &&
        read_state(checkpoint, err))
        return true;
    cr_checkpoint_finish(checkpoint);
    return false;
}

/* Whether the files that were read are those of the checkpoint. */
static bool compare_files(const cr_checkpoint *c, const cr_experiment *e, cr_error *err)
{
    cr_document then = {0};
    cr_json *now = cr_json_new(CR_JSON_OBJECT);
    bool read = now && add_files(now, e) ? read_object(c, "files", &then, err)
                                         : cr_fail(err, CR_E_MEMORY, "out of memory");
    bool good = read;
    for (const cr_json *item = good ? cr_json_first(now) : NULL; item;
         item = cr_json_next(item)) {
        const char *old = cr_json_get_string(then.root, cr_json_key(item));
        if (old && strcmp(old, cr_json_string(item)) == 0)
            continue;
        good = false;
        cr_error_add(
            err, CR_E_DATA,
            "%s: the file changed since the run began (its CRC-32 was %.40s, now "
            "it is %s); restore it, or train anew",
            cr_json_key(item), old ? old : "not known", cr_json_string(item));
    }
    cr_document_finish(&then);
    cr_json_free(now);
    return good;
}

static bool compare_config(const cr_checkpoint *c, const cr_experiment *e, cr_error *err)
{
    cr_document then = {0};
    bool good = read_object(c, "config", &then, err) &&
                cr_config_difference_check(then.root, e->model.document.root,
                                           e->no_effect.data, err);
    cr_document_finish(&then);
    return good;
}

static void compare_program(cr_checkpoint *c, cr_text *warnings)
{
    const char *version = metadata_text(c, "version"),
               *kernel = metadata_text(c, "kernel");
    char own[CR_PRODUCT_KERNEL];
    if (version && strcmp(version, CR_VERSION) == 0 && kernel &&
        strcmp(kernel, cr_product_kernel(own)) == 0)
        return;
    c->state.run.bit_exact = false;
    cr_text_add_line(
        warnings,
        "the run was begun by version %.20s with the kernels %.40s, this is %s with "
        "%s: the result will not be the same to the bit",
        version ? version : "?", kernel ? kernel : "?", CR_VERSION, own);
}

/* Whether a trainer can be there. Rows in memory may be others in every epoch. */
static bool check_position(const cr_checkpoint *c, const cr_trainer *t, cr_error *err)
{
    const cr_position *at = &c->state.at;
    size_t steps = cr_trainer_epoch_steps(t);
    bool same_rows = !t->experiment->data->type->in_memory;
    bool fits = at->step <= steps && at->epochs <= 1000000000 &&
                (!same_rows || at->steps == at->epochs * steps + at->step) &&
                c->state.best_epoch <= at->epochs &&
                (c->state.best_epoch == 0 || t->best_parameters);
    return fits || cr_fail(err, CR_E_DATA, "%s: its counters contradict one another",
                           c->file.path);
}

bool cr_checkpoint_restore(cr_checkpoint *checkpoint, cr_trainer *trainer,
                           cr_text *warnings, cr_error *err)
{
    const cr_experiment *e = trainer->experiment;
    bool same = compare_config(checkpoint, e, err);
    same = compare_files(checkpoint, e, err) && same;
    if (!same || !check_position(checkpoint, trainer, err))
        return false;
    block blocks[TENSORS];
    cr_real *copies[TENSORS] = {NULL};
    size_t count = list_blocks(trainer, checkpoint->state.best_epoch > 0, blocks);
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        copies[i] = cr_alloc_raw(blocks[i].size, sizeof(cr_real), err);
        good = copies[i] && cr_safetensors_copy(&checkpoint->file, blocks[i].name,
                                                blocks[i].size, copies[i], err);
    }
    for (size_t i = 0; i < count; i++) {
        if (good)
            memcpy(blocks[i].numbers, copies[i], blocks[i].size * sizeof(cr_real));
        cr_free(copies[i]);
    }
    if (!good)
        return false;
    compare_program(checkpoint, warnings);
    trainer->at = checkpoint->state.at;
    trainer->best_epoch = checkpoint->state.best_epoch;
    trainer->best_value = checkpoint->state.best_value;
    return true;
}

void cr_checkpoint_finish(cr_checkpoint *checkpoint)
{
    cr_safetensors_finish(&checkpoint->file);
    *checkpoint = (cr_checkpoint){0};
}
