#include "data/dataset.h"

#include "base/memory.h"
#include "data/idx.h"

#include <stdio.h>
#include <string.h>

void cr_dataset_finish(cr_dataset *dataset)
{
    cr_free(dataset->content);
    cr_free(dataset->values);
    cr_free(dataset->labels);
    cr_free(dataset->label_values);
    *dataset = (cr_dataset){0};
}

/* The table's numbers become the dataset's; the table keeps its words. */
static bool take_numbers(cr_dataset *dataset, cr_table *table,
                         const cr_encoding *encoding, const char *path, cr_error *err)
{
    if (table->rows > UINT32_MAX)
        return cr_fail(err, CR_E_DATA, "%s: %zu rows; the most is %lu", path, table->rows,
                       (unsigned long)UINT32_MAX);
    dataset->examples = table->rows;
    dataset->features = encoding->features;
    dataset->values = table->numbers;
    dataset->stride = table->width;
    table->numbers = NULL;
    if (table->width > encoding->features) {
        dataset->targets = dataset->values + encoding->features;
        dataset->target_stride = dataset->stride;
        dataset->target_count = encoding->target_count;
    }
    return true;
}

static bool learn_names(cr_encoding *encoding, const cr_table_file *file, bool has_header,
                        const size_t *targets, size_t target_count, cr_column *columns,
                        cr_error *err)
{
    size_t target = 0, feature = 0;
    for (size_t i = 0; i < file->columns; i++) {
        bool is_target = target < target_count && targets[target] == i;
        cr_names *names = is_target ? &encoding->targets : &encoding->columns;
        if (has_header && !cr_names_add(names, file->first.items[i], err))
            return false;
        if (!is_target)
            columns[i] = (cr_column){CR_COLUMN_NUMBER, feature++};
        else if (encoding->classify)
            columns[i] = (cr_column){CR_COLUMN_WORD, 0};
        else
            columns[i] =
                (cr_column){CR_COLUMN_NUMBER, file->columns - target_count + target};
        target += is_target;
    }
    encoding->target_positions = cr_alloc(target_count, sizeof *targets, err);
    if (!encoding->target_positions)
        return false;
    memcpy(encoding->target_positions, targets, target_count * sizeof *targets);
    encoding->target_count = target_count;
    encoding->features = feature;
    encoding->shape = cr_shape_flat(feature);
    return true;
}

static bool learn_classes(cr_dataset *dataset, cr_encoding *encoding, cr_table *table,
                          const char *path, cr_error *err)
{
    encoding->classes = table->words;
    table->words = (cr_names){0};
    int32_t *numbers = cr_alloc(encoding->classes.count, sizeof *numbers, err);
    bool good = numbers && cr_encoding_sort_classes(encoding, numbers, err);
    for (size_t i = 0; good && i < table->rows; i++)
        table->codes[i] = numbers[table->codes[i]];
    cr_free(numbers);
    if (good && encoding->classes.count < 2)
        good = cr_fail(err, CR_E_DATA,
                       "%s: all rows are of class \"%s\"; at least two classes are "
                       "needed",
                       path, encoding->classes.items[0]);
    dataset->labels = table->codes;
    table->codes = NULL;
    return good;
}

bool cr_dataset_learn_table(cr_dataset *dataset, cr_encoding *encoding,
                            const cr_table_file *file, bool has_header,
                            const size_t *targets, size_t target_count, bool classify,
                            cr_error *err)
{
    *dataset = (cr_dataset){0};
    *encoding = (cr_encoding){.classify = classify};
    if (file->columns <= target_count)
        return cr_fail(err, CR_E_DATA, "%s: no column is left beside the target",
                       file->path);
    cr_column *columns = cr_alloc(file->columns, sizeof *columns, err);
    cr_table table = {0};
    size_t width = file->columns - (classify ? target_count : 0);
    bool good =
        columns &&
        learn_names(encoding, file, has_header, targets, target_count, columns, err) &&
        cr_table_read(&table, file, has_header, columns, width, err) &&
        take_numbers(dataset, &table, encoding, file->path, err) &&
        (!classify || learn_classes(dataset, encoding, &table, file->path, err));
    dataset->crc32 = file->crc32;
    cr_free(columns);
    cr_table_finish(&table);
    if (!good) {
        cr_dataset_finish(dataset);
        cr_encoding_finish(encoding);
    }
    return good;
}

/* The classes as a list for a message: "blue", "green", … */
static void list_classes(const cr_encoding *encoding, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < encoding->classes.count && used + 40 < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%.30s", i ? ", " : "",
                                 encoding->classes.items[i]);
    if (used + 40 >= size)
        snprintf(out + used, size - used, ", …");
}

static bool map_classes(cr_dataset *dataset, const cr_encoding *encoding, cr_table *table,
                        const char *path, cr_error *err)
{
    int32_t *numbers = cr_alloc(table->words.count, sizeof *numbers, err);
    bool good = numbers != NULL;
    for (size_t i = 0; good && i < table->words.count; i++) {
        numbers[i] = cr_encoding_class(encoding, table->words.items[i]);
        if (numbers[i] >= 0)
            continue;
        char known[256];
        list_classes(encoding, known, sizeof known);
        good = cr_fail(err, CR_E_DATA,
                       "%s:%zu: class \"%.60s\" is not in the training data; "
                       "its classes: %s",
                       path, table->word_lines[i], table->words.items[i], known);
    }
    for (size_t i = 0; good && i < table->rows; i++)
        table->codes[i] = numbers[table->codes[i]];
    cr_free(numbers);
    dataset->labels = table->codes;
    table->codes = NULL;
    return good;
}

bool cr_dataset_read_table(cr_dataset *dataset, const cr_encoding *encoding,
                           const char *path, size_t max_bytes, int header,
                           cr_need_target need, cr_error *err)
{
    *dataset = (cr_dataset){0};
    cr_table_file file = {0};
    if (!cr_table_open(&file, path, max_bytes, err))
        return false;
    bool has_header = header >= 0 ? header : cr_encoding_is_header(encoding, &file.first);
    bool need_number = need == CR_TARGET_NEEDED && !encoding->classify;
    size_t width = encoding->features + (need_number ? encoding->target_count : 0);
    cr_column *columns = cr_alloc(file.columns, sizeof *columns, err);
    cr_table table = {0};
    bool good = columns &&
                cr_encoding_match(encoding, path, has_header ? &file.first : NULL,
                                  file.columns, need, columns, err) &&
                cr_table_read(&table, &file, has_header, columns, width, err) &&
                take_numbers(dataset, &table, encoding, path, err);
    if (good && need == CR_TARGET_NEEDED && encoding->classify)
        good = map_classes(dataset, encoding, &table, path, err);
    dataset->crc32 = file.crc32;
    cr_free(columns);
    cr_table_finish(&table);
    cr_table_close(&file);
    if (!good)
        cr_dataset_finish(dataset);
    return good;
}

static bool take_shape(cr_encoding *encoding, const cr_idx *idx, const char *path,
                       bool learn, cr_error *err)
{
    if (idx->rank < 2)
        return cr_fail(err, CR_E_DATA,
                       "%s: one dimension only: these are labels; images were "
                       "expected",
                       path);
    cr_shape shape = {0};
    if (idx->rank == 3)
        shape = (cr_shape){3, {1, idx->dim[1], idx->dim[2]}};
    else
        shape.rank = idx->rank - 1;
    for (size_t i = 0; i < shape.rank && idx->rank != 3; i++)
        shape.dim[i] = idx->dim[i + 1];
    if (learn) {
        encoding->shape = shape;
        encoding->features = cr_shape_size(&shape);
        return true;
    }
    char found[CR_SHAPE_TEXT], expected[CR_SHAPE_TEXT];
    if (cr_shape_size(&shape) == encoding->features)
        return true;
    return cr_fail(
        err, CR_E_DATA, "%s: images of %s, expected %s as in the training data", path,
        cr_shape_format(&shape, found), cr_shape_format(&encoding->shape, expected));
}

static bool learn_labels(cr_encoding *encoding, const cr_idx *labels, cr_error *err)
{
    size_t largest = 0;
    for (size_t i = 0; i < labels->dim[0]; i++)
        if (labels->bytes[i] > largest)
            largest = labels->bytes[i];
    encoding->numeric_classes = true;
    char name[8];
    for (size_t i = 0; i <= (largest ? largest : 1); i++) {
        snprintf(name, sizeof name, "%zu", i);
        if (!cr_names_add(&encoding->classes, name, err))
            return false;
    }
    return true;
}

static bool take_labels(cr_dataset *dataset, const cr_encoding *encoding,
                        const cr_idx *labels, const char *path, cr_error *err)
{
    if (!encoding->classify) {
        dataset->label_values = cr_alloc(dataset->examples, sizeof(cr_real), err);
        for (size_t i = 0; dataset->label_values && i < dataset->examples; i++)
            dataset->label_values[i] = labels->bytes[i];
        dataset->targets = dataset->label_values;
        dataset->target_stride = dataset->target_count = 1;
        return dataset->label_values != NULL;
    }
    dataset->labels = cr_alloc(dataset->examples, sizeof *dataset->labels, err);
    for (size_t i = 0; dataset->labels && i < dataset->examples; i++) {
        if (labels->bytes[i] >= encoding->classes.count)
            return cr_fail(err, CR_E_DATA,
                           "%s: label %u of example %zu (from 0) is not in the "
                           "training data; its classes: 0 to %zu",
                           path, labels->bytes[i], i, encoding->classes.count - 1);
        dataset->labels[i] = labels->bytes[i];
    }
    return dataset->labels != NULL;
}

static bool read_labels(cr_dataset *dataset, cr_encoding *encoding, const char *images,
                        const char *path, bool learn, cr_error *err)
{
    cr_idx labels = {0};
    if (!cr_idx_read(&labels, path, err))
        return false;
    bool good = true;
    if (labels.rank != 1)
        good = cr_fail(err, CR_E_DATA,
                       "%s: %zu dimensions: these are images; labels (one dimension) "
                       "were expected",
                       path, labels.rank);
    else if (labels.dim[0] != dataset->examples)
        good = cr_fail(err, CR_E_DATA,
                       "%s: %zu labels, but %s has %zu images; the two belong to "
                       "different sets",
                       path, labels.dim[0], images, dataset->examples);
    if (good && learn && encoding->classify)
        good = learn_labels(encoding, &labels, err);
    good = good && take_labels(dataset, encoding, &labels, path, err);
    dataset->labels_crc32 = labels.content.crc32;
    cr_idx_finish(&labels);
    return good;
}

bool cr_dataset_read_images(cr_dataset *dataset, cr_encoding *encoding,
                            const char *images, const char *labels, bool learn,
                            bool classify, cr_error *err)
{
    *dataset = (cr_dataset){0};
    if (learn)
        *encoding = (cr_encoding){.classify = classify, .target_count = 1};
    cr_idx idx = {0};
    bool good =
        cr_idx_read(&idx, images, err) && take_shape(encoding, &idx, images, learn, err);
    if (good) {
        dataset->examples = idx.dim[0];
        dataset->features = encoding->features;
        dataset->bytes = idx.bytes;
        dataset->crc32 = idx.content.crc32;
        dataset->content = idx.content.text;
        idx.content.text = NULL;
        good = !labels || read_labels(dataset, encoding, images, labels, learn, err);
    }
    cr_idx_finish(&idx);
    if (!good) {
        cr_dataset_finish(dataset);
        if (learn)
            cr_encoding_finish(encoding);
    }
    return good;
}
