#include "data/data.h"

#include "base/memory.h"
#include "data/columns.h"
#include "data/data_part.h"
#include "data/learn.h"
#include "data/normalize_section.h"
#include "data/reading.h"
#include "data/shape_section.h"
#include "data/table_text.h"
#include "data/warnings.h"
#include "data/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Writes the decision into the resolved config. */
static bool record_header(cr_reader *reader, bool value)
{
    cr_json *object = cr_json_edit(reader->document->root, "data");
    return cr_json_set_bool(object, "header", value) ||
           cr_fail(reader->err, CR_E_MEMORY, "out of memory");
}

/* time, year, month */
static void list_parts(const cr_input *input, cr_text *out)
{
    for (int part = 0; part < CR_DATE_PARTS; part++)
        if (input->format.parts & 1u << part)
            cr_text_add(out, "%s%s", out->length > 0 ? ", " : "",
                        cr_date_parts_names[part]);
}

/* Notes columns that are of dates, though nobody said so: in the resolved config, and in
 * a warning. */
static bool note_dates(cr_reader *reader, const cr_encoding *encoding,
                       const cr_reading *reading)
{
    cr_json *object = cr_json_edit(reader->document->root, "data");
    for (size_t i = 0; encoding->inputs && i < encoding->input_count; i++) {
        const cr_input *input = &encoding->inputs[i];
        if (!cr_input_is_date(input) ||
            reading->formats[input->position].type != CR_CELL_ANY)
            continue;
        char number[24];
        size_t first = i;
        const char *name = encoding->columns.count ? encoding->columns.items[i] : NULL;
        if (name && cr_names_find(&encoding->columns, name, &first) && first != i)
            name = NULL; /* another column's */
        const char *key = cr_cell_format_key(name, input->position, number);
        bool named = key == name;
        cr_json *types = cr_json_edit(object, "types");
        types = types ? types : cr_json_add(object, "types", CR_JSON_OBJECT);
        if (!types || !cr_json_set_string(types, key, "date"))
            return cr_fail(reader->err, CR_E_MEMORY, "out of memory");
        cr_text parts = {0};
        list_parts(input, &parts);
        cr_reader_warn(reader, "data",
                       "column %s%s%s holds dates, which become %zu input%s: %s, as with "
                       "\"types\": {\"%s\": \"date\"}; {\"%s\": \"words\"} takes them as "
                       "words",
                       named ? "\"" : "", key, named ? "\"" : " (from 0)", input->count,
                       input->count == 1 ? "" : "s", parts.failed ? "" : parts.data, key,
                       key);
        cr_text_finish(&parts);
    }
    return true;
}

/* Two columns of one name cannot be told apart in a file with another order. */
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
                "several columns are called \"%.60s\": new rows need all columns in the "
                "order of this file, since the name does not tell which is meant; give "
                "them different names to be free in that",
                name);
    }
    cr_words_finish(&seen);
    return good;
}

/* A last column that is a comma at the ends of lines. */
static void leave_out_last(cr_reader *reader, cr_opened *file)
{
    if (!file->empty_last)
        return;
    file->columns--;
    cr_reader_warn(reader, "data",
                   "the last column, number %zu (from 0), has no name and is empty in "
                   "every row: it is left out",
                   file->columns);
}

/* What is to be read of the training data. */
static bool plan_training(cr_reading *reading, cr_reader *reader, const cr_opened *file,
                          const cr_data_section *section, cr_target_kind kind)
{
    bool several = file->targets > 1 && kind != CR_TARGETS_CLASSES;
    *reading = (cr_reading){.targets = several ? file->targets : 1,
                            .classify = kind != CR_TARGETS_NUMBERS && !several,
                            .missing = section->missing};
    if (file->columns == 0)
        return true;
    reading->has_header = section->header >= 0 ? section->header : file->has_header;
    return record_header(reader, reading->has_header) &&
           cr_columns_choose(reading, reader, file, section, kind);
}

/* Rows drawn at random lie between rows that have their values as lags, or their targets;
 * whole groups of the lags do not. */
static void warn_drawn(cr_reader *reader, const cr_data_section *section,
                       const cr_reading *reading)
{
    bool apart = reading->has_groups;
    for (size_t i = 0; i < reading->lags.count; i++) {
        const cr_lag *lag = &reading->lags.items[i];
        apart = apart && lag->group != CR_LAGS_ONE_GROUP &&
                reading->lags.columns[lag->group].position == reading->group;
    }
    if (section->lags && section->split.given && section->split.how.last == 0 && !apart)
        cr_reader_warn(reader, "data.validation",
                       "rows drawn at random lie between rows of training that have the "
                       "same values as lags, which makes the validation part look better "
                       "than rows to come will; take {\"last\": 0.2}");
}

/* The config has the last word, but it may be mistaken. */
static void warn_of_encoding(cr_reader *reader, const cr_source *source)
{
    if (source->type && source->type->has_columns &&
        cr_table_text_is_utf8_after_all(source->path, &source->format))
        cr_reader_warn(reader, "data.encoding",
                       "%s is read as \"%s\", but it looks like UTF-8; if names or words "
                       "are garbled, remove this key",
                       source->path, source->format.encoding);
}

/* Reads the training data as it stands, and learns its words and columns. */
static bool read_training(cr_data *data, cr_reader *reader,
                          const cr_data_section *section, cr_target_kind kind,
                          cr_raw *raw)
{
    cr_opened file;
    cr_reading reading = {0};
    cr_encoding *encoding = &data->encoding;
    if (!cr_source_open(&file, &section->sources[CR_PART_TRAIN], reader->err))
        return false;
    cr_sample sample = {0};
    leave_out_last(reader, &file);
    warn_of_encoding(reader, &section->sources[CR_PART_TRAIN]);
    bool planned = plan_training(&reading, reader, &file, section, kind) &&
                   cr_warnings_begin(&reading, &sample, &file, reader->err);
    if (planned)
        warn_drawn(reader, section, &reading);
    bool read = planned && cr_source_read(&file, &reading, raw, reader->err) &&
                cr_learn_encoding(encoding, &file, &reading, raw, reader->err) &&
                cr_shape_section_apply(&section->shape, reader, encoding) &&
                note_dates(reader, encoding, &reading);
    bool good = planned &&
                cr_warnings_end(reader, &file, &reading, read ? raw : NULL, &data->odd);
    cr_sample_finish(&sample);
    cr_reading_finish(&reading);
    cr_source_close(&file);
    return read && good && warn_repeated(reader, encoding);
}

/* What groups that are the rows themselves keep together is nothing. */
static void warn_groups(cr_reader *reader, const cr_raw *raw)
{
    if (raw->groups && raw->group_count == raw->rows)
        cr_reader_warn(reader, "data.validation.group",
                       "each of the %zu rows has a group of its own, so that no rows are "
                       "kept together; is this the column that was meant?",
                       raw->rows);
}

/* Splits the validation part off the training data, if the config says so. */
static bool split(cr_data *data, cr_reader *reader, const cr_data_section *section,
                  const cr_raw *raw)
{
    cr_part *kept = &data->parts[CR_PART_TRAIN], *held = &data->parts[CR_PART_VALIDATION];
    const cr_split_rows rows = {.count = raw->rows,
                                .labels = raw->codes,
                                .groups = raw->groups,
                                .group_count = raw->group_count};
    *kept = (cr_part){.count = raw->rows};
    bool good = !section->split.given ||
                cr_split_section_apply(&section->split, reader, &rows, kept, held);
    kept->dataset = &data->datasets[CR_PART_TRAIN];
    held->dataset = section->split.given ? kept->dataset : NULL;
    warn_groups(reader, raw);
    return good;
}

static bool check_normalization(cr_reader *reader, const cr_data_section *section,
                                const cr_raw *raw, const cr_encoding *encoding)
{
    cr_normalize_section_warn(reader, &section->normalization, raw);
    return cr_normalize_section_check(reader, "normalize", &section->normalization,
                                      cr_encoding_channels(encoding),
                                      encoding->shape.rank > 1 ? "channel" : "input") &&
           cr_normalize_section_check(reader, "normalize_target",
                                      &section->target_normalization,
                                      encoding->target_count, "target");
}

/* The training part: read, learned from, split, encoded. */
static bool learn(cr_data *data, cr_reader *reader, const cr_data_section *section,
                  cr_target_kind kind)
{
    cr_raw raw = {0};
    cr_encoding *encoding = &data->encoding;
    const cr_part *train = &data->parts[CR_PART_TRAIN];
    bool good =
        read_training(data, reader, section, kind, &raw) &&
        cr_raw_translate(&raw, encoding, reader->err) &&
        split(data, reader, section, &raw) &&
        check_normalization(reader, section, &raw, encoding) &&
        cr_normalize_fit(encoding, &section->normalization, &raw, train, reader->err) &&
        cr_normalize_fit_targets(encoding, &section->target_normalization, &raw, train,
                                 reader->err) &&
        cr_dataset_encode(&data->datasets[CR_PART_TRAIN], &raw, encoding, reader->err);
    if (good)
        cr_normalize_section_warn_divided(reader, &section->normalization,
                                          &data->datasets[CR_PART_TRAIN]);
    cr_raw_finish(&raw);
    return good;
}

/* A part that is judged by what was learned by heart, by its files' checksums. */
static void warn_same(cr_reader *reader, const cr_data *data, cr_part_name part)
{
    const cr_dataset *set = &data->datasets[part],
                     *train = &data->datasets[CR_PART_TRAIN];
    char place[CR_WHERE];
    size_t same = 0;
    while (same < set->file_count && same < train->file_count &&
           set->files[same].crc32 == train->files[same].crc32)
        same++;
    if (same > 0 && same == set->file_count && same == train->file_count)
        cr_reader_warn(
            reader, cr_json_path("data", cr_part_names[part], place),
            "it is the same data as that of \"train\": its figures say what "
            "was learned by heart, and not how good the network is at what it "
            "has not seen%s",
            part == CR_PART_VALIDATION ? "; {\"fraction\": 0.2} splits a part off" : "");
}

/* A warning for each line of what there is to say. */
static void warn_lines(cr_reader *reader, const char *part, const cr_text *lines)
{
    char place[CR_WHERE];
    cr_json_path("data", part, place);
    const char *line = lines->failed || !lines->data ? "" : lines->data;
    for (; *line; line += strcspn(line, "\n") + 1)
        cr_reader_warn(reader, place, "%.*s", (int)strcspn(line, "\n"), line);
}

static void warn_of_words(cr_reader *reader, const char *part, const cr_unknown *unknown)
{
    cr_text lines = {0};
    cr_unknown_describe(unknown, &lines);
    warn_lines(reader, part, &lines);
    cr_text_finish(&lines);
}

/* A part with a file of its own. */
static bool load_part(cr_data *data, cr_reader *reader, const cr_data_section *section,
                      const cr_encoding *encoding, cr_part_name part)
{
    const cr_dataset *dataset = &data->datasets[part];
    const cr_source *source = &section->sources[part];
    if (!source->type)
        return true;
    warn_of_encoding(reader, source);
    bool good = cr_data_part_read(data, section, encoding, part, reader->err);
    if (good && dataset->kept_line > 0)
        cr_reader_warn(reader, "data.skip_rows",
                       "%s: line %zu names the columns, so that neither it nor what "
                       "stands below it is skipped",
                       source->path, dataset->kept_line);
    if (good) {
        warn_of_words(reader, cr_part_names[part], &dataset->unknown);
        warn_same(reader, data, part);
    }
    return good;
}

/* The training part as an encoding that is known says. */
static bool load_training(cr_data *data, cr_reader *reader,
                          const cr_data_section *section, const cr_encoding *encoding)
{
    cr_opened file;
    cr_reading reading = {0};
    cr_raw raw = {0};
    cr_error *err = reader->err;
    if (!cr_source_open(&file, &section->sources[CR_PART_TRAIN], err))
        return false;
    leave_out_last(reader, &file);
    bool good = cr_reading_match(&reading, encoding, &file, CR_TARGET_NEEDED, err) &&
                cr_columns_find_group(&reading, reader, &file, section) &&
                cr_source_read(&file, &reading, &raw, err) &&
                cr_raw_translate(&raw, encoding, err) &&
                split(data, reader, section, &raw) &&
                cr_dataset_encode(&data->datasets[CR_PART_TRAIN], &raw, encoding, err);
    cr_raw_finish(&raw);
    cr_reading_finish(&reading);
    cr_source_close(&file);
    return good;
}

static void warn_left_out(cr_reader *reader, const cr_data *data,
                          const cr_encoding *encoding)
{
    for (size_t i = 0; i < CR_PARTS; i++) {
        const cr_dataset *set = &data->datasets[i];
        char of[32];
        cr_text history = {0}, gaps = {0};
        snprintf(of, sizeof of, " of the %s data", cr_part_names[i]);
        cr_dataset_tell_without_history(set, encoding, of, &history);
        cr_dataset_tell_left_out(set, encoding, of, &gaps);
        if (history.length > 0 && !history.failed)
            cr_reader_warn(reader, "data.lags",
                           "%s (\"missing\": \"mean\" or \"indicator\" keeps them)",
                           history.data);
        if (gaps.length > 0 && !gaps.failed)
            cr_reader_warn(reader, "data.missing", "%s", gaps.data);
        cr_text_finish(&history);
        cr_text_finish(&gaps);
    }
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
    *data = (cr_data){.type = section->sources[CR_PART_TRAIN].type};
    const cr_encoding *encoding = known ? known : &data->encoding;
    if (section->target_normalization.kind != CR_NORMALIZE_NONE &&
        targets != CR_TARGETS_NUMBERS) {
        cr_reader_error(reader, "data.normalize_target",
                        "this loss takes classes or labels, which are not normalised; "
                        "remove this key");
        return false;
    }
    if (data->type->has_classes && targets == CR_TARGETS_NUMBERS) {
        cr_reader_error(reader, "loss.type",
                        "this loss takes numbers, but the targets of %s are classes; use "
                        "\"softmax\"",
                        data->type->name);
        return false;
    }
    bool good = (known ? load_training(data, reader, section, known)
                       : learn(data, reader, section, targets)) &&
                load_part(data, reader, section, encoding, CR_PART_VALIDATION) &&
                load_part(data, reader, section, encoding, CR_PART_TEST);
    if (good)
        warn_left_out(reader, data, encoding);
    for (size_t i = 0; good && i < CR_PARTS; i++)
        good = cr_part_check_weights(&data->parts[i], cr_part_names[i], reader->err);
    for (size_t i = 0; !known && i < CR_PARTS; i++)
        data->encoding.weighted |= data->datasets[i].weights != NULL;
    for (size_t i = 0; good && i < CR_PARTS; i++)
        warn_lines(reader, cr_part_names[i], &data->datasets[i].notes);
    good = good && (targets != CR_TARGETS_BINARY || check_binary(data, reader, encoding));
    if (!good)
        cr_data_finish(data);
    return good;
}

static bool add_checksum(cr_json *object, const char *part, const cr_checksum *file)
{
    char place[64], digits[9];
    snprintf(place, sizeof place, "data.%s%s%s", part, *file->key ? "." : "", file->key);
    snprintf(digits, sizeof digits, "%08lx", (unsigned long)file->crc32);
    return cr_json_set_string(object, place, digits);
}

bool cr_data_checksums(const cr_data *data, cr_json *object)
{
    bool good = true;
    for (size_t i = 0; i < CR_PARTS; i++) {
        const cr_dataset *set = &data->datasets[i];
        for (size_t k = 0; good && k < set->file_count; k++)
            good = add_checksum(object, cr_part_names[i], &set->files[k]);
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
    cr_text_finish(&data->odd);
    *data = (cr_data){0};
}
