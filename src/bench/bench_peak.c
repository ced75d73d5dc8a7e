#include "bench/bench_peak.h"

#include "base/clock.h"
#include "math/multiply_add.h"
#include "math/tile.h"

/* Independent values, in ROWS x 2 vectors: more than are on their way at any time (4 or 5
 * cycles, of 2 a cycle), and with both factors no more than there are registers. */
enum {
#if defined(__AVX512F__) || defined(__ARM_NEON)
    ROWS = 8,
#else
    ROWS = 6,
#endif
    WIDTH = 2 * CR_TILE_LANES,
    TURNS = 4096
};

/* x ← a x + b, which stays near b / (1 − a). */
CR_NOT_COUNTED static void run_turns(cr_real values[ROWS][WIDTH], cr_real a, cr_real b)
{
    cr_real x[ROWS][WIDTH];
    CR_UNROLL
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < WIDTH; j++)
            x[r][j] = values[r][j];
    for (size_t turn = 0; turn < TURNS; turn++) {
        CR_UNROLL
        for (size_t r = 0; r < ROWS; r++)
            for (size_t j = 0; j < WIDTH; j++)
                x[r][j] = cr_multiply_add(a, x[r][j], b);
    }
    CR_UNROLL
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < WIDTH; j++)
            values[r][j] = x[r][j];
}

static double measure_slice(cr_real values[ROWS][WIDTH], double seconds)
{
    /* what the compiler cannot see through, it cannot leave out */
    void (*volatile run)(cr_real[ROWS][WIDTH], cr_real, cr_real) = run_turns;
    double operations = 0, began = cr_clock(), passed = 0;
    do {
        run(values, (cr_real)0.5, 1);
        operations += 2.0 * ROWS * WIDTH * TURNS;
        passed = cr_clock() - began;
    } while (passed < seconds);
    return operations / passed;
}

double cr_bench_peak_measure(double seconds)
{
    enum { SLICES = 50 };
    cr_real values[ROWS][WIDTH] = {{0}};
    double best = 0;
    for (int i = 0; i < SLICES; i++) {
        double found = measure_slice(values, seconds / SLICES);
        best = found > best ? found : best;
    }
    return best;
}
