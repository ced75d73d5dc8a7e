#include "bench/bench_floor.h"

#include "base/clock.h"
#include "base/memory.h"

#include <string.h>

static bool add_product(cr_bench_floor *floor, cr_bench_floor_product product,
                        cr_error *err)
{
    product.a = cr_alloc(product.m * product.k, sizeof(cr_real), err);
    product.b = cr_alloc(product.k * product.n, sizeof(cr_real), err);
    product.c = cr_alloc(product.m * product.n, sizeof(cr_real), err);
    floor->products[floor->count++] = product;
    if (!product.a || !product.b || !product.c)
        return false;
    for (size_t i = 0; i < product.m * product.k; i++)
        product.a[i] = (cr_real)(i % 7) - 3;
    for (size_t i = 0; i < product.k * product.n; i++)
        product.b[i] = (cr_real)(i % 5) - 2;
    floor->flops += 2.0 * (double)product.m * (double)product.n * (double)product.k;
    return true;
}

/* The three products of a linear layer: Y = X W, dX = dY Wᵀ where somebody needs it, dW =
 * Xᵀ dY. */
static bool add_layer(cr_bench_floor *floor, const cr_network *network,
                      const cr_node *node, size_t rows, cr_error *err)
{
    const cr_shape *weight = &node->plan.parameters[0].shape;
    size_t in = weight->dim[0], out = weight->dim[1];
    bool input_gradient = network->values[node->inputs[0]].has_gradient;
    return add_product(floor, (cr_bench_floor_product){.m = rows, .n = out, .k = in},
                       err) &&
           (!input_gradient ||
            add_product(floor,
                        (cr_bench_floor_product){
                            .trans_b = CR_TRANSPOSED, .m = rows, .n = in, .k = out},
                        err)) &&
           (!node->trainable ||
            add_product(floor,
                        (cr_bench_floor_product){
                            .trans_a = CR_TRANSPOSED, .m = in, .n = out, .k = rows},
                        err));
}

bool cr_bench_floor_create(cr_bench_floor *floor, const cr_network *network, size_t rows,
                           cr_error *err)
{
    *floor = (cr_bench_floor){0};
    floor->products = cr_alloc(3 * network->node_count, sizeof *floor->products, err);
    bool good = floor->products != NULL;
    for (size_t i = 0; good && i < network->node_count; i++)
        if (strcmp(network->nodes[i].type->name, "linear") == 0)
            good = add_layer(floor, network, &network->nodes[i], rows, err);
    if (!good)
        cr_bench_floor_finish(floor);
    return good;
}

static void run_once(const cr_bench_floor *floor)
{
    for (size_t i = 0; i < floor->count; i++) {
        const cr_bench_floor_product *p = &floor->products[i];
        bool ta = p->trans_a == CR_TRANSPOSED, tb = p->trans_b == CR_TRANSPOSED;
        cr_gemm(p->trans_a, p->trans_b, p->m, p->n, p->k, 1, p->a, ta ? p->m : p->k, p->b,
                tb ? p->k : p->n, 0, p->c, p->n);
    }
}

double cr_bench_floor_measure(const cr_bench_floor *floor, int threads, double seconds)
{
    cr_blas_set_threads(threads);
    run_once(floor);
    size_t steps = 0, between = 1;
    double began = cr_clock(), passed = 0;
    while (passed < seconds) {
        for (size_t i = 0; i < between; i++)
            run_once(floor);
        steps += between;
        passed = cr_clock() - began;
        if (passed < seconds / 100)
            between *= 2; /* the clock is to be no part of what is measured */
    }
    return passed / (double)steps;
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
