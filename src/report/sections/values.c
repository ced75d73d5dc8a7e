/* Several labels of 0 and 1, and numbers: what is predicted of each target, and the examples
 * that are most wrong. Of many targets the first are shown. */
#include "base/memory.h"
#include "report/page_curves.h"
#include "report/page_examples.h"
#include "report/page_section.h"

#include <stdio.h>

enum {
    MOST_TARGETS = 12,
    MOST_LABELS = 200,
    MOST_CURVES = 20,
    MOST_POINTS = 1200,
    MOST_WORST = 24
};

static void write_name(const cr_page_scores *s, size_t j, cr_page_json *out)
{
    const cr_names *names = &s->model->encoding->targets;
    char number[40];
    snprintf(number, sizeof number, "target %zu", j);
    cr_page_json_name(out, "name", j < names->count ? names->items[j] : number,
                      names->count);
}

static bool write_worst(const cr_page_scores *s, cr_page_json *out, cr_error *err)
{
    cr_page_examples examples = {0};
    uint32_t *order = cr_page_scores_order(s, err);
    bool good = order && cr_page_examples_init(&examples, s, err);
    for (size_t k = 0; good && k < s->count && k < MOST_WORST; k++)
        if (cr_page_scores_error(s, order[k]) >= 0)
            (void)cr_page_examples_add(&examples, order[k]);
    good = good && cr_page_examples_write(&examples, "examples", out, err);
    cr_page_examples_finish(&examples);
    cr_free(order);
    return good;
}

static void write_labels(const cr_page_scores *s, cr_page_json *out)
{
    cr_page_json_open(out, "list", '[');
    for (size_t j = 0; j < s->outputs && j < MOST_LABELS; j++) {
        cr_report *label = s->report->labels[j];
        cr_class_report r = cr_report_class(label, 1);
        cr_page_json_open(out, NULL, '{');
        write_name(s, j, out);
        cr_page_json_number(out, "examples", (double)r.examples);
        cr_page_json_number(out, "precision", r.precision);
        cr_page_json_number(out, "recall", r.recall);
        cr_page_json_number(out, "f1", r.f1);
        if (j < MOST_CURVES)
            cr_page_curves_write(&label->curve, "curves", out);
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
}

/* A target's column of [count, outputs], of which so many are kept as can be drawn. */
static void write_column(const cr_page_scores *s, const char *key, const double *values,
                         size_t j, cr_page_json *out)
{
    size_t step = (s->count + MOST_POINTS - 1) / MOST_POINTS;
    cr_page_json_open(out, key, '[');
    for (size_t i = 0; i < s->count; i += step)
        cr_page_json_number(out, NULL, (double)(float)values[i * s->outputs + j]);
    cr_page_json_close(out, ']');
}

static void write_numbers(const cr_page_scores *s, cr_page_json *out)
{
    cr_page_json_open(out, "list", '[');
    for (size_t j = 0; j < s->outputs && j < MOST_TARGETS; j++) {
        cr_page_json_open(out, NULL, '{');
        write_name(s, j, out);
        write_column(s, "said", s->shares, j, out);
        write_column(s, "right", s->targets, j, out);
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    const cr_page_scores *s = run->scores;
    if (s->kind == CR_REPORT_CLASSES)
        return true;
    cr_page_json_open(out, key, '{');
    cr_page_json_number(out, "count", (double)s->outputs);
    if (s->kind == CR_REPORT_LABELS)
        write_labels(s, out);
    else
        write_numbers(s, out);
    bool good = write_worst(s, out, err);
    cr_page_json_close(out, '}');
    return good;
}

const cr_page_section cr_page_section_values = {
    .key = "values", .of_part = true, .add = add};
