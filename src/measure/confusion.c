#include "measure/confusion.h"

#include <math.h>

double cr_confusion_balanced_accuracy(size_t classes, const double *confusion)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < classes; i++) {
        double examples = 0;
        for (size_t j = 0; j < classes; j++)
            examples += confusion[i * classes + j];
        if (examples == 0)
            continue;
        sum += confusion[i * classes + i] / examples;
        count++;
    }
    return count > 0 ? sum / (double)count : (double)NAN;
}

/* Sums over pairs of examples. With n examples, of which t_k are of class k and p_k were
 * taken for it, they are below n²: where all count alike whole numbers, which a long double
 * of 64 bits holds for all numbers of rows that there can be, so that differences are
 * exact. */
typedef struct agreement {
    double covariance;         /* n · right − Σ t_k p_k */
    double of_right, of_taken; /* n² − Σ t_k², n² − Σ p_k² */
    double chance;             /* n² − Σ t_k p_k */
} agreement;

static agreement agree(size_t classes, const double *confusion)
{
    long double n = 0, right = 0, tt = 0, pp = 0, tp = 0;
    for (size_t i = 0; i < classes; i++) {
        long double t = 0, p = 0;
        for (size_t j = 0; j < classes; j++) {
            t += (long double)confusion[i * classes + j];
            p += (long double)confusion[j * classes + i];
        }
        n += t;
        right += (long double)confusion[i * classes + i];
        tt += t * t;
        pp += p * p;
        tp += t * p;
    }
    return (agreement){(double)(n * right - tp), (double)(n * n - tt),
                       (double)(n * n - pp), (double)(n * n - tp)};
}

double cr_confusion_matthews(size_t classes, const double *confusion)
{
    const agreement a = agree(classes, confusion);
    if (a.of_right == 0 || a.of_taken == 0)
        return 0;
    return a.covariance / (sqrt(a.of_right) * sqrt(a.of_taken));
}

double cr_confusion_kappa(size_t classes, const double *confusion)
{
    const agreement a = agree(classes, confusion);
    return a.chance > 0 ? a.covariance / a.chance : (double)NAN;
}
