#include "math/blas.h"

#include <cblas.h>
#include <chainrule/attributes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
    /* after a fork, even setting what is set would start threads, which spin for 0.1 s */
    if (openblas_get_num_threads() != threads)
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

const char *cr_blas_warning(char out[CR_BLAS_WARNING])
{
    static const char *const with_avx512[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
    if (!CR_CPU_HAS_AVX512())
        return NULL;
    const char *kernel = cr_blas_kernel();
    for (size_t i = 0; i < sizeof with_avx512 / sizeof with_avx512[0]; i++)
        if (strcasecmp(kernel, with_avx512[i]) == 0)
            return NULL;
    const char *forced = getenv("OPENBLAS_CORETYPE");
    snprintf(out, CR_BLAS_WARNING,
             "this processor has AVX-512, but OpenBLAS runs its kernel %.40s%s, at about "
             "half the speed; %s",
             kernel, forced ? ", chosen by OPENBLAS_CORETYPE" : "",
             forced ? "unset the variable, unless bits must agree between machines"
                    : "try OPENBLAS_CORETYPE=SkylakeX");
    return out;
}
