#include "data/encoding.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void cr_encoding_finish(cr_encoding *encoding)
{
    cr_names_finish(&encoding->columns);
    cr_names_finish(&encoding->targets);
    cr_names_finish(&encoding->classes);
    cr_free(encoding->target_positions);
    cr_free(encoding->shift);
    cr_free(encoding->scale);
    *encoding = (cr_encoding){0};
}

int32_t cr_encoding_class(const cr_encoding *encoding, const char *text)
{
    size_t position = 0;
    if (cr_names_find(&encoding->classes, text, &position))
        return (int32_t)position;
    double number = 0, other = 0;
    if (!encoding->numeric_classes || !cr_parse_number(text, strlen(text), &number))
        return -1;
    for (size_t i = 0; i < encoding->classes.count; i++) {
        const char *name = encoding->classes.items[i];
        if (cr_parse_number(name, strlen(name), &other) && other == number)
            return (int32_t)i;
    }
    return -1;
}

/* A class while it is sorted: its spelling, its value, and where it stood. */
typedef struct candidate {
    char *name;
    double number;
    size_t position;
} candidate;

static int compare_words(const void *a, const void *b)
{
    return strcmp(((const candidate *)a)->name, ((const candidate *)b)->name);
}

static int compare_numbers(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

bool cr_encoding_sort_classes(cr_encoding *encoding, int32_t *numbers, cr_error *err)
{
    cr_names *classes = &encoding->classes;
    candidate *all = cr_alloc(classes->count, sizeof *all, err);
    if (!all)
        return false;
    encoding->numeric_classes = true;
    for (size_t i = 0; i < classes->count; i++) {
        char *name = classes->items[i];
        all[i] = (candidate){.name = name, .position = i};
        encoding->numeric_classes &= cr_parse_number(name, strlen(name), &all[i].number);
    }
    qsort(all, classes->count, sizeof *all,
          encoding->numeric_classes ? compare_numbers : compare_words);
    size_t kept = 0;
    for (size_t i = 0; i < classes->count; i++) {
        bool same =
            i > 0 && encoding->numeric_classes && all[i].number == all[i - 1].number;
        if (same)
            cr_free(all[i].name);
        else
            classes->items[kept++] = all[i].name;
        numbers[all[i].position] = (int32_t)kept - 1;
    }
    classes->count = kept;
    cr_free(all);
    return true;
}

bool cr_encoding_is_header(const cr_encoding *encoding, const cr_names *first_row)
{
    size_t position = 0;
    for (size_t i = 0; i < first_row->count; i++)
        if (cr_names_find(&encoding->columns, first_row->items[i], &position))
            return true;
    bool with_target = first_row->count > encoding->features;
    size_t target = 0;
    for (size_t i = 0; i < first_row->count; i++) {
        if (with_target && target < encoding->target_count &&
            encoding->target_positions && encoding->target_positions[target] == i) {
            target++;
            continue;
        }
        double number = 0;
        const char *cell = first_row->items[i];
        if (*cell && strcmp(cell, "?") != 0 &&
            !cr_parse_number(cell, strlen(cell), &number))
            return true;
    }
    return false;
}

static cr_column target_column(const cr_encoding *encoding, cr_need_target need,
                               size_t index)
{
    if (need == CR_TARGET_IGNORED)
        return (cr_column){CR_COLUMN_SKIP, 0};
    if (encoding->classify)
        return (cr_column){CR_COLUMN_WORD, 0};
    return (cr_column){CR_COLUMN_NUMBER, encoding->features + index};
}

/* Every name of `names` must be in the header; its column goes where `place` says. */
static bool match_names(const cr_encoding *encoding, const char *file,
                        const cr_names *header, cr_need_target need, cr_column *columns,
                        cr_error *err)
{
    cr_text missing = {0};
    size_t at = 0;
    for (size_t i = 0; i < encoding->features; i++) {
        if (cr_names_find(header, encoding->columns.items[i], &at))
            columns[at] = (cr_column){CR_COLUMN_NUMBER, i};
        else if (missing.length < 200)
            cr_text_add(&missing, "%s\"%s\"", missing.length ? ", " : "",
                        encoding->columns.items[i]);
    }
    for (size_t i = 0; i < encoding->targets.count && need == CR_TARGET_NEEDED; i++) {
        if (cr_names_find(header, encoding->targets.items[i], &at))
            columns[at] = target_column(encoding, need, i);
        else
            cr_text_add(&missing, "%s\"%s\" (the target)", missing.length ? ", " : "",
                        encoding->targets.items[i]);
    }
    bool good = missing.length == 0;
    if (!good)
        cr_fail(err, CR_E_DATA,
                "%s: the model was trained on columns that are not in this file: %s",
                file, missing.data);
    cr_text_finish(&missing);
    return good;
}

static bool match_positions(const cr_encoding *encoding, const char *file, size_t count,
                            cr_need_target need, cr_column *columns, cr_error *err)
{
    size_t with_target = encoding->features + encoding->target_count;
    bool has_target = count == with_target && encoding->target_positions;
    if (!has_target && (count != encoding->features || need == CR_TARGET_NEEDED)) {
        if (need == CR_TARGET_NEEDED)
            return cr_fail(err, CR_E_DATA,
                           "%s: found %zu columns, expected %zu: %zu features and "
                           "%zu of target, in the order of the training file",
                           file, count, with_target, encoding->features,
                           encoding->target_count);
        return cr_fail(err, CR_E_DATA,
                       "%s: found %zu columns, expected the %zu features in the order "
                       "of the training file (with or without its target)",
                       file, count, encoding->features);
    }
    size_t feature = 0, target = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_target = has_target && target < encoding->target_count &&
                         encoding->target_positions[target] == i;
        columns[i] = is_target ? target_column(encoding, need, target++)
                               : (cr_column){CR_COLUMN_NUMBER, feature++};
    }
    return true;
}

bool cr_encoding_match(const cr_encoding *encoding, const char *file,
                       const cr_names *header, size_t count, cr_need_target need,
                       cr_column *columns, cr_error *err)
{
    for (size_t i = 0; i < count; i++)
        columns[i] = (cr_column){CR_COLUMN_SKIP, 0};
    if (header && encoding->columns.count == encoding->features)
        return match_names(encoding, file, header, need, columns, err);
    return match_positions(encoding, file, count, need, columns, err);
}

void cr_encoding_apply(const cr_encoding *encoding, cr_real *row)
{
    if (!encoding->shift)
        return;
    for (size_t j = 0; j < encoding->features; j++)
        row[j] = (row[j] - encoding->shift[j]) * encoding->scale[j];
}

static bool write_names(cr_json *parent, const char *key, const cr_names *names)
{
    cr_json *list = cr_json_add(parent, key, CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < names->count; i++)
        good = cr_json_set_string(list, NULL, names->items[i]);
    return good;
}

static bool write_reals(cr_json *parent, const char *key, const cr_real *values,
                        size_t count)
{
    size_t distinct = 1; /* one number stands for all when they are the same */
    for (size_t i = 1; i < count && distinct == 1; i++)
        if (values[i] != values[0])
            distinct = count;
    cr_json *list = cr_json_add(parent, key, CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < distinct; i++)
        good = cr_json_set_number(list, NULL, (double)values[i]);
    return good;
}

static bool write_numbers(cr_json *parent, const char *key, const size_t *values,
                          size_t count)
{
    cr_json *list = cr_json_add(parent, key, CR_JSON_ARRAY);
    bool good = list != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = cr_json_set_number(list, NULL, (double)values[i]);
    return good;
}

/* The member `key` of `from` as a string of its own in the metadata: safetensors allows
 * nothing else. */
static bool move_as_text(cr_json *metadata, const char *key, const cr_json *from)
{
    char *text = cr_json_print(from, false);
    bool good = text && cr_json_set_string(metadata, key, text);
    cr_free(text);
    return good;
}

bool cr_encoding_write(const cr_encoding *encoding, cr_json *metadata, cr_error *err)
{
    cr_json *all = cr_json_new(CR_JSON_OBJECT);
    cr_json *target = all ? cr_json_add(all, "target", CR_JSON_OBJECT) : NULL;
    cr_json *normalization =
        all ? cr_json_add(all, "normalization", CR_JSON_OBJECT) : NULL;
    bool good = target && normalization &&
                write_numbers(all, "shape", encoding->shape.dim, encoding->shape.rank) &&
                write_names(all, "columns", &encoding->columns) &&
                cr_json_set_number(target, "count", (double)encoding->target_count) &&
                write_names(target, "columns", &encoding->targets) &&
                write_numbers(target, "positions", encoding->target_positions,
                              encoding->target_positions ? encoding->target_count : 0) &&
                (!encoding->classify || write_names(all, "classes", &encoding->classes));
    if (good && encoding->shift)
        good = write_reals(normalization, "shift", encoding->shift, encoding->features) &&
               write_reals(normalization, "scale", encoding->scale, encoding->features);
    static const char *const keys[] = {"shape", "columns", "target", "classes",
                                       "normalization"};
    for (size_t i = 0; good && i < sizeof keys / sizeof keys[0]; i++) {
        const cr_json *member = cr_json_get(all, keys[i]);
        good = !member || move_as_text(metadata, keys[i], member);
    }
    cr_json_free(all);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* A metadata string, parsed; an empty document when it is missing. */
static bool parse_member(cr_document *document, const char *file, const cr_json *metadata,
                         const char *key, bool needed, cr_error *err)
{
    *document = (cr_document){0};
    const cr_json *member = cr_json_get(metadata, key);
    if (!member && !needed)
        return true;
    if (!member || cr_json_kind_of(member) != CR_JSON_STRING)
        return cr_fail(err, CR_E_DATA,
                       "%s: not a chainrule model: its metadata has no \"%s\"", file,
                       key);
    const char *string = cr_json_string(member);
    char *text = cr_copy_text(string, strlen(string), err);
    return text && cr_document_parse(document, file, text, strlen(text), CR_E_DATA, err);
}

static bool read_names(cr_names *names, const cr_json *list, cr_error *err)
{
    if (!list || cr_json_kind_of(list) != CR_JSON_ARRAY)
        return false;
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item))
        if (cr_json_kind_of(item) != CR_JSON_STRING ||
            !cr_names_add(names, cr_json_string(item), err))
            return false;
    return true;
}

static bool is_count(const cr_json *value, double limit)
{
    if (!value || cr_json_kind_of(value) != CR_JSON_NUMBER)
        return false;
    double number = cr_json_number(value);
    return number >= 0 && number <= limit && number == (double)(size_t)number;
}

static bool read_shape(cr_encoding *encoding, const cr_json *list)
{
    encoding->features = 1;
    if (!list || cr_json_kind_of(list) != CR_JSON_ARRAY)
        return false;
    for (const cr_json *item = cr_json_first(list); item; item = cr_json_next(item)) {
        if (encoding->shape.rank == CR_DIMENSIONS || !is_count(item, 1e9))
            return false;
        size_t dim = (size_t)cr_json_number(item);
        encoding->shape.dim[encoding->shape.rank++] = dim;
        if (dim == 0 || !cr_multiply(encoding->features, dim, &encoding->features) ||
            encoding->features > 1000000000)
            return false;
    }
    return encoding->shape.rank > 0;
}

static cr_real *read_reals(const cr_json *list, size_t count, cr_error *err)
{
    if (!list || cr_json_kind_of(list) != CR_JSON_ARRAY)
        return NULL;
    size_t given = cr_json_count(list);
    if (given != 1 && given != count)
        return NULL;
    cr_real *values = cr_alloc(count, sizeof *values, err);
    const cr_json *item = cr_json_first(list);
    for (size_t i = 0; values && i < count; i++) {
        if (cr_json_kind_of(item) != CR_JSON_NUMBER) {
            cr_free(values);
            return NULL;
        }
        values[i] = (cr_real)cr_json_number(item);
        if (given > 1)
            item = cr_json_next(item);
    }
    return values;
}

static bool read_target(cr_encoding *encoding, const cr_json *target, cr_error *err)
{
    const cr_json *count = cr_json_get(target, "count");
    const cr_json *positions = cr_json_get(target, "positions");
    if (!is_count(count, 1e6) ||
        !read_names(&encoding->targets, cr_json_get(target, "columns"), err) ||
        !positions || cr_json_kind_of(positions) != CR_JSON_ARRAY)
        return false;
    encoding->target_count = (size_t)cr_json_number(count);
    size_t given = cr_json_count(positions);
    if (given == 0)
        return true;
    if (given != encoding->target_count)
        return false;
    encoding->target_positions = cr_alloc(given, sizeof *encoding->target_positions, err);
    const cr_json *item = cr_json_first(positions);
    for (size_t i = 0; encoding->target_positions && i < given;
         i++, item = cr_json_next(item)) {
        if (!is_count(item, 1e9))
            return false;
        encoding->target_positions[i] = (size_t)cr_json_number(item);
    }
    return encoding->target_positions != NULL;
}

bool cr_encoding_read(cr_encoding *encoding, const char *file, const cr_json *metadata,
                      cr_error *err)
{
    *encoding = (cr_encoding){0};
    cr_document shape = {0}, columns = {0}, target = {0}, classes = {0},
                normalization = {0};
    bool good = parse_member(&shape, file, metadata, "shape", true, err) &&
                parse_member(&columns, file, metadata, "columns", true, err) &&
                parse_member(&target, file, metadata, "target", true, err) &&
                parse_member(&classes, file, metadata, "classes", false, err) &&
                parse_member(&normalization, file, metadata, "normalization", true, err);
    if (good) {
        good = read_shape(encoding, shape.root) &&
               read_names(&encoding->columns, columns.root, err) &&
               read_target(encoding, target.root, err);
        encoding->classify = classes.root != NULL;
        if (good && classes.root) {
            good = read_names(&encoding->classes, classes.root, err) &&
                   encoding->classes.count > 0;
            double number = 0;
            encoding->numeric_classes = true;
            for (size_t i = 0; i < encoding->classes.count; i++)
                encoding->numeric_classes &=
                    cr_parse_number(encoding->classes.items[i],
                                    strlen(encoding->classes.items[i]), &number);
        }
        if (good && cr_json_count(normalization.root) > 0) {
            encoding->shift = read_reals(cr_json_get(normalization.root, "shift"),
                                         encoding->features, err);
            encoding->scale = read_reals(cr_json_get(normalization.root, "scale"),
                                         encoding->features, err);
            good = encoding->shift && encoding->scale;
        }
        if (!good)
            cr_fail(err, CR_E_DATA,
                    "%s: not a chainrule model, or a damaged one: its metadata does "
                    "not describe its input",
                    file);
    }
    cr_document_finish(&shape);
    cr_document_finish(&columns);
    cr_document_finish(&target);
    cr_document_finish(&classes);
    cr_document_finish(&normalization);
    if (!good)
        cr_encoding_finish(encoding);
    return good;
}
