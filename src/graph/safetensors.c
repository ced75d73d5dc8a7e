#include "graph/safetensors.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/document.h"
#include "graph/safetensors_form.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_HEADER ((size_t)64 << 20) /* bytes */
#define LARGEST_FILE ((size_t)64 << 30)   /* bytes */

static bool damaged(const cr_safetensors *file, cr_error *err, const char *what)
{
    return cr_fail(err, CR_E_DATA, "%s: not a safetensors file, or a damaged one: %s",
                   file->path, what);
}

/* Finds the header's text and parses it. */
static bool read_header(cr_safetensors *file, cr_error *err)
{
    if (file->length < CR_SAFETENSORS_LENGTH)
        return damaged(file, err, "it is shorter than 8 bytes");
    uint64_t length = 0;
    for (int i = CR_SAFETENSORS_LENGTH; i-- > 0;)
        length = length << 8 | (unsigned char)file->bytes[i];
    bool fits =
        length <= LARGEST_HEADER && length <= file->length - CR_SAFETENSORS_LENGTH;
    if (!fits && file->bytes[0] == '{')
        return cr_fail(
            err, CR_E_DATA,
            "%s: it holds JSON, as a config does; a model file or a run's directory "
            "was expected",
            file->path);
    if (!fits)
        return damaged(file, err,
                       "its header would be longer than the file; it may be truncated");
    char *text = cr_text_copy(file->bytes + CR_SAFETENSORS_LENGTH, length, err);
    if (!text ||
        !cr_document_parse(&file->header, file->path, text, length, CR_E_DATA, err))
        return false;
    if (!cr_json_is(file->header.root, CR_JSON_OBJECT))
        return damaged(file, err, "its header is not an object");
    file->data = file->bytes + CR_SAFETENSORS_LENGTH + length;
    file->data_length = file->length - CR_SAFETENSORS_LENGTH - length;
    return true;
}

/* Compares the checksum, computed with zeros in place of its own digits. */
static bool check_sum(const cr_safetensors *file, cr_error *err)
{
    const char *key = strstr(file->header.text, CR_SAFETENSORS_KEY);
    if (!file->metadata || !cr_json_get(file->metadata, "crc32")) {
        const char *format = cr_json_get_string(file->metadata, "format");
        bool ours = format && strncmp(format, CR_SAFETENSORS_FORMAT,
                                      strlen(CR_SAFETENSORS_FORMAT)) == 0;
        return !ours || damaged(file, err, "its checksum is gone");
    }
    if (!key || strlen(key) < strlen(CR_SAFETENSORS_KEY) + CR_SAFETENSORS_DIGITS)
        return damaged(file, err, "its checksum cannot be read");
    size_t digits = CR_SAFETENSORS_LENGTH + (size_t)(key - file->header.text) +
                    strlen(CR_SAFETENSORS_KEY);
    uint32_t sum = libdeflate_crc32(0, file->bytes, digits);
    sum = libdeflate_crc32(sum, "00000000", CR_SAFETENSORS_DIGITS);
    size_t rest = digits + CR_SAFETENSORS_DIGITS;
    sum = libdeflate_crc32(sum, file->bytes + rest, file->length - rest);
    char text[CR_SAFETENSORS_DIGITS + 1];
    snprintf(text, sizeof text, "%08x", (unsigned)sum);
    if (memcmp(text, file->bytes + digits, CR_SAFETENSORS_DIGITS) != 0 ||
        file->bytes[rest] != '"')
        return damaged(file, err, "its checksum differs from its content");
    return true;
}

/* A list of `count` whole numbers from 0 to 2⁵³, or of any number up to `count` with
 * *found set. */
static bool read_sizes(const cr_json *list, size_t most, size_t *sizes, size_t *found)
{
    *found = 0;
    if (!cr_json_is(list, CR_JSON_ARRAY) || cr_json_count(list) > most)
        return false;
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item)) {
        if (!cr_json_is(item, CR_JSON_NUMBER))
            return false;
        double number = cr_json_number(item);
        if (!(number >= 0 && number <= 9007199254740992.0) ||
            number != (double)(size_t)number)
            return false;
        sizes[(*found)++] = (size_t)number;
    }
    return true;
}

typedef struct entry {
    const char *name;
    size_t begin, end; /* bytes from the data's start */
    size_t rank, dim[8];
    size_t width; /* bytes of a number: 4 or 8; 0 for a type that we do not read */
} entry;

static bool read_entry(const cr_json *member, entry *e)
{
    *e = (entry){.name = cr_json_key(member)};
    if (!cr_json_is(member, CR_JSON_OBJECT))
        return false;
    const char *dtype = cr_json_get_string(member, "dtype");
    size_t offsets[2], count = 0;
    if (!dtype || !read_sizes(cr_json_get(member, "data_offsets"), 2, offsets, &count) ||
        count != 2 || !read_sizes(cr_json_get(member, "shape"), 8, e->dim, &e->rank))
        return false;
    e->begin = offsets[0];
    e->end = offsets[1];
    e->width = strcmp(dtype, "F32") == 0 ? 4 : strcmp(dtype, "F64") == 0 ? 8 : 0;
    size_t bytes = e->width;
    for (size_t i = 0; i < e->rank; i++)
        if (!cr_memory_multiply(bytes, e->dim[i], &bytes))
            return false;
    return e->begin <= e->end && (e->width == 0 || e->end - e->begin == bytes);
}

static int compare_entries(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Every entry is well formed, and together they cover the data exactly. */
static bool check_entries(const cr_safetensors *file, cr_error *err)
{
    size_t count = 0;
    entry *entries = cr_alloc(cr_json_count(file->header.root), sizeof *entries, err);
    if (!entries)
        return false;
    bool good = true;
    for (const cr_json *item = cr_json_first(file->header.root); good && item;
         item = cr_json_next(item))
        if (strcmp(cr_json_key(item), "__metadata__") != 0 &&
            !read_entry(item, &entries[count++]))
            good = damaged(file, err,
                           "a tensor's dtype, shape or offsets do not fit together");
    qsort(entries, count, sizeof *entries, compare_entries);
    size_t at = 0;
    for (size_t i = 0; good && i < count; at = entries[i++].end)
        if (entries[i].begin != at)
            good = damaged(file, err, "its tensors overlap or leave gaps");
    if (good && at != file->data_length)
        good = damaged(file, err,
                       at > file->data_length
                           ? "it ends before its tensors do; it is truncated"
                           : "there is more in it than its tensors");
    cr_free(entries);
    return good;
}

static bool check_metadata(const cr_safetensors *file, cr_error *err)
{
    if (!file->metadata)
        return true;
    if (!cr_json_is(file->metadata, CR_JSON_OBJECT))
        return damaged(file, err, "its metadata is not an object");
    for (const cr_json *item = cr_json_first(file->metadata); item;
         item = cr_json_next(item))
        if (!cr_json_is(item, CR_JSON_STRING))
            return damaged(file, err, "its metadata has a value that is not a string");
    return true;
}

/* Looks through the bytes, if they are there. */
static bool check_bytes(cr_safetensors *file, bool good, cr_error *err)
{
    good = good && read_header(file, err);
    if (good)
        file->crc32 = libdeflate_crc32(0, file->bytes, file->length);
    if (good)
        file->metadata = cr_json_get(file->header.root, "__metadata__");
    good = good && check_metadata(file, err) && check_sum(file, err) &&
           check_entries(file, err);
    if (!good)
        cr_safetensors_finish(file);
    return good;
}

bool cr_safetensors_read(cr_safetensors *file, const char *path, cr_error *err)
{
    *file = (cr_safetensors){0};
    file->path = cr_text_copy(path, strlen(path), err);
    bool good = file->path && cr_file_read(path, LARGEST_FILE, CR_E_DATA, &file->bytes,
                                           &file->length, err);
    return check_bytes(file, good, err);
}

bool cr_safetensors_parse(cr_safetensors *file, const char *name, const void *bytes,
                          size_t length, cr_error *err)
{
    *file = (cr_safetensors){.length = length};
    file->path = cr_text_copy(name, strlen(name), err);
    file->bytes = cr_text_copy(bytes, length, err);
    return check_bytes(file, file->path && file->bytes, err);
}

void cr_safetensors_finish(cr_safetensors *file)
{
    cr_document_finish(&file->header);
    cr_free(file->bytes);
    cr_free(file->path);
    *file = (cr_safetensors){0};
}

/* The state of a visit of the network's segments, first to check each and then to copy.
 */
typedef struct loading {
    const cr_safetensors *file;
    cr_error *err;
    bool good, copy;
    size_t visited;
} loading;

static void format_shape(const size_t *dim, size_t rank, char out[64])
{
    size_t used = (size_t)snprintf(out, 64, "[");
    for (size_t i = 0; i < rank && used < 60; i++)
        used += (size_t)snprintf(out + used, 64 - used, "%s%zu", i ? ", " : "", dim[i]);
    if (used < 62)
        snprintf(out + used, 64 - used, "]");
}

static bool fits(loading *l, const entry *e, const cr_segment *segment)
{
    char found[64], expected[64];
    format_shape(e->dim, e->rank, found);
    format_shape(segment->shape.dim, segment->shape.rank, expected);
    if (e->width == 0)
        return cr_fail(l->err, CR_E_DATA, "%s: tensor \"%s\" is neither F32 nor F64",
                       l->file->path, e->name);
    if (e->rank != segment->shape.rank ||
        memcmp(e->dim, segment->shape.dim, e->rank * sizeof *e->dim) != 0)
        return cr_fail(l->err, CR_E_DATA,
                       "%s: tensor \"%s\" has the shape %s, but the config's network "
                       "needs %s",
                       l->file->path, e->name, found, expected);
    return true;
}

static void copy_numbers(const char *from, size_t width, size_t count, cr_real *to)
{
    for (size_t i = 0; i < count; i++) {
        float single;
        double number;
        memcpy(&single, from + i * width, sizeof single);
        if (width == sizeof number)
            memcpy(&number, from + i * width, sizeof number);
        else
            number = (double)single;
        to[i] = (cr_real)number;
    }
}

static void load_segment(void *user, const cr_segment *segment, cr_real *block)
{
    loading *l = user;
    l->visited++;
    if (!l->good)
        return;
    const cr_json *member = cr_json_get(l->file->header.root, segment->full_name);
    entry e;
    if (!member || !read_entry(member, &e)) {
        l->good = cr_fail(l->err, CR_E_DATA,
                          "%s: there is no tensor \"%s\", which the config's network "
                          "has",
                          l->file->path, segment->full_name);
        return;
    }
    l->good = fits(l, &e, segment);
    if (l->good && l->copy)
        copy_numbers(l->file->data + e.begin, e.width, segment->size,
                     block + segment->offset);
}

/* Tensors of the file that a network can have; PyTorch's batch norms count their batches,
 * which changes nothing while their momentum is a number. */
static size_t count_tensors(const cr_safetensors *file)
{
    static const char counter[] = ".num_batches_tracked";
    size_t count = 0;
    for (const cr_json *item = cr_json_first(file->header.root); item;
         item = cr_json_next(item)) {
        const char *end = strrchr(cr_json_key(item), '.');
        count += item != file->metadata && !(end && strcmp(end, counter) == 0);
    }
    return count;
}

bool cr_safetensors_load(const cr_safetensors *file, cr_network *network, cr_error *err)
{
    loading l = {.file = file, .err = err, .good = true};
    cr_network_visit(network, load_segment, &l);
    size_t given = count_tensors(file);
    if (l.good && given != l.visited)
        return cr_fail(err, CR_E_DATA,
                       "%s: it has %zu tensors, but the config's network has %zu",
                       file->path, given, l.visited);
    l.copy = true;
    if (l.good)
        cr_network_visit(network, load_segment, &l);
    return l.good;
}

bool cr_safetensors_copy(const cr_safetensors *file, const char *name, size_t size,
                         cr_real *to, cr_error *err)
{
    const cr_json *member = cr_json_get(file->header.root, name);
    entry e;
    if (!member || !read_entry(member, &e) || e.rank != 1 || e.dim[0] != size ||
        e.width != sizeof(cr_real))
        return cr_fail(
            err, CR_E_DATA,
            "%s: there is no tensor \"%s\" of %zu numbers (" CR_SAFETENSORS_DTYPE ")",
            file->path, name, size);
    memcpy(to, file->data + e.begin, size * sizeof *to);
    return true;
}

static void add_to_crc(void *user, const cr_segment *segment, cr_real *block)
{
    uint32_t *sum = user;
    *sum =
        libdeflate_crc32(*sum, block + segment->offset, segment->size * sizeof(cr_real));
}

uint32_t cr_safetensors_crc32(const cr_network *network)
{
    uint32_t sum = 0;
    cr_network_visit(network, add_to_crc, &sum);
    return sum;
}
