/* The parts of an instant (date.h) that become inputs of a network. */
#ifndef CHAINRULE_DATA_DATE_PARTS_H
#define CHAINRULE_DATA_DATE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/* What of an instant becomes inputs. */
typedef enum cr_date_part {
    CR_DATE_TIME,    /* days since 1970-01-01, with a fraction */
    CR_DATE_YEAR,    /* as it is */
    CR_DATE_MONTH,   /* 1 to 12 */
    CR_DATE_DAY,     /* of the month, 1 to 31 */
    CR_DATE_WEEKDAY, /* 0, which is Monday, to 6 */
    CR_DATE_HOUR,    /* 0 to 23, with minutes and seconds as a fraction */
    CR_DATE_PARTS
} cr_date_part;

extern const char *const cr_date_parts_names[]; /* as in configs, ended with NULL */

/* A set of parts: bits 1 << cr_date_part. */
typedef unsigned cr_date_set;
#define CR_DATE_ALL ((1u << CR_DATE_PARTS) - 1)

/* How many numbers the parts are: a part one; when cyclic, month, day, weekday and hour
 * two. */
size_t cr_date_parts_count(cr_date_set parts, bool cyclic);

/* The parts of an instant, x [cr_date_parts_count], in the order of cr_date_part. Cyclic
 * ones are the sine and the cosine of 2 pi times (month - 1) / 12, (day - 1) / (days of
 * that month), weekday / 7, hour / 24. All are NaN where seconds is. */
void cr_date_parts_expand(double seconds, cr_date_set parts, bool cyclic, double *x);

/* The parts in which two instants differ. */
cr_date_set cr_date_parts_differences(double seconds, double other);

#endif
