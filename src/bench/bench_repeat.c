#include "bench/bench_repeat.h"

#include "base/clock.h"

#include <stddef.h>

double cr_bench_repeat_measure(void (*run)(const void *what), const void *what,
                               double seconds)
{
    size_t times = 0, between = 1;
    double began = cr_clock(), passed = 0;
    while (passed < seconds) {
        for (size_t i = 0; i < between; i++)
            run(what);
        times += between;
        passed = cr_clock() - began;
        if (passed < seconds / 100)
            between *= 2; /* the clock is to be no part of what is measured */
    }
    return passed / (double)times;
}
