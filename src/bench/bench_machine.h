/* The machine that a benchmark ran on, as JSON. */
#ifndef CHAINRULE_BENCH_BENCH_MACHINE_H
#define CHAINRULE_BENCH_BENCH_MACHINE_H

#include "config/json.h"

/* Adds to the object "processors" (that a process may use), "processor" (its model;
 * "unknown" where the system does not say), "cores" (of all sockets), "caches" (bytes of
 * "l1d", "l2", "l3"), both left out where they are not known, and the library of BLAS
 * with its kernel, and the version. False when out of memory. */
CR_MUST_CHECK bool cr_bench_machine_describe(cr_json *machine);

#endif
