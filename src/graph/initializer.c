#include "graph/initializer.h"

#include "base/random.h"
#include "config/typed_section.h"
#include "math/kernel.h"

#include <math.h>
#include <string.h>

struct cr_initializer_type {
    const char *name;
    const cr_option *options;
    size_t option_count;
    /* the standard deviation of the draws, or half the width of a uniform range; 0: zeros
     */
    double (*size)(const cr_initializer *initializer, size_t inputs, size_t units);
    bool uniform;    /* draws in [−size, size), else normal */
    bool orthogonal; /* made orthonormal, then times size */
};

/* He, Zhang, Ren, Sun: "Delving deep into rectifiers", 2015, eq. 10 */
static double he(const cr_initializer *initializer, size_t inputs, size_t units)
{
    (void)initializer;
    (void)units;
    return sqrt(2.0 / (double)inputs);
}

/* Glorot, Bengio: "Understanding the difficulty of training deep feedforward neural
 * networks", 2010, eq. 12: variance 2 / (inputs + units) */
static double xavier(const cr_initializer *initializer, size_t inputs, size_t units)
{
    (void)initializer;
    return sqrt(2.0 / (double)(inputs + units));
}

/* LeCun, Bottou, Orr, Mueller: "Efficient BackProp", 1998, section 4.6: variance 1 /
 * inputs
 */
static double lecun(const cr_initializer *initializer, size_t inputs, size_t units)
{
    (void)initializer;
    (void)units;
    return sqrt(1.0 / (double)inputs);
}

static double gain(const cr_initializer *initializer, size_t inputs, size_t units)
{
    (void)inputs;
    (void)units;
    return initializer->gain;
}

static double limit(const cr_initializer *initializer, size_t inputs, size_t units)
{
    (void)inputs;
    (void)units;
    return initializer->limit;
}

static double normal(const cr_initializer *initializer, size_t inputs, size_t units)
{
    (void)inputs;
    (void)units;
    return initializer->std;
}

static double zeros(const cr_initializer *initializer, size_t inputs, size_t units)
{
    (void)initializer;
    (void)inputs;
    (void)units;
    return 0;
}

static const cr_option normal_options[] = {
    {.key = "std",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(cr_initializer, std),
     .fallback = CR_REQUIRED,
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "standard deviation of the draws"},
};

static const cr_option uniform_options[] = {
    {.key = "limit",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(cr_initializer, limit),
     .fallback = CR_REQUIRED,
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "draws lie between minus this and this"},
};

static const cr_option orthogonal_options[] = {
    {.key = "gain",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(cr_initializer, gain),
     .fallback = "1",
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "length of the rows or columns, whichever are fewer"},
};

static const cr_initializer_type types[] = {
    {"he", NULL, 0, he, false, false},
    {"xavier", NULL, 0, xavier, false, false},
    {"lecun", NULL, 0, lecun, false, false},
    {"orthogonal", orthogonal_options, 1, gain, false, true},
    {"uniform", uniform_options, 1, limit, true, false},
    {"normal", normal_options, 1, normal, false, false},
    {"zeros", NULL, 0, zeros, false, false},
};

enum { TYPES = CR_COUNT(types) };

static const cr_initializer_type *find(cr_reader *reader, const char *path,
                                       const char *name)
{
    cr_typed names[TYPES];
    for (size_t i = 0; i < TYPES; i++)
        names[i] = (cr_typed){.name = types[i].name};
    int index = cr_typed_section_find(reader, path, "initialiser", name, names, TYPES);
    return index < 0 ? NULL : &types[index];
}

void cr_initializer_read(cr_reader *reader, const char *path, const cr_json *value,
                         cr_initializer *initializer)
{
    char where[CR_WHERE];
    *initializer = (cr_initializer){.type = &types[0], .gain = 1};
    bool is_object = cr_json_is(value, CR_JSON_OBJECT);
    const cr_json *name = is_object ? cr_json_get(value, "type") : value;
    const cr_initializer_type *type = NULL;
    if (cr_json_is(name, CR_JSON_STRING))
        type = find(reader, is_object ? cr_json_path(path, "type", where) : path,
                    cr_json_string(name));
    else
        cr_reader_error(reader, path, "expected " CR_INITIALIZER_EXPECTS);
    if (!type)
        return;
    initializer->type = type;
    const char *ignored = NULL;
    cr_option_group groups[] = {{&cr_typed_section_type, 1, &ignored},
                                {type->options, type->option_count, initializer}};
    if (is_object)
        cr_options_read(reader, path, (cr_json *)value, groups, 2);
    else if (type->option_count > 0 && type->options[0].fallback == CR_REQUIRED)
        cr_reader_error(reader, path,
                        "\"%s\" needs an object with its options: expected %s",
                        type->name, CR_INITIALIZER_EXPECTS);
}

/* Makes the rows of w [rows, n] orthonormal, rows ≤ n, by Gram and Schmidt, each twice
 * over for accuracy. */
static void make_rows_orthonormal(cr_real *w, size_t rows, size_t n)
{
    enum { LANES = 16 }; /* sums side by side, for vector code */
    for (size_t v = 0; v < rows; v++) {
        cr_real *restrict x = w + v * n;
        for (size_t other = 0; other < 2 * v; other++) {
            const cr_real *restrict y = w + other % v * n;
            double sums[LANES] = {0}, dot = 0;
            for (size_t i = 0; i + LANES <= n; i += LANES)
                for (size_t k = 0; k < LANES; k++)
                    sums[k] += (double)x[i + k] * (double)y[i + k];
            for (size_t i = n / LANES * LANES; i < n; i++)
                dot += (double)x[i] * (double)y[i];
            for (size_t k = 0; k < LANES; k++)
                dot += sums[k];
            const cr_real along = (cr_real)dot;
            for (size_t i = 0; i < n; i++)
                x[i] -= along * y[i];
        }
        const cr_real scale = (cr_real)(1 / sqrt(cr_kernel_sum_squares(n, x)));
        for (size_t i = 0; i < n; i++)
            x[i] *= scale;
    }
}

/* Makes the columns of w [n, columns] orthonormal, columns ≤ n: each column, once it is
 * done, is taken out of all behind it, row by row. */
static void make_columns_orthonormal(cr_real *w, size_t n, size_t columns)
{
    enum { SOME = 256 };
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t v = 0; v < columns; v++) {
            double square = 0;
            for (size_t i = 0; i < n; i++)
                square += (double)w[i * columns + v] * (double)w[i * columns + v];
            const cr_real scale = (cr_real)(1 / sqrt(square));
            for (size_t i = 0; i < n; i++)
                w[i * columns + v] *= scale;
            for (size_t first = v + 1; first < columns; first += SOME) {
                size_t count = columns - first < SOME ? columns - first : SOME;
                double dots[SOME] = {0};
                for (size_t i = 0; i < n; i++)
                    for (size_t k = 0; k < count; k++)
                        dots[k] += (double)w[i * columns + v] *
                                   (double)w[i * columns + first + k];
                for (size_t i = 0; i < n; i++)
                    for (size_t k = 0; k < count; k++)
                        w[i * columns + first + k] -=
                            (cr_real)dots[k] * w[i * columns + v];
            }
        }
}

void cr_initializer_fill(const cr_initializer *initializer,
                         const cr_initializer_draws *draws,
                         const cr_initializer_matrix *matrix, cr_real *w)
{
    const cr_initializer_type *type = initializer->type;
    size_t rows = matrix->rows, columns = matrix->columns;
    double scale = type->size(initializer, matrix->fan_in, matrix->fan_out);
    double factor = type->orthogonal ? 1 : scale;
    size_t size = rows * columns;
    double draw[256];
    enum { CHUNK = CR_COUNT(draw) };
    for (size_t first = 0; first < size; first += CHUNK) {
        size_t count = size - first < CHUNK ? size - first : CHUNK;
        if (type->uniform)
            cr_random_uniform(draws->seed, CR_FOR_INIT, draws->stream, first, count,
                              draw);
        else
            cr_kept_draws_normal(draws->kept, draws->seed, draws->stream, first, count,
                                 draw);
        for (size_t i = 0; i < count; i++)
            w[first + i] =
                (cr_real)(factor * (type->uniform ? 2 * draw[i] - 1 : draw[i]));
    }
    if (!type->orthogonal)
        return;
    if (rows > columns)
        make_columns_orthonormal(w, rows, columns);
    else
        make_rows_orthonormal(w, rows, columns);
    for (size_t i = 0; i < size; i++)
        w[i] = (cr_real)(scale * (double)w[i]);
}
