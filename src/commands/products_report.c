#include "commands/products_report.h"

#include "base/memory.h"
#include "bench/bench_machine.h"
#include "bench/bench_peak.h"
#include "bench/bench_products.h"
#include "commands/print.h"
#include "math/blas.h"
#include "math/small_gemm.h"

#include <stdio.h>

/* "A B" of a forward pass, "A Bᵀ" of gradients of inputs, "Aᵀ B" of those of weights. */
static const char *kind(const cr_product *size)
{
    return size->trans_a == CR_TRANSPOSED   ? "A^T B"
           : size->trans_b == CR_TRANSPOSED ? "A B^T"
                                            : "A B";
}

static void print_heading(double peak)
{
    cr_print("products C[m, n] of sums of k terms, on one core: own kernels (%s) against "
             "BLAS (%s)\npeak of a core: %.1f GFLOP/s\n",
             cr_small_gemm_instructions(), cr_blas_kernel(), peak);
    cr_print("%-6s %6s %6s %6s %9s %9s %7s %8s  %s\n", "kind", "m", "n", "k", "own",
             "BLAS", "ratio", "of peak", "taken");
}

static void print_row(const cr_bench_product *p, double peak)
{
    double taken = p->own ? p->own_gflops : p->blas_gflops;
    cr_print("%-6s %6zu %6zu %6zu %9.1f %9.1f %7.2f %7.0f%%  %s\n", kind(&p->size),
             p->size.m, p->size.n, p->size.k, p->own_gflops, p->blas_gflops,
             p->own_gflops / p->blas_gflops, 100 * taken / peak, p->own ? "own" : "BLAS");
    fflush(stdout);
}

static bool add_row(cr_json *list, const cr_bench_product *p)
{
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    return object && cr_json_set_string(object, "kind", kind(&p->size)) &&
           cr_json_set_number(object, "m", (double)p->size.m) &&
           cr_json_set_number(object, "n", (double)p->size.n) &&
           cr_json_set_number(object, "k", (double)p->size.k) &&
           cr_json_set_number(object, "own_gflops", p->own_gflops) &&
           cr_json_set_number(object, "blas_gflops", p->blas_gflops) &&
           cr_json_set_string(object, "taken", p->own ? "own" : "blas");
}

static bool print_json(const cr_bench_product *products, size_t count, double peak,
                       cr_error *err)
{
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    cr_json *machine = root ? cr_json_add(root, "machine", CR_JSON_OBJECT) : NULL;
    bool good =
        machine && cr_bench_machine_describe(machine) &&
        cr_json_set_string(machine, "small_products", cr_small_gemm_instructions()) &&
        cr_json_set_number(root, "core_peak_gflops", peak);
    cr_json *list = good ? cr_json_add(root, "products", CR_JSON_ARRAY) : NULL;
    good = list != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = add_row(list, &products[i]);
    good = good && cr_print_json(stdout, root, true);
    cr_json_free(root);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}

bool cr_products_report_print(const cr_context *context, double seconds, bool json,
                              cr_error *err)
{
    size_t count = 0;
    cr_bench_product *products = cr_bench_products_list(&count, err);
    double peak = cr_bench_peak_measure(10 * seconds) / 1e9; /* when nobody disturbs it */
    bool good = products != NULL;
    if (good && !json)
        print_heading(peak);
    for (size_t i = 0; good && i < count; i++) {
        good = cr_bench_products_measure(&products[i], seconds, err) &&
               (*context->signal == 0 || cr_fail(err, CR_E_USAGE, "interrupted"));
        if (good && !json)
            print_row(&products[i], peak);
    }
    good = good && (!json || print_json(products, count, peak, err));
    cr_free(products);
    return good;
}
