#include "data/date_parts.h"

#include "data/calendar.h"

#include <math.h>
#include <string.h>

const char *const cr_date_parts_names[] = {
    [CR_DATE_TIME] = "time", [CR_DATE_YEAR] = "year",       [CR_DATE_MONTH] = "month",
    [CR_DATE_DAY] = "day",   [CR_DATE_WEEKDAY] = "weekday", [CR_DATE_HOUR] = "hour",
    [CR_DATE_PARTS] = NULL,
};

size_t cr_date_parts_count(cr_date_set parts, bool cyclic)
{
    size_t count = 0;
    for (int part = 0; part < CR_DATE_PARTS; part++)
        if (parts & 1u << part)
            count += cyclic && part >= CR_DATE_MONTH ? 2 : 1;
    return count;
}

/* All parts, and the length of the cycle of each, which begins at `from`; 0: none. */
static void split(double seconds, double value[CR_DATE_PARTS],
                  double cycle[CR_DATE_PARTS], double from[CR_DATE_PARTS])
{
    int year = 0, month = 0, day = 0;
    double days = floor(seconds / 86400);
    cr_calendar_date((long)days, &year, &month, &day);
    const double values[] = {seconds / 86400,
                             year,
                             month,
                             day,
                             cr_calendar_weekday((long)days),
                             (seconds - days * 86400) / 3600};
    const double cycles[] = {0, 0, 12, cr_calendar_days_of_month(year, month), 7, 24};
    const double begins[] = {0, 0, 1, 1, 0, 0};
    memcpy(value, values, sizeof values);
    memcpy(cycle, cycles, sizeof cycles);
    memcpy(from, begins, sizeof begins);
}

void cr_date_parts_expand(double seconds, cr_date_set parts, bool cyclic, double *x)
{
    const double turn = 2 * acos(-1.0);
    double value[CR_DATE_PARTS], cycle[CR_DATE_PARTS], from[CR_DATE_PARTS];
    size_t count = cr_date_parts_count(parts, cyclic), to = 0;
    if (!isfinite(seconds)) {
        for (size_t i = 0; i < count; i++)
            x[i] = NAN;
        return;
    }
    split(seconds, value, cycle, from);
    for (int part = 0; part < CR_DATE_PARTS; part++) {
        if (!(parts & 1u << part))
            continue;
        if (cyclic && cycle[part] > 0) {
            double angle = turn * (value[part] - from[part]) / cycle[part];
            x[to++] = sin(angle);
            x[to++] = cos(angle);
        } else {
            x[to++] = value[part];
        }
    }
}

cr_date_set cr_date_parts_differences(double seconds, double other)
{
    double x[CR_DATE_PARTS], y[CR_DATE_PARTS];
    cr_date_set differ = 0;
    cr_date_parts_expand(seconds, CR_DATE_ALL, false, x);
    cr_date_parts_expand(other, CR_DATE_ALL, false, y);
    for (int part = 0; part < CR_DATE_PARTS; part++)
        differ |= x[part] != y[part] ? 1u << part : 0;
    return differ;
}
