/*
 * CIFAR-10 and CIFAR-100 in their binary format (A. Krizhevsky, 2009): records of a label
 * (CIFAR-100: a coarse one, and a fine one, which is taken) and 3 × 32 × 32 bytes of red,
 * green and blue, row by row. The records of several files follow one another.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "data/gzip.h"
#include "data/raw.h"

#include <stdio.h>
#include <string.h>

enum { CHANNELS = 3, SIDE = 32, PICTURE = CHANNELS * SIDE * SIDE, MOST_LABELS = 2 };
enum { LOOKED_AT = 20 }; /* records by which a file is recognised */

/* What the two differ in. */
typedef struct variant {
    const char *name;
    size_t labels;  /* bytes in front of a picture; the last one is taken */
    size_t classes; /* what the last one is below; the first one: `coarse` */
    size_t coarse;
    const char *file;      /* of their names, beside the data */
    const char *names[10]; /* where there is no such file; NULL: their numbers */
} variant;

static const variant cifar10 = {.name = "CIFAR-10",
                                .labels = 1,
                                .classes = 10,
                                .coarse = 10,
                                .file = "batches.meta.txt",
                                .names = {"airplane", "automobile", "bird", "cat", "deer",
                                          "dog", "frog", "horse", "ship", "truck"}};

static const variant cifar100 = {.name = "CIFAR-100",
                                 .labels = 2,
                                 .classes = 100,
                                 .coarse = 20,
                                 .file = "fine_label_names.txt"};

typedef struct filling {
    const variant *is;
    cr_raw *raw;
    size_t capacity, code_capacity; /* of pictures in content, and of codes */
    bool classify;
} filling;

static bool are_labels(const variant *v, const uint8_t *labels)
{
    return labels[v->labels - 1] < v->classes && labels[0] < v->coarse;
}

static bool refuse_label(const variant *v, const char *path, size_t record,
                         const uint8_t *labels, cr_error *err)
{
    bool fine = labels[v->labels - 1] >= v->classes;
    return cr_fail(
        err, CR_E_DATA,
        "%s: %slabel %u of record %zu (from 0); those of %s are 0 to %zu, each in "
        "front of %d bytes: is this its binary version?",
        path, fine ? "" : "coarse ", fine ? labels[v->labels - 1] : labels[0], record,
        v->name, (fine ? v->classes : v->coarse) - 1, PICTURE);
}

static bool refuse_length(const variant *v, const char *path, size_t records, size_t rest,
                          cr_error *err)
{
    return cr_fail(
        err, CR_E_DATA,
        "%s: %zu whole records of %s (%zu bytes each), and %zu byte%s more; the "
        "file is truncated, or another one",
        path, records, v->name, v->labels + PICTURE, rest, rest == 1 ? "" : "s");
}

/* The next record; *more is false behind the last one. */
static bool read_record(filling *f, cr_gzip *file, const char *path, size_t record,
                        bool *more, cr_error *err)
{
    cr_raw *raw = f->raw;
    uint8_t labels[MOST_LABELS];
    size_t got = 0, rest = 0;
    if (!cr_gzip_read(file, labels, f->is->labels, &got, err))
        return false;
    *more = got > 0;
    if (got == 0)
        return record > 0 || cr_fail(err, CR_E_DATA,
                                     "%s: the file is empty; records of %s "
                                     "were expected",
                                     path, f->is->name);
    if (!cr_reserve(&raw->content, &f->capacity, raw->rows + 1, PICTURE, err) ||
        (f->classify && !cr_reserve(&raw->codes, &f->code_capacity, raw->rows + 1,
                                    sizeof *raw->codes, err)) ||
        !cr_gzip_read(file, raw->content + raw->rows * PICTURE, PICTURE, &rest, err))
        return false;
    if (rest < PICTURE)
        return refuse_length(f->is, path, record, got + rest, err);
    if (!are_labels(f->is, labels))
        return refuse_label(f->is, path, record, labels, err);
    if (f->classify)
        raw->codes[raw->rows] = labels[f->is->labels - 1];
    raw->rows++;
    return true;
}

static bool read_file(filling *f, const char *path, cr_checksum *sum, cr_error *err)
{
    cr_gzip *file = cr_gzip_open(path, err);
    bool good = file != NULL, more = good;
    if (good)
        cr_gzip_sum_on(file, sum->crc32);
    for (size_t record = 0; good && more; record++)
        good = read_record(f, file, path, record, &more, err);
    if (good)
        sum->crc32 = cr_gzip_crc32(file);
    cr_gzip_close(file);
    return good;
}

static bool add_name(cr_raw *raw, const char *name, cr_error *err)
{
    int32_t ignored = 0;
    return cr_words_number(&raw->classes, name, 0, &ignored, err);
}

/* The lines of the file, each the name of a class. */
static bool read_names(const filling *f, const char *path, cr_error *err)
{
    enum { MOST_BYTES = 1 << 16 };
    cr_content content;
    if (!cr_gzip_read_all(path, MOST_BYTES, "names are read of", &content, err))
        return false;
    bool good = true;
    size_t lines = 0;
    for (char *line = content.text; good && *line;) {
        size_t length = strcspn(line, "\r\n");
        char *next = line + length + (line[length] != '\0');
        line[length] = '\0';
        good = length == 0 || add_name(f->raw, line, err);
        lines += length > 0;
        line = next;
    }
    cr_free(content.text);
    if (!good || (lines == f->is->classes && f->raw->classes.names.count == lines))
        return good;
    return cr_fail(err, CR_E_DATA,
                   "%s: %zu names, %zu of them different; expected those of the %zu "
                   "classes, a line each (without the file, %s are taken)",
                   path, lines, f->raw->classes.names.count, f->is->classes,
                   f->is->names[0] ? "the published names" : "numbers");
}

/* All classes are known, whichever are there. */
static bool name_classes(const filling *f, cr_error *err)
{
    const variant *v = f->is;
    char *directory = cr_path_directory(f->raw->source->path, err);
    char *path = directory ? cr_path_join(directory, v->file, err) : NULL;
    bool good = path != NULL, given = good && !cr_file_problem(path);
    if (given)
        good = read_names(f, path, err);
    for (size_t i = 0; good && !given && i < v->classes; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        good = add_name(f->raw, v->names[0] ? v->names[i] : number, err);
    }
    cr_free(directory);
    cr_free(path);
    return good;
}

static const variant *variant_of(const cr_source_type *type)
{
    return type == &cr_source_cifar10 ? &cifar10 : &cifar100;
}

static void find_first(cr_reader *reader, const char *path, cr_source *source)
{
    (void)reader;
    (void)path;
    if (cr_json_is(source->paths, CR_JSON_STRING))
        source->path = cr_path_short(cr_json_string(source->paths));
    else if (source->paths)
        source->path = cr_source_path(source, 0);
}

static bool read_source(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                        cr_error *err)
{
    const cr_source *source = opened->source;
    filling f = {
        .is = variant_of(source->type), .raw = raw, .classify = reading->targets > 0};
    cr_checksum *sum = &raw->files[raw->file_count++];
    *sum = (cr_checksum){source->type->options[0].key, 0};
    raw->shape = (cr_shape){3, {CHANNELS, SIDE, SIDE}};
    if (f.classify && !reading->classify)
        return cr_fail(
            err, CR_E_DATA,
            "%s: its targets are classes; this loss takes numbers (\"softmax\" "
            "takes classes)",
            source->path);
    if (f.classify && !name_classes(&f, err))
        return false;
    const char *path = source->path;
    for (size_t i = 0; path; path = cr_source_path(source, ++i))
        if (!read_file(&f, path, sum, err))
            return false;
    raw->bytes = (const uint8_t *)raw->content;
    return true;
}

/* Whether the file is one or more records, as far as the first ones say. */
static bool recognize(const char *path, const variant *v)
{
    uint8_t record[MOST_LABELS + PICTURE];
    size_t size = v->labels + PICTURE, got = size, records = 0;
    cr_gzip *file = cr_gzip_open(path, NULL);
    bool good = file != NULL;
    while (good && got == size && records < LOOKED_AT) {
        good = cr_gzip_read(file, record, size, &got, NULL) &&
               (got == 0 || (got == size && are_labels(v, record)));
        records += got == size;
    }
    cr_gzip_close(file);
    return good && records > 0;
}

static bool recognize10(const char *path)
{
    return recognize(path, &cifar10);
}

static bool recognize100(const char *path)
{
    return recognize(path, &cifar100);
}

#define FILES_OPTION(name)                                                               \
    {                                                                                    \
        .key = name, .kind = CR_OPTION_PATHS, .offset = offsetof(cr_source, paths),      \
        .fallback = CR_REQUIRED,                                                         \
        .no_effect = true, /* the paths; the content is compared by its checksum */      \
            .help = "files of the binary version, whose records follow one another; "    \
                    "gzipped "                                                           \
                    "or not"                                                             \
    }

static const cr_option options10[] = {FILES_OPTION("cifar10")};
static const cr_option options100[] = {FILES_OPTION("cifar100")};

const cr_source_type cr_source_cifar10 = {
    .name = "CIFAR-10 pictures",
    .content = "CIFAR-10 pictures",
    .summary = "CIFAR-10",
    .expected = "{\"cifar10\": [FILES]}",
    .options = options10,
    .option_count = CR_COUNT(options10),
    .heading = "For CIFAR-10; its classes have the names that stand in batches.meta.txt "
               "beside the first file, or else the published ones:",
    .has_classes = true,
    .target_place = "in front of each picture",
    .recognize = recognize10,
    .check = find_first,
    .read = read_source,
};

const cr_source_type cr_source_cifar100 = {
    .name = "CIFAR-100 pictures",
    .content = "CIFAR-100 pictures",
    .summary = "CIFAR-100",
    .expected = "{\"cifar100\": [FILES]}",
    .options = options100,
    .option_count = CR_COUNT(options100),
    .heading =
        "For CIFAR-100; its classes are the fine labels, with the names that stand "
        "in fine_label_names.txt beside the first file, or else numbers:",
    .has_classes = true,
    .target_place = "in front of each picture",
    .recognize = recognize100,
    .check = find_first,
    .read = read_source,
};
