#include "data/dataset.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/idx.h"
#include "data/words.h"

#include <stdio.h>
#include <string.h>

void cr_dataset_finish(cr_dataset *dataset)
{
    cr_free(dataset->content);
    cr_free(dataset->shift);
    cr_free(dataset->scale);
    cr_free(dataset->raw);
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
    dataset->left_out = table->left_out;
    dataset->unknown = table->unknown;
    dataset->features = encoding->features;
    dataset->raw = table->numbers;
    dataset->raw_stride = table->width;
    table->numbers = NULL;
    if (table->width > encoding->input_count)
        dataset->target_count = encoding->target_count;
    return true;
}

/* Where the columns of the training file go, and what they are called. */
static bool plan_columns(cr_encoding *encoding, const cr_table_file *file,
                         bool has_header, const cr_table_plan *plan, cr_column *columns,
                         cr_error *err)
{
    size_t target = 0;
    for (size_t i = 0; i < file->columns; i++) {
        bool is_target = target < plan->target_count && plan->targets[target] == i;
        cr_column_kind kind = plan->kinds ? plan->kinds[i] : CR_COLUMN_GUESS;
        if (is_target) {
            kind = plan->classify ? CR_COLUMN_CLASS : CR_COLUMN_TARGET;
            target++;
        }
        columns[i] = (cr_column){kind, 0, NULL};
        if (kind == CR_COLUMN_SKIP)
            continue;
        if (!is_target)
            columns[i].to = encoding->input_count++;
        if (has_header &&
            !cr_names_add(is_target ? &encoding->targets : &encoding->columns,
                          file->first.items[i], err))
            return false;
    }
    target = encoding->input_count;
    for (size_t i = 0; i < file->columns; i++)
        if (columns[i].kind == CR_COLUMN_TARGET)
            columns[i].to = target++;
    encoding->target_positions = cr_alloc(plan->target_count, sizeof *plan->targets, err);
    if (!encoding->target_positions)
        return false;
    memcpy(encoding->target_positions, plan->targets,
           plan->target_count * sizeof *plan->targets);
    encoding->target_count = plan->target_count;
    encoding->file_columns = file->columns;
    return encoding->input_count > 0 ||
           cr_fail(err, CR_E_DATA, "%s: no column is left beside the target%s",
                   file->path,
                   file->columns == 1
                       ? "; the file has one column: commas, semicolons or tabs part them"
                       : "");
}

/* Whether every column but the targets is a feature as it stands. */
static bool is_plain(const cr_table *table, const cr_table_file *file,
                     const cr_column *columns, bool indicators)
{
    for (size_t i = 0; i < file->columns; i++)
        if (columns[i].kind == CR_COLUMN_SKIP || columns[i].kind == CR_COLUMN_WORD ||
            (indicators && table->missing[i] > 0))
            return false;
    return true;
}

/* The words of a column become features: its codes follow their sorted order. */
static bool learn_words(cr_input *input, cr_table *table, size_t column, size_t to,
                        cr_error *err)
{
    input->words = table->words[column].names;
    table->words[column].names = (cr_names){0};
    int32_t *places = cr_alloc(input->words.count, sizeof *places, err);
    bool good = places && cr_names_sort(&input->words, places, err);
    for (size_t i = 0; good && i < table->rows; i++) {
        double *code = &table->numbers[i * table->width + to];
        if (*code >= 0) /* not NaN */
            *code = (double)places[(size_t)*code];
    }
    cr_free(places);
    return good;
}

/* Which features the columns become, now that their cells are known. */
static bool learn_inputs(cr_encoding *encoding, cr_table *table,
                         const cr_table_file *file, bool has_header,
                         const cr_column *columns, cr_error *err)
{
    bool indicators = encoding->missing == CR_MISSING_INDICATOR, good = true;
    encoding->features = encoding->input_count;
    if (!is_plain(table, file, columns, indicators)) {
        encoding->inputs = cr_alloc(encoding->input_count, sizeof *encoding->inputs, err);
        encoding->features = 0;
        good = encoding->inputs != NULL;
    }
    for (size_t i = 0, k = 0; good && i < file->columns; i++) {
        if (columns[i].kind == CR_COLUMN_GUESS && has_header)
            return cr_fail(err, CR_E_DATA,
                           "%s: column \"%.80s\" has no value in any row; leave it out "
                           "with \"ignore\" in \"data\"",
                           file->path, file->first.items[i]);
        if (columns[i].kind == CR_COLUMN_GUESS)
            return cr_fail(
                err, CR_E_DATA,
                "%s: column %zu (from 0) has no value in any row; leave it out "
                "with \"ignore\" in \"data\"",
                file->path, i);
        bool is_input =
            columns[i].kind == CR_COLUMN_NUMBER || columns[i].kind == CR_COLUMN_WORD;
        if (!encoding->inputs || !is_input)
            continue;
        cr_input *input = &encoding->inputs[k++];
        input->position = i;
        input->first = encoding->features;
        input->indicator = indicators && table->missing[i] > 0;
        good = columns[i].kind != CR_COLUMN_WORD ||
               learn_words(input, table, i, columns[i].to, err);
        input->count =
            (input->words.count > 0 ? input->words.count : 1) + input->indicator;
        encoding->features += input->count;
    }
    encoding->shape = cr_shape_flat(encoding->features);
    return good;
}

static bool learn_classes(cr_dataset *dataset, cr_encoding *encoding, cr_table *table,
                          const char *path, cr_error *err)
{
    encoding->classes = table->classes.names;
    table->classes.names = (cr_names){0};
    int32_t *numbers = cr_alloc(encoding->classes.count, sizeof *numbers, err);
    bool good = numbers && cr_names_sort(&encoding->classes, numbers, err);
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
                            const cr_table_plan *plan, cr_error *err)
{
    *dataset = (cr_dataset){0};
    *encoding = (cr_encoding){.classify = plan->classify, .missing = plan->missing};
    cr_column *columns = cr_alloc(file->columns, sizeof *columns, err);
    cr_table table = {0};
    bool good =
        columns && plan_columns(encoding, file, has_header, plan, columns, err) &&
        cr_table_read(&table, file, has_header, columns,
                      cr_encoding_width(encoding, CR_TARGET_NEEDED), plan->missing,
                      err) &&
        learn_inputs(encoding, &table, file, has_header, columns, err) &&
        take_numbers(dataset, &table, encoding, file->path, err) &&
        (!plan->classify || learn_classes(dataset, encoding, &table, file->path, err));
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

/* What a class that is not known was meant to be: the same but for a final point, or a
 * likely one; NULL. */
static const char *meant_class(const cr_encoding *encoding, const char *found)
{
    const cr_names *classes = &encoding->classes;
    size_t length = strlen(found);
    for (size_t i = 0; i < classes->count; i++)
        if (length == strlen(classes->items[i]) + 1 && found[length - 1] == '.' &&
            strncmp(found, classes->items[i], length - 1) == 0)
            return classes->items[i];
    return cr_text_nearest(found, (const char *const *)classes->items, classes->count);
}

static bool refuse_class(const cr_encoding *encoding, const char *path, size_t line,
                         const char *found, cr_error *err)
{
    char known[256];
    const char *meant = meant_class(encoding, found);
    list_classes(encoding, known, sizeof known);
    return cr_fail(err, CR_E_DATA,
                   "%s:%zu: class \"%.60s\" is not in the training data; its classes: "
                   "%s%s%.60s%s",
                   path, line, found, known, meant ? "; if \"" : "", meant ? meant : "",
                   meant ? "\" is meant, write it the same way in both files" : "");
}

static bool map_classes(cr_dataset *dataset, const cr_encoding *encoding, cr_table *table,
                        const char *path, cr_error *err)
{
    const cr_words *found = &table->classes;
    int32_t *numbers = cr_alloc(found->names.count, sizeof *numbers, err);
    bool good = numbers != NULL;
    for (size_t i = 0; good && i < found->names.count; i++) {
        numbers[i] = cr_names_place(&encoding->classes, found->names.items[i]);
        if (numbers[i] < 0)
            good =
                refuse_class(encoding, path, found->lines[i], found->names.items[i], err);
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
    if (!cr_table_file_open(&file, path, max_bytes, err))
        return false;
    bool has_header = header >= 0 ? header : cr_encoding_is_header(encoding, &file.first);
    cr_missing missing = encoding->missing;
    if (missing == CR_MISSING_DROP && need == CR_TARGET_IGNORED)
        missing = CR_MISSING_ERROR; /* every row of a prediction has its answer */
    cr_column *columns = cr_alloc(file.columns, sizeof *columns, err);
    cr_table table = {0};
    bool good = columns &&
                cr_encoding_match(encoding, path, has_header ? &file.first : NULL,
                                  file.columns, need, columns, err) &&
                cr_table_read(&table, &file, has_header, columns,
                              cr_encoding_width(encoding, need), missing, err) &&
                take_numbers(dataset, &table, encoding, path, err);
    if (good && need == CR_TARGET_NEEDED && encoding->classify)
        good = map_classes(dataset, encoding, &table, path, err);
    dataset->crc32 = file.crc32;
    cr_free(columns);
    cr_table_finish(&table);
    cr_table_file_close(&file);
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
        encoding->features = encoding->input_count = cr_shape_size(&shape);
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
    encoding->classes.numeric = true;
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
