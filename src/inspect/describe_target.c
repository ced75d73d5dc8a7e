/* Which column is the target, where nobody says so. */
#include "base/memory.h"
#include "inspect/description.h"

#include <string.h>
#include <strings.h>

static bool has_name(const cr_names *names, const char *name)
{
    size_t position = 0;
    return cr_names_find(names, name, &position);
}

enum { PEEKED = 1000 };

static bool peek_row(void *user, const cr_csv_row *row, cr_error *err)
{
    cr_sample *sample = user;
    return cr_sample_take(sample, row, err) && sample->rows < PEEKED;
}

/* Whether the values are whole numbers, each above the one before: row numbers. */
static bool counts_rows(const cr_tally *t)
{
    enum { FEWEST = 20 };
    bool rises = t->numeric && t->whole == t->rows && t->rows >= FEWEST;
    for (size_t i = 1; rises && i < t->rows; i++)
        rises = t->values[i] > t->values[i - 1];
    return rises;
}

/* Whether the column is no target: it is constant or empty, of dates, or names or numbers the
 * rows. */
static bool tells_nothing(const cr_sample *sample, size_t column)
{
    static const cr_column plain = {.kind = CR_COLUMN_GUESS};
    cr_tally tally;
    bool good = cr_tally_init(&tally, sample, column, &plain, false, NULL);
    size_t words = tally.kinds[CR_FORM_WORD], dates = tally.kinds[CR_FORM_DATE];
    bool nothing =
        good && (tally.different < 2 || dates * 2 > tally.present ||
                 (words * 2 > tally.present && tally.different * 2 > tally.rows) ||
                 counts_rows(&tally));
    cr_tally_finish(&tally);
    return nothing;
}

/* The column that is called as targets mostly are; `columns` when there is none. */
static size_t find_target_name(const cr_names *first, const cr_sample *sample,
                               size_t columns)
{
    static const char *const names[] = {
        "target",    "class",     "label",  "y",       "outcome", "species",
        "output",    "response",  "result", "klasse",  "ziel",    "zielwert",
        "survived",  "diagnosis", "churn",  "churned", "default", "quality",
        "saleprice", "price",     "preis",  "fraud"};
    for (size_t k = 0; k < CR_COUNT(names); k++)
        for (size_t i = 0; i < columns; i++)
            if (strcasecmp(first->items[i], names[k]) == 0 && !tells_nothing(sample, i) &&
                (strcmp(names[k], "y") != 0 || i + 1 == columns || !has_name(first, "x")))
                return i; /* x, y and something behind them are a place */
    return columns;
}

/* The column with a target's name, or else the last that tells something in the first
 * rows. */
bool cr_describe_target(const cr_description *d, size_t *target, cr_error *err)
{
    size_t columns = d->file.columns, last = columns - 1;
    cr_sample sample = {0};
    bool good = cr_sample_init(&sample, columns, PEEKED, (size_t)PEEKED * columns, err);
    good = good && (d->file.source->type->scan(&d->file, d->reading.has_header, peek_row,
                                               &sample, err) ||
                    sample.rows == PEEKED);
    *target = columns;
    if (good && d->reading.has_header)
        *target = find_target_name(d->file.first, &sample, columns);
    while (good && *target == columns && last > 0 && tells_nothing(&sample, last))
        last--;
    if (*target == columns)
        *target = last > 0 ? last : columns - 1;
    cr_sample_finish(&sample);
    return good;
}
