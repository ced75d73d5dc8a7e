#include "data/encoding_summary.h"

void cr_encoding_summary_add(const cr_encoding *encoding, cr_text *out)
{
    size_t words = 0, dates = 0, lags = encoding->lags.count;
    for (size_t i = 0; encoding->inputs && i < encoding->input_count; i++) {
        words += encoding->inputs[i].words.count > 0;
        dates += cr_input_is_date(&encoding->inputs[i]);
    }
    cr_text_add(
        out,
        "table: %zu columns, %s header line; %zu target%s; %zu of numbers%s %zu of "
        "words",
        encoding->file_columns, encoding->columns.count ? "a" : "no",
        encoding->target_count, encoding->target_count == 1 ? "" : "s",
        cr_encoding_file_inputs(encoding) - words - dates, dates > 0 ? "," : " and",
        words);
    if (dates > 0)
        cr_text_add(out, " and %zu of dates", dates);
    if (encoding->has_weight)
        cr_text_add(out, " beside the weights");
    if (lags > 0)
        cr_text_add(out, " and %zu lag%s", lags, lags == 1 ? "" : "s");
    cr_text_add(out, " become %zu inputs", encoding->features);
}

void cr_encoding_summary_add_shape(const cr_encoding *encoding, bool bytes, cr_text *out)
{
    enum { SHOWN = 12 };
    char shape[CR_SHAPE_TEXT];
    const cr_names *classes = &encoding->classes;
    cr_text_add(out, "examples of %s %s; ", cr_shape_format(&encoding->shape, shape),
                bytes ? "bytes" : "numbers");
    if (!encoding->classify) {
        cr_text_add(out, "%zu target%s", encoding->target_count,
                    encoding->target_count == 1 ? "" : "s");
        return;
    }
    cr_text_add(out, "%zu classes: ", classes->count);
    for (size_t i = 0; i < classes->count && i < SHOWN; i++)
        cr_text_add(out, "%s%.40s", i > 0 ? ", " : "", classes->items[i]);
    if (classes->count > SHOWN)
        cr_text_add(out, ", …");
}
