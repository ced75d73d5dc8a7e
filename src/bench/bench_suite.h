/* The benchmark's own workloads, with synthetic data of the right type and size. */
#ifndef CHAINRULE_BENCH_BENCH_SUITE_H
#define CHAINRULE_BENCH_BENCH_SUITE_H

#include "math/shape.h"

#include <chainrule/error.h>

typedef struct cr_workload {
    const char *name;
    cr_shape input;     /* images of bytes (rank 3), or columns of a table of numbers */
    const char *layers; /* all but the last, as JSON; each ends in ", " */
    size_t outputs, batch, examples;
} cr_workload;

extern const cr_workload cr_workloads[];
extern const size_t cr_workload_count;

/* Writes config.json and its data into the directory. */
CR_MUST_CHECK bool cr_bench_suite_write(const cr_workload *workload,
                                        const char *directory, cr_error *err);

#endif
