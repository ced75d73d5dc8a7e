#include "inspect/gradcheck_tensor.h"

#include "base/random.h"

#include <float.h>
#include <math.h>

enum { HALVINGS = 4 }; /* of the step, before a value beside a kink is left out */

/* (f(x + h) − f(x − h)) / 2h with *x varied; false when a kink lies between, whatever the
 * step. *noise is what rounding may make of it: f itself is no better than a few units in
 * its last place, which a large f (a loss on large targets) divides by a small 2h. */
static bool quotient(const cr_gradcheck_function *f, cr_real *x, double step,
                     double *result, double *noise)
{
    enum { UNITS = 8 };
    cr_real kept = *x;
    bool smooth = false;
    for (int i = 0; i < HALVINGS && !smooth; i++, step /= 4) {
        cr_real high = (cr_real)((double)kept + step),
                low = (cr_real)((double)kept - step);
        cr_gradcheck_change change = f->change(f->user, x, high, low);
        double width = (double)high - (double)low;
        smooth = change.smooth;
        *result = change.difference / width;
        *noise = UNITS * DBL_EPSILON * change.size / width;
    }
    *x = kept;
    return smooth;
}

/* The difference quotient. Its error grows with the square of the step and with the third
 * derivative, which is large where a batch's variance is tiny: where the first one is
 * apart from the analytic derivative, a step of a quarter takes the square out
 * (Richardson, 1911). */
static bool derivative(const cr_gradcheck_function *f, cr_real *x, double analytic,
                       double *result, double *noise)
{
    double step = 1e-5 * fmax(1, fabs((double)*x)), finer = 0;
    if (!quotient(f, x, step, result, noise))
        return false;
    if (fabs(analytic - *result) > 0.1 * CR_GRADCHECK_TOLERANCE * fabs(analytic) &&
        quotient(f, x, step / 4, &finer, noise))
        *result = finer + (finer - *result) / 15;
    return true;
}

/* Positions to check: all, or a sample drawn without replacement. */
static size_t choose(const cr_gradcheck_sample *sample, size_t size, uint32_t stream)
{
    for (size_t i = 0; i < size; i++)
        sample->chosen[i] = (uint32_t)i;
    if (sample->most == 0 || size <= sample->most)
        return size;
    cr_random_shuffle(sample->seed, CR_FOR_CHECK, stream, size, sample->chosen);
    return sample->most;
}

/* Sums over the values checked. */
typedef struct sums {
    double difference, beyond; /* squares of |a − n|, and of what rounding leaves of it */
    double norm_a, norm_n;
    double worst; /* |a − n| */
} sums;

static void add(sums *s, double a, double n, double noise, size_t at, cr_gradcheck *found)
{
    double apart = fabs(a - n);
    double beyond = apart < noise ? 0 : apart - noise; /* NaN stays */
    s->difference += apart * apart;
    s->beyond += beyond * beyond;
    s->norm_a += a * a;
    s->norm_n += n * n;
    if (!(apart <= s->worst)) {
        s->worst = apart;
        found->worst = at;
        found->worst_analytic = a;
        found->worst_numerical = n;
    }
}

void cr_gradcheck_tensor_compare(const cr_gradcheck_function *function,
                                 const cr_gradcheck_sample *sample,
                                 const cr_gradcheck_values *values, cr_gradcheck *found)
{
    const cr_penalty *p = &values->penalty;
    size_t count = choose(sample, found->size, cr_random_stream(found->tensor));
    sums s = {.worst = -1};
    for (size_t i = 0; i < count; i++) {
        size_t at = sample->chosen[i];
        double n = 0, noise = 0, w = (double)values->x[at];
        double a =
            (double)values->gradient[at] + 2 * p->l2 * w + p->l1 * ((w > 0) - (w < 0));
        if (!derivative(function, &values->x[at], a, &n, &noise)) {
            found->kinks++;
            continue;
        }
        found->checked++;
        add(&s, a, n, noise, at, found);
    }
    double norms = sqrt(s.norm_a) + sqrt(s.norm_n);
    bool any = norms > 0 || isnan(norms);
    found->norm = sqrt(s.norm_a);
    found->error = any ? sqrt(s.difference) / norms : 0;
    if (any && !(sqrt(s.beyond) / norms <= CR_GRADCHECK_TOLERANCE))
        found->verdict = CR_GRADCHECK_WRONG;
    else if (found->checked == 0 && found->kinks > 0)
        found->verdict = CR_GRADCHECK_NOT_CHECKED;
}
