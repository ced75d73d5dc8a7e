#include "commands/confusion_table.h"

#include "base/size.h"
#include "base/text_visible.h"
#include "commands/print.h"
#include "commands/terminal.h"

#include <stdio.h>
#include <string.h>

enum {
    NAME = 512,       /* bytes of a name as it is printed, at most */
    LEAST_NAME = 5,   /* columns of the classes in front, at least */
    LEAST_HEAD = 3,   /* to which a heading may be cut */
    LEAST_FRONT = 12, /* to which a class in front may */
    MOST_CUT = 12,    /* classes in a table whose headings are cut */
    MOST_LISTED = 10
};

typedef struct table {
    const cr_names *classes;
    const cr_report *report;
    size_t cap; /* columns to which headings are cut */
} table;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t name_width(const table *t, size_t i)
{
    const char *name = t->classes->items[i];
    return cr_text_visible_width(name, strlen(name));
}

static size_t front_cap(const table *t)
{
    return larger(t->cap, LEAST_FRONT);
}

static size_t front_width(const table *t)
{
    size_t width = LEAST_NAME;
    for (size_t i = 0; i < t->classes->count; i++)
        width = larger(width, cr_size_smaller(name_width(t, i), front_cap(t)));
    return width;
}

static size_t digits(double number)
{
    return (size_t)snprintf(NULL, 0, "%.10g", number);
}

static size_t column_width(const table *t, size_t column)
{
    size_t n = t->classes->count, width = cr_size_smaller(name_width(t, column), t->cap);
    for (size_t i = 0; i < n; i++)
        width = larger(width, digits(t->report->confusion[i * n + column]));
    return width;
}

static size_t line_width(const table *t)
{
    size_t width = front_width(t);
    for (size_t j = 0; j < t->classes->count; j++)
        width += 2 + column_width(t, j);
    return width;
}

static const char *cut_name(const table *t, size_t i, size_t width, char out[NAME])
{
    const char *name = t->classes->items[i];
    cr_text_visible_middle(name, strlen(name), width, out, NAME);
    return out;
}

static void print_table(const table *t)
{
    char name[NAME];
    size_t n = t->classes->count;
    int front = (int)front_width(t);
    cr_print("\n%-*s  taken for\n%*s", front, "class", front, "");
    for (size_t j = 0; j < n; j++)
        cr_print("  %*s", (int)column_width(t, j), cut_name(t, j, t->cap, name));
    cr_print("\n");
    for (size_t i = 0; i < n; i++) {
        cr_print("%-*s", front, cut_name(t, i, front_cap(t), name));
        for (size_t j = 0; j < n; j++)
            cr_print("  %*.10g", (int)column_width(t, j),
                     t->report->confusion[i * n + j]);
        cr_print("\n");
    }
}

/* The cell behind the last one in the order of the list, which has the highest counts
 * first; n² where there is none. */
static size_t next_cell(const table *t, size_t last)
{
    size_t n = t->classes->count, cells = n * n, best = cells;
    const double *counts = t->report->confusion;
    for (size_t i = 0; i < cells; i++) {
        bool behind = last == cells || counts[i] < counts[last] ||
                      (counts[i] == counts[last] && i > last);
        if (i / n != i % n && counts[i] > 0 && behind &&
            (best == cells || counts[i] > counts[best]))
            best = i;
    }
    return best;
}

static void print_list(table *t, size_t limit)
{
    char name[NAME], other[NAME];
    size_t n = t->classes->count, cells = n * n, cell = next_cell(t, cells);
    t->cap = (limit - 2 * 2 - 8) / 2;
    int width = (int)larger(front_width(t), strlen("taken for"));
    cr_print("\nmost frequent confusions; --json has the whole matrix\n");
    if (cell < cells)
        cr_print("%-*s  %-*s  examples\n", width, "class", width, "taken for");
    else
        cr_print("none: every example is right\n");
    for (size_t i = 0; i < MOST_LISTED && cell < cells; i++) {
        cr_print("%-*s  %-*s  %8.10g\n", width, cut_name(t, cell / n, t->cap, name),
                 width, cut_name(t, cell % n, t->cap, other), t->report->confusion[cell]);
        cell = next_cell(t, cell);
    }
}

void cr_confusion_table_print(const cr_names *classes, const cr_report *report)
{
    table t = {classes, report, LEAST_HEAD};
    size_t limit = cr_terminal_width();
    for (size_t i = 0; i < classes->count; i++)
        t.cap = larger(t.cap, name_width(&t, i));
    if (line_width(&t) > limit && classes->count > MOST_CUT) {
        print_list(&t, limit);
        return;
    }
    while (t.cap > LEAST_HEAD && line_width(&t) > limit)
        t.cap--;
    if (line_width(&t) > limit)
        print_list(&t, limit);
    else
        print_table(&t);
}
