/* Advice of the benchmark: every sentence, and silence where the products take the time. */
#include "bench/bench_advice.h"
#include "fixture.h"

/* A result whose step takes 100 µs, half of it forward; the rest as the test says. */
static cr_bench_result make_result(void)
{
    return (cr_bench_result){
        .name = "a",
        .batch = 2,
        .threads = 1,
        .columns = 784,
        .epoch_steps = 10,
        .samples_per_second = 2 / 100e-6,
        .efficiency = 0.9,
        .profile.part_s = {[CR_BENCH_FORWARD] = 50e-6},
    };
}

static const char *advise(const cr_bench_result *result)
{
    static char out[CR_BENCH_ADVICE];
    return cr_bench_advice_give(result, 1, 0, out);
}

static void test_products_earn_no_advice(void **state)
{
    (void)state;
    cr_bench_result r = make_result();
    r.profile.part_s[CR_BENCH_OPTIMIZER] = 49e-6;
    r.profile.evaluation_s = r.profile.log_s = 600e-6; /* of 2200 */
    assert_null(advise(&r));
}

static void test_parts_of_a_step(void **state)
{
    (void)state;
    cr_bench_result r = make_result();
    r.profile.part_s[CR_BENCH_OPTIMIZER] = 150e-6;
    assert_string_equal(
        advise(&r),
        "optimizer 75% of a step at batch 2: it costs the same at every batch; a "
        "larger training.batch_size makes an epoch faster");
    r = make_result();
    r.profile.part_s[CR_BENCH_GATHER] = 50e-6;
    assert_string_equal(
        advise(&r),
        "gather 50% of a step: the network is small beside its rows of 784 values; "
        "fewer columns make it faster, more units cost little");
    r = make_result();
    r.profile.part_s[CR_BENCH_UPDATE] = 150e-6;
    assert_null(advise(&r)); /* they are products, as fast as they can be */
    r.efficiency = 0.2;
    assert_string_equal(advise(&r),
                        "update 75% of a step at batch 2: every step goes through all "
                        "weights; a larger training.batch_size makes an "
                        "epoch faster");
    r.batch = 64;
    assert_null(advise(&r));
}

static void test_calls(void **state)
{
    (void)state;
    cr_bench_result r = make_result();
    r.samples_per_second = 2 / 10e-6;
    r.efficiency = 0.1;
    assert_string_equal(advise(&r), "a step takes 10.0 µs, its products 1.0 µs: calls "
                                    "are most of it; a larger training.batch_size makes "
                                    "an epoch faster");
    r.efficiency = 0.5;
    assert_null(advise(&r));
}

static void test_rest_of_an_epoch(void **state)
{
    (void)state;
    cr_bench_result r = make_result();
    r.profile.evaluation_s = 1e-3; /* as long as the ten steps */
    assert_string_equal(advise(&r), "evaluation 50% of an epoch: a smaller "
                                    "data.validation makes it faster");
    r.profile.log_s = 3e-3;
    assert_string_equal(advise(&r),
                        "log 60% of an epoch: a shorter \"log\" makes it faster");
}

static void test_threads_that_do_not_pay(void **state)
{
    (void)state;
    char out[CR_BENCH_ADVICE];
    cr_bench_result r[4] = {make_result(), make_result(), make_result(), make_result()};
    r[0].name = "b"; /* is somebody else */
    r[0].threads = 1;
    r[1].threads = 1;
    r[2].threads = 2;
    r[3].threads = 4;
    r[2].samples_per_second *= 1.8;
    r[3].samples_per_second *= 1.71;
    assert_null(cr_bench_advice_give(r, 4, 1, out));
    assert_null(cr_bench_advice_give(r, 4, 2, out));
    assert_string_equal(cr_bench_advice_give(r, 4, 3, out),
                        "4 threads have 0.95 times the speed of 2: training.threads=2 "
                        "does as well");
    r[2].samples_per_second /= 1.8;
    r[3].samples_per_second = 0.5 * r[1].samples_per_second;
    assert_string_equal(cr_bench_advice_give(r, 4, 3, out),
                        "4 threads have 0.50 times the speed of 1: training.threads=1 "
                        "does as well");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_earn_no_advice),
        cmocka_unit_test(test_parts_of_a_step),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_rest_of_an_epoch),
        cmocka_unit_test(test_threads_that_do_not_pay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
