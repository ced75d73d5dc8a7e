#include "graph/initializer.h"

#include "base/random.h"

#include <math.h>
#include <string.h>

struct cr_initializer_type {
    const char *name;
    const cr_option *options;
    size_t option_count;
    /* the standard deviation of normal draws; 0: zeros */
    double (*std)(const cr_initializer *initializer, size_t inputs, size_t units);
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

static const cr_initializer_type types[] = {
    {"he", NULL, 0, he},
    {"xavier", NULL, 0, xavier},
    {"zeros", NULL, 0, zeros},
    {"normal", normal_options, 1, normal},
};

enum { TYPES = sizeof types / sizeof types[0] };

typedef struct fields {
    const char *type;
} fields;

static const cr_option type_option[] = {
    {.key = "type",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(fields, type),
     .fallback = CR_REQUIRED,
     .help = "name of the initialiser"},
};

static const cr_initializer_type *find(cr_reader *reader, const char *path,
                                       const char *name)
{
    const char *names[TYPES];
    for (size_t i = 0; i < TYPES; i++) {
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
        names[i] = types[i].name;
    }
    cr_reader_unknown(reader, path, "initialiser", name, names, TYPES);
    return NULL;
}

void cr_initializer_read(cr_reader *reader, const char *path, const cr_json *value,
                         cr_initializer *initializer)
{
    char where[CR_WHERE];
    *initializer = (cr_initializer){.type = &types[0]};
    bool is_object = cr_json_kind_of(value) == CR_JSON_OBJECT;
    const cr_json *name = is_object ? cr_json_get(value, "type") : value;
    const cr_initializer_type *type = NULL;
    if (name && cr_json_kind_of(name) == CR_JSON_STRING)
        type = find(reader, is_object ? cr_key_path(path, "type", where) : path,
                    cr_json_string(name));
    else
        cr_reader_error(reader, path, "expected " CR_INITIALIZER_EXPECTS);
    if (!type)
        return;
    initializer->type = type;
    fields ignored;
    cr_option_group groups[] = {{type_option, 1, &ignored},
                                {type->options, type->option_count, initializer}};
    if (is_object)
        cr_options_read(reader, path, (cr_json *)value, groups, 2);
    else if (type->option_count > 0)
        cr_reader_error(reader, path,
                        "\"%s\" needs an object with its options: expected %s",
                        type->name, CR_INITIALIZER_EXPECTS);
}

void cr_initializer_fill(const cr_initializer *initializer, uint64_t seed,
                         uint32_t stream, size_t inputs, size_t units, cr_real *w)
{
    double std = initializer->type->std(initializer, inputs, units);
    size_t size = inputs * units;
    double draw[256];
    enum { CHUNK = sizeof draw / sizeof draw[0] };
    for (size_t first = 0; first < size; first += CHUNK) {
        size_t count = size - first < CHUNK ? size - first : CHUNK;
        cr_random_normal(seed, CR_FOR_INIT, stream, first, count, draw);
        for (size_t i = 0; i < count; i++)
            w[first + i] = (cr_real)(std * draw[i]);
    }
}
