#include "commands/cells.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/text_visible.h"
#include "data/csv.h"

#include <string.h>
#include <unistd.h>

cr_cells cr_cells_begin(FILE *out, bool spreadsheet)
{
    return (cr_cells){out, isatty(fileno(out)) == 1, spreadsheet};
}

/* The wide forms of =, +, - and @ are taken for them in some languages. */
static bool is_formula(const char *text)
{
    static const char *const begins[] = {
        "=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
    double number = 0;
    for (size_t i = 0; i < CR_COUNT(begins); i++)
        if (strncmp(text, begins[i], strlen(begins[i])) == 0)
            return !cr_number_parse(text, strlen(text), &number);
    return false;
}

static void write_visible(const cr_cells *cells, const char *text)
{
    cr_text visible = {0};
    for (size_t left = strlen(text); left > 0;) {
        cr_text_shown shown;
        size_t step = cr_text_visible_character(text, left, &shown);
        cr_text_add_bytes(&visible, shown.bytes, shown.length);
        text += step;
        left -= step;
    }
    cr_csv_write(cells->out, visible.data && !visible.failed ? visible.data : "");
    cr_text_finish(&visible);
}

void cr_cells_write(const cr_cells *cells, const char *text)
{
    cr_text guarded = {0};
    if (cells->spreadsheet && is_formula(text)) {
        cr_text_add(&guarded, "'%s", text);
        text = guarded.failed ? "" : guarded.data;
    }
    if (cells->is_terminal)
        write_visible(cells, text);
    else
        cr_csv_write(cells->out, text);
    cr_text_finish(&guarded);
}
