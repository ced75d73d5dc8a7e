/*
 * Benchmark of a training step against this machine's own limit.
 *
 * The limit is the GEMM floor: the time of the step's matrix products and nothing else
 * (same shapes, β = 0, buffers in cache, the fastest of 1 to T threads of BLAS), measured
 * in turns with the step itself, so that a machine whose speed drifts slows both.
 * Efficiency is floor time over step time.
 */
#ifndef CHAINRULE_BENCH_BENCH_H
#define CHAINRULE_BENCH_BENCH_H

#include "train/experiment.h"

enum { CR_BENCH_REPEATS = 7, CR_BENCH_PARTS = 6 };

extern const char *const cr_bench_part_names[CR_BENCH_PARTS]; /* gather, forward, … */

typedef struct cr_bench_layer {
    const char *name;                         /* the network's */
    double forward_s, backward_s, gradient_s; /* of a step */
} cr_bench_layer;

typedef struct cr_bench_result {
    size_t batch, threads;
    double samples_per_second;   /* median over the repeats */
    double spread;               /* (second largest − second smallest) / median */
    double gflops, floor_gflops; /* of the step's matrix products, 1e9 per second */
    double efficiency;           /* median of floor time / step time, repeat by repeat */
    size_t floor_threads;        /* that were fastest, most often */
    double part_s[CR_BENCH_PARTS]; /* seconds of a step, measured apart */
    double checkpoint_s;           /* a checkpoint in /tmp, flushed to the disk; median */
    cr_bench_layer *layers;        /* [layer_count], owned */
    size_t layer_count;
} cr_bench_result;

/* Trains the experiment (which changes its parameters) in CR_BENCH_REPEATS turns of about
 * `seconds`, each beside a turn of the floor. Neither evaluation nor anything but steps
 * is counted. */
CR_MUST_CHECK bool cr_bench_run(cr_experiment *experiment, double seconds,
                                cr_bench_result *result, cr_error *err);
void cr_bench_finish(cr_bench_result *result); /* frees what it owns */

#endif
