#include "commands/figures.h"

#include "commands/print.h"
#include "measure/metric.h"

#include <stdio.h>

enum { LOSS_WIDTH = 12, WIDTH = 10 }; /* The loss is the first of the metrics. */

static void print_heads(bool classify)
{
    int width = LOSS_WIDTH;
    cr_print("%-12s %10s", "", "examples");
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        if (!type->of_figures || !cr_metric_exists(type, classify))
            continue;
        cr_print(" %*s", width, type->stem);
        width = WIDTH;
    }
    cr_print("\n");
}

static void print_row(const char *name, const cr_figures *figures, bool classify)
{
    int width = LOSS_WIDTH;
    cr_print("%-12s %10zu", name, figures->examples);
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        if (!type->of_figures || !cr_metric_exists(type, classify))
            continue;
        cr_print(type->is_share ? " %*.4f" : " %*.6g", width, type->of_figures(figures));
        width = WIDTH;
    }
    cr_print("\n");
}

void cr_figures_print(const char *const *names, const cr_figures *figures, size_t count,
                      bool classify)
{
    print_heads(classify);
    for (size_t i = 0; i < count; i++)
        if (figures[i].examples > 0)
            print_row(names[i], &figures[i], classify);
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
