#include "commands/figures.h"

#include <stdio.h>

void cr_print_figures(const char *const *names, const cr_figures *figures, size_t count,
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
