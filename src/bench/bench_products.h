/* Our own kernels for small products (math/small_gemm.h) against BLAS, over the products of
 * a linear layer of many sizes. */
#ifndef CHAINRULE_BENCH_BENCH_PRODUCTS_H
#define CHAINRULE_BENCH_BENCH_PRODUCTS_H

#include "math/product.h"

#include <chainrule/error.h>

typedef struct cr_bench_product {
    cr_product size;
    double own_gflops, blas_gflops; /* 1e9 a second, on one thread */
    bool own;                       /* which of them the program takes */
} cr_bench_product;

/* The products of the grid, *count of them, not measured yet. The caller frees them. NULL
 * with err. */
CR_MUST_CHECK cr_bench_product *cr_bench_products_list(size_t *count, cr_error *err);

/* Measures one of them for about `seconds` a side, in turns. The fastest turn counts:
 * nothing in a product takes longer now and then, but other programs do. */
CR_MUST_CHECK bool cr_bench_products_measure(cr_bench_product *product, double seconds,
                                             cr_error *err);

#endif
