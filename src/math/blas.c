#include "math/blas.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>

void cr_gemm(cr_transpose trans_a, cr_transpose trans_b, size_t m, size_t n, size_t k,
             double alpha, const cr_real *a, size_t lda, const cr_real *b, size_t ldb,
             double beta, cr_real *c, size_t ldc)
{
    CBLAS_TRANSPOSE ta = trans_a == CR_TRANSPOSED ? CblasTrans : CblasNoTrans;
    CBLAS_TRANSPOSE tb = trans_b == CR_TRANSPOSED ? CblasTrans : CblasNoTrans;
#ifdef CR_FLOAT64
    cblas_dgemm(CblasRowMajor, ta, tb, (blasint)m, (blasint)n, (blasint)k, alpha, a,
                (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
#else
    cblas_sgemm(CblasRowMajor, ta, tb, (blasint)m, (blasint)n, (blasint)k, (float)alpha,
                a, (blasint)lda, b, (blasint)ldb, (float)beta, c, (blasint)ldc);
#endif
}

void cr_blas_set_threads(int threads)
{
    openblas_set_num_threads(threads);
}

int cr_blas_processors(void)
{
    return openblas_get_num_procs();
}

const char *cr_blas_library(char out[CR_BLAS_NAME])
{
    /* the configuration begins with name and version: "OpenBLAS 0.3.21 NO_LAPACKE …" */
    const char *config = openblas_get_config();
    const char *space = strchr(config, ' ');
    size_t length = space ? strcspn(space + 1, " ") + (size_t)(space + 1 - config) : 0;
    snprintf(out, CR_BLAS_NAME, "%.*s", (int)length, config);
    return out;
}

const char *cr_blas_kernel(void)
{
    return openblas_get_corename();
}
