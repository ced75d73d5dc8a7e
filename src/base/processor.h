/* Compiler extensions that tell the processor something, or ask it: with
 * chainrule/attributes.h the only place for such. Each does nothing where it is unknown. */
#ifndef CHAINRULE_BASE_PROCESSOR_H
#define CHAINRULE_BASE_PROCESSOR_H

/* Whether the processor has AVX-512 (that of all servers since 2017), or AVX2 with fused
 * products and sums; 0 where that cannot be, or cannot be asked. */
#if defined(__GNUC__) && defined(__x86_64__)
#define CR_CPU_HAS_AVX512()                                                              \
    (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&          \
     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
#define CR_CPU_HAS_AVX2()                                                                \
    (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#else
#define CR_CPU_HAS_AVX512() 0
#define CR_CPU_HAS_AVX2() 0
#endif

/* Tells the processor that the cache line at this address will be read soon. */
#if defined(__GNUC__)
#define CR_PREFETCH(address) __builtin_prefetch(address)
#else
#define CR_PREFETCH(address) ((void)(address))
#endif

/* Before a loop of up to 16 turns, whose number is a constant: writes them out one by one. */
#if defined(__GNUC__)
#define CR_UNROLL _Pragma("GCC unroll 16")
#else
#define CR_UNROLL
#endif

/* Before a loop over the lanes of a vector: gcc would take it apart, and not always put all
 * of it together again; clang warns where it has done so itself before. */
#if defined(__GNUC__) && !defined(__clang__)
#define CR_LANES _Pragma("omp simd")
#else
#define CR_LANES
#endif

/* Keeps a vector that was read in a register, where gcc would read it again at each use;
 * clang takes no short vectors here. */
#if defined(__clang__)
#define CR_IN_REGISTER(vector) ((void)0)
#elif defined(__GNUC__) && defined(__x86_64__)
#define CR_IN_REGISTER(vector) __asm__("" : "+v"(vector))
#elif defined(__GNUC__) && defined(__aarch64__)
#define CR_IN_REGISTER(vector) __asm__("" : "+w"(vector))
#else
#define CR_IN_REGISTER(vector) ((void)0)
#endif

/* In front of a function that runs so often that counting its lines, for coverage, would
 * take a hundred times as long as it does. */
#if defined(__GNUC__)
#define CR_NOT_COUNTED __attribute__((no_profile_instrument_function))
#else
#define CR_NOT_COUNTED
#endif

/* Tells the processor that a loop only waits. */
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
#define CR_SPIN_PAUSE() __builtin_ia32_pause()
#elif defined(__GNUC__) && defined(__aarch64__)
#define CR_SPIN_PAUSE() __asm__ __volatile__("yield")
#else
#define CR_SPIN_PAUSE() ((void)0)
#endif

#endif
