#include "data/data_pack.h"

#include "base/memory.h"
#include "base/spill.h"
#include "config/document.h"
#include "data/encoding_metadata.h"

#include <string.h>

/* The head; its last digit counts changes of what follows. */
static const char head[] = "chainrule data 2";

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

enum { PIECE = 1 << 22 }; /* bytes that are moved at a time */

/* Which rows of an array are sent; all, and as an array in memory of its own, without. */
typedef struct some_rows {
    cr_row_run runs[CR_PARTS]; /* [count] */
    size_t count;
    bool all;
    bool spilled; /* what was sent need not stay in memory */
} some_rows;

/* Sends or receives a run of rows of `size` bytes, in pieces: the hash of the stream is one
 * of pieces. */
static bool move_run(const some_rows *rows, const cr_row_run *run, char *array,
                     size_t size, bool sends, cr_byte_stream *s, cr_error *err)
{
    char *at = array + run->first * size, *end = array + run->last * size;
    bool good = true;
    for (size_t part = 0; good && at < end; at += part) {
        part = (size_t)(end - at) < PIECE ? (size_t)(end - at) : PIECE;
        good = sends ? cr_byte_stream_put(s, at, part, err)
                     : cr_byte_stream_get(s, at, part, err);
        if (rows->spilled)
            cr_spill_rest(at, part);
    }
    return good;
}

static bool put_rows(const some_rows *rows, const void *array, size_t count, size_t size,
                     cr_byte_stream *to, cr_error *err)
{
    if (rows->all)
        return cr_byte_stream_put_array(to, array, count, size, err);
    bool good = cr_byte_stream_put_whole(to, array != NULL, err);
    for (size_t i = 0; good && array && i < rows->count; i++)
        good = move_run(rows, &rows->runs[i], (char *)array, size, true, to, err);
    return good;
}

static bool get_rows(const some_rows *rows, void *array, size_t count, size_t size,
                     cr_byte_stream *from, cr_error *err)
{
    size_t present = 0, bytes = 0;
    char *memory = NULL;
    if (rows->all)
        return cr_byte_stream_get_array(from, array, count, size, err);
    bool good = cr_byte_stream_get_count(from, 1, &present, err);
    if (good && present && count > 0) {
        good = cr_memory_multiply(count, size, &bytes) || cr_byte_stream_fail(err);
        memory = good ? cr_memory_reserve(bytes, err) : NULL;
        good = memory != NULL;
    }
    for (size_t i = 0; good && memory && i < rows->count; i++)
        good = move_run(rows, &rows->runs[i], memory, size, false, from, err);
    memcpy(array, &memory, sizeof memory);
    return good;
}

static bool put_runs(const some_rows *rows, cr_byte_stream *to, cr_error *err)
{
    return cr_byte_stream_put_whole(to, rows->all, err) &&
           cr_byte_stream_put_whole(to, rows->count, err) &&
           cr_byte_stream_put(to, rows->runs, rows->count * sizeof *rows->runs, err);
}

static bool get_runs(some_rows *rows, size_t examples, cr_byte_stream *from,
                     cr_error *err)
{
    size_t all = 0, at = 0;
    bool good =
        cr_byte_stream_get_count(from, 1, &all, err) &&
        cr_byte_stream_get_count(from, CR_PARTS, &rows->count, err) &&
        cr_byte_stream_get(from, rows->runs, rows->count * sizeof *rows->runs, err);
    rows->all = all;
    for (size_t i = 0; good && i < rows->count; i++) {
        const cr_row_run *run = &rows->runs[i];
        good = (run->first >= at && run->last > run->first && run->last <= examples) ||
               cr_byte_stream_fail(err);
        at = run->last;
    }
    return good;
}

static bool put_dataset(const cr_dataset *set, const some_rows *rows, cr_byte_stream *to,
                        cr_error *err)
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
    size_t n = set->examples, features = set->features;
    size_t row = set->stride * sizeof(cr_real);
    some_rows values = *rows;
    values.spilled = set->spilled;
    bool good =
        cr_byte_stream_put(to, numbers, sizeof numbers, err) && put_runs(rows, to, err) &&
        put_rows(rows, set->bytes, n, features, to, err) &&
        cr_byte_stream_put_array(to, set->shift, features, sizeof(cr_real), err) &&
        cr_byte_stream_put_array(to, set->scale, features, sizeof(cr_real), err) &&
        put_rows(&values, set->values, n, row, to, err) &&
        put_rows(rows, set->labels, n, sizeof(int32_t), to, err) &&
        put_rows(rows, set->weights, n, sizeof(double), to, err);
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
static bool take_numbers(cr_dataset *set, const uint64_t *n)
{
    size_t product = 0;
    set->examples = n[EXAMPLES];
    set->features = n[FEATURES];
    set->stride = set->target_stride = n[STRIDE];
    set->target_count = n[TARGETS];
    set->without_history = n[WITHOUT_HISTORY];
    set->left_out = n[LEFT_OUT];
    set->file_count = n[FILES];
    return n[FILES] <= CR_SOURCE_FILES && n[TARGETS] <= n[STRIDE] &&
           n[TARGETS_AT] <= n[STRIDE] - n[TARGETS] &&
           cr_memory_multiply(set->examples, set->features, &product) &&
           cr_memory_multiply(set->stride, sizeof(cr_real), &product);
}

/* Its arrays. */
static bool get_arrays(cr_dataset *set, const some_rows *rows, cr_byte_stream *from,
                       cr_error *err)
{
    size_t n = set->examples, features = set->features;
    set->mapped = !rows->all;
    return get_rows(rows, &set->content, n, features, from, err) &&
           cr_byte_stream_get_array(from, &set->shift, features, sizeof(cr_real), err) &&
           cr_byte_stream_get_array(from, &set->scale, features, sizeof(cr_real), err) &&
           get_rows(rows, &set->own, n, set->stride * sizeof(cr_real), from, err) &&
           get_rows(rows, &set->labels, n, sizeof(int32_t), from, err) &&
           get_rows(rows, &set->weights, n, sizeof(double), from, err);
}

static bool get_dataset(cr_dataset *set, cr_byte_stream *from, cr_error *err)
{
    uint64_t n[NUMBERS];
    some_rows rows = {.count = 0};
    bool good = cr_byte_stream_get(from, n, sizeof n, err) &&
                (take_numbers(set, n) || cr_byte_stream_fail(err)) &&
                get_runs(&rows, set->examples, from, err) &&
                get_arrays(set, &rows, from, err);
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
static bool put_part(const cr_data *data, size_t i, const cr_data_rows *rows,
                     cr_byte_stream *to, cr_error *err)
{
    const cr_part *part = &data->parts[i];
    uint64_t of = part->dataset ? (uint64_t)(part->dataset - data->datasets) : CR_PARTS;
    some_rows some = {.all = rows == NULL};
    if (rows && part->dataset && rows->last[i] > rows->first[i])
        some.runs[some.count++] = (cr_row_run){rows->first[i], rows->last[i]};
    return cr_byte_stream_put_whole(to, of, err) &&
           cr_byte_stream_put_whole(to, part->count, err) && put_runs(&some, to, err) &&
           put_rows(&some, part->rows, part->count, sizeof *part->rows, to, err);
}

static bool get_part(cr_data *data, cr_part *part, cr_byte_stream *from, cr_error *err)
{
    size_t of = 0, examples = 0;
    some_rows rows = {.count = 0};
    if (!cr_byte_stream_get_count(from, CR_PARTS, &of, err))
        return false;
    if (of < CR_PARTS) {
        part->dataset = &data->datasets[of];
        examples = part->dataset->examples;
    }
    if (!cr_byte_stream_get_count(from, examples, &part->count, err) ||
        !get_runs(&rows, part->count, from, err))
        return false;
    part->mapped = !rows.all;
    bool good = get_rows(&rows, &part->rows, part->count, sizeof *part->rows, from, err);
    if (rows.all)
        rows = (some_rows){.runs = {{0, part->count}}, .count = 1};
    for (size_t k = 0; part->rows && k < rows.count; k++)
        for (size_t i = rows.runs[k].first; good && i < rows.runs[k].last; i++)
            good = part->rows[i] < examples || cr_byte_stream_fail(err);
    return good;
}

bool cr_data_pack_put(const cr_data *data, const cr_data_rows *rows, cr_byte_stream *to,
                      cr_error *err)
{
    bool good = cr_byte_stream_put_text(to, head, err) &&
                cr_byte_stream_put_whole(to, sizeof(cr_real), err) &&
                cr_byte_stream_put_text(to, data->type->name, err) &&
                put_encoding(&data->encoding, to, err);
    for (size_t i = 0; good && i < CR_PARTS; i++) {
        some_rows some = {.all = rows == NULL};
        if (rows)
            some.count = cr_data_rows_find(data, rows, i, some.runs);
        good = put_dataset(&data->datasets[i], &some, to, err);
    }
    for (size_t i = 0; good && i < CR_PARTS; i++)
        good = put_part(data, i, rows, to, err);
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
