/* What is said of a column, once the whole table has been looked at. */
#include "base/memory.h"
#include "data/association.h"
#include "data/date_parts.h"
#include "inspect/description.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEWEST_PAIRS = 20 }; /* rows that show something */

static const char *kind_of(const cr_description *d, size_t i)
{
    const cr_profile_column *column = &d->profile.list[i];
    const cr_oddity *odd = cr_oddities_next(&d->oddities, i, NULL);
    if (column->numbers + column->words == 0)
        return "empty";
    if (d->columns[i].different < 2)
        return "constant";
    if (odd && (strcmp(odd->kind->name, "ids") == 0 ||
                strcmp(odd->kind->name, "row numbers") == 0))
        return "id";
    if (d->oddities.how[i].kind == CR_COLUMN_DATE)
        return "date";
    return column->words == 0 ? "numbers" : column->numbers == 0 ? "words" : "mixed";
}

/* The first cells of the sample that differ. */
static void find_examples(const cr_sample *sample, size_t column, cr_described *out)
{
    size_t found = 0;
    for (size_t i = 0; i < sample->rows && found < CR_DESCRIBED_EXAMPLES; i++) {
        const char *cell = cr_sample_cell(sample, i, column);
        bool again = cr_cell_is_missing(cell, strlen(cell));
        for (size_t k = 0; k < found; k++)
            again |= strcmp(out->examples[k], cell) == 0;
        if (!again)
            out->examples[found++] = cell;
    }
}

/* What the strongest of a date's parts tells. */
static bool find_strength_of_date(const cr_tally *x, const cr_tally *y, bool classify,
                                  double *strength, cr_error *err)
{
    double *numbers = cr_alloc_raw(x->rows, sizeof *numbers, err);
    bool good = numbers != NULL;
    for (int part = 0; good && part < CR_DATE_PARTS; part++) {
        cr_tally tally;
        for (size_t i = 0; i < x->rows; i++)
            cr_date_parts_expand(x->values[i], 1u << part, false, &numbers[i]);
        good = cr_tally_init_numbers(&tally, numbers, x->rows, err);
        if (good)
            *strength = fmax(*strength, cr_association_find(&tally, y, classify));
        cr_tally_finish(&tally);
    }
    cr_free(numbers);
    return good;
}

static bool find_strength(const cr_description *d, size_t i, double *strength,
                          cr_error *err)
{
    *strength = NAN;
    if (d->target == d->profile.columns || i == d->target)
        return true;
    const cr_tally *x = &d->oddities.tallies[i], *y = &d->oddities.tallies[d->target];
    if (cr_association_pairs(x, y) < FEWEST_PAIRS)
        return true;
    if (d->oddities.how[i].kind == CR_COLUMN_DATE)
        return find_strength_of_date(x, y, d->classify, strength, err);
    *strength = cr_association_find(x, y, d->classify);
    return true;
}

/* What is odd, in a few words. */
static const char *list_odd(const cr_description *d, size_t i)
{
    char *out = d->odd[i];
    size_t used = 0;
    const cr_oddity *one = cr_oddities_next(&d->oddities, i, NULL);
    for (; one && used < CR_DESCRIPTION_ODD; one = cr_oddities_next(&d->oddities, i, one))
        used += (size_t)snprintf(out + used, CR_DESCRIPTION_ODD - used, "%s%s",
                                 used > 0 ? ", " : "", one->kind->name);
    return used > 0 ? out : NULL;
}

bool cr_describe_column(cr_description *d, size_t i, cr_error *err)
{
    cr_described *out = &d->columns[i];
    const cr_profile_column *column = &d->profile.list[i];
    bool any = column->numbers > 0;
    out->name = d->reading.has_header ? d->file.first->items[i] : "";
    out->is_target = d->roles[i] == CR_LOOK_TARGET;
    out->is_ignored = d->roles[i] == CR_LOOK_LEFT_OUT;
    out->missing = column->missing;
    out->numbers = column->numbers;
    out->different = round(cr_distinct_count(&column->different, &out->different_exact));
    out->kind = kind_of(d, i);
    out->smallest = any ? column->smallest + 0.0 : (double)NAN; /* −0 becomes 0 */
    out->largest = any ? column->largest + 0.0 : (double)NAN;
    out->mean = any ? column->mean : (double)NAN;
    out->deviation = cr_profile_deviation(column);
    out->odd = list_odd(d, i);
    find_examples(&d->profile.sample, i, out);
    return find_strength(d, i, &out->strength, err);
}
