#include "bench/bench_floor.h"

#include "base/memory.h"
#include "bench/bench_repeat.h"
#include "math/blas.h"

static bool add_product(cr_bench_floor *floor, const cr_product *size, cr_error *err)
{
    cr_bench_floor_product *p = &floor->products[floor->count++];
    size_t left = size->m * size->k, right = size->k * size->n;
    p->size = *size;
    p->a = cr_alloc(left, sizeof(cr_real), err);
    p->b = cr_alloc(right, sizeof(cr_real), err);
    p->c = cr_alloc(size->m * size->n, sizeof(cr_real), err);
    if (!p->a || !p->b || !p->c)
        return false;
    for (size_t i = 0; i < left; i++)
        p->a[i] = (cr_real)(i % 7) - 3;
    for (size_t i = 0; i < right; i++)
        p->b[i] = (cr_real)(i % 5) - 2;
    floor->flops += 2.0 * (double)left * (double)size->n * (double)size->times;
    return true;
}

static bool add_layer(cr_bench_floor *floor, const cr_network *network,
                      const cr_node *node, size_t rows, cr_error *err)
{
    cr_product products[CR_LAYER_PRODUCTS];
    const cr_product_needs needs = {
        .rows = rows,
        .dx = network->values[node->inputs[0]].has_gradient,
        .dw = node->trainable,
    };
    size_t count = node->type->products(&node->plan, &needs, products);
    for (size_t i = 0; i < count; i++)
        if (!add_product(floor, &products[i], err))
            return false;
    return true;
}

bool cr_bench_floor_create(cr_bench_floor *floor, const cr_network *network, size_t rows,
                           cr_error *err)
{
    *floor = (cr_bench_floor){0};
    floor->products =
        cr_alloc(CR_LAYER_PRODUCTS * network->node_count, sizeof *floor->products, err);
    bool good = floor->products != NULL;
    for (size_t i = 0; good && i < network->node_count; i++)
        if (network->nodes[i].type->products)
            good = add_layer(floor, network, &network->nodes[i], rows, err);
    if (!good)
        cr_bench_floor_finish(floor);
    return good;
}

static void run_product(const cr_bench_floor_product *p)
{
    const cr_product *s = &p->size;
    size_t lda = s->trans_a == CR_TRANSPOSED ? s->m : s->k;
    size_t ldb = s->trans_b == CR_TRANSPOSED ? s->k : s->n;
    const cr_gemm product = {.trans_a = s->trans_a,
                             .trans_b = s->trans_b,
                             .m = s->m,
                             .n = s->n,
                             .k = s->k,
                             .alpha = 1,
                             .a = p->a,
                             .lda = lda,
                             .b = p->b,
                             .ldb = ldb,
                             .c = p->c,
                             .ldc = s->n};
    for (size_t i = 0; i < s->times; i++)
        cr_blas_gemm(&product);
}

static void run_once(const void *what)
{
    const cr_bench_floor *floor = what;
    for (size_t i = 0; i < floor->count; i++)
        run_product(&floor->products[i]);
}

double cr_bench_floor_measure(const cr_bench_floor *floor, int threads, double seconds)
{
    cr_blas_set_threads(threads);
    run_once(floor);
    return cr_bench_repeat_measure(run_once, floor, seconds);
}

void cr_bench_floor_finish(cr_bench_floor *floor)
{
    for (size_t i = 0; i < floor->count; i++) {
        cr_free(floor->products[i].a);
        cr_free(floor->products[i].b);
        cr_free(floor->products[i].c);
    }
    cr_free(floor->products);
    *floor = (cr_bench_floor){0};
}
