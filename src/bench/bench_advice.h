/* What would make training faster, where something other than the products takes the
 * time. */
#ifndef CHAINRULE_BENCH_BENCH_ADVICE_H
#define CHAINRULE_BENCH_BENCH_ADVICE_H

#include "bench/bench.h"

enum { CR_BENCH_ADVICE = 200 };

/* A sentence on results[index], which is compared with those of the same name and other
 * threads. Returns out, or NULL where there is nothing to say. */
const char *cr_bench_advice_give(const cr_bench_result *results, size_t count,
                                 size_t index, char out[CR_BENCH_ADVICE]);

#endif
