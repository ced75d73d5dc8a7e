/* The matrix product, and what the BLAS library says of itself. */
#ifndef CHAINRULE_MATH_BLAS_H
#define CHAINRULE_MATH_BLAS_H

#include <chainrule/real.h>
#include <limits.h>
#include <stddef.h>

typedef enum cr_transpose { CR_AS_IS, CR_TRANSPOSED } cr_transpose;

enum { CR_LARGEST_DIMENSION = INT_MAX }; /* of a matrix: BLAS counts in int */

/* C ← α op(A) op(B) + β C, row-major; op(A) is m×k, op(B) k×n, C m×n. lda, ldb, ldc are
 * the lengths of the stored rows. With β = 0 C need not be initialised. C overlaps
 * neither A nor B. */
void cr_gemm(cr_transpose trans_a, cr_transpose trans_b, size_t m, size_t n, size_t k,
             double alpha, const cr_real *a, size_t lda, const cr_real *b, size_t ldb,
             double beta, cr_real *c, size_t ldc);

/* The kind and size of a product, and how often it is done. */
typedef struct cr_product {
    cr_transpose trans_a, trans_b;
    size_t m, n, k, times;
} cr_product;

/* Threads that a product may use from now on, for the whole process. */
void cr_blas_set_threads(int threads);

/* Processors that the library counts. */
int cr_blas_processors(void);

/* Name and version of the library that runs, such as "OpenBLAS 0.3.21", into out. Returns
 * out. */
enum { CR_BLAS_NAME = 64 };
const char *cr_blas_library(char out[CR_BLAS_NAME]);

/* The kernel in use, such as "Cooperlake"; the text lives as long as the process. */
const char *cr_blas_kernel(void);

/* Variables of the environment: the kernel that the library is to take, and the same
 * where this program and not its user has set it. */
#define CR_BLAS_CHOICE "OPENBLAS_CORETYPE"
#define CR_BLAS_OWN_CHOICE "CHAINRULE_CORETYPE"

/* Who chose the kernel, for a message: "chosen by OPENBLAS_CORETYPE"; NULL: the library.
 */
const char *cr_blas_chooser(void);

/* Where the library does not know the processor, and runs its oldest kernel: the one to
 * ask for. NULL: there is none, or one was asked for already. */
const char *cr_blas_better_kernel(void);

/* Why that kernel is slower than this processor can be, a sentence into out; NULL where
 * nothing is known against it. */
enum { CR_BLAS_WARNING = 256 };
const char *cr_blas_warning(char out[CR_BLAS_WARNING]);

#endif
