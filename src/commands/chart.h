/* Curves on a terminal, of braille or, where there is none, of letters. */
#ifndef CHAINRULE_COMMANDS_CHART_H
#define CHAINRULE_COMMANDS_CHART_H

#include "commands/screen.h"

/* What tells curves apart without colours. */
typedef enum cr_stroke {
    CR_STROKE_LINE,
    CR_STROKE_DOTS,   /* a line of dots with gaps */
    CR_STROKE_POINTS, /* a point for each value; nothing in between */
} cr_stroke;

typedef struct cr_curve_drawn {
    const char *name;
    cr_stroke stroke;
    const double *x,
        *y; /* [count], x ascending but for points; NaN in y: no value there */
    size_t count;
} cr_curve_drawn;

enum { CR_CHART_CURVES = 2, CR_CHART_NARROWEST = 24, CR_CHART_LOWEST = 5 };

typedef struct cr_chart {
    const char *title, *x_name;
    bool may_be_logarithmic; /* and is where values are far apart */
    double floor, ceiling;   /* of y: what lies beyond is drawn there; 0 and 0: none */
    cr_curve_drawn curves[CR_CHART_CURVES]; /* [count]; the later ones on top */
    size_t count;
} cr_chart;

/* Adds the chart to lines of the picture: from `line` on, so many rows, each with so many
 * columns behind what it has already. At least CR_CHART_LOWEST by CR_CHART_NARROWEST. Where
 * several values share a column, their mean is drawn. */
void cr_chart_add(const cr_chart *chart, cr_screen *screen, size_t line, size_t rows,
                  size_t columns);

#endif
