/* Losses against SciPy's values, and the lecture's sanity values. */
#include "fixture.h"
#include "golden/golden.h"

static void check_case(const cr_loss_type *type, const golden_loss *golden)
{
    enum { MOST = 64 };
    cr_real scores[MOST], values[MOST], kept[MOST], dscores[MOST];
    int32_t labels[MOST];
    double option = golden->option; /* every option struct is one number */
    size_t size = golden->rows * golden->columns;
    assert_true(size <= MOST);
    for (size_t i = 0; i < size; i++) {
        scores[i] = (cr_real)golden->scores[i];
        values[i] = golden->targets ? (cr_real)golden->targets[i] : 0;
    }
    for (size_t i = 0; golden->labels && i < golden->rows; i++)
        labels[i] = golden->labels[i];
    const size_t weighted = sizeof golden_weights / sizeof golden_weights[0];
    cr_real weights[sizeof golden_weights / sizeof golden_weights[0]];
    for (size_t i = 0; i < weighted; i++)
        weights[i] = (cr_real)golden_weights[i];
    cr_loss_io io = {.options = &option,
                     .weights = strcmp(golden->name, "weighted") == 0 ? weights : NULL,
                     .outputs = golden->columns,
                     .scores = scores,
                     .targets = {golden->labels ? labels : NULL, values, golden->columns},
                     .kept = kept,
                     .dscores = dscores};
    cr_pass pass = {.rows = golden->rows, .batch_rows = golden->rows, .shares = 1};
    double loss = cr_loss_forward(type, &pass, &io) / (double)golden->rows;
    cr_loss_backward(type, &pass, &io);
    /* float32 carries 24 bits: sums of a few terms are good to 1e-6 of the largest */
    double scale = 1;
    for (size_t i = 0; i < size; i++)
        scale = fmax(scale, fabs(golden->scores[i]));
    if (!(fabs(loss - golden->loss) <= 1e-6 * fmax(scale, golden->loss)))
        fail_msg("%s %s: loss %.9g, expected %.9g", type->name, golden->name, loss,
                 golden->loss);
    for (size_t i = 0; i < size; i++)
        if (!(fabs((double)dscores[i] - golden->gradient[i]) <= 1e-6 * scale))
            fail_msg("%s %s: gradient %zu is %.9g, expected %.9g", type->name,
                     golden->name, i, (double)dscores[i], golden->gradient[i]);
}

static void test_losses_against_golden_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_losses / sizeof golden_losses[0]; i++) {
        const cr_loss_type *type = NULL;
        for (size_t k = 0; k < cr_loss_type_count; k++)
            if (strcmp(cr_loss_types[k]->name, golden_losses[i].type) == 0)
                type = cr_loss_types[k];
        assert_non_null(type);
        check_case(type, &golden_losses[i]);
    }
}

/* -log of a probability next to 1, which 1 + exp(-s) has lost. */
static void test_logistic_of_sure_scores(void **state)
{
    (void)state;
    cr_real kept[1];
    double smoothing = 0;
    const cr_pass pass = {.rows = 1, .batch_rows = 1, .shares = 1};
    for (int32_t label = 0; label < 2; label++) {
        cr_real score = label ? 40 : -40;
        cr_loss_io io = {.options = &smoothing,
                         .outputs = 1,
                         .scores = &score,
                         .targets = {.labels = &label},
                         .kept = kept};
        double loss = cr_loss_logistic.forward(&pass, &io);
        /* numpy.logaddexp(0, -40) */
        assert_true(fabs(loss - 4.248354255291589e-18) < 1e-30);
    }
}

static void test_losses_of_small_random_scores(void **state)
{
    (void)state;
    enum { ROWS = 64, CLASSES = 10 };
    cr_real scores[ROWS * CLASSES], kept[ROWS * CLASSES];
    int32_t labels[ROWS];
    double margin = 1, smoothing = 0;
    fixture_draw("scores", 1e-4, ROWS * CLASSES, scores);
    for (int32_t i = 0; i < ROWS; i++)
        labels[i] = i % CLASSES;
    cr_loss_io io = {.options = &smoothing,
                     .outputs = CLASSES,
                     .scores = scores,
                     .targets = {.labels = labels},
                     .kept = kept};
    cr_pass pass = {.rows = ROWS, .batch_rows = ROWS, .shares = 1};
    assert_true(fabs(cr_loss_softmax.forward(&pass, &io) / ROWS - log(CLASSES)) < 1e-3);
    io.options = &margin;
    assert_true(fabs(cr_loss_svm.forward(&pass, &io) / ROWS - (CLASSES - 1)) < 1e-3);
}

/* Products with denormal numbers are slow, and a network that is sure of itself would
 * make many. */
static void test_softmax_backward_of_sure_scores_has_no_denormals(void **state)
{
    (void)state;
    enum { CLASSES = 120 };
    cr_real scores[CLASSES], kept[CLASSES], dscores[CLASSES];
    int32_t label = 1;
    double smoothing = 0;
    for (int i = 0; i < CLASSES; i++)
        scores[i] = (cr_real)-i;
    cr_loss_io io = {.options = &smoothing,
                     .outputs = CLASSES,
                     .scores = scores,
                     .targets = {.labels = &label},
                     .kept = kept,
                     .dscores = dscores};
    cr_pass pass = {.rows = 1, .batch_rows = 1024, .shares = 1};
    cr_loss_softmax.forward(&pass, &io);
    cr_loss_softmax.backward(&pass, &io);
    for (int i = 2; i < CLASSES; i++) {
        double expected = exp(-i) * (1 - exp(-1)) / 1024;
        assert_true(dscores[i] == 0 || fabs((double)dscores[i] / expected - 1) < 1e-5);
        assert_true((dscores[i] == 0) == (i > 68)); /* exp(−69) is 1e-30 */
    }
}

static void test_losses_let_nan_through(void **state)
{
    (void)state;
    cr_real scores[] = {1, (cr_real)NAN, 2}, values[3] = {0}, kept[3];
    int32_t labels[] = {0};
    double margin = 1;
    cr_loss_io io = {.options = &margin,
                     .outputs = 3,
                     .scores = scores,
                     .targets = {labels, values, 3},
                     .kept = kept};
    cr_pass pass = {.rows = 1, .batch_rows = 1, .shares = 1};
    for (size_t i = 0; i < cr_loss_type_count; i++) {
        io.targets.labels = cr_loss_types[i]->binary ? NULL : labels;
        assert_true(isnan(cr_loss_types[i]->forward(&pass, &io)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses_against_golden_values),
        cmocka_unit_test(test_logistic_of_sure_scores),
        cmocka_unit_test(test_losses_of_small_random_scores),
        cmocka_unit_test(test_softmax_backward_of_sure_scores_has_no_denormals),
        cmocka_unit_test(test_losses_let_nan_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
