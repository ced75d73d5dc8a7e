#include "data/faults.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

void cr_faults_begin(cr_faults *faults, const cr_error *err)
{
    faults->messages = err ? err->count : 0;
    faults->length = err ? err->length : 0;
}

/* What is wrong with the cell, as far as faults are alike by it. */
static int kind_of(const cr_cell *cell)
{
    enum { GAP, INFINITE, OTHER };
    double value = 0;
    if (cr_cell_is_missing(cell->text, cell->length))
        return GAP;
    return cr_number_parse(cell->text, cell->length, &value) && !cr_cell_is_finite(value)
               ? INFINITE
               : OTHER;
}

static void take_back(const cr_faults *faults, cr_error *err)
{
    if (!err || err->count <= faults->messages)
        return;
    err->count = faults->messages;
    err->length = faults->length;
    err->text[err->length] = '\0';
}

void cr_faults_take(cr_faults *faults, const cr_cell *cell, cr_error *err)
{
    int kind = kind_of(cell);
    cr_fault *f = faults->kinds;
    faults->cells++;
    while (f < faults->kinds + faults->count &&
           (f->column != cell->column || f->kind != kind))
        f++;
    if (f < faults->kinds + faults->count) {
        if (f->more < CR_MOST_FAULT_LINES)
            f->lines[f->more] = cell->line;
        f->more++;
        take_back(faults, err);
    } else if (faults->count < CR_MOST_FAULTS) {
        *f =
            (cr_fault){.column = cell->column, .kind = kind, .message = faults->messages};
        faults->count++;
    }
}

bool cr_faults_is_enough(const cr_faults *faults)
{
    return faults->count == CR_MOST_FAULTS || faults->cells >= CR_MOST_FAULTY_CELLS;
}

/* "; and 37 more such cells of the column, in lines 4, 5, 7, 8, 9, …" */
static void add_others(const cr_fault *f, cr_text *out)
{
    size_t named = f->more < CR_MOST_FAULT_LINES ? f->more : CR_MOST_FAULT_LINES;
    if (f->more == 0)
        return;
    cr_text_add(out, "; and %zu more such cell%s of the column, in line%s", f->more,
                f->more == 1 ? "" : "s", f->more == 1 ? "" : "s");
    for (size_t i = 0; i < named; i++)
        cr_text_add(out, "%s %zu", i ? "," : "", f->lines[i]);
    if (f->more > named)
        cr_text_add(out, ", …");
}

/* The fault that line `number` of the messages is about; NULL: another matter. */
static const cr_fault *fault_of(const cr_faults *faults, size_t number)
{
    for (size_t i = 0; i < faults->count; i++)
        if (faults->kinds[i].message == number)
            return &faults->kinds[i];
    return NULL;
}

void cr_faults_report(const cr_faults *faults, const char *file, cr_error *err)
{
    if (!err || faults->count == 0)
        return;
    cr_text before = {0};
    cr_text_add(&before, "%s", err->text);
    cr_error_code code = err->code;
    size_t number = 0, count = err->count;
    if (!before.failed) { /* else they stay as they are */
        *err = (cr_error)CR_ERROR_INIT;
        for (const char *line = before.data; *line; number++) {
            size_t length = strcspn(line, "\n");
            const cr_fault *f = fault_of(faults, number);
            cr_text others = {0};
            if (f)
                add_others(f, &others);
            cr_error_add(err, code, "%.*s%s", (int)length, line,
                         others.failed || !others.data ? "" : others.data);
            cr_text_finish(&others);
            line += length + (line[length] == '\n');
        }
        err->count += count > number ? count - number : 0; /* those that did not fit */
    }
    cr_text_finish(&before);
    if (cr_faults_is_enough(faults))
        cr_error_add(err, CR_E_DATA, "%s: there may be more; these came first", file);
}
