#include "data/profile.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>

static bool add_number(cr_profile_column *column, double number, cr_error *err)
{
    column->numbers++;
    if (column->numbers == 1)
        column->smallest = column->largest = number;
    column->smallest = number < column->smallest ? number : column->smallest;
    column->largest = number > column->largest ? number : column->largest;
    double d = number - column->mean; /* Welford, 1962 */
    column->mean += d / (double)column->numbers;
    column->squares += d * (number - column->mean);
    return cr_distinct_add_number(&column->different, number, err);
}

static bool add_row(void *user, const cr_csv_row *row, cr_error *err)
{
    cr_profile *profile = user;
    bool good = cr_sample_take(&profile->sample, row, err);
    profile->rows++;
    for (size_t i = 0; good && i < profile->columns; i++) {
        cr_profile_column *column = &profile->list[i];
        const char *cell = row->cells[i];
        size_t length = row->lengths[i];
        double number = 0;
        if (cr_number_parse(cell, length, &number) && cr_cell_is_finite(number)) {
            good = add_number(column, number, err);
        } else if (cr_cell_is_missing(cell, length)) {
            column->missing++;
        } else {
            column->words++;
            good = cr_distinct_add_text(&column->different, cell, length, err);
        }
    }
    return good;
}

bool cr_profile_read(cr_profile *profile, const cr_opened *file, bool has_header,
                     cr_error *err)
{
    *profile = (cr_profile){.columns = file->columns};
    profile->list = cr_alloc(file->columns, sizeof *profile->list, err);
    return profile->list &&
           cr_sample_init(&profile->sample, file->columns, CR_PROFILE_ROWS,
                          CR_PROFILE_CELLS, err) &&
           file->source->type->scan(file, has_header, add_row, profile, err);
}

void cr_profile_finish(cr_profile *profile)
{
    for (size_t i = 0; profile->list && i < profile->columns; i++)
        cr_distinct_finish(&profile->list[i].different);
    cr_free(profile->list);
    cr_sample_finish(&profile->sample);
    *profile = (cr_profile){0};
}

double cr_profile_deviation(const cr_profile_column *column)
{
    return column->numbers > 0 ? sqrt(column->squares / (double)column->numbers)
                               : (double)NAN;
}
