#include "data/dataset.h"

#include "base/memory.h"
#include "base/spill.h"
#include "data/reading.h"

#include <string.h>

static void release(const cr_dataset *dataset, void *array, size_t row_size)
{
    if (dataset->mapped)
        cr_memory_unmap(array, dataset->examples * row_size);
    else
        cr_free(array);
}

void cr_dataset_finish(cr_dataset *dataset)
{
    release(dataset, dataset->content, dataset->features);
    if (dataset->spilled)
        cr_memory_unmap(dataset->own, dataset->examples * dataset->target_stride *
                                          sizeof *dataset->own);
    else
        release(dataset, dataset->own, dataset->stride * sizeof *dataset->own);
    release(dataset, dataset->labels, sizeof *dataset->labels);
    release(dataset, dataset->weights, sizeof *dataset->weights);
    cr_free(dataset->shift);
    cr_free(dataset->scale);
    cr_unknown_finish(&dataset->unknown);
    cr_names_finish(&dataset->names);
    cr_text_finish(&dataset->notes);
    *dataset = (cr_dataset){0};
}

/* What stays as it was read. */
static void take(cr_dataset *dataset, cr_raw *raw, const cr_encoding *encoding)
{
    *dataset = (cr_dataset){.examples = raw->rows,
                            .features = encoding->features,
                            .bytes = raw->bytes,
                            .content = raw->content,
                            .labels = raw->codes,
                            .weights = raw->weights,
                            .target_count = raw->target_count,
                            .without_history = raw->without_history,
                            .left_out = raw->left_out,
                            .unknown = raw->unknown,
                            .names = raw->names,
                            .notes = raw->notes,
                            .file_count = raw->file_count};
    memcpy(dataset->files, raw->files, sizeof raw->files);
    raw->content = NULL;
    raw->codes = NULL;
    raw->weights = NULL;
    raw->unknown = (cr_unknown){0};
    raw->names = (cr_names){0};
    raw->notes = (cr_text){0};
}

static cr_real normalize_target(const cr_encoding *encoding, size_t j, double target)
{
    return (cr_real)(encoding->target_scale ? (target - encoding->target_shift[j]) *
                                                  encoding->target_scale[j]
                                            : target);
}

/* Whether the inputs in the caller's memory are what a network takes. */
static bool is_ready(const cr_raw *raw, const cr_encoding *encoding)
{
    return raw->plain && raw->plain_size == sizeof(cr_real) && !encoding->inputs &&
           !encoding->shift;
}

/* Frees the raw numbers as they are used up. row: [features] scratch. */
static void encode_rows(cr_dataset *set, const cr_raw *raw, const cr_encoding *encoding,
                        cr_numbers_view *view, double *row)
{
    size_t features = set->stride - set->target_count;
    for (size_t i = 0; i < set->examples; i++) {
        const double *numbers = cr_numbers_row(view, i);
        cr_real *to = set->own + i * set->stride;
        if (features > 0) {
            cr_encoding_expand(encoding, numbers, row);
            cr_encoding_apply(encoding, row, to);
        }
        for (size_t j = 0; j < set->target_count; j++)
            to[features + j] =
                normalize_target(encoding, j, numbers[raw->input_count + j]);
        if (i % raw->numbers->block_rows == 0) {
            cr_numbers_release(raw->numbers, i);
            if (set->spilled && i > 0)
                cr_spill_rest(to - raw->numbers->block_rows * set->stride,
                              raw->numbers->block_rows * set->stride * sizeof *to);
        }
    }
}

static bool encode_numbers(cr_dataset *set, const cr_raw *raw,
                           const cr_encoding *encoding, cr_error *err)
{
    bool ready = is_ready(raw, encoding);
    size_t features = raw->inputs && !ready ? set->features : 0, values = 0;
    cr_numbers_view view = {0};
    set->stride = set->target_stride = features + set->target_count;
    double *row = cr_alloc(features, sizeof *row, err);
    bool good = row && cr_numbers_view_init(&view, raw->numbers, err);
    set->spilled = raw->source->spills && set->examples > 0 && set->stride > 0;
    if (good && cr_memory_multiply(set->examples, set->stride, &values))
        set->own = set->spilled ? cr_spill_create(values * sizeof *set->own, err)
                                : cr_alloc_raw(values, sizeof *set->own, err);
    good = good && (set->own || cr_fail(err, CR_E_MEMORY, "out of memory"));
    if (good && set->stride > 0)
        encode_rows(set, raw, encoding, &view, row);
    cr_numbers_view_finish(&view);
    cr_free(row);
    if (set->target_count > 0)
        set->targets = set->own + features;
    set->values = ready ? raw->plain : set->own;
    set->stride = ready ? set->features : set->stride;
    return good;
}

/* What bytes are normalised with. */
static bool encode_bytes(cr_dataset *set, const cr_encoding *encoding, cr_error *err)
{
    if (!encoding->shift)
        return true;
    set->shift = cr_alloc(set->features, sizeof *set->shift, err);
    set->scale = cr_alloc(set->features, sizeof *set->scale, err);
    for (size_t j = 0; set->shift && set->scale && j < set->features; j++) {
        set->shift[j] = (cr_real)encoding->shift[j];
        set->scale[j] = (cr_real)encoding->scale[j];
    }
    return set->shift && set->scale;
}

bool cr_dataset_encode(cr_dataset *dataset, cr_raw *raw, const cr_encoding *encoding,
                       cr_error *err)
{
    *dataset = (cr_dataset){0};
    bool good = cr_raw_translate(raw, encoding, err);
    if (good)
        take(dataset, raw, encoding);
    if (good && raw->numbers)
        good = encode_numbers(dataset, raw, encoding, err);
    if (good && raw->bytes)
        good = encode_bytes(dataset, encoding, err);
    cr_raw_finish(raw);
    if (!good)
        cr_dataset_finish(dataset);
    return good;
}

static bool begin_watch(cr_reading *reading, const cr_opened *file,
                        const cr_row_watch *watch, cr_error *err)
{
    reading->watch = watch;
    return !watch ||
           watch->on_columns(watch->user, reading->has_header ? file->first : NULL,
                             file->columns, err);
}

bool cr_dataset_load(cr_dataset *dataset, const cr_source *source,
                     const cr_encoding *encoding, cr_need_target need, cr_error *err)
{
    return cr_dataset_load_watched(dataset, source, encoding, need, NULL, err);
}

bool cr_dataset_load_watched(cr_dataset *dataset, const cr_source *source,
                             const cr_encoding *encoding, cr_need_target need,
                             const cr_row_watch *watch, cr_error *err)
{
    cr_opened file;
    cr_reading reading = {0};
    cr_raw raw = {0};
    *dataset = (cr_dataset){0};
    cr_source known = *source;
    cr_encoding_keep_header(encoding, &known.format);
    bool good = cr_source_open(&file, &known, err);
    size_t kept_line = good ? file.kept_line : 0;
    if (good && file.empty_last && !cr_encoding_fits(encoding, file.columns))
        file.columns--;
    good = good && cr_reading_match(&reading, encoding, &file, need, err) &&
           begin_watch(&reading, &file, watch, err) &&
           cr_source_read(&file, &reading, &raw, err);
    cr_reading_finish(&reading);
    cr_source_close(&file);
    good = good && cr_dataset_encode(dataset, &raw, encoding, err);
    dataset->kept_line = kept_line;
    return good;
}

static size_t count_rows(const cr_dataset *set)
{
    return set->without_history + set->left_out + set->examples;
}

void cr_dataset_tell_without_history(const cr_dataset *dataset,
                                     const cr_encoding *encoding, const char *of,
                                     cr_text *out)
{
    if (dataset->without_history > 0)
        cr_text_add(
            out, "%zu of %zu rows%s have no row %zu before them%s and were left out",
            dataset->without_history, count_rows(dataset), of,
            cr_lags_reach(&encoding->lags),
            encoding->lags.items[0].group == CR_LAGS_ONE_GROUP ? "" : " in their group");
}

void cr_dataset_tell_left_out(const cr_dataset *dataset, const cr_encoding *encoding,
                              const char *of, cr_text *out)
{
    if (dataset->left_out > 0)
        cr_text_add(out, "%zu of %zu rows%s have missing values%s and were left out",
                    dataset->left_out, count_rows(dataset), of,
                    encoding->missing == CR_MISSING_DROP ? "" : " as target");
}
