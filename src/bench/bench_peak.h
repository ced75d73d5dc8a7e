/* The peak of one core: fused multiply-adds on its registers and nothing else. */
#ifndef CHAINRULE_BENCH_BENCH_PEAK_H
#define CHAINRULE_BENCH_BENCH_PEAK_H

/* Floating-point operations per second, two a multiply-add, of the thread that calls: the
 * fastest of many slices of about `seconds`, since others take time from some. */
double cr_bench_peak_measure(double seconds);

#endif
