#include "math/blas.h"

#include "base/memory.h"
#include "base/processor.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void cr_blas_gemm(const cr_gemm *product)
{
    const cr_gemm *p = product;
    CBLAS_TRANSPOSE ta = p->trans_a == CR_TRANSPOSED ? CblasTrans : CblasNoTrans;
    CBLAS_TRANSPOSE tb = p->trans_b == CR_TRANSPOSED ? CblasTrans : CblasNoTrans;
#ifdef CR_FLOAT64
    cblas_dgemm(CblasRowMajor, ta, tb, (blasint)p->m, (blasint)p->n, (blasint)p->k,
                p->alpha, p->a, (blasint)p->lda, p->b, (blasint)p->ldb, p->beta, p->c,
                (blasint)p->ldc);
#else
    cblas_sgemm(CblasRowMajor, ta, tb, (blasint)p->m, (blasint)p->n, (blasint)p->k,
                (float)p->alpha, p->a, (blasint)p->lda, p->b, (blasint)p->ldb,
                (float)p->beta, p->c, (blasint)p->ldc);
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

const char *cr_blas_chooser(void)
{
    const char *choice = getenv(CR_BLAS_CHOICE), *own = getenv(CR_BLAS_OWN_CHOICE);
    if (!choice)
        return NULL;
    return own && strcmp(choice, own) == 0
               ? "chosen by chainrule, for a processor that this OpenBLAS does not know"
               : "chosen by " CR_BLAS_CHOICE;
}

const char *cr_blas_better_kernel(void)
{
    const char *oldest = "Prescott";
    if (getenv(CR_BLAS_CHOICE) || strcasecmp(cr_blas_kernel(), oldest) != 0)
        return NULL;
    return CR_CPU_HAS_AVX512() ? "SkylakeX" : CR_CPU_HAS_AVX2() ? "Haswell" : NULL;
}

const char *cr_blas_warning(char out[CR_BLAS_WARNING])
{
    static const char *const with_avx512[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
    if (!CR_CPU_HAS_AVX512())
        return NULL;
    const char *kernel = cr_blas_kernel();
    for (size_t i = 0; i < CR_COUNT(with_avx512); i++)
        if (strcasecmp(kernel, with_avx512[i]) == 0)
            return NULL;
    const char *chooser = cr_blas_chooser();
    snprintf(
        out, CR_BLAS_WARNING,
        "this processor has AVX-512, but OpenBLAS runs its kernel %.40s%s%s, at about "
        "half the speed; %s",
        kernel, chooser ? ", " : "", chooser ? chooser : "",
        chooser ? "unset the variable, unless bits must agree between machines"
                : "try " CR_BLAS_CHOICE "=SkylakeX");
    return out;
}
