/* Calendar dates from days as in data/calendar.c: Hinnant, "chrono-compatible low-level date
 * algorithms", civil_from_days, whose year begins in March. */
#include "exchange/onnx_dates.h"

#include <math.h>
#include <stdio.h>

/* Days from the first of March of the year 0 to 1970-01-01. */
enum { DAYS_BEFORE = 719468 };

typedef struct calculation {
    cr_onnx_writer *writer;
    const char *prefix;
    int type; /* of what comes out */
} calculation;

enum { NAME = 96 };
static const char *name_of(const calculation *c, const char *part, char out[NAME])
{
    snprintf(out, NAME, "%.40s/%.50s", c->prefix, part);
    return out;
}

static const char *apply(const calculation *c, const char *part, const char *op,
                         const char *a, const char *b)
{
    char name[NAME];
    return cr_onnx_writer_node(c->writer, name_of(c, part, name),
                               &(cr_onnx_node){.op = op, .in = {a, b}});
}

/* With one number of that type. */
static const char *with(const calculation *c, const char *part, const char *op,
                        const char *a, int type, const void *number)
{
    char name[NAME], constant[NAME];
    const cr_shape one = cr_shape_flat(1);
    snprintf(constant, sizeof constant, "%.90s.by", name_of(c, part, name));
    return apply(c, part, op, a,
                 cr_onnx_writer_tensor(c->writer, constant, type, &one, number));
}

static const char *whole(const calculation *c, const char *part, const char *op,
                         const char *a, int64_t b)
{
    return with(c, part, op, a, CR_ONNX_INT64, &b);
}

static const char *real(const calculation *c, const char *part, const char *op,
                        const char *a, double b)
{
    return with(c, part, op, a, CR_ONNX_DOUBLE, &b);
}

static const char *cast(const calculation *c, const char *part, const char *a, int type)
{
    char name[NAME];
    return cr_onnx_writer_node(
        c->writer, name_of(c, part, name),
        &(cr_onnx_node){
            .op = "Cast", .in = {a}, .attributes = {CR_ONNX_SET_INT("to", type)}});
}

/* What a date has, as whole numbers, and its hour in double. */
typedef struct calendar {
    const char *days; /* since the first of March of the year 0 */
    const char *year, *shifted_month, *month, *day, *hour;
} calendar;

static const char *year_of_era(const calculation *c, const char *day_of_era)
{
    const char *x =
        apply(c, "less4", "Sub", day_of_era, whole(c, "leap4", "Div", day_of_era, 1460));
    x = apply(c, "plus100", "Add", x, whole(c, "leap100", "Div", day_of_era, 36524));
    x = apply(c, "less400", "Sub", x, whole(c, "leap400", "Div", day_of_era, 146096));
    return whole(c, "year_of_era", "Div", x, 365);
}

/* The first day of a month in a year that begins in March. */
static const char *first_day(const calculation *c, const char *part, const char *scaled,
                             const char *month)
{
    const char *x = whole(c, scaled, "Mul", month, 153);
    char more[32];
    snprintf(more, sizeof more, "%s_more", scaled);
    return whole(c, part, "Div", whole(c, more, "Add", x, 2), 5);
}

static calendar split(const calculation *c, const char *seconds)
{
    calendar d = {0};
    const char *time = real(c, "shifted_days", "Add",
                            real(c, "time", "Div", seconds, 86400), DAYS_BEFORE);
    d.days = cast(c, "days", time, CR_ONNX_INT64); /* cut, and so rounded down */
    const char *era = whole(c, "era", "Div", d.days, 146097);
    const char *day_of_era =
        apply(c, "day_of_era", "Sub", d.days, whole(c, "era_days", "Mul", era, 146097));
    const char *years = year_of_era(c, day_of_era);
    const char *before =
        apply(c, "year_days", "Sub",
              apply(c, "leap_days", "Add", whole(c, "years365", "Mul", years, 365),
                    whole(c, "years4", "Div", years, 4)),
              whole(c, "years100", "Div", years, 100));
    const char *day_of_year = apply(c, "day_of_year", "Sub", day_of_era, before);
    const char *fifths =
        whole(c, "fifths", "Add", whole(c, "days5", "Mul", day_of_year, 5), 2);
    d.shifted_month = whole(c, "shifted_month", "Div", fifths, 153);
    const char *turn = whole(c, "new_year", "Div", d.shifted_month, 10);
    d.month = apply(c, "month", "Sub", whole(c, "month3", "Add", d.shifted_month, 3),
                    whole(c, "months", "Mul", turn, 12));
    d.day = whole(c, "day", "Add",
                  apply(c, "day0", "Sub", day_of_year,
                        first_day(c, "month_days", "month153", d.shifted_month)),
                  1);
    d.year = apply(
        c, "year", "Add",
        apply(c, "march_year", "Add", years, whole(c, "era_years", "Mul", era, 400)),
        turn);
    const char *midnight =
        real(c, "midnight", "Mul",
             cast(c, "day_number", whole(c, "days1970", "Sub", d.days, DAYS_BEFORE),
                  CR_ONNX_DOUBLE),
             86400);
    d.hour = real(c, "hour", "Div", apply(c, "of_day", "Sub", seconds, midnight), 3600);
    return d;
}

/* How many multiples of `by` the year is the first one of: 1 or 0. */
static const char *is_multiple(const calculation *c, const char *year, int64_t by)
{
    char part[4][32];
    static const char *const steps[] = {"last", "to", "from", "multiple"};
    for (size_t i = 0; i < 4; i++)
        snprintf(part[i], sizeof part[i], "%s%d", steps[i], (int)by);
    const char *before = whole(c, part[2], "Div", whole(c, part[0], "Sub", year, 1), by);
    return apply(c, part[3], "Sub", whole(c, part[1], "Div", year, by), before);
}

/* The days of the month. That of the shifted month 11, February, comes out as 30. */
static const char *days_of_month(const calculation *c, const calendar *d)
{
    const char *next = first_day(c, "month_end", "next153",
                                 whole(c, "next_month", "Add", d->shifted_month, 1));
    const char *from = first_day(c, "month_begin", "this153", d->shifted_month);
    const char *leap = apply(c, "leap", "Add",
                             apply(c, "leap_or_not", "Sub", is_multiple(c, d->year, 4),
                                   is_multiple(c, d->year, 100)),
                             is_multiple(c, d->year, 400));
    const char *fewer =
        whole(c, "fewer", "Add", whole(c, "leap_less", "Mul", leap, -1), 2);
    const char *february = whole(c, "february", "Div", d->shifted_month, 11);
    return apply(c, "month_length", "Sub", apply(c, "length", "Sub", next, from),
                 apply(c, "february_fewer", "Mul", february, fewer));
}

/* Sine and cosine of a turn that begins at `from` and takes `cycle`, doubles. */
static size_t add_cycle(const calculation *c, const char *part, const char *value,
                        double from, const char *cycle, const char **pieces)
{
    static const char *const steps[] = {"since",  "turn", "angle",
                                        "narrow", "sine", "cosine"};
    char names[6][48], name[NAME];
    for (size_t i = 0; i < 6; i++)
        snprintf(names[i], sizeof names[i], "%s_%s", part, steps[i]);
    const char *since = real(c, names[0], "Sub", value, from);
    const char *angle =
        real(c, names[2], "Mul", apply(c, names[1], "Div", since, cycle), 2 * acos(-1.0));
    angle = cast(c, names[3], angle, CR_ONNX_FLOAT);
    for (size_t i = 0; i < 2; i++) {
        const cr_onnx_node node = {.op = i ? "Cos" : "Sin", .in = {angle}};
        const char *wave =
            cr_onnx_writer_node(c->writer, name_of(c, names[4 + i], name), &node);
        snprintf(names[i], sizeof names[i], "%s_%s", part, i ? "x" : "y");
        pieces[i] =
            c->type == CR_ONNX_FLOAT ? wave : cast(c, names[i], wave, CR_ONNX_DOUBLE);
    }
    return 2;
}

/* One part, as one number or as two. */
static size_t add_part(const calculation *c, const calendar *d, cr_date_part part,
                       const char *seconds, bool cyclic, const char **pieces)
{
    static const double from[] = {
        [CR_DATE_MONTH] = 1, [CR_DATE_DAY] = 1, [CR_DATE_HOUR] = 0};
    static const double cycles[] = {
        [CR_DATE_MONTH] = 12, [CR_DATE_WEEKDAY] = 7, [CR_DATE_HOUR] = 24};
    const char *const label = cr_date_parts_names[part];
    const cr_shape one = cr_shape_flat(1);
    char name[NAME], as[32];
    const char *value = NULL;
    if (part == CR_DATE_WEEKDAY) { /* 1970-01-01 was a Thursday, 3 */
        const char *day = whole(c, "weekday1", "Add", d->days, 2);
        const char *weeks = whole(c, "weeks", "Div", day, 7);
        value = apply(c, "weekday", "Sub", day, whole(c, "week_days", "Mul", weeks, 7));
    } else {
        const char *const values[] = {NULL, d->year, d->month, d->day, NULL, d->hour};
        value = part == CR_DATE_TIME ? real(c, "days_since", "Div", seconds, 86400)
                                     : values[part];
    }
    snprintf(as, sizeof as, "%s_number", label);
    if (!cyclic || part < CR_DATE_MONTH) {
        pieces[0] = cast(c, as, value, c->type);
        return 1;
    }
    value = cast(c, as, value, CR_ONNX_DOUBLE);
    const char *cycle = part == CR_DATE_DAY
                            ? cast(c, "day_cycle", days_of_month(c, d), CR_ONNX_DOUBLE)
                            : cr_onnx_writer_tensor(c->writer, name_of(c, label, name),
                                                    CR_ONNX_DOUBLE, &one, &cycles[part]);
    return add_cycle(c, label, value, from[part], cycle, pieces);
}

const char *cr_onnx_dates_add(cr_onnx_writer *writer, const char *prefix,
                              const char *seconds, cr_date_set parts, bool cyclic,
                              bool wide)
{
    const calculation c = {writer, prefix, wide ? CR_ONNX_DOUBLE : CR_ONNX_FLOAT};
    const calendar d = split(&c, seconds);
    const char *pieces[2 * CR_DATE_PARTS];
    size_t count = 0;
    char name[NAME];
    for (int part = 0; part < CR_DATE_PARTS; part++)
        if (parts & 1u << part)
            count +=
                add_part(&c, &d, (cr_date_part)part, seconds, cyclic, pieces + count);
    const char *all =
        cr_onnx_writer_node(writer, name_of(&c, "parts", name),
                            &(cr_onnx_node){.op = "Concat",
                                            .list = pieces,
                                            .list_count = count,
                                            .attributes = {CR_ONNX_SET_INT("axis", 1)}});
    /* 0, or NaN where the date is missing */
    const char *gap =
        cast(&c, "gap", apply(&c, "gap_or_0", "Sub", seconds, seconds), c.type);
    return apply(&c, "features", "Add", all, gap);
}
