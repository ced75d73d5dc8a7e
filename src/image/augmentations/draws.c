#include "image/augmentations/draws.h"

#include <math.h>

double cr_draws_whole(double u, size_t most)
{
    return floor(u * (double)(2 * most + 1)) - (double)most;
}

static void read(cr_reader *reader, const char *path, bool positive,
                 cr_draws_range *range)
{
    if (!range->given) /* there is an error already */
        return;
    char where[CR_WHERE], found[CR_JSON_SHOWN];
    cr_json_path(path, "range", where);
    const cr_json *first = cr_json_first(range->given);
    const cr_json *second = first ? cr_json_next(first) : NULL;
    if (cr_json_count(range->given) != 2 || !cr_json_is(first, CR_JSON_NUMBER) ||
        !cr_json_is(second, CR_JSON_NUMBER)) {
        cr_reader_error(reader, where,
                        "found %s, expected two numbers, such as [0.8, 1.2]",
                        cr_json_show(range->given, found));
        return;
    }
    range->low = cr_json_number(first);
    range->high = cr_json_number(second);
    if (range->low < 0 || (positive && range->low == 0) || range->high < range->low)
        cr_reader_error(reader, where,
                        "found [%g, %g], expected two numbers %s 0, the lower one first",
                        range->low, range->high, positive ? "above" : "of at least");
}

void cr_draws_read_from_0(cr_reader *reader, const char *path, void *range)
{
    read(reader, path, false, range);
}

void cr_draws_read_above_0(cr_reader *reader, const char *path, void *range)
{
    read(reader, path, true, range);
}

double cr_draws_in(const cr_draws_range *range, double u)
{
    return range->low + u * (range->high - range->low);
}
