#include "bench/bench_products.h"

#include "base/memory.h"
#include "bench/bench_repeat.h"
#include "math/blas.h"
#include "math/small_gemm.h"

#include <math.h>

enum { ROUNDS = 15, KINDS = 3 };

static const struct {
    size_t inputs, units;
} layers[] = {{2, 100},  {100, 3},   {8, 8},     {64, 32},   {32, 10},     {100, 100},
              {128, 10}, {256, 128}, {784, 128}, {800, 500}, {1024, 1024}, {2048, 2048}};

static const size_t batches[] = {1, 16, 64, 256};

/* A product with its operands. */
static bool make_operands(const cr_product *size, cr_gemm *out, cr_error *err)
{
    size_t left = size->m * size->k, right = size->k * size->n;
    cr_real *a = cr_alloc(left, sizeof *a, err), *b = cr_alloc(right, sizeof *b, err);
    *out = (cr_gemm){.trans_a = size->trans_a,
                     .trans_b = size->trans_b,
                     .m = size->m,
                     .n = size->n,
                     .k = size->k,
                     .alpha = 1,
                     .a = a,
                     .lda = size->trans_a == CR_TRANSPOSED ? size->m : size->k,
                     .b = b,
                     .ldb = size->trans_b == CR_TRANSPOSED ? size->k : size->n,
                     .c = cr_alloc(size->m * size->n, sizeof(cr_real), err),
                     .ldc = size->n};
    for (size_t i = 0; a && i < left; i++)
        a[i] = (cr_real)(i % 7) - 3;
    for (size_t i = 0; b && i < right; i++)
        b[i] = (cr_real)(i % 5) - 2;
    return a && b && out->c;
}

static void free_operands(cr_gemm *product)
{
    cr_free((void *)product->a);
    cr_free((void *)product->b);
    cr_free(product->c);
}

cr_bench_product *cr_bench_products_list(size_t *count, cr_error *err)
{
    *count = CR_COUNT(layers) * CR_COUNT(batches) * KINDS;
    cr_bench_product *list = cr_alloc(*count, sizeof *list, err), *next = list;
    for (size_t i = 0; list && i < CR_COUNT(layers); i++)
        for (size_t k = 0; k < CR_COUNT(batches); k++) {
            size_t rows = batches[k], inputs = layers[i].inputs, units = layers[i].units;
            const cr_product sizes[KINDS] = {
                {.m = rows, .n = units, .k = inputs, .times = 1},
                {.trans_b = CR_TRANSPOSED,
                 .m = rows,
                 .n = inputs,
                 .k = units,
                 .times = 1},
                {.trans_a = CR_TRANSPOSED,
                 .m = inputs,
                 .n = units,
                 .k = rows,
                 .times = 1}};
            for (size_t s = 0; s < KINDS; s++)
                *next++ = (cr_bench_product){.size = sizes[s]};
        }
    return list;
}

static void run_own(const void *product)
{
    cr_small_gemm(product);
}

static void run_blas(const void *product)
{
    cr_blas_gemm(product);
}

bool cr_bench_products_measure(cr_bench_product *product, double seconds, cr_error *err)
{
    cr_gemm operands;
    double own = INFINITY, blas = INFINITY;
    bool good = make_operands(&product->size, &operands, err);
    cr_blas_set_threads(1);
    for (size_t i = 0; good && i < ROUNDS; i++) {
        own = fmin(own, cr_bench_repeat_measure(run_own, &operands, seconds / ROUNDS));
        blas = fmin(blas, cr_bench_repeat_measure(run_blas, &operands, seconds / ROUNDS));
    }
    if (good) {
        double flops = 2e-9 * (double)(operands.m * operands.n) * (double)operands.k;
        product->own_gflops = flops / own;
        product->blas_gflops = flops / blas;
        product->own = cr_product_is_small(&operands);
    }
    free_operands(&operands);
    return good;
}
