/* What bench found, as a table, as JSON, and against an earlier one. */
#ifndef CHAINRULE_COMMANDS_BENCH_REPORT_H
#define CHAINRULE_COMMANDS_BENCH_REPORT_H

#include "bench/bench.h"
#include "config/json.h"

/* To stdout. False with err. */
void cr_bench_report_print(const cr_bench_result *results, size_t count);
CR_MUST_CHECK bool cr_bench_report_print_json(const cr_bench_result *results,
                                              size_t count, cr_error *err);

/* A line to stderr for each result, against that of `before` (an earlier JSON) of the same
 * name and threads, or else of the same name. Slower by more than both spreads, and 5 %
 * at the least, is a regression: whether there is one. */
bool cr_bench_report_compare(const cr_bench_result *results, size_t count,
                             const cr_json *before);

#endif
