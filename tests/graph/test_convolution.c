/* Convolutions and pools of random shapes against nested loops, on one share and on
 * several. */
#include "fixture.h"
#include "graph/workspace.h"
#include "math/kernel.h"

/* With sanitizers a case takes twenty times as long. */
#ifdef __SANITIZE_ADDRESS__
enum { CASES = 40, MOST_SHARES = 3 };
#else
enum { CASES = 200, MOST_SHARES = 3 };
#endif

/* A case: drawn numbers, and what follows from them by PyTorch's formulas. [0]: height. */
typedef struct drawn {
    const char *type;
    bool line, transposed, same;
    size_t rows, shares, channels, filters, groups, bias; /* channels: of the input */
    size_t in[2], out[2], size[2], stride[2], dilation[2], before[2], after[2], more[2];
} drawn;

/* The next whole number of a case. */
typedef struct source {
    uint64_t number, count;
} source;

static size_t draw(source *s, size_t low, size_t high)
{
    uint32_t out[4];
    cr_random_block(s->number, CR_FOR_CHECK, 7, s->count++, out);
    return low + out[0] % (high - low + 1);
}

/* Sides of the output, and zeros before and behind the input; false where the window does
 * not fit. */
static bool measure(drawn *c, size_t axis)
{
    size_t in = c->in[axis], stride = c->stride[axis];
    size_t extent = (c->size[axis] - 1) * c->dilation[axis] + 1;
    if (c->transposed) {
        size_t all = (in - 1) * stride + extent + c->more[axis];
        if (all <= 2 * c->before[axis])
            return false;
        c->out[axis] = all - 2 * c->before[axis];
        return c->more[axis] < stride || c->more[axis] < c->dilation[axis];
    }
    c->after[axis] = c->before[axis];
    if (c->same) {
        c->out[axis] = (in + stride - 1) / stride;
        size_t wanted = (c->out[axis] - 1) * stride + extent;
        size_t zeros = wanted > in ? wanted - in : 0;
        c->before[axis] = zeros / 2;
        c->after[axis] = zeros - zeros / 2;
        return true;
    }
    if (in + 2 * c->before[axis] < extent)
        return false;
    c->out[axis] = (in + 2 * c->before[axis] - extent) / stride + 1;
    return true;
}

static bool draw_case(uint64_t number, const char *type, drawn *c)
{
    source s = {number, 0};
    bool pool = strstr(type, "pool") != NULL;
    *c = (drawn){.type = type,
                 .line = strcmp(type, "conv1d") == 0,
                 .transposed = strcmp(type, "conv_transpose2d") == 0,
                 .rows = draw(&s, 1, 40),
                 .shares = draw(&s, 1, MOST_SHARES),
                 .bias = draw(&s, 0, 1),
                 .groups = draw(&s, 0, 2) ? 1 : draw(&s, 1, 4)};
    c->channels = c->groups * draw(&s, 1, draw(&s, 0, 1) ? 1 : 5);
    c->filters = pool ? c->channels : c->groups * draw(&s, 1, draw(&s, 0, 1) ? 3 : 20);
    c->same = !c->transposed && draw(&s, 0, 3) == 0;
    bool large = draw(&s, 0, 9) == 0, point = !pool && draw(&s, 0, 4) == 0;
    for (size_t i = 0; i < 2; i++) {
        bool absent = c->line && i == 0;
        c->in[i] = absent ? 1 : draw(&s, 1, large ? 40 : 12);
        c->size[i] = absent || point ? 1 : draw(&s, 1, 5);
        c->stride[i] = absent ? 1 : draw(&s, 0, 1) ? 1 : draw(&s, 1, 3);
        c->dilation[i] = absent || pool || draw(&s, 0, 2) ? 1 : draw(&s, 1, 3);
        size_t most = pool ? c->size[i] / 2 : 3;
        c->before[i] = absent || c->same || draw(&s, 0, 1) ? 0 : draw(&s, 0, most);
        c->more[i] = c->transposed && draw(&s, 0, 1) ? draw(&s, 0, 2) : 0;
        if (!measure(c, i))
            return false;
    }
    return true;
}

static void add_pair(cr_text *json, const drawn *c, const char *key,
                     const size_t values[2])
{
    if (c->line)
        cr_text_add(json, ", \"%s\": %zu", key, values[1]);
    else
        cr_text_add(json, ", \"%s\": [%zu, %zu]", key, values[0], values[1]);
}

static void write_json(const drawn *c, cr_text *json)
{
    bool pool = strstr(c->type, "pool") != NULL;
    cr_text_add(json, "{\"model\": {\"layers\": [{\"type\": \"%s\"", c->type);
    if (!pool)
        cr_text_add(json, ", \"filters\": %zu, \"groups\": %zu, \"bias\": %s", c->filters,
                    c->groups, c->bias ? "true" : "false");
    add_pair(json, c, pool ? "size" : "kernel", c->size);
    add_pair(json, c, "stride", c->stride);
    if (!pool)
        add_pair(json, c, "dilation", c->dilation);
    if (c->same)
        cr_text_add(json, ", \"padding\": \"same\"");
    else
        add_pair(json, c, "padding", c->before);
    if (c->transposed)
        add_pair(json, c, "output_padding", c->more);
    cr_text_add(json, "}]}}");
}

/* A planned layer with draws for its parameters, its batch and its upstream gradient. */
typedef struct alone {
    fixture f;
    cr_workspace *workspace;
    const cr_real *x, *dy, *w, *b;
    cr_real *y, *dx;
    size_t in, out, weights; /* values of an example, of the weights */
} alone;

static void alone_create(alone *a, const drawn *c)
{
    cr_text json = {0};
    write_json(c, &json);
    const cr_shape image = {3, {c->channels, c->in[0], c->in[1]}};
    const cr_shape line = {2, {c->channels, c->in[1]}};
    if (!fixture_create(&a->f, json.data, c->line ? &line : &image, 0, true))
        fail_msg("%s: %s", json.data, a->f.err.text);
    cr_text_finish(&json);
    cr_network *n = a->f.model.network;
    a->workspace = cr_workspace_create(n, c->rows, c->shares, true, NULL);
    assert_non_null(a->workspace);
    a->in = n->values[0].size;
    a->out = n->values[n->output].size;
    assert_int_equal(a->out, c->filters * c->out[0] * c->out[1]);
    a->x = a->workspace->values[0];
    a->y = a->workspace->values[n->output];
    a->dx = a->workspace->gradients[0];
    a->dy = a->workspace->gradients[n->output];
    fixture_draw("parameters", 1, n->parameter_size, n->parameters);
    fixture_draw("x", 1, c->rows * a->in, a->workspace->values[0]);
    fixture_draw("dy", 1, c->rows * a->out, a->workspace->gradients[n->output]);
    const cr_layer_plan *plan = &n->nodes[0].plan;
    a->weights = plan->parameter_count ? plan->parameters[0].size : 0;
    a->w = n->parameters;
    a->b = plan->parameter_count > 1 ? n->parameters + plan->parameters[1].offset : NULL;
}

static void alone_finish(alone *a)
{
    cr_workspace_destroy(a->workspace);
    fixture_finish(&a->f);
}

/* Forward, backward and gradient by shares, the last first. What was there before is not
 * to matter, but for β times the gradient's destination. */
static void run(const alone *a, const drawn *c, const cr_gradient_sink *sink)
{
    const cr_pass batch = {
        .training = true, .rows = c->rows, .batch_rows = c->rows, .shares = 1};
    for (size_t i = 0; i < c->rows * a->out; i++)
        a->y[i] = (cr_real)NAN;
    for (size_t i = 0; i < c->rows * a->in; i++)
        a->dx[i] = (cr_real)NAN;
    const cr_layer_io *io = &a->workspace->io[0];
    for (size_t i = 0; i < c->shares * io->scratch_stride; i++)
        io->scratch[i] = (cr_real)NAN;
    for (size_t share = c->shares; share-- > 0;) {
        cr_pass pass = cr_pass_share(&batch, share, c->shares);
        if (pass.rows == 0)
            continue;
        cr_workspace_forward(&pass, a->workspace);
        cr_workspace_backward(&pass, a->workspace);
    }
    for (size_t share = c->shares; share-- > 0;) {
        cr_pass pass = cr_pass_share(&batch, share, c->shares);
        cr_workspace_gradient(&pass, a->workspace, sink);
    }
}

/* Sums, and the sums of their terms' sizes, which bound what rounding can do. */
typedef struct sums {
    double *sum, *size;
} sums;

static sums make_sums(size_t n)
{
    sums s = {cr_alloc(n, sizeof(double), NULL), cr_alloc(n, sizeof(double), NULL)};
    assert_non_null(s.sum);
    assert_non_null(s.size);
    return s;
}

static void add(const sums *s, size_t i, double term)
{
    s->sum[i] += term;
    s->size[i] += fabs(term);
}

static void finish_sums(sums *s)
{
    cr_free(s->sum);
    cr_free(s->size);
}

static void assert_equals(const drawn *c, const char *what, const cr_real *found,
                          const sums *expected, size_t n)
{
    /* some units in the last place of what went into a sum */
    const double tolerance = sizeof(cr_real) == 4 ? 1e-6 : 4e-15;
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)found[i] - expected->sum[i]) <=
              tolerance * (expected->size[i] + fabs(expected->sum[i]))))
            fail_msg("%s %zu of %s: %.9g, expected %.9g (rows %zu, shares %zu, groups "
                     "%zu, %zux%zux%zu to %zux%zux%zu, size %zux%zu, stride %zux%zu, "
                     "dilation %zux%zu, padding %zux%zu)",
                     what, i, c->type, (double)found[i], expected->sum[i], c->rows,
                     c->shares, c->groups, c->channels, c->in[0], c->in[1], c->filters,
                     c->out[0], c->out[1], c->size[0], c->size[1], c->stride[0],
                     c->stride[1], c->dilation[0], c->dilation[1], c->before[0],
                     c->before[1]);
}

/* Every product of a weight and a pixel of an example, of the image's side (channels in,
 * of a transposed convolution out) and of the map's (a position of the window). */
typedef struct reference {
    const drawn *c;
    const alone *a;
    sums y, dx, dw, db;
} reference;

static void add_product(const reference *r, size_t row, size_t map, size_t image,
                        size_t weight)
{
    const alone *a = r->a;
    bool t = r->c->transposed;
    size_t x = row * a->in + (t ? map : image), y = row * a->out + (t ? image : map);
    add(&r->y, y, (double)a->w[weight] * (double)a->x[x]);
    add(&r->dx, x, (double)a->w[weight] * (double)a->dy[y]);
    add(&r->dw, weight, (double)a->x[x] * (double)a->dy[y]);
}

/* All products of filter f at position (i, j) of the map. */
static void add_position(const reference *r, size_t row, size_t f, size_t i, size_t j)
{
    const drawn *c = r->c;
    const size_t *image = c->transposed ? c->out : c->in,
                 *map = c->transposed ? c->in : c->out;
    size_t depth = (c->transposed ? c->filters : c->channels) / c->groups;
    size_t group = f / ((c->transposed ? c->channels : c->filters) / c->groups);
    for (size_t k = 0; k < depth * c->size[0] * c->size[1]; k++) {
        size_t v = k % c->size[1], u = k / c->size[1] % c->size[0];
        size_t d = k / c->size[1] / c->size[0];
        size_t line = i * c->stride[0] + u * c->dilation[0] - c->before[0];
        size_t column = j * c->stride[1] + v * c->dilation[1] - c->before[1];
        if (line < image[0] && column < image[1]) /* what is below 0 is very large */
            add_product(r, row, (f * map[0] + i) * map[1] + j,
                        ((group * depth + d) * image[0] + line) * image[1] + column,
                        f * depth * c->size[0] * c->size[1] + k);
    }
}

static void add_biases(const reference *r)
{
    size_t pixels = r->c->out[0] * r->c->out[1];
    for (size_t k = 0; r->a->b && k < r->c->rows * r->a->out; k++) {
        size_t f = k / pixels % r->c->filters;
        add(&r->y, k, (double)r->a->b[f]);
        add(&r->db, f, (double)r->a->dy[k]);
    }
}

static void compute_reference(reference *r, const drawn *c, const alone *a)
{
    *r = (reference){c,
                     a,
                     make_sums(c->rows * a->out),
                     make_sums(c->rows * a->in),
                     make_sums(a->weights),
                     make_sums(c->filters)};
    size_t filters = c->transposed ? c->channels : c->filters;
    const size_t *map = c->transposed ? c->in : c->out;
    for (size_t row = 0; row < c->rows; row++)
        for (size_t f = 0; f < filters; f++)
            for (size_t p = 0; p < map[0] * map[1]; p++)
                add_position(r, row, f, p / map[1], p % map[1]);
    add_biases(r);
}

static void check_convolution(const drawn *c)
{
    alone a;
    reference r;
    alone_create(&a, c);
    compute_reference(&r, c, &a);
    size_t size = a.f.model.network->parameter_size;
    const cr_segment *bias = &a.f.model.network->nodes[0].plan.parameters[1];
    cr_real *gradients = cr_alloc(2 * size, sizeof *gradients, NULL);
    cr_real *again = gradients + size;
    run(&a, c, &(cr_gradient_sink){gradients, 1, 0, 0});
    assert_equals(c, "output", a.y, &r.y, c->rows * a.out);
    assert_equals(c, "input gradient", a.dx, &r.dx, c->rows * a.in);
    assert_equals(c, "weight gradient", gradients, &r.dw, a.weights);
    if (a.b)
        assert_equals(c, "bias gradient", gradients + bias->offset, &r.db, c->filters);
    run(&a, c, &(cr_gradient_sink){again, 1, 0, 0});
    assert_memory_equal(gradients, again, size * sizeof *gradients);
    for (size_t i = 0; i < size; i++) /* of what is there it takes three quarters */
        again[i] = 2 * gradients[i];
    run(&a, c, &(cr_gradient_sink){again, 0.5, 0.25, 0.25});
    assert_memory_equal(gradients, again, size * sizeof *gradients);
    cr_free(gradients);
    finish_sums(&r.y);
    finish_sums(&r.dx);
    finish_sums(&r.dw);
    finish_sums(&r.db);
    alone_finish(&a);
}

static void check_cases(const char *type, void (*check)(const drawn *c))
{
    size_t checked = 0;
    for (uint64_t i = 0; i < CASES; i++) {
        drawn c;
        if (!draw_case(i, type, &c))
            continue;
        check(&c);
        checked++;
    }
    assert_true(checked > CASES / 3);
}

static void test_convolutions_of_images(void **state)
{
    (void)state;
    check_cases("conv2d", check_convolution);
}

/* Kernels of 3 by 3 pixels over many channels are done in fewer products. */
static void test_convolutions_in_fewer_products(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < CASES / 4; i++) {
        source s = {i, 1000};
        drawn c = {.type = i % 4 ? "conv2d" : "conv_transpose2d",
                   .transposed = i % 4 == 0,
                   .rows = draw(&s, 1, 20),
                   .shares = draw(&s, 1, MOST_SHARES),
                   .bias = draw(&s, 0, 1),
                   .groups = 1,
                   .channels = draw(&s, 14, 40),
                   .filters = draw(&s, 14, 40),
                   .same = i % 4 == 1,
                   .size = {3, 3},
                   .stride = {1, 1},
                   .dilation = {1, 1}};
        for (size_t axis = 0; axis < 2; axis++) {
            c.in[axis] = draw(&s, 3, i % 10 ? 12 : 70 - 50 * axis);
            c.before[axis] = c.same ? 0 : draw(&s, 0, i % 8 ? 2 : 4);
            assert_true(measure(&c, axis) || c.transposed);
        }
        if (!c.transposed || (c.out[0] > 0 && c.out[1] > 0))
            check_convolution(&c);
    }
}

static void test_convolutions_of_lines(void **state)
{
    (void)state;
    check_cases("conv1d", check_convolution);
}

static void test_transposed_convolutions(void **state)
{
    (void)state;
    check_cases("conv_transpose2d", check_convolution);
}

/* Pixel `tap` under position p of the window on channel `channel` (of all rows); false in
 * the padding. */
static bool pool_pixel(const drawn *c, size_t channel, size_t p, size_t tap, size_t *at)
{
    size_t line = p / c->out[1] * c->stride[0] + tap / c->size[1] - c->before[0];
    size_t column = p % c->out[1] * c->stride[1] + tap % c->size[1] - c->before[1];
    *at = (channel * c->in[0] + line) * c->in[1] + column;
    return line < c->in[0] && column < c->in[1];
}

static void check_pool(const drawn *c)
{
    alone a;
    alone_create(&a, c);
    for (size_t i = 0; i < c->rows * a.in; i += 3) /* some pixels are equal */
        a.workspace->values[0][i] = (cr_real)(i % 2);
    run(&a, c, &(cr_gradient_sink){0});
    sums y = make_sums(c->rows * a.out), dx = make_sums(c->rows * a.in);
    size_t positions = c->out[0] * c->out[1], taps = c->size[0] * c->size[1], at = 0;
    bool mean = c->type[0] == 'a';
    for (size_t k = 0; k < c->rows * a.out; k++) {
        size_t best = SIZE_MAX;
        for (size_t tap = 0; tap < taps; tap++) {
            if (!pool_pixel(c, k / positions, k % positions, tap, &at))
                continue;
            if (best == SIZE_MAX || a.x[at] > a.x[best])
                best = at;
            if (mean) {
                add(&y, k, (double)a.x[at] / (double)taps);
                add(&dx, at, (double)a.dy[k] / (double)taps);
            }
        }
        assert_true(best != SIZE_MAX);
        if (!mean) {
            add(&y, k, (double)a.x[best]);
            add(&dx, best, (double)a.dy[k]);
        }
    }
    assert_equals(c, "output", a.y, &y, c->rows * a.out);
    assert_equals(c, "input gradient", a.dx, &dx, c->rows * a.in);
    finish_sums(&y);
    finish_sums(&dx);
    alone_finish(&a);
}

static void test_pools(void **state)
{
    (void)state;
    check_cases("max_pool2d", check_pool);
    check_cases("avg_pool2d", check_pool);
}

/* Halves of images of all sides, which have loops of their own. */
static void test_halving_pools(void **state)
{
    (void)state;
    for (size_t height = 2; height < 8; height++)
        for (size_t width = 2; width < 40; width++) {
            drawn c = {.type = width % 2 ? "max_pool2d" : "avg_pool2d",
                       .rows = 2,
                       .shares = 1,
                       .channels = 3,
                       .filters = 3,
                       .groups = 1,
                       .in = {height, width},
                       .size = {2, 2},
                       .stride = {2, 2},
                       .dilation = {1, 1}};
            assert_true(measure(&c, 0) && measure(&c, 1));
            check_pool(&c);
            c.type = "max_pool2d";
            check_pool(&c);
        }
}

/* As PyTorch's: NaN is the largest, and stays. */
static void test_max_pool_keeps_nan(void **state)
{
    (void)state;
    for (size_t size = 2; size < 4; size++)
        for (size_t at = 0; at < size * size; at++) {
            drawn c = {.type = "max_pool2d",
                       .rows = 1,
                       .shares = 1,
                       .channels = 1,
                       .filters = 1,
                       .groups = 1,
                       .in = {size, size},
                       .out = {1, 1},
                       .size = {size, size},
                       .stride = {size, size},
                       .dilation = {1, 1}};
            alone a;
            alone_create(&a, &c);
            a.workspace->values[0][at] = (cr_real)NAN;
            run(&a, &c, &(cr_gradient_sink){0});
            assert_true(isnan(a.y[0]));
            alone_finish(&a);
        }
}

/* A layer that is not trained leaves its parameters and sums alone. */
static void test_convolution_that_is_not_trained(void **state)
{
    (void)state;
    fixture f;
    const cr_shape image = {3, {2, 6, 6}};
    assert_true(fixture_create(&f,
                               "{\"model\": {\"layers\": [{\"type\": \"conv2d\", "
                               "\"filters\": 3, \"kernel\": 3, \"trainable\": false}]}}",
                               &image, 0, true));
    cr_workspace *w = cr_workspace_create(f.model.network, 4, 1, true, NULL);
    assert_non_null(w);
    const cr_pass pass = {.rows = 4, .batch_rows = 4, .shares = 1};
    fixture_draw("x", 1, 4 * 2 * 36, w->values[0]);
    fixture_draw("w", 1, f.model.network->parameter_size, f.model.network->parameters);
    fixture_draw("dy", 1, 4 * 3 * 16, w->gradients[f.model.network->output]);
    cr_workspace_forward(&pass, w);
    w->io[0].scratch[0] = 7;
    cr_workspace_backward(&pass, w);
    assert_true(w->io[0].scratch[0] == 7); /* where the first sum would be */
    assert_true(cr_kernel_sum_squares(4 * 2 * 36, w->gradients[0]) > 0);
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolutions_of_images),
        cmocka_unit_test(test_convolutions_in_fewer_products),
        cmocka_unit_test(test_convolutions_of_lines),
        cmocka_unit_test(test_transposed_convolutions),
        cmocka_unit_test(test_pools),
        cmocka_unit_test(test_halving_pools),
        cmocka_unit_test(test_max_pool_keeps_nan),
        cmocka_unit_test(test_convolution_that_is_not_trained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
