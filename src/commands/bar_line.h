/*
 * A line of progress for a terminal of any width: fields, and a bar among them. A field is
 * shown whole or not at all: those that matter most are there first, and the others where
 * they have room too.
 */
#ifndef CHAINRULE_COMMANDS_BAR_LINE_H
#define CHAINRULE_COMMANDS_BAR_LINE_H

#include "base/text.h"

enum { CR_BAR_LINE_FIELDS = 12 };

typedef struct cr_bar_field {
    cr_text text; /* of a bar: none */
    int rank;     /* the lowest matters most */
    bool is_bar;
} cr_bar_field;

/* Starts as {0}; cr_bar_line_finish frees. */
typedef struct cr_bar_line {
    cr_bar_field fields[CR_BAR_LINE_FIELDS]; /* [count] from left to right */
    size_t count;
    double share; /* what is done, from 0 to 1 */
} cr_bar_line;

void cr_bar_line_add(cr_bar_line *line, int rank, const char *format, ...)
    CR_PRINTF(3, 4);
void cr_bar_line_add_bar(cr_bar_line *line, int rank, double share);
void cr_bar_line_finish(cr_bar_line *line);

/* Adds the line for a terminal of so many columns, the last of which stays free: the
 * cursor would wrap. What a field says is made visible. */
void cr_bar_line_compose(const cr_bar_line *line, size_t columns, cr_text *out);

/* Adds all fields, without the bar, for a place that is no terminal. */
void cr_bar_line_compose_plain(const cr_bar_line *line, cr_text *out);

/* Seconds as "1:02:03" into out; returns out. */
enum { CR_BAR_LINE_TIME = 32 };
const char *cr_bar_line_time(double seconds, char out[CR_BAR_LINE_TIME]);

#endif
