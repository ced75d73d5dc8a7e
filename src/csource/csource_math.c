#include "csource/csource_math.h"

#define NONE CR_CSOURCE_FUNCTIONS

/* The formulas are those of math/kernel.c. Comparisons leave NaN as it is. */
typedef struct definition {
    const char *name;
    cr_csource_function needs; /* NONE: nothing */
    const char *text;
    const char *by_libm; /* NULL: always by itself */
} definition;

static const definition definitions[] = {
    [CR_CSOURCE_EXPONENTIAL] =
        {"exponential", NONE,
         "/* exp(x) = 2^(n - 127) exp(r), for x outside of [-87.3, 88.3] as at that end "
         "*/\n"
         "static float exponential(float x)\n"
         "{\n"
         "    union {\n"
         "        float number;\n"
         "        uint32_t bits;\n"
         "    } power;\n"
         "    float r, p = 1.0f / 5040;\n"
         "    int n;\n"
         "    x = x < -87.3f ? -87.3f : x > 88.3f ? 88.3f : x;\n"
         "    n = x == x ? (int)(x * 1.44269504f + 127.5f) : 127;\n"
         "    r = (x - (float)(n - 127) * 0.693359375f) + (float)(n - 127) * "
         "2.12194440e-4f;\n"
         "    p = p * r + 1.0f / 720;\n"
         "    p = p * r + 1.0f / 120;\n"
         "    p = p * r + 1.0f / 24;\n"
         "    p = p * r + 1.0f / 6;\n"
         "    p = p * r + 0.5f;\n"
         "    p = p * r + 1;\n"
         "    p = p * r + 1;\n"
         "    power.bits = (uint32_t)n << 23;\n"
         "    return p * power.number;\n"
         "}\n",
         NULL},
    [CR_CSOURCE_SIGMOID] = {"sigmoid", CR_CSOURCE_EXPONENTIAL,
                            "static float sigmoid(float x)\n"
                            "{\n"
                            "    return 1 / (1 + exponential(-x));\n"
                            "}\n",
                            NULL},
    [CR_CSOURCE_TANGENT] = {"hyperbolic_tangent", CR_CSOURCE_EXPONENTIAL,
                            "static float hyperbolic_tangent(float x)\n"
                            "{\n"
                            "    const float z = x * x;\n"
                            "    float p = 21844.0f / 6081075;\n"
                            "    if (x > 0.4375f)\n"
                            "        return 1 - 2 / (exponential(2 * x) + 1);\n"
                            "    if (x < -0.4375f)\n"
                            "        return 2 / (exponential(-2 * x) + 1) - 1;\n"
                            "    p = p * z - 1382.0f / 155925;\n"
                            "    p = p * z + 62.0f / 2835;\n"
                            "    p = p * z - 17.0f / 315;\n"
                            "    p = p * z + 2.0f / 15;\n"
                            "    p = p * z - 1.0f / 3;\n"
                            "    return x + x * z * p;\n"
                            "}\n",
                            NULL},
    [CR_CSOURCE_EXPM1] = {"exponential_less_1", CR_CSOURCE_EXPONENTIAL,
                          "static float exponential_less_1(float x)\n"
                          "{\n"
                          "    float p = 1.0f / 5040;\n"
                          "    if (!(x < 0.35f && x > -0.35f))\n"
                          "        return exponential(x) - 1;\n"
                          "    p = p * x + 1.0f / 720;\n"
                          "    p = p * x + 1.0f / 120;\n"
                          "    p = p * x + 1.0f / 24;\n"
                          "    p = p * x + 1.0f / 6;\n"
                          "    p = p * x + 0.5f;\n"
                          "    return x + x * x * p;\n"
                          "}\n",
                          NULL},
    [CR_CSOURCE_SOFTPLUS] =
        {"soft_plus", CR_CSOURCE_EXPONENTIAL,
         "/* max(x, 0) + log(1 + u), u = exp(-|x|), by the series of artanh(u / (2 + u)) "
         "*/\n"
         "static float soft_plus(float x)\n"
         "{\n"
         "    const float u = exponential(x < 0 ? x : -x), s = u / (2 + u), z = s * s;\n"
         "    float p = 1.0f / 13;\n"
         "    p = p * z + 1.0f / 11;\n"
         "    p = p * z + 1.0f / 9;\n"
         "    p = p * z + 1.0f / 7;\n"
         "    p = p * z + 1.0f / 5;\n"
         "    p = p * z + 1.0f / 3;\n"
         "    return (x > 0 ? x : 0) + 2 * s * (1 + z * p);\n"
         "}\n",
         NULL},
    [CR_CSOURCE_NORMAL] =
        {"normal_share", CR_CSOURCE_EXPONENTIAL,
         "/* the share of a normal distribution below x */\n"
         "static float normal_share(float x)\n"
         "{\n"
         "    const float a = x < 0 ? -x : x, t = 1 / (1 + 0.3f * a);\n"
         "    float p = -0.0208782610f, below;\n"
         "    p = p * t + 0.113806516f;\n"
         "    p = p * t - 0.231400286f;\n"
         "    p = p * t + 0.195974185f;\n"
         "    p = p * t - 0.0828475504f;\n"
         "    p = p * t + 0.0979556972f;\n"
         "    p = p * t + 0.0777838585f;\n"
         "    p = p * t + 0.110361191f;\n"
         "    p = p * t + 0.119557241f;\n"
         "    p = p * t + 0.119687407f;\n"
         "    below = a > 12.5f ? 0 : exponential(-0.5f * a * a) * t * p;\n"
         "    return x > 0 ? 1 - below : below;\n"
         "}\n",
         NULL},
    [CR_CSOURCE_EXP] = {"whole_exponential", CR_CSOURCE_EXPONENTIAL,
                        "static float whole_exponential(float x)\n"
                        "{\n"
                        "    const float root = exponential(x / 2);\n"
                        "    return root * root;\n"
                        "}\n",
                        "static float whole_exponential(float x)\n"
                        "{\n"
                        "    return expf(x);\n"
                        "}\n"},
    [CR_CSOURCE_LOG] =
        {"logarithm", NONE,
         "/* of x = m 2^n: n log(2) + 2 artanh((m - 1) / (m + 1)), sqrt(1/2) < m < "
         "sqrt(2) "
         "*/\n"
         "static float logarithm(float x)\n"
         "{\n"
         "    union {\n"
         "        float number;\n"
         "        uint32_t bits;\n"
         "    } m;\n"
         "    float s, z, p = 1.0f / 9, n = 0;\n"
         "    if (!(x > 0))\n"
         "        return x == 0 ? -1 / (x * x) : (x - x) / (x - x);\n"
         "    if (x - x != 0)\n"
         "        return x;\n"
         "    if (x < 1.17549435e-38f) {\n"
         "        x *= 8388608.0f;\n"
         "        n = -23;\n"
         "    }\n"
         "    m.number = x;\n"
         "    n += (float)((int)(m.bits >> 23) - 127);\n"
         "    m.bits = (m.bits & 0x7fffffu) | 0x3f800000u;\n"
         "    if (m.number > 1.41421356f) {\n"
         "        m.number /= 2;\n"
         "        n += 1;\n"
         "    }\n"
         "    s = (m.number - 1) / (m.number + 1);\n"
         "    z = s * s;\n"
         "    p = p * z + 1.0f / 7;\n"
         "    p = p * z + 1.0f / 5;\n"
         "    p = p * z + 1.0f / 3;\n"
         "    return n * 0.693359375f + (2 * s * (1 + z * p) - n * 2.12194440e-4f);\n"
         "}\n",
         "static float logarithm(float x)\n"
         "{\n"
         "    return logf(x);\n"
         "}\n"},
    [CR_CSOURCE_SQRT] = {"square_root", NONE,
                         "/* by Newton's method */\n"
                         "static float square_root(float x)\n"
                         "{\n"
                         "    union {\n"
                         "        float number;\n"
                         "        uint32_t bits;\n"
                         "    } y;\n"
                         "    int i;\n"
                         "    if (!(x > 0) || x - x != 0)\n"
                         "        return x;\n"
                         "    y.number = x;\n"
                         "    y.bits = (y.bits >> 1) + 0x1fbd1df5u;\n"
                         "    for (i = 0; i < 4; i++)\n"
                         "        y.number = 0.5f * (y.number + x / y.number);\n"
                         "    return y.number;\n"
                         "}\n",
                         "static float square_root(float x)\n"
                         "{\n"
                         "    return sqrtf(x);\n"
                         "}\n"},
};

const char *cr_csource_math_add(cr_csource *out, cr_csource_function function)
{
    const definition *d = &definitions[function];
    bool by_libm = d->by_libm && !out->no_libm;
    if (!cr_csource_needs(out, d->name))
        return d->name;
    if (!by_libm && d->needs != NONE)
        (void)cr_csource_math_add(out, d->needs);
    out->uses_libm |= by_libm;
    cr_text_add(&out->functions, "%s\n", by_libm ? d->by_libm : d->text);
    return d->name;
}
