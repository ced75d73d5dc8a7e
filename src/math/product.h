/* The seam of all matrix products: those that are small run in kernels of our own
 * (small_gemm.h), the others in BLAS. */
#ifndef CHAINRULE_MATH_PRODUCT_H
#define CHAINRULE_MATH_PRODUCT_H

#include "math/gemm.h"

#include <stdbool.h>

typedef enum cr_product_kernels {
    CR_PRODUCT_AUTO, /* a function of the shapes and of the processor's instructions */
    CR_PRODUCT_BLAS  /* BLAS alone */
} cr_product_kernels;

/* The kind and size of a product, and how often it is done. */
typedef struct cr_product {
    cr_transpose trans_a, trans_b;
    size_t m, n, k, times;
} cr_product;

/* Whether a product of this kind and size runs in our own kernels. */
bool cr_product_is_small(const cr_gemm *product);

/* Whose kernels a run's bits depend on, such as "Cooperlake, AVX-512": those of BLAS and
 * our own. Returns out. */
enum { CR_PRODUCT_KERNEL = 64 };
const char *cr_product_kernel(char out[CR_PRODUCT_KERNEL]);

void cr_product_multiply(cr_product_kernels kernels, const cr_gemm *product);

#endif
