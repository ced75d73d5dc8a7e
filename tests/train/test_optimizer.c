/* What every optimizer of the table keeps, whatever its formula; the formulas themselves
 * are test_parity's. */
#include "fixture.h"
#include "train/experiment.h"

#include <stdlib.h>

/* The optimizer of that type with its defaults, and with momentum where it has some. */
static cr_experiment *load(const cr_optimizer_type *type)
{
    char path[512], optimizer[64];
    const char *overrides[2] = {optimizer, "optimizer.momentum=0.9"};
    cr_error err = CR_ERROR_INIT;
    size_t count = 1;
    snprintf(path, sizeof path, "%s/softmax.json", getenv("CHAINRULE_GOLDEN"));
    snprintf(optimizer, sizeof optimizer, "optimizer={\"type\": \"%s\"}", type->name);
    for (size_t i = 0; i < type->option_count; i++)
        if (strcmp(type->options[i].key, "momentum") == 0)
            count = 2;
    cr_experiment *e = cr_experiment_load(path, overrides, count, &err);
    if (!e)
        fail_msg("%s", err.text);
    return e;
}

/* A unit whose input is 0 in many batches in a row, as at the border of an image: what is
 * kept of its gradients has to reach 0, and not stay in numbers that are slow. */
static void test_update_without_gradient_forgets_to_zero(void **state)
{
    (void)state;
    enum { VALUES = 32, STATES = 2, STEPS = 100000 };
    for (size_t t = 0; t < cr_optimizer_type_count; t++) {
        const cr_optimizer_type *type = cr_optimizer_types[t];
        cr_experiment *e = load(type);
        const cr_segment segment = {.size = VALUES, .trainable = true};
        cr_real w[VALUES], g[VALUES], kept[STATES * VALUES] = {0};
        cr_step step = {.options = e->optimizer.options,
                        .learning_rate = 1e-3,
                        .scale = 1,
                        .limit = INFINITY};
        const cr_update_range range = {&segment, 0, VALUES, w, g, kept};
        assert_true(cr_optimizer_states(&e->optimizer) <= STATES);
        for (size_t i = 0; i < VALUES; i++) {
            w[i] = (cr_real)0.1;
            g[i] = (cr_real)pow(10, -(double)(i % 16));
        }
        for (step.number = 1; step.number <= STEPS; step.number++) {
            type->update(&step, &range);
            memset(g, 0, sizeof g);
            for (size_t i = 0; i < STATES * VALUES; i++)
                assert_true(kept[i] == 0 || fabs((double)kept[i]) > 0.99e-36);
        }
        assert_true(isfinite(w[0]) && w[0] != (cr_real)0.1);
        cr_experiment_destroy(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_update_without_gradient_forgets_to_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
