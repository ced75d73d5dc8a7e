/*
 * Numbers of a column, packed without loss. Most tables hold decimals with few digits:
 * v is kept as a whole number m of 1, 2 or 4 bytes with v = m / 10^k, k alike for the
 * whole column, where that division gives the very double back; else as a float, where
 * that is exact; else as a double.
 */
#ifndef CHAINRULE_DATA_PACKED_H
#define CHAINRULE_DATA_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum cr_packed_type {
    CR_PACKED_INT8,
    CR_PACKED_INT16,
    CR_PACKED_INT32,
    CR_PACKED_FLOAT,
    CR_PACKED_DOUBLE
} cr_packed_type;

/* How a column is packed. */
typedef struct cr_packing {
    uint8_t type;     /* cr_packed_type */
    uint8_t exponent; /* k, of whole numbers */
    bool marks;       /* some of the whole numbers stand for NaN or for -0 */
} cr_packing;

/* The packing of values[count] that takes the fewest bytes. Every NaN counts as the one
 * that NAN is. */
cr_packing cr_packed_choose(const double *values, size_t count);

/* Bytes of a value. */
size_t cr_packed_size(cr_packing packing);

/* values[count] into packed[count × cr_packed_size], which is aligned for its values. */
void cr_packed_write(cr_packing packing, const double *values, size_t count,
                     void *packed);

/* Values first to first + count of packed: value i goes to values[i × stride]. */
void cr_packed_read(cr_packing packing, const void *packed, size_t first, size_t count,
                    double *values, size_t stride);

#endif
