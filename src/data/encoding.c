#include "data/encoding.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
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

/* The order of numbers, NaN behind all. */
static int compare_values(double x, double y)
{
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

/* The classes are in the order that cr_encoding_sort_classes gave them. */
int32_t cr_encoding_class(const cr_encoding *encoding, const char *text)
{
    double number = 0, other = 0;
    bool numeric = encoding->numeric_classes;
    if (numeric && !cr_parse_number(text, strlen(text), &number))
        return -1;
    size_t first = 0, end = encoding->classes.count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        const char *name = encoding->classes.items[middle];
        if (numeric && !cr_parse_number(name, strlen(name), &other))
            return -1;
        int order = numeric ? compare_values(number, other) : strcmp(text, name);
        if (order == 0)
            return (int32_t)middle;
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
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
    int order = compare_values(x->number, y->number);
    return order ? order : x->position < y->position ? -1 : 1;
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
        bool same = i > 0 && encoding->numeric_classes &&
                    compare_values(all[i].number, all[i - 1].number) == 0;
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

/* A cell of a first row, and its column. */
typedef struct heading {
    const char *name;
    size_t column;
} heading;

static int compare_headings(const void *a, const void *b)
{
    return strcmp(((const heading *)a)->name, ((const heading *)b)->name);
}

static heading *sort_row(const cr_names *row, cr_error *err)
{
    heading *sorted = cr_alloc(row->count, sizeof *sorted, err);
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < row->count; i++)
        sorted[i] = (heading){row->items[i], i};
    qsort(sorted, row->count, sizeof *sorted, compare_headings);
    return sorted;
}

static const heading *find_heading(const heading *sorted, size_t count, const char *name)
{
    const heading wanted = {name, 0};
    return bsearch(&wanted, sorted, count, sizeof wanted, compare_headings);
}

static bool has_name(const cr_encoding *encoding, const cr_names *row)
{
    heading *sorted = sort_row(row, NULL);
    bool found = false; /* also without memory: reading will say so */
    for (size_t i = 0; sorted && !found && i < encoding->columns.count; i++)
        found = find_heading(sorted, row->count, encoding->columns.items[i]) != NULL;
    cr_free(sorted);
    return found;
}

bool cr_encoding_is_header(const cr_encoding *encoding, const cr_names *first_row)
{
    if (has_name(encoding, first_row))
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

/* What match_names goes through the encoding's names with. */
typedef struct matching {
    const char *file;
    const heading *sorted; /* [count] */
    size_t count;
    cr_column *columns; /* [count] */
    cr_text missing;
    cr_error *err;
} matching;

/* The column called `name` goes where `place` says. False when two columns could be
 * meant, here or in the training data: one of them would be left without numbers. */
static bool match_name(matching *m, const char *name, cr_column place, const char *what)
{
    const heading *found = find_heading(m->sorted, m->count, name);
    if (!found) {
        if (m->missing.length < 200)
            cr_text_add(&m->missing, "%s\"%s\"%s", m->missing.length ? ", " : "", name,
                        what);
        return true;
    }
    bool repeated =
        (found > m->sorted && strcmp(found[-1].name, name) == 0) ||
        (found + 1 < m->sorted + m->count && strcmp(found[1].name, name) == 0);
    if (repeated || m->columns[found->column].kind != CR_COLUMN_SKIP)
        return cr_fail(
            m->err, CR_E_DATA,
            "%s: several columns are called \"%.60s\", here or in the training "
            "data, so that the name does not tell which is meant; give them "
            "different names",
            m->file, name);
    m->columns[found->column] = place;
    return true;
}

/* Every name of the encoding must be in the header. */
static bool match_names(const cr_encoding *encoding, const char *file,
                        const cr_names *header, cr_need_target need, cr_column *columns,
                        cr_error *err)
{
    heading *sorted = sort_row(header, err);
    matching m = {file, sorted, header->count, columns, .err = err};
    bool good = sorted != NULL;
    for (size_t i = 0; good && i < encoding->features; i++)
        good = match_name(&m, encoding->columns.items[i],
                          (cr_column){CR_COLUMN_NUMBER, i}, "");
    for (size_t i = 0; good && i < encoding->targets.count && need == CR_TARGET_NEEDED;
         i++)
        good = match_name(&m, encoding->targets.items[i],
                          target_column(encoding, need, i), " (the target)");
    if (good && (m.missing.length > 0 || m.missing.failed))
        good =
            cr_fail(err, CR_E_DATA,
                    "%s: the model was trained on columns that are not in this file: %s",
                    file, m.missing.failed ? "" : m.missing.data);
    cr_text_finish(&m.missing);
    cr_free(sorted);
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
