#include "commands/remarks.h"

#include "commands/command.h"
#include "data/table_text.h"

static void warn(cr_text *lines)
{
    if (lines->length > 0 && !lines->failed)
        cr_command_warn(lines->data);
    cr_text_finish(lines);
}

void cr_remarks_on_words(const cr_unknown *unknown)
{
    cr_text lines = {0};
    cr_unknown_describe(unknown, &lines);
    warn(&lines);
}

void cr_remarks_on_encoding(const char *path, cr_table_format *format)
{
    cr_text lines = {0};
    if (!cr_table_text_is_utf8_after_all(path, format))
        return;
    cr_text_add_line(
        &lines,
        "%s: it is written in UTF-8, and not in \"%s\" as the training data; "
        "it is read as UTF-8",
        path, format->encoding);
    format->encoding = NULL;
    warn(&lines);
}

void cr_remarks_on_rows(const cr_dataset *dataset, const cr_encoding *encoding)
{
    cr_text lines = {0};
    size_t rows = dataset->without_history + dataset->left_out + dataset->examples;
    const cr_lags *lags = &encoding->lags;
    if (dataset->without_history > 0)
        cr_text_add_line(
            &lines, "%zu of %zu rows have no row %zu before them%s and were left out",
            dataset->without_history, rows, cr_lags_reach(lags),
            lags->items[0].group == CR_LAGS_ONE_GROUP ? "" : " in their group");
    if (dataset->left_out > 0)
        cr_text_add_line(&lines,
                         "%zu of %zu rows have missing values%s and were left out",
                         dataset->left_out, rows,
                         encoding->missing == CR_MISSING_DROP ? "" : " as target");
    warn(&lines);
}
