/*
 * Where the values of a sweep's parameter come from: a list, or a range of numbers.
 *
 * Each value of a space has a number: its place in the list, from 0, or, in a range, the
 * value itself.
 */
#ifndef CHAINRULE_SWEEP_SWEEP_SPACE_H
#define CHAINRULE_SWEEP_SWEEP_SPACE_H

#include "config/json.h"

typedef enum cr_space {
    CR_SPACE_VALUES,
    CR_SPACE_UNIFORM,
    CR_SPACE_LOGUNIFORM,
    CR_SPACE_INTEGER,
    CR_SPACE_LOGINT,
} cr_space;

typedef struct cr_sweep_parameter {
    const char *path; /* of the config's value; owned by the tree */
    cr_space space;
    double lower, upper;    /* of a range, inclusive */
    const cr_json **values; /* [count], owned; the values belong to the tree */
    size_t count;
} cr_sweep_parameter;

/* How many values a grid has of it. */
double cr_sweep_space_size(const cr_sweep_parameter *parameter);

/* The number of the value that a uniform draw u in [0, 1) leads to. */
double cr_sweep_space_draw(const cr_sweep_parameter *parameter, double u);

/* The uniform draws that lead to a number: from low to high, which are the same where the
 * range has no steps. Of a list, the place is both. */
typedef struct cr_sweep_cell {
    double low, high;
} cr_sweep_cell;
cr_sweep_cell cr_sweep_space_cell(const cr_sweep_parameter *parameter, double number);

/* The number of a value of the config, NULL for one that is left out. False: the space has
 * no such value. */
bool cr_sweep_space_find(const cr_sweep_parameter *parameter, const cr_json *value,
                         double *number);

/* The value of a number, as JSON on one line. The caller frees it; NULL when out of
 * memory. */
CR_MUST_CHECK char *cr_sweep_space_print(const cr_sweep_parameter *parameter,
                                         double number);

#endif
