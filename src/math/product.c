#include "math/product.h"

#include "math/blas.h"
#include "math/kernel.h"
#include "math/small_gemm.h"
#include "math/vectors.h"

#include <stdio.h>

/* Measured by `bench --products` (docs/speed.md): a large B is better copied into an order
 * of its own first, which BLAS does; so is a transposed B for few rows of A. Processors
 * with half the registers for vectors have smaller caches, too, and a transposed A that is
 * large leaves them. */
bool cr_product_is_small(const cr_gemm *product)
{
    enum { FEW = CR_VECTORS_REGISTERS < 32, LEAST_COLUMNS = 8 };
    const cr_gemm *p = product;
    const size_t most = (size_t)1 << (FEW && p->m >= 16 ? 18 : 22);
    const size_t most_turned = (size_t)1 << 17;
    const size_t least_rows = FEW && p->k >= 4096 / p->n ? 24 : 4;
    bool a_as_is = p->trans_a == CR_AS_IS;
    if (p->trans_b == CR_TRANSPOSED &&
        (!a_as_is || p->m < least_rows || p->n < LEAST_COLUMNS))
        return false;
    if (FEW && !a_as_is && p->m >= most_turned / p->k)
        return false;
    return p->k <= most / p->n;
}

const char *cr_product_kernel(char out[CR_PRODUCT_KERNEL])
{
    snprintf(out, CR_PRODUCT_KERNEL, "%s, %s", cr_blas_kernel(),
             cr_small_gemm_instructions());
    return out;
}

/* What a product is to do with its C beside BLAS. */
static void finish(const cr_gemm *p)
{
    size_t size = p->m * p->n;
    if (p->bias)
        cr_kernel_add_rows(p->m, p->n, p->bias, p->c);
    if (p->rectify)
        for (size_t i = 0; i < size; i++)
            p->c[i] = p->c[i] < 0 ? 0 : p->c[i];
    if (p->where) {
        cr_real *restrict c = p->c;
        const cr_real *restrict y = p->where;
        for (size_t i = 0; i < size; i++)
            c[i] = y[i] > 0 ? c[i] : 0;
    }
}

void cr_product_multiply(cr_product_kernels kernels, const cr_gemm *product)
{
    if (kernels == CR_PRODUCT_AUTO && cr_product_is_small(product)) {
        cr_small_gemm(product);
        return;
    }
    cr_blas_gemm(product);
    finish(product);
}
