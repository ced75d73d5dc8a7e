#include "commands/chart.h"

#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 8, DOT_EVERY = 3 };
static const double far_apart = 30; /* the largest over the smallest: logarithmic then */

/* The inside of a chart: cells, each of several dots. */
typedef struct plot {
    const cr_chart *chart;
    size_t columns, rows;                 /* cells */
    size_t across, down;                  /* dots of a cell */
    bool logarithmic, is_below, is_above; /* some values lie beyond */
    double low, high;                     /* of y; logarithms if so */
    double first, last;                   /* of x */
    uint8_t *dots[CR_CHART_CURVES]; /* [rows, columns] the dots of each cell, as braille
                                       has its bits; owned */
    double *sums;                   /* [columns × across] of a curve's values, owned */
    size_t steps;                   /* of the curve that is being drawn */
    size_t *counts;                 /* [columns × across], owned */
} plot;

static double height_of(const plot *p, double y)
{
    return p->logarithmic ? log10(y) : y;
}

static bool is_drawn(const plot *p, double y)
{
    return isfinite(y) && (!p->logarithmic || y > 0);
}

/* The range of all values; false where there is none. */
static bool find_range(plot *p)
{
    double low = INFINITY, high = -INFINITY, first = INFINITY, last = -INFINITY;
    for (size_t k = 0; k < p->chart->count; k++) {
        const cr_curve_drawn *c = &p->chart->curves[k];
        for (size_t i = 0; i < c->count; i++) {
            first = fmin(first, c->x[i]);
            last = fmax(last, c->x[i]);
            if (!isfinite(c->y[i]))
                continue;
            low = fmin(low, c->y[i]);
            high = fmax(high, c->y[i]);
        }
    }
    if (low > high)
        return false;
    if (p->chart->floor < p->chart->ceiling) {
        p->is_below = low < p->chart->floor;
        p->is_above = high > p->chart->ceiling;
        low = fmax(low, p->chart->floor);
        high = fmin(high, p->chart->ceiling);
    }
    p->logarithmic = p->chart->may_be_logarithmic && low > 0 && high / low > far_apart;
    p->low = height_of(p, low);
    p->high = height_of(p, high);
    if (p->low == p->high) { /* a flat line lies in the middle */
        double margin = fmax(fabs(p->low) * 0.1, 1e-9);
        p->low -= margin;
        p->high += margin;
    }
    p->first = first;
    p->last = last > first ? last : first + 1;
    return true;
}

static size_t column_of(const plot *p, double x)
{
    double most = (double)(p->columns * p->across - 1);
    return (size_t)lround((x - p->first) / (p->last - p->first) * most);
}

static size_t row_of(const plot *p, double height)
{
    double most = (double)(p->rows * p->down - 1);
    height = fmin(fmax(height, p->low), p->high);
    return (size_t)lround((p->high - height) / (p->high - p->low) * most);
}

static void set_dot(plot *p, size_t curve, size_t column, size_t row)
{
    static const uint8_t bits[2][4] = {{0x01, 0x02, 0x04, 0x40},
                                       {0x08, 0x10, 0x20, 0x80}};
    size_t cell = row / p->down * p->columns + column / p->across;
    p->dots[curve][cell] |= bits[column % p->across][row % p->down];
}

/* The mean height in each column of dots. */
static void average(plot *p, const cr_curve_drawn *c)
{
    size_t columns = p->columns * p->across;
    memset(p->sums, 0, columns * sizeof *p->sums);
    memset(p->counts, 0, columns * sizeof *p->counts);
    for (size_t i = 0; i < c->count; i++)
        if (is_drawn(p, c->y[i])) {
            size_t at = column_of(p, c->x[i]);
            p->sums[at] += height_of(p, c->y[i]);
            p->counts[at]++;
        }
}

/* One dot further; a dotted line leaves most of them out. */
static void step_to(plot *p, size_t curve, size_t column, size_t row)
{
    bool dotted = p->chart->curves[curve].stroke == CR_STROKE_DOTS && p->across > 1;
    if (!dotted || p->steps % DOT_EVERY == 0)
        set_dot(p, curve, column, row);
    p->steps++;
}

/* From one column with a value to the next, without gaps. */
static void draw_stretch(plot *p, size_t curve, size_t from, size_t to)
{
    double a = p->sums[from] / (double)p->counts[from];
    double b = p->sums[to] / (double)p->counts[to];
    size_t before = row_of(p, a);
    for (size_t column = from; column <= to; column++) {
        double share = to > from ? (double)(column - from) / (double)(to - from) : 0;
        size_t row = row_of(p, a + (b - a) * share);
        while (before + 1 < row)
            step_to(p, curve, column, ++before);
        while (before > row + 1)
            step_to(p, curve, column, --before);
        if (column > from || from == to)
            step_to(p, curve, column, row);
        before = row;
    }
}

static void draw_curve(plot *p, size_t curve)
{
    const cr_curve_drawn *c = &p->chart->curves[curve];
    size_t columns = p->columns * p->across, before = columns;
    for (size_t i = 0; c->stroke == CR_STROKE_POINTS && i < c->count; i++)
        if (is_drawn(p, c->y[i]))
            set_dot(p, curve, column_of(p, c->x[i]), row_of(p, height_of(p, c->y[i])));
    if (c->stroke == CR_STROKE_POINTS)
        return;
    average(p, c);
    p->steps = 0;
    for (size_t i = 0; i < columns; i++)
        if (p->counts[i] > 0) {
            draw_stretch(p, curve, before < columns ? before : i, i);
            before = i;
        }
}

/* The character of a curve's sample in the legend, and of its dots without braille. */
static const char *sample(const cr_screen *screen, cr_stroke stroke)
{
    if (!screen->unicode)
        return stroke == CR_STROKE_LINE ? "**" : "..";
    return stroke == CR_STROKE_LINE ? "⠒⠒" : stroke == CR_STROKE_DOTS ? "⠂⠐" : "⠡⠌";
}

static void add_title(const plot *p, cr_screen *screen, cr_screen_line *line)
{
    int margin = p->columns > 2 * CR_CHART_NARROWEST ? LABEL + 1 : 0;
    cr_screen_add(line, CR_INK_STRONG, "%*s%s", margin, "", p->chart->title);
    if (p->logarithmic)
        cr_screen_add(line, CR_INK_FAINT, " (log)");
    for (size_t k = 0; k < p->chart->count; k++) {
        const cr_curve_drawn *c = &p->chart->curves[k];
        cr_screen_add(line, (cr_ink)(CR_INK_FIRST + k), "  %s ",
                      sample(screen, c->stroke));
        cr_screen_add(line, CR_INK_PLAIN, "%s", c->name);
    }
}

static void add_cell(const plot *p, const cr_screen *screen, cr_screen_line *line,
                     size_t cell)
{
    int dots = 0, top = -1;
    for (size_t k = 0; k < p->chart->count; k++)
        if (p->dots[k][cell]) {
            dots |= p->dots[k][cell];
            top = (int)k;
        }
    cr_ink ink = (cr_ink)(CR_INK_FIRST + (top < 0 ? 0 : top));
    if (top < 0)
        cr_screen_add(line, CR_INK_PLAIN, " ");
    else if (screen->unicode) /* U+2800 and the dots, as UTF-8 */
        cr_screen_add(line, ink, "\xe2%c%c", 0xA0 + (dots >> 6), 0x80 + (dots & 0x3F));
    else
        cr_screen_add(line, ink, "%.1s", sample(screen, p->chart->curves[top].stroke));
}

/* The labels lie at the top, in the middle and at the bottom. */
static void add_row(const plot *p, const cr_screen *screen, cr_screen_line *line,
                    size_t row)
{
    double share = p->rows > 1 ? (double)row / (double)(p->rows - 1) : 0;
    double height = p->high + (p->low - p->high) * share;
    bool labelled = row == 0 || row == p->rows - 1 || (p->rows > 4 && row == p->rows / 2);
    char label[LABEL + 8];
    const char *beyond = row == 0 && p->is_above             ? ">"
                         : row == p->rows - 1 && p->is_below ? "<"
                                                             : "";
    snprintf(label, sizeof label, "%s%.3g", beyond,
             p->logarithmic ? pow(10, height) : height);
    if (labelled)
        cr_screen_add(line, CR_INK_PLAIN, "%*s", LABEL, label);
    else
        cr_screen_add(line, CR_INK_PLAIN, "%*s", LABEL, "");
    cr_screen_add(line, CR_INK_FAINT, "%s",
                  !screen->unicode ? (labelled ? "+" : "|")
                  : labelled       ? "┤"
                                   : "│");
    for (size_t column = 0; column < p->columns; column++)
        add_cell(p, screen, line, row * p->columns + column);
}

static void add_axis(const plot *p, cr_screen_line *line, size_t end)
{
    char last[64];
    snprintf(last, sizeof last, "%s %.6g", p->chart->x_name, p->last);
    cr_screen_add(line, CR_INK_PLAIN, "%*s %.6g", LABEL, "", p->first);
    size_t length = strlen(last);
    if (line->width + 1 + length < end)
        cr_screen_pad(line, end - 1 - length);
    cr_screen_add(line, CR_INK_PLAIN, "%s", last);
}

static bool prepare(plot *p)
{
    size_t cells = p->rows * p->columns, columns = p->columns * p->across;
    p->sums = cr_alloc(columns, sizeof *p->sums, NULL);
    p->counts = cr_alloc(columns, sizeof *p->counts, NULL);
    bool good = p->sums && p->counts;
    for (size_t k = 0; good && k < p->chart->count; k++) {
        p->dots[k] = cr_alloc(cells, 1, NULL);
        good = p->dots[k] != NULL;
    }
    return good;
}

void cr_chart_add(const cr_chart *chart, cr_screen *screen, size_t line, size_t rows,
                  size_t columns)
{
    plot p = {.chart = chart,
              .columns = columns - LABEL - 2,
              .rows = rows - 2,
              .across = screen->unicode ? 2 : 1,
              .down = screen->unicode ? 4 : 1};
    size_t begin = cr_screen_line_at(screen, line)->width, end = begin + columns;
    if (find_range(&p) && prepare(&p)) {
        for (size_t k = 0; k < chart->count; k++)
            draw_curve(&p, k);
        for (size_t i = 0; i < rows; i++) {
            cr_screen_line *l = cr_screen_line_at(screen, line + i);
            cr_screen_pad(l, begin);
            l->limit = end < screen->columns ? end : screen->columns;
            if (i == 0)
                add_title(&p, screen, l);
            else if (i <= p.rows)
                add_row(&p, screen, l, i - 1);
            else
                add_axis(&p, l, end);
            cr_screen_pad(l, l->limit);
            l->limit = screen->columns;
        }
    }
    for (size_t k = 0; k < chart->count; k++)
        cr_free(p.dots[k]);
    cr_free(p.sums);
    cr_free(p.counts);
}
