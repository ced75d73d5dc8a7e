/* Normal noise, independent for every value. */
#include "base/random.h"
#include "image/augmentation.h"

#include <math.h>
#include <string.h>

typedef struct options {
    double std;
} options;

static const cr_option table[] = {
    {.key = "std",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, std),
     .fallback = CR_REQUIRED,
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "its standard deviation, in the data's own units: with bytes, of 255"},
};

/* Bytes are whole numbers, and half of the noise is below its standard deviation. */
static void fit(cr_reader *reader, const char *path, const void *opaque,
                const cr_image_size *size, cr_real largest)
{
    const options *o = opaque;
    char where[CR_WHERE];
    (void)size;
    if (o->std < 1 && isfinite((double)largest))
        cr_reader_warn(reader, cr_json_path(path, "std", where),
                       "%g is next to nothing where values are from 0 to %g, in whose "
                       "units it is; a share of %g would be %g",
                       o->std, (double)largest, o->std, (double)largest * o->std);
}

/* log(u), u in (0, 1], within 2e-7: ln 2 times the exponent, and of the mantissa m in
 * [1/√2, √2) the series 2 (s + s³/3 + s⁵/5 + …), s = (m − 1) / (m + 1). */
static inline float logarithm(float u)
{
    const uint32_t one = 0x3F800000u, root_half = 0x3F3504F3u;
    uint32_t bits;
    memcpy(&bits, &u, sizeof bits);
    uint32_t above = bits - root_half + one; /* its exponent is that of u / m */
    int32_t exponent = (int32_t)(above >> 23) - 127;
    bits = (above & 0x007FFFFFu) + root_half;
    float m;
    memcpy(&m, &bits, sizeof m);
    float s = (m - 1) / (m + 1), q = s * s;
    float series = 1 + q * (1 / 3.0f + q * (1 / 5.0f + q * (1 / 7.0f + q * (1 / 9.0f))));
    return (float)exponent * 0.693147181f + 2 * s * series;
}

/* Sine and cosine of 2 π t, t in [−1/2, 1/2], within 3e-7: Taylor's series of half the
 * angle, and the double-angle formulas. */
static inline void circle(float t, float *restrict sine, float *restrict cosine)
{
    float h = 3.14159265f * t, q = h * h;
    float s =
        1 + q * (-1 / 6.0f +
                 q * (1 / 120.0f +
                      q * (-1 / 5040.0f + q * (1 / 362880.0f + q * (-1 / 39916800.0f)))));
    float c =
        1 +
        q * (-1 / 2.0f +
             q * (1 / 24.0f +
                  q * (-1 / 720.0f + q * (1 / 40320.0f + q * (-1 / 3628800.0f +
                                                              q * (1 / 479001600.0f))))));
    s *= h;
    *sine = 2 * s * c;
    *cosine = 1 - 2 * s * s;
}

enum { PAIRS = 256, WORDS = 2 * PAIRS }; /* of normal draws at a time */

/* Box and Muller's two normal draws, x[i] and x[i + PAIRS], of words i and i + PAIRS. */
static void make_normal(const uint32_t *restrict words, float *restrict x)
{
    const float unit = 1 / 16777216.0f;
    for (size_t i = 0; i < PAIRS; i++) {
        float u = (float)(int32_t)((words[i] >> 8) + 1) * unit, sine, cosine;
        float t = (float)(int32_t)(words[i + PAIRS] >> 8) * unit - 0.5f;
        float radius = sqrtf(-2 * logarithm(u));
        circle(t, &sine, &cosine);
        x[i] = radius * cosine;
        x[i + PAIRS] = radius * sine;
    }
}

static void paint(const void *opaque, const cr_augmentation_image *image,
                  const cr_augmentation_draw *draw)
{
    const options *o = opaque;
    const cr_real std = (cr_real)o->std;
    size_t n = image->size.channels * image->size.height * image->size.width;
    uint32_t words[WORDS];
    float normal[WORDS];
    for (size_t done = 0; done < n; done += WORDS) {
        cr_random_blocks(draw->seed, CR_FOR_AUGMENT, 0, done / 4, WORDS / 4, words);
        make_normal(words, normal);
        size_t some = n - done < WORDS ? n - done : WORDS;
        cr_real *restrict x = image->x + done;
        for (size_t i = 0; i < some; i++)
            x[i] = cr_augmentation_limit(image, x[i] + std * (cr_real)normal[i]);
    }
}

const cr_augmentation_type cr_augmentation_noise = {
    .name = "noise",
    .summary = "adds a normal draw to every value",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .fit = fit,
    .paint = paint,
};
