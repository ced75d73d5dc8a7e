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

/* A pass over the rows. */
typedef struct pass {
    cr_profile *profile;
    const cr_column *how; /* [columns] */
} pass;

/* A column's cells are numbers or words as they look; a format says what numbers look
 * like. */
static bool read_number(const cr_column *how, const char *cell, size_t length,
                        double *number)
{
    bool formatted =
        how->kind == CR_COLUMN_DATE || (how->format && how->kind != CR_COLUMN_WORD);
    return (formatted ? cr_cell_parse_formatted(how, cell, length, number)
                      : cr_number_parse(cell, length, number)) &&
           cr_cell_is_finite(*number);
}

static bool add_cell(cr_profile_column *column, const cr_column *how, const char *cell,
                     size_t length, cr_error *err)
{
    double number = 0;
    bool is_number = read_number(how, cell, length, &number);
    if (is_number && !how->gaps)
        return add_number(column, number, err);
    if (cr_cell_is_gap(how, cell, length)) {
        column->missing++;
        return true;
    }
    if (is_number)
        return add_number(column, number, err);
    column->words++;
    return cr_distinct_add_text(&column->different, cell, length, err);
}

static bool add_row(void *user, const cr_csv_row *row, cr_error *err)
{
    const pass *p = user;
    bool good = cr_sample_take(&p->profile->sample, row, err);
    p->profile->rows++;
    for (size_t i = 0; good && i < p->profile->columns; i++)
        good = add_cell(&p->profile->list[i], &p->how[i], row->cells[i], row->lengths[i],
                        err);
    return good;
}

bool cr_profile_read(cr_profile *profile, const cr_opened *file,
                     const cr_reading *reading, cr_error *err)
{
    pass p = {profile, reading->columns};
    *profile = (cr_profile){.columns = file->columns};
    profile->list = cr_alloc(file->columns, sizeof *profile->list, err);
    return profile->list &&
           cr_sample_init(&profile->sample, file->columns, CR_PROFILE_ROWS,
                          CR_PROFILE_CELLS, err) &&
           file->source->type->scan(file, reading->has_header, add_row, &p, err);
}

/* A further pass, over some columns. */
typedef struct further_pass {
    pass first;
    const bool *wanted; /* [columns] */
} further_pass;

static bool add_again(void *user, const cr_csv_row *row, cr_error *err)
{
    const further_pass *p = user;
    cr_profile *profile = p->first.profile;
    bool good = true;
    for (size_t i = 0; good && i < profile->columns; i++)
        if (p->wanted[i])
            good = add_cell(&profile->list[i], &p->first.how[i], row->cells[i],
                            row->lengths[i], err);
    return good;
}

bool cr_profile_read_again(cr_profile *profile, const cr_opened *file, bool has_header,
                           const cr_column *how, const bool *wanted, cr_error *err)
{
    further_pass p = {{profile, how}, wanted};
    for (size_t i = 0; i < profile->columns; i++) {
        if (!wanted[i])
            continue;
        cr_distinct_finish(&profile->list[i].different);
        profile->list[i] = (cr_profile_column){0};
    }
    return file->source->type->scan(file, has_header, add_again, &p, err);
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
