/* The time of something that is over quickly. */
#ifndef CHAINRULE_BENCH_BENCH_REPEAT_H
#define CHAINRULE_BENCH_BENCH_REPEAT_H

/* Seconds of one run, as the mean of as many as fit into `seconds`. */
double cr_bench_repeat_measure(void (*run)(const void *what), const void *what,
                               double seconds);

#endif
