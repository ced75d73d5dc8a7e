#include "commands/bar_line.h"

#include "base/text_visible.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    GAP = 2,           /* columns between fields; beside the bar, one */
    NARROWEST_BAR = 7, /* with its brackets */
    WIDEST_BAR = 26,
    FIELD = 512 /* bytes */
};

static cr_bar_field *next_field(cr_bar_line *line, int rank)
{
    if (line->count == CR_BAR_LINE_FIELDS)
        return NULL;
    cr_bar_field *field = &line->fields[line->count++];
    *field = (cr_bar_field){.rank = rank};
    return field;
}

void cr_bar_line_add(cr_bar_line *line, int rank, const char *format, ...)
{
    cr_bar_field *field = next_field(line, rank);
    char text[FIELD], visible[FIELD];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cr_text_visible(text, strlen(text), visible, sizeof visible);
    if (field)
        cr_text_add(&field->text, "%s", visible);
}

void cr_bar_line_add_bar(cr_bar_line *line, int rank, double share)
{
    cr_bar_field *field = next_field(line, rank);
    line->share = share;
    if (field)
        field->is_bar = true;
}

void cr_bar_line_finish(cr_bar_line *line)
{
    for (size_t i = 0; i < line->count; i++)
        cr_text_finish(&line->fields[i].text);
    *line = (cr_bar_line){0};
}

static size_t width_of(const cr_bar_field *field)
{
    return field->is_bar ? NARROWEST_BAR
                         : cr_text_visible_width(field->text.data, field->text.length);
}

static size_t gap(const cr_bar_field *left, const cr_bar_field *right)
{
    return left->is_bar || right->is_bar ? 1 : GAP;
}

/* Columns of the fields that are shown, with the gaps between them. */
static size_t measure(const cr_bar_line *line, const bool *shown)
{
    const cr_bar_field *before = NULL;
    size_t width = 0;
    for (size_t i = 0; i < line->count; i++) {
        const cr_bar_field *field = &line->fields[i];
        if (!shown[i])
            continue;
        width += (before ? gap(before, field) : 0) + width_of(field);
        before = field;
    }
    return width;
}

/* The field of the lowest rank above `above`; CR_BAR_LINE_FIELDS where there is none. */
static size_t next_in_rank(const cr_bar_line *line, const bool *tried)
{
    size_t next = CR_BAR_LINE_FIELDS;
    for (size_t i = 0; i < line->count; i++)
        if (!tried[i] && (next == CR_BAR_LINE_FIELDS ||
                          line->fields[i].rank < line->fields[next].rank))
            next = i;
    return next;
}

static void choose(const cr_bar_line *line, size_t room, bool *shown)
{
    bool tried[CR_BAR_LINE_FIELDS] = {false};
    for (size_t i = next_in_rank(line, tried); i < CR_BAR_LINE_FIELDS;
         i = next_in_rank(line, tried)) {
        tried[i] = true;
        shown[i] = line->fields[i].is_bar || line->fields[i].text.length > 0;
        if (measure(line, shown) > room)
            shown[i] = false;
    }
}

static void add_bar(double share, size_t width, cr_text *out)
{
    size_t inside = width - 2, filled = (size_t)(share * (double)inside);
    cr_text_add(out, "[");
    for (size_t i = 0; i < inside; i++)
        cr_text_add(out, "%c", i < filled ? '=' : i == filled ? '>' : ' ');
    cr_text_add(out, "]");
}

void cr_bar_line_compose(const cr_bar_line *line, size_t columns, cr_text *out)
{
    bool shown[CR_BAR_LINE_FIELDS] = {false};
    size_t room = columns > 0 ? columns - 1 : 0;
    choose(line, room, shown);
    size_t bar = NARROWEST_BAR + room - measure(line, shown);
    const cr_bar_field *before = NULL;
    for (size_t i = 0; i < line->count; i++) {
        const cr_bar_field *field = &line->fields[i];
        if (!shown[i])
            continue;
        cr_text_add(out, "%*s", before ? (int)gap(before, field) : 0, "");
        if (field->is_bar)
            add_bar(line->share, bar < WIDEST_BAR ? bar : WIDEST_BAR, out);
        else
            cr_text_add(out, "%s", field->text.data);
        before = field;
    }
}

void cr_bar_line_compose_plain(const cr_bar_line *line, cr_text *out)
{
    const char *between = "";
    for (size_t i = 0; i < line->count; i++)
        if (!line->fields[i].is_bar && line->fields[i].text.length > 0) {
            cr_text_add(out, "%s%s", between, line->fields[i].text.data);
            between = "  ";
        }
}

const char *cr_bar_line_time(double seconds, char out[CR_BAR_LINE_TIME])
{
    long whole = seconds < 1e9 ? (long)(seconds + 0.5) : 0;
    if (whole >= 3600)
        snprintf(out, CR_BAR_LINE_TIME, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60,
                 whole % 60);
    else
        snprintf(out, CR_BAR_LINE_TIME, "%ld:%02ld", whole / 60, whole % 60);
    return out;
}
