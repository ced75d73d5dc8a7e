/* What several augmentations draw: whole numbers and numbers of a range. */
#ifndef CHAINRULE_IMAGE_AUGMENTATIONS_DRAWS_H
#define CHAINRULE_IMAGE_AUGMENTATIONS_DRAWS_H

#include "image/augmentation.h"

/* A whole number from −most to most, each equally likely; u in [0, 1). */
double cr_draws_whole(double u, size_t most);

/* Options of an augmentation that draws a number from a range: [low, high]. */
typedef struct cr_draws_range {
    const cr_json *given; /* what an option table has read */
    double low, high;
} cr_draws_range;

/* The row of an option table whose struct is a cr_draws_range. */
#define CR_DRAWS_RANGE(text)                                                             \
    {                                                                                    \
        .key = "range", .kind = CR_OPTION_VALUE,                                         \
        .offset = offsetof(cr_draws_range, given), .fallback = CR_REQUIRED,              \
        .kinds = 1u << CR_JSON_ARRAY, .expects = "two numbers, such as [0.8, 1.2]",      \
        .help = text                                                                     \
    }

/* Reads the key "range" of the augmentation at `path` into a cr_draws_range: numbers from 0
 * on, or above 0, the lower one first. */
void cr_draws_read_from_0(cr_reader *reader, const char *path, void *range);
void cr_draws_read_above_0(cr_reader *reader, const char *path, void *range);

/* Uniform in the range; u in [0, 1). */
double cr_draws_in(const cr_draws_range *range, double u);

#endif
