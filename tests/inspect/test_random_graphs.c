/* A property: whatever graph is wired from the gates, its gradients are those of the
 * difference quotients. */
#include "fixture.h"
#include "inspect/gradcheck.h"

enum { GRAPHS = 400, MOST_NODES = 12, LENGTH = 3 };

/* What is known of a node's values, so that gates get input they are defined on, and no
 * number grows out of hand. */
typedef struct made {
    bool single;   /* one number; else LENGTH */
    bool bounded;  /* |y| ≤ 4 */
    bool positive; /* e^-4 ≤ y */
    size_t uses;
} made;

typedef struct generator {
    uint64_t seed, counter;
    made nodes[MOST_NODES + 1];
    size_t count;
    cr_text lines[MOST_NODES + 1];
} generator;

static size_t draw(generator *g, size_t n)
{
    uint32_t words[4];
    cr_random_block(g->seed, CR_FOR_CHECK, 77, g->counter++, words);
    return words[0] % n;
}

static double number(generator *g)
{
    return (double)draw(g, 4001) / 1000 - 2;
}

static void begin(generator *g, const char *type, const char *options, made what)
{
    cr_text_add(&g->lines[g->count], "{\"type\": \"%s\", \"name\": \"n%zu\"%s", type,
                g->count, options);
    g->nodes[g->count] = what;
}

static void take(generator *g, const size_t *inputs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_text_add(&g->lines[g->count], "%s\"n%zu\"", i ? ", " : ", \"inputs\": [",
                    inputs[i]);
        g->nodes[inputs[i]].uses++;
    }
    cr_text_add(&g->lines[g->count++], count ? "]}" : "}");
}

static void add_value(generator *g)
{
    char options[120];
    made what = {.single = draw(g, 2), .bounded = true};
    if (what.single)
        snprintf(options, sizeof options, ", \"value\": %g, \"trainable\": true",
                 number(g));
    else
        snprintf(options, sizeof options, ", \"value\": [%g, %g, %g]", number(g),
                 number(g), number(g));
    begin(g, "value", options, what);
    take(g, NULL, 0);
}

static void add_unary(generator *g)
{
    size_t from = draw(g, g->count);
    made x = g->nodes[from], y = {.single = x.single};
    const char *type = "tanh", *options = "";
    switch (draw(g, 13)) {
    case 0:
        type = "sigmoid";
        y.bounded = y.positive = false;
        y.bounded = true;
        break;
    case 1:
        type = "relu";
        y.bounded = x.bounded;
        break;
    case 2:
        type = "scale";
        options = ", \"by\": -1.5";
        break;
    case 3:
        type = "shift";
        options = ", \"by\": 0.75";
        break;
    case 4:
        type = "sum";
        y.single = true;
        break;
    case 5:
        type = "mean";
        y.single = true;
        y.bounded = x.bounded;
        break;
    case 6:
        if (x.bounded) {
            type = "squared_norm";
            y.single = true;
        }
        break;
    case 7:
        if (x.bounded)
            type = "square";
        break;
    case 8:
        if (x.bounded) {
            type = "exp";
            y.positive = true;
        }
        break;
    case 9:
        if (x.positive) {
            type = "log";
            y.bounded = true;
        }
        break;
    case 10:
        if (x.positive)
            type = "reciprocal";
        break;
    case 11:
        if (x.positive) {
            type = "power";
            options = ", \"exponent\": 0.5";
            y.positive = false;
        }
        break;
    case 12:
        type = "flatten"; /* in the memory of what it flattens */
        y = (made){x.single, x.bounded, x.positive, 0};
        break;
    }
    if (strcmp(type, "tanh") == 0)
        y.bounded = true;
    begin(g, type, options, y);
    take(g, &from, 1);
}

static void add_gate(generator *g)
{
    static const char *const types[] = {"add",      "mul",    "max",
                                        "subtract", "concat", "matmul"};
    size_t kind = draw(g, 6), count = kind >= 3 && kind != 4 ? 2 : 2 + draw(g, 2),
           inputs[3];
    made y = {.single = true};
    bool bounded = true;
    for (size_t i = 0; i < count; i++) {
        inputs[i] = draw(g, g->count);
        y.single &= g->nodes[inputs[i]].single;
        bounded &= g->nodes[inputs[i]].bounded;
    }
    bool fits = kind != 5 || g->nodes[inputs[0]].single == g->nodes[inputs[1]].single;
    if (!fits || kind == 4 || (!bounded && (kind == 1 || kind == 5)))
        kind = 0; /* concat joins what is left over, at the end */
    y.single |= kind == 5;
    begin(g, types[kind], "", y);
    take(g, inputs, count);
}

/* Values first; then gates on anything before; at last a concat of all that nothing uses.
 */
static void generate(generator *g, cr_text *json)
{
    size_t values = 1 + draw(g, 3), nodes = values + 1 + draw(g, MOST_NODES - values);
    while (g->count < values)
        add_value(g);
    while (g->count < nodes)
        draw(g, 2) ? add_unary(g) : add_gate(g);
    size_t loose[MOST_NODES], count = 0;
    for (size_t i = 0; i < g->count; i++)
        if (g->nodes[i].uses == 0)
            loose[count++] = i;
    if (count > 1) {
        begin(g, "concat", "", (made){0});
        take(g, loose, count);
    }
    cr_text_add(json, "{\"model\": {\"layers\": [");
    for (size_t i = 0; i < g->count;
         i++) { /* any order in the file: every other graph backwards */
        size_t at = g->seed % 2 ? g->count - 1 - i : i;
        cr_text_add(json, "%s%s", i ? ", " : "", g->lines[at].data);
    }
    cr_text_add(json, "]}}");
    for (size_t i = 0; i < g->count; i++)
        cr_text_finish(&g->lines[i]);
}

typedef struct tally {
    const char *json;
    size_t tensors, zero, kinks, checked;
} tally;

static void check_found(void *user, const cr_gradcheck *found)
{
    tally *t = user;
    /* sums of up to a few hundred are good to 1e-14, and a quotient of steps of 2e-5 to
     * 1e-9: gradients that small cannot be told from 0 */
    bool tiny = fabs(found->worst_analytic - found->worst_numerical) <= 1e-9;
    if (!(found->verdict != CR_GRADCHECK_WRONG || tiny))
        fail_msg("%s\n%s: error %g (value %zu: analytic %.12g, numerical %.12g)", t->json,
                 found->tensor, found->error, found->worst, found->worst_analytic,
                 found->worst_numerical);
    t->tensors++;
    t->zero += found->norm == 0;
    t->kinks += found->kinks;
    t->checked += found->checked;
}

static void test_random_graphs(void **state)
{
    (void)state;
    tally t = {0};
    size_t fan_out = 0, copies = 0;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        generator g = {.seed = seed};
        cr_text json = {0};
        generate(&g, &json);
        t.json = json.data;
        for (size_t i = 0; i < g.count; i++)
            fan_out += g.nodes[i].uses > 1;
        fixture f;
        if (!fixture_create(&f, json.data, NULL, 0, true))
            fail_msg("%s\n%s", json.data, f.err.text);
        for (size_t i = 0; i < f.model.network->node_count; i++)
            copies += f.model.network->nodes[i].spec == CR_NO_SPEC;
        cr_network_init(f.model.network, 1, NULL);
        cr_evaluator *e = cr_evaluator_create(&f.model, 1, 1, true, &f.err);
        assert_true(cr_gradcheck_run(e, NULL, 1, 0, 1, &(cr_penalty){0}, check_found, &t,
                                     &f.err));
        cr_evaluator_destroy(e);
        fixture_finish(&f);
        cr_text_finish(&json);
    }
    print_message("%d graphs, %zu tensors (%zu with a gradient of zero), %zu values "
                  "checked, %zu beside a kink, "
                  "%zu values used more than once\n",
                  GRAPHS, t.tensors, t.zero, t.checked, t.kinks, fan_out);
    assert_true(fan_out > GRAPHS);
    assert_int_equal(copies, fan_out);
    assert_true(t.tensors > 5 * GRAPHS && t.zero < t.tensors / 4);
    assert_true(t.checked > 10 * t.kinks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_graphs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
