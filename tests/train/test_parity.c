/* 100 steps from given weights in file order against a float64 NumPy reference
 * (golden/reference.py), fused and unfused. */
#include "fixture.h"
#include "graph/safetensors.h"
#include "train/trainer.h"

#include <stdlib.h>

/* ‖a − b‖ / ‖b‖ over all parameters. */
typedef struct comparison {
    const cr_safetensors *reference;
    double difference, norm;
    size_t tensors;
} comparison;

static void compare(void *user, const cr_segment *segment, cr_real *block)
{
    comparison *c = user;
    const cr_json *tensor = cr_json_get(c->reference->header.root, segment->full_name);
    assert_non_null(tensor);
    size_t begin =
        (size_t)cr_json_number(cr_json_first(cr_json_get(tensor, "data_offsets")));
    for (size_t i = 0; i < segment->size; i++) {
        double expected;
        memcpy(&expected, c->reference->data + begin + i * sizeof expected,
               sizeof expected);
        c->difference += pow((double)block[segment->offset + i] - expected, 2);
        c->norm += expected * expected;
    }
    c->tensors++;
}

static void check_network(const char *name, bool fused)
{
    char path[512];
    cr_error err = CR_ERROR_INIT;
    const char *golden = getenv("CHAINRULE_GOLDEN");
    assert_non_null(golden);
    snprintf(path, sizeof path, "%s/%s.json", golden, name);
    cr_experiment *e = cr_experiment_load(path, NULL, 0, &err);
    if (!e)
        fail_msg("%s", err.text);
    cr_trainer *trainer = cr_trainer_create(e, fused, &err);
    cr_result result;
    assert_true(cr_trainer_run(trainer, NULL, &result, &err));
    assert_int_equal(result.steps, 100);
    cr_safetensors reference;
    snprintf(path, sizeof path, "%s/%s_final.safetensors", golden, name);
    if (!cr_safetensors_read(&reference, path, &err))
        fail_msg("%s", err.text);
    comparison c = {.reference = &reference};
    cr_network_visit(e->model.network, compare, &c);
    double relative = sqrt(c.difference / c.norm);
    print_message("%s, %s: relative difference %.3g over %zu tensors\n", name,
                  fused ? "fused" : "unfused", relative, c.tensors);
    assert_true(c.tensors >= 4);
    assert_true(relative <=
                2e-6); /* the bound that was asked for; float32 rounds at 6e-8 */
    cr_safetensors_finish(&reference);
    cr_trainer_destroy(trainer);
    cr_experiment_destroy(e);
}

static void test_parity_softmax(void **state)
{
    (void)state;
    check_network("softmax", true);
    check_network("softmax", false);
}

static void test_parity_svm(void **state)
{
    (void)state;
    check_network("svm", true);
    check_network("svm", false);
}

static void test_parity_l2(void **state)
{
    (void)state;
    check_network("l2", true);
    check_network("l2", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parity_softmax),
        cmocka_unit_test(test_parity_svm),
        cmocka_unit_test(test_parity_l2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
