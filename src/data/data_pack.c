#include "data/data_pack.h"

#include "base/memory.h"
#include "config/document.h"
#include "data/encoding_metadata.h"

#include <string.h>

/* The head; its last digit counts changes of what follows. */
static const char head[] = "chainrule data 1";

/* An encoding is what a model file says of it, and so is this one. */
static bool put_encoding(const cr_encoding *encoding, cr_byte_stream *to, cr_error *err)
{
    cr_json *object = cr_json_new(CR_JSON_OBJECT);
    bool good = (object || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_encoding_metadata_write(encoding, object, err);
    char *text = good ? cr_json_print(object, false) : NULL;
    good = good && (text || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
           cr_byte_stream_put_text(to, text, err);
    cr_free(text);
    cr_json_free(object);
    return good;
}

static bool get_encoding(cr_encoding *encoding, cr_byte_stream *from, cr_error *err)
{
    static const char name[] = "the data that was sent";
    cr_document document = {0};
    char *text = cr_byte_stream_get_text(from, err);
    bool good = text &&
                cr_document_parse(&document, name, text, strlen(text), CR_E_IO, err) &&
                cr_encoding_metadata_read(encoding, name, document.root, err);
    cr_document_finish(&document);
    return good;
}

/* Files' keys are constants of their source's type. */
static bool get_key(cr_byte_stream *from, const char **key, cr_error *err)
{
    char *text = cr_byte_stream_get_text(from, err);
    *key = text && !*text ? "" : NULL;
    for (size_t k = 0; text && !*key && k < cr_source_type_count; k++) {
        const cr_source_type *t = cr_source_types[k];
        for (size_t i = 0; !*key && i < t->option_count; i++)
            if (strcmp(t->options[i].key, text) == 0)
                *key = t->options[i].key;
    }
    bool good = *key || (text && cr_byte_stream_fail(err));
    cr_free(text);
    return good && *key;
}

static bool put_dataset(const cr_dataset *set, cr_byte_stream *to, cr_error *err)
{
    const uint64_t numbers[] = {set->examples,
                                set->features,
                                set->stride,
                                set->target_count,
                                set->targets ? (uint64_t)(set->targets - set->values) : 0,
                                set->targets != NULL,
                                set->without_history,
                                set->left_out,
                                set->file_count};
    size_t pixels = set->examples * set->features;
    bool good =
        cr_byte_stream_put(to, numbers, sizeof numbers, err) &&
        cr_byte_stream_put_array(to, set->bytes, pixels, 1, err) &&
        cr_byte_stream_put_array(to, set->shift, set->features, sizeof(cr_real), err) &&
        cr_byte_stream_put_array(to, set->scale, set->features, sizeof(cr_real), err) &&
        cr_byte_stream_put_array(to, set->values, set->examples * set->stride,
                                 sizeof(cr_real), err) &&
        cr_byte_stream_put_array(to, set->labels, set->examples, sizeof(int32_t), err) &&
        cr_byte_stream_put_array(to, set->weights, set->examples, sizeof(double), err);
    for (size_t i = 0; good && i < set->file_count; i++)
        good = cr_byte_stream_put_text(to, set->files[i].key, err) &&
               cr_byte_stream_put_whole(to, set->files[i].crc32, err);
    return good;
}

enum {
    EXAMPLES,
    FEATURES,
    STRIDE,
    TARGETS,
    TARGETS_AT,
    HAS_TARGETS,
    WITHOUT_HISTORY,
    LEFT_OUT,
    FILES,
    NUMBERS
};

/* Takes the numbers over; false when they cannot be. */
static bool take_numbers(cr_dataset *set, const uint64_t *n, size_t *pixels,
                         size_t *values)
{
    set->examples = n[EXAMPLES];
    set->features = n[FEATURES];
    set->stride = set->target_stride = n[STRIDE];
    set->target_count = n[TARGETS];
    set->without_history = n[WITHOUT_HISTORY];
    set->left_out = n[LEFT_OUT];
    set->file_count = n[FILES];
    return n[FILES] <= CR_SOURCE_FILES && n[TARGETS] <= n[STRIDE] &&
           n[TARGETS_AT] <= n[STRIDE] - n[TARGETS] &&
           cr_memory_multiply(set->examples, set->features, pixels) &&
           cr_memory_multiply(set->examples, set->stride, values);
}

static bool get_dataset(cr_dataset *set, cr_byte_stream *from, cr_error *err)
{
    uint64_t n[NUMBERS];
    size_t pixels = 0, values = 0;
    bool good =
        cr_byte_stream_get(from, n, sizeof n, err) &&
        (take_numbers(set, n, &pixels, &values) || cr_byte_stream_fail(err)) &&
        cr_byte_stream_get_array(from, &set->content, pixels, 1, err) &&
        cr_byte_stream_get_array(from, &set->shift, set->features, sizeof(cr_real),
                                 err) &&
        cr_byte_stream_get_array(from, &set->scale, set->features, sizeof(cr_real),
                                 err) &&
        cr_byte_stream_get_array(from, &set->own, values, sizeof(cr_real), err) &&
        cr_byte_stream_get_array(from, &set->labels, set->examples, sizeof(int32_t),
                                 err) &&
        cr_byte_stream_get_array(from, &set->weights, set->examples, sizeof(double), err);
    set->bytes = (const uint8_t *)set->content;
    set->values = set->own;
    if (good && n[HAS_TARGETS])
        good = set->values || cr_byte_stream_fail(err);
    if (good && n[HAS_TARGETS])
        set->targets = set->values + n[TARGETS_AT];
    for (size_t i = 0; good && i < set->file_count; i++) {
        uint64_t sum = 0;
        good = get_key(from, &set->files[i].key, err) &&
               cr_byte_stream_get_whole(from, &sum, err);
        set->files[i].crc32 = (uint32_t)sum;
    }
    return good;
}

/* A part says whose rows it has: CR_PARTS for none. */
static bool put_part(const cr_data *data, const cr_part *part, cr_byte_stream *to,
                     cr_error *err)
{
    uint64_t of = part->dataset ? (uint64_t)(part->dataset - data->datasets) : CR_PARTS;
    return cr_byte_stream_put_whole(to, of, err) &&
           cr_byte_stream_put_whole(to, part->count, err) &&
           cr_byte_stream_put_array(to, part->rows, part->count, sizeof *part->rows, err);
}

static bool get_part(cr_data *data, cr_part *part, cr_byte_stream *from, cr_error *err)
{
    size_t of = 0, examples = 0;
    if (!cr_byte_stream_get_count(from, CR_PARTS, &of, err))
        return false;
    if (of < CR_PARTS) {
        part->dataset = &data->datasets[of];
        examples = part->dataset->examples;
    }
    bool good =
        cr_byte_stream_get_count(from, examples, &part->count, err) &&
        cr_byte_stream_get_array(from, &part->rows, part->count, sizeof *part->rows, err);
    for (size_t i = 0; good && part->rows && i < part->count; i++)
        good = part->rows[i] < examples || cr_byte_stream_fail(err);
    return good;
}

bool cr_data_pack_put(const cr_data *data, cr_byte_stream *to, cr_error *err)
{
    bool good = cr_byte_stream_put_text(to, head, err) &&
                cr_byte_stream_put_whole(to, sizeof(cr_real), err) &&
                cr_byte_stream_put_text(to, data->type->name, err) &&
                put_encoding(&data->encoding, to, err);
    for (size_t i = 0; good && i < CR_PARTS; i++)
        good = put_dataset(&data->datasets[i], to, err);
    for (size_t i = 0; good && i < CR_PARTS; i++)
        good = put_part(data, &data->parts[i], to, err);
    return good && cr_byte_stream_put_end(to, err);
}

static bool get_head(cr_data *data, cr_byte_stream *from, cr_error *err)
{
    uint64_t size = 0;
    char *begin = cr_byte_stream_get_text(from, err), *type = NULL;
    bool good = begin && cr_byte_stream_get_whole(from, &size, err) &&
                ((strcmp(begin, head) == 0 && size == sizeof(cr_real)) ||
                 cr_fail(err, CR_E_IO,
                         "the data that was sent is of another version of chainrule"));
    if (good)
        type = cr_byte_stream_get_text(from, err);
    for (size_t i = 0; type && i < cr_source_type_count; i++)
        if (strcmp(cr_source_types[i]->name, type) == 0)
            data->type = cr_source_types[i];
    good = type && (data->type || cr_byte_stream_fail(err));
    cr_free(begin);
    cr_free(type);
    return good;
}

bool cr_data_pack_get(cr_data *data, cr_byte_stream *from, cr_error *err)
{
    *data = (cr_data){0};
    bool good = get_head(data, from, err) && get_encoding(&data->encoding, from, err);
    for (size_t i = 0; good && i < CR_PARTS; i++)
        good = get_dataset(&data->datasets[i], from, err);
    for (size_t i = 0; good && i < CR_PARTS; i++)
        good = get_part(data, &data->parts[i], from, err);
    good = good && cr_byte_stream_get_end(from, err);
    if (!good)
        cr_data_finish(data);
    return good;
}
