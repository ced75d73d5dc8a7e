#include "commands/figures.h"

#include <stdio.h>

void cr_figures_print(const char *const *names, const cr_figures *figures, size_t count,
                      bool classify)
{
    printf("%-12s %10s %12s %10s\n", "", "examples", "loss",
           classify ? "accuracy" : "rmse");
    for (size_t i = 0; i < count; i++) {
        if (figures[i].examples == 0)
            continue;
        printf("%-12s %10zu %12.6g ", names[i], figures[i].examples, figures[i].loss);
        if (classify)
            printf("%10.4f\n", figures[i].accuracy);
        else
            printf("%10.6g\n", figures[i].rmse);
    }
}

const char *cr_figures_format_count(double count, char out[16])
{
    static const char units[] = " kMGT";
    size_t unit = 0;
    while (count >= 999.5 && unit < 4) {
        count /= 1000;
        unit++;
    }
    int digits = count < 10 && unit > 0 ? 2 : count < 100 && unit > 0 ? 1 : 0;
    snprintf(out, 16, "%.*f%.*s", digits, count, unit > 0, &units[unit]);
    return out;
}
