#include "data/data.h"

#include "base/memory.h"
#include "data/columns.h"
#include "data/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const cr_part_names[CR_PARTS] = {"train", "validation", "test"};

/* Writes a decision into data.<key> of the resolved config. */
static bool record(cr_reader *reader, const char *key, bool value)
{
    cr_json *object = cr_json_edit(reader->document->root, "data");
    if (strcmp(key, "stratify") == 0)
        object = cr_json_edit(object, "validation");
    return cr_json_set_bool(object, key, value) ||
           cr_fail(reader->err, CR_E_MEMORY, "out of memory");
}

/* What the config says of a table's columns, with room for what that comes to. */
typedef struct plan {
    bool *target, *taken, *categorical; /* [columns of the file] */
    size_t *targets;
    cr_column_kind *kinds;
    cr_table_plan table;
} plan;

static void finish_plan(plan *p)
{
    cr_free(p->target);
    cr_free(p->taken);
    cr_free(p->categorical);
    cr_free(p->targets);
    cr_free(p->kinds);
}

static bool allocate_plan(plan *p, size_t columns, cr_error *err)
{
    p->target = cr_alloc(columns, sizeof *p->target, err);
    p->taken = cr_alloc(columns, sizeof *p->taken, err);
    p->categorical = cr_alloc(columns, sizeof *p->categorical, err);
    p->targets = cr_alloc(columns, sizeof *p->targets, err);
    p->kinds = cr_alloc(columns, sizeof *p->kinds, err);
    return p->target && p->taken && p->categorical && p->targets && p->kinds;
}

static bool find_columns(plan *p, cr_reader *reader, const cr_table_file *file,
                         bool has_header, const cr_data_section *section)
{
    bool good = cr_columns_find(reader, "data.target", file, has_header, section->target,
                                p->target);
    if (section->columns)
        good &= cr_columns_find(reader, "data.columns", file, has_header,
                                section->columns, p->taken);
    if (section->ignore)
        good &= cr_columns_find(reader, "data.ignore", file, has_header, section->ignore,
                                p->taken);
    if (section->categorical)
        good &= cr_columns_find(reader, "data.categorical", file, has_header,
                                section->categorical, p->categorical);
    for (size_t i = 0; good && i < file->columns; i++) {
        if (p->target[i] && (p->taken[i] || p->categorical[i]))
            cr_reader_error(reader,
                            p->categorical[i]  ? "data.categorical"
                            : section->columns ? "data.columns"
                                               : "data.ignore",
                            "column %zu (from 0) is the target; remove it here", i);
        p->taken[i] ^= section->columns == NULL;
        if (p->categorical[i] && !p->taken[i] && !p->target[i])
            cr_reader_error(
                reader, "data.categorical",
                "column %zu (from 0) is one of those left out; remove it here", i);
    }
    return reader->err->count == 0;
}

static bool make_plan(plan *p, cr_reader *reader, const cr_table_file *file,
                      bool has_header, const cr_data_section *section,
                      cr_target_kind kind)
{
    if (!allocate_plan(p, file->columns, reader->err) ||
        !find_columns(p, reader, file, has_header, section))
        return false;
    for (size_t i = 0; i < file->columns; i++) {
        p->kinds[i] = p->categorical[i] ? CR_COLUMN_WORD
                      : p->taken[i]     ? CR_COLUMN_GUESS
                                        : CR_COLUMN_SKIP;
        if (p->target[i])
            p->targets[p->table.target_count++] = i;
    }
    size_t count = p->table.target_count;
    p->table.targets = p->targets;
    p->table.kinds = p->kinds;
    p->table.missing = section->missing;
    p->table.classify =
        kind == CR_TARGETS_CLASSES || (kind == CR_TARGETS_BINARY && count == 1);
    if (kind != CR_TARGETS_CLASSES || count == 1)
        return true;
    cr_reader_error(
        reader, "data.target",
        "%zu columns, but this loss takes one column of classes; several columns of "
        "0 and 1 need the loss \"logistic\", several of other numbers \"l2\"",
        count);
    return false;
}

/* Words that name the row tell nothing of other rows. */
static void warn_names(cr_reader *reader, const cr_data *data)
{
    const cr_encoding *encoding = &data->encoding;
    size_t rows = data->datasets[CR_PART_TRAIN].examples;
    for (size_t i = 0; encoding->inputs && i < encoding->input_count; i++) {
        const cr_input *input = &encoding->inputs[i];
        char number[24];
        snprintf(number, sizeof number, "%zu", input->position);
        if (input->words.count > 20 && input->words.count > rows / 2)
            cr_reader_warn(reader, "data",
                           "column %s%s%s has %zu different words in %zu rows, each an "
                           "input: does it name the row? If so, leave it out with "
                           "\"ignore\"",
                           encoding->columns.count ? "\"" : "",
                           encoding->columns.count ? encoding->columns.items[i] : number,
                           encoding->columns.count ? "\"" : " (from 0)",
                           input->words.count, rows);
    }
}

/* Two columns of one name cannot be told apart in another file. */
static bool warn_repeated(cr_reader *reader, const cr_encoding *encoding)
{
    cr_words seen = {0};
    bool good = true;
    for (size_t i = 0; good && i < encoding->columns.count; i++) {
        size_t before = seen.names.count;
        int32_t number = 0;
        const char *name = encoding->columns.items[i];
        good = cr_words_number(&seen, name, 1, &number, reader->err);
        if (good && seen.names.count == before)
            cr_reader_warn(
                reader, "data",
                "several columns are called \"%.60s\": predict will not be able "
                "to find them by name; give them different names, or \"ignore\" "
                "one by its number",
                name);
    }
    cr_words_finish(&seen);
    return good;
}

static bool learn_table(cr_data *data, cr_reader *reader, const cr_data_section *section,
                        cr_target_kind kind)
{
    cr_table_file file = {0};
    if (!cr_table_file_open(&file, section->train.table, section->max_bytes, reader->err))
        return false;
    bool has_header = section->header >= 0 ? section->header : file.has_header;
    plan p = {0};
    bool good = record(reader, "header", has_header) &&
                make_plan(&p, reader, &file, has_header, section, kind) &&
                cr_dataset_learn_table(&data->datasets[CR_PART_TRAIN], &data->encoding,
                                       &file, has_header, &p.table, reader->err);
    if (good)
        warn_names(reader, data);
    good = good && warn_repeated(reader, &data->encoding);
    finish_plan(&p);
    cr_table_file_close(&file);
    return good;
}

static bool learn(cr_data *data, cr_reader *reader, const cr_data_section *section,
                  cr_target_kind kind)
{
    cr_dataset *train = &data->datasets[CR_PART_TRAIN];
    bool good =
        section->train.table
            ? learn_table(data, reader, section, kind)
            : cr_dataset_read_images(train, &data->encoding, section->train.images,
                                     section->train.labels, true,
                                     kind != CR_TARGETS_NUMBERS, reader->err);
    data->parts[CR_PART_TRAIN] = (cr_part){.dataset = train, .count = train->examples};
    return good;
}

/* A part with a file of its own, as the encoding says. */
static bool load_part(cr_data *data, cr_reader *reader, const cr_data_section *section,
                      const cr_source *source, const cr_encoding *encoding,
                      cr_part_name part)
{
    cr_dataset *dataset = &data->datasets[part];
    if (!source->table && !source->images)
        return true;
    cr_encoding copy = *encoding; /* not learned, so not changed */
    bool good =
        source->table
            ? cr_dataset_read_table(dataset, encoding, source->table, section->max_bytes,
                                    section->header, CR_TARGET_NEEDED, reader->err)
            : cr_dataset_read_images(dataset, &copy, source->images, source->labels,
                                     false, encoding->classify, reader->err);
    data->parts[part] = (cr_part){.dataset = dataset, .count = dataset->examples};
    return good;
}

/* The validation part, where it is split off the training data. */
static bool split(cr_data *data, cr_reader *reader, const cr_data_section *section)
{
    const cr_dataset *train = &data->datasets[CR_PART_TRAIN];
    if (section->fraction == 0 && section->folds == 0)
        return true;
    if (section->stratify == 1 && !train->labels) {
        cr_reader_error(
            reader, "data.validation.stratify",
            "a target of numbers has no classes to take a share of; remove this key");
        return false;
    }
    cr_error why = CR_ERROR_INIT;
    bool stratify = section->stratify != 0 && train->labels;
    uint64_t seed = (uint64_t)section->split_seed;
    cr_part *kept = &data->parts[CR_PART_TRAIN], *held = &data->parts[CR_PART_VALIDATION];
    if (section->folds
            ? cr_part_fold(train, section->fold, section->folds, stratify, seed, kept,
                           held, &why)
            : cr_part_split(train, section->fraction, stratify, seed, kept, held, &why))
        return record(reader, "stratify", stratify);
    if (why.code == CR_E_MEMORY)
        cr_error_add(reader->err, why.code, "%s", why.text);
    else
        cr_reader_error(
            reader, section->folds ? "data.validation.folds" : "data.validation.fraction",
            "%s", why.text);
    return false;
}

/* Two classes, or numbers from 0 to 1. */
static bool check_binary(const cr_data *data, cr_reader *reader,
                         const cr_encoding *encoding)
{
    if (encoding->classify && encoding->classes.count != 2)
        cr_reader_error(reader, "data.target",
                        "it has %zu classes, but the loss \"logistic\" takes two (or "
                        "several columns of 0 and 1); use \"softmax\"",
                        encoding->classes.count);
    for (size_t part = 0; part < CR_PARTS && !encoding->classify; part++) {
        const cr_dataset *set = &data->datasets[part];
        size_t bad = 0;
        while (bad < set->examples * set->target_count &&
               fabs((double)cr_dataset_target(set, bad) - 0.5) <= 0.5)
            bad++;
        if (bad == set->examples * set->target_count)
            continue;
        size_t column = bad % set->target_count;
        cr_reader_error(reader, "data.target",
                        "found %g in target %zu of row %zu (both from 0) of the %s data; "
                        "with several columns, the loss \"logistic\" takes 0 and 1; use "
                        "\"l2\" for other numbers",
                        (double)cr_dataset_target(set, bad), column,
                        bad / set->target_count, cr_part_names[part]);
        return false;
    }
    return reader->err->count == 0;
}

bool cr_data_load(cr_data *data, cr_reader *reader, const cr_data_section *section,
                  cr_target_kind targets, const cr_encoding *known)
{
    *data = (cr_data){0};
    const cr_encoding *encoding = known ? known : &data->encoding;
    if (section->target_normalization != CR_NORMALIZE_NONE &&
        targets != CR_TARGETS_NUMBERS) {
        cr_reader_error(reader, "data.normalize_target",
                        "this loss takes classes or labels, which are not normalised; "
                        "remove this key");
        return false;
    }
    bool good =
        known ? load_part(data, reader, section, &section->train, known, CR_PART_TRAIN)
              : learn(data, reader, section, targets);
    good = good && split(data, reader, section) &&
           load_part(data, reader, section, &section->validation, encoding,
                     CR_PART_VALIDATION) &&
           load_part(data, reader, section, &section->test, encoding, CR_PART_TEST);
    if (good && !known)
        good = cr_normalize_fit(&data->encoding, section->normalization, section->divisor,
                                &data->parts[CR_PART_TRAIN], reader->err) &&
               cr_normalize_fit_targets(&data->encoding, section->target_normalization,
                                        section->target_divisor,
                                        &data->parts[CR_PART_TRAIN], reader->err);
    for (size_t i = 0; good && i < CR_PARTS; i++) {
        good = cr_normalize_dataset(&data->datasets[i], encoding, reader->err);
        if (good && data->datasets[i].left_out > 0)
            cr_reader_warn(
                reader, "data.missing",
                "%zu of %zu rows of the %s data have missing values%s and were "
                "left out",
                data->datasets[i].left_out,
                data->datasets[i].left_out + data->datasets[i].examples, cr_part_names[i],
                encoding->missing == CR_MISSING_DROP ? "" : " as target");
    }
    good = good && (targets != CR_TARGETS_BINARY || check_binary(data, reader, encoding));
    if (!good)
        cr_data_finish(data);
    return good;
}

static bool add_checksum(cr_json *object, const char *part, const char *of,
                         uint32_t crc32)
{
    char place[64], digits[9];
    snprintf(place, sizeof place, "data.%s%s", part, of);
    snprintf(digits, sizeof digits, "%08lx", (unsigned long)crc32);
    return cr_json_set_string(object, place, digits);
}

bool cr_data_checksums(const cr_data *data, cr_json *object)
{
    bool good = true;
    for (size_t i = 0; good && i < CR_PARTS; i++) {
        const cr_dataset *set = &data->datasets[i];
        if (set->examples == 0)
            continue;
        good = add_checksum(object, cr_part_names[i], set->bytes ? ".images" : "",
                            set->crc32) &&
               (!set->bytes ||
                add_checksum(object, cr_part_names[i], ".labels", set->labels_crc32));
    }
    return good;
}

void cr_data_finish(cr_data *data)
{
    for (size_t i = 0; i < CR_PARTS; i++) {
        cr_part_finish(&data->parts[i]);
        cr_dataset_finish(&data->datasets[i]);
    }
    cr_encoding_finish(&data->encoding);
    *data = (cr_data){0};
}
