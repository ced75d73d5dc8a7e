#include "math/product.h"

#include "math/blas.h"
#include "math/small_gemm.h"

#include <stdio.h>

bool cr_product_is_small(const cr_gemm *product)
{
    const size_t most = (size_t)1 << 25;
    const cr_gemm *p = product;
    return !(p->trans_a && p->trans_b) && p->m <= most / p->n / p->k;
}

const char *cr_product_kernel(char out[CR_PRODUCT_KERNEL])
{
    snprintf(out, CR_PRODUCT_KERNEL, "%s, %s", cr_blas_kernel(),
             cr_small_gemm_instructions());
    return out;
}

void cr_product_multiply(cr_product_kernels kernels, const cr_gemm *product)
{
    if (kernels == CR_PRODUCT_AUTO && cr_product_is_small(product))
        cr_small_gemm(product);
    else
        cr_blas_gemm(product);
}
