/* The benchmark's own workloads, with synthetic data of the right type and size. */
#ifndef CHAINRULE_BENCH_BENCH_SUITE_H
#define CHAINRULE_BENCH_BENCH_SUITE_H

#include <chainrule/error.h>
#include <stddef.h>

typedef struct cr_workload {
    const char *name;
    size_t units[5]; /* inputs, hidden layers, outputs; ended with 0 */
    size_t batch, examples;
    bool images; /* 28x28 bytes; else a table of numbers */
} cr_workload;

extern const cr_workload cr_workloads[];
extern const size_t cr_workload_count;

/* Writes config.json and its data into the directory. */
CR_MUST_CHECK bool cr_bench_suite_write(const cr_workload *workload,
                                        const char *directory, cr_error *err);

#endif
