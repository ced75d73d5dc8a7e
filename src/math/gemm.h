/* The operands of a matrix product, C ← α op(A) op(B) + β C, and what is done to C last. */
#ifndef CHAINRULE_MATH_GEMM_H
#define CHAINRULE_MATH_GEMM_H

#include <chainrule/real.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum cr_transpose { CR_AS_IS, CR_TRANSPOSED } cr_transpose;

enum { CR_LARGEST_DIMENSION = INT_MAX }; /* of a matrix: BLAS counts in int */

/* Row-major; op(A) is m×k, op(B) k×n, C m×n. lda, ldb, ldc are the lengths of the stored
 * rows. With β = 0 C need not be initialised. C overlaps neither A nor B. m, n and k are
 * at least 1. */
typedef struct cr_gemm {
    cr_transpose trans_a, trans_b;
    size_t m, n, k;
    double alpha;
    const cr_real *a;
    size_t lda;
    const cr_real *b;
    size_t ldb;
    double beta;
    cr_real *c;
    size_t ldc;
    /* In this order, where A is not transposed and ldc is n: */
    const cr_real *bias; /* [n] is added to each row, where α is 1; or NULL */
    bool rectify;        /* C ← max(0, C); NaN stays NaN */
    const cr_real
        *where; /* laid out as C, which is 0 where this is not positive; or NULL */
} cr_gemm;

#endif
