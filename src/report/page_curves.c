#include "report/page_curves.h"

enum { MOST_POINTS = 80 };

/* A point of the curves: the weight of the examples that are above a threshold, and of the
 * positive ones of them. */
typedef struct point {
    double taken, right;
} point;

/* Points at equal distances, of which so many are kept as a drawing can show. */
static size_t collect(cr_curve *curve, point points[MOST_POINTS])
{
    double negatives = curve->weight - curve->positives;
    double taken = 0, right = 0, last_x = 0, last_y = 0;
    size_t count = 1;
    points[0] = (point){0, 0};
    cr_curve_sort(curve);
    for (size_t first = 0; first < curve->count;) {
        size_t end = cr_curve_end(curve, first);
        for (; first < end; first++) {
            const cr_scored *example = &curve->examples[first];
            taken += example->weight;
            right += example->positive ? example->weight : 0;
        }
        double x = (taken - right) / negatives, y = right / curve->positives;
        bool far = x - last_x + (y - last_y) > 2.0 / (MOST_POINTS - 2);
        if (!far && end < curve->count)
            continue;
        points[count++] = (point){taken, right};
        last_x = x;
        last_y = y;
    }
    return count;
}

void cr_page_curves_write(cr_curve *curve, const char *key, cr_page_json *out)
{
    double x[MOST_POINTS], recall[MOST_POINTS], precision[MOST_POINTS];
    point points[MOST_POINTS];
    double negatives = curve->weight - curve->positives;
    cr_page_json_open(out, key, '{');
    if (negatives > 0 && curve->positives > 0 && !curve->has_nan) {
        size_t count = collect(curve, points);
        for (size_t i = 0; i < count; i++) {
            x[i] = (points[i].taken - points[i].right) / negatives;
            recall[i] = points[i].right / curve->positives;
            precision[i] = points[i].taken > 0 ? points[i].right / points[i].taken : 1;
        }
        cr_page_json_number(out, "auc", cr_curve_auc(curve));
        cr_page_json_number(out, "average_precision", cr_curve_average_precision(curve));
        cr_page_json_numbers(out, "false_positives", x, count, 4);
        cr_page_json_numbers(out, "recall", recall, count, 4);
        cr_page_json_numbers(out, "precision", precision, count, 4);
    }
    cr_page_json_close(out, '}');
}
