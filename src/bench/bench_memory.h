/* This process's memory, where the system tells of it (Linux); else 0 everywhere. */
#ifndef CHAINRULE_BENCH_BENCH_MEMORY_H
#define CHAINRULE_BENCH_BENCH_MEMORY_H

/* Bytes in memory now. */
double cr_bench_memory_resident(void);

/* The most bytes that were in memory at once, since the last cr_bench_memory_reset. */
double cr_bench_memory_peak(void);
void cr_bench_memory_reset(void);

#endif
