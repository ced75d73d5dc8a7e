/*
 * Benchmark of training steps against this machine's own limit.
 *
 * The limit is the GEMM floor: the time of the step's matrix products and nothing else
 * (same shapes, β = 0, buffers in cache, the fastest of 1 to T threads of BLAS), measured
 * in turns with the step itself, so that a machine whose speed drifts slows both.
 * Efficiency is floor time over step time.
 *
 * The other limit is the processor's: a core's peak, measured in turns too, times the
 * number of threads. Products that a layer knows how to avoid (graph/winograd.h) count as
 * done against both.
 *
 * Everything that is to be compared is in one cr_bench: each round measures all of it, and
 * every other round in the opposite order.
 */
#ifndef CHAINRULE_BENCH_BENCH_H
#define CHAINRULE_BENCH_BENCH_H

#include "bench/bench_profile.h"

enum { CR_BENCH_ROUNDS = 7 };

typedef struct cr_bench_result {
    const char *name; /* the bench's copy */
    size_t batch, threads;
    size_t columns;              /* values of a row */
    double epoch_steps;          /* of an epoch */
    double samples_per_second;   /* median over the rounds */
    double spread;               /* (second largest − second smallest) / median */
    double flops;                /* of a step's matrix products */
    double gflops, floor_gflops; /* of the step's matrix products, 1e9 per second */
    double efficiency;           /* median of floor time / step time, round by round */
    size_t floor_threads;        /* that were fastest; median */
    double peak_gflops;          /* that a core can do: fused multiply-adds alone */
    double of_peak; /* median of the step's share of that times threads, round by round */
    cr_bench_profile profile;
    double checkpoint_s; /* a checkpoint in /tmp, flushed to the disk; median */
    double peak_bytes;   /* of the process, had it loaded and trained this alone; 0: not
                          known */
} cr_bench_result;

typedef struct cr_bench cr_bench;

/* For up to `capacity` measurements in turns of about `seconds`. NULL with err. */
CR_MUST_CHECK cr_bench *cr_bench_create(size_t capacity, double seconds, cr_error *err);
void cr_bench_destroy(cr_bench *bench); /* takes NULL */

/* Loads a config, which need not be there afterwards, and trains for half a turn. like:
 * it is the config of the measurement before, with another number of threads, and its
 * data is used once more; recipe->data is not looked at. */
CR_MUST_CHECK bool cr_bench_add(cr_bench *bench, const char *name,
                                const cr_recipe *recipe, bool like, cr_error *err);

/* Trains everything in CR_BENCH_ROUNDS turns, each beside a turn of its floor and a short
 * one of the peak; neither evaluation nor anything but steps is counted. Then measures the
 * parts. on_turn is told now and then which share of the work is done; when it returns
 * false, this fails. */
CR_MUST_CHECK bool cr_bench_run(cr_bench *bench, bool (*on_turn)(void *user, double done),
                                void *user, cr_error *err);

/* [*count], in the order in which they were added; the bench's. */
const cr_bench_result *cr_bench_results(const cr_bench *bench, size_t *count);

#endif
