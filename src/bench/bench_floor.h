/* The GEMM floor of a network: its step's matrix products alone. */
#ifndef CHAINRULE_BENCH_BENCH_FLOOR_H
#define CHAINRULE_BENCH_BENCH_FLOOR_H

#include "graph/network.h"
#include "math/product.h"

/* One product C = op(A) op(B) of the step, with buffers of its own. */
typedef struct cr_bench_floor_product {
    cr_product size;
    cr_real *a, *b, *c;
} cr_bench_floor_product;

typedef struct cr_bench_floor {
    cr_bench_floor_product *products;
    size_t count;
    double flops; /* of one step */
} cr_bench_floor;

/* For a batch of so many rows. A network without matrix products has a floor of 0
 * products. */
CR_MUST_CHECK bool cr_bench_floor_create(cr_bench_floor *floor, const cr_network *network,
                                         size_t rows, cr_error *err);

/* Seconds of one step's products, as the mean of as many as fit into `seconds`, with that
 * many threads of BLAS. */
double cr_bench_floor_measure(const cr_bench_floor *floor, int threads, double seconds);
void cr_bench_floor_finish(cr_bench_floor *floor);

#endif
