/*
 * What is taken for what: figures of every class, the confusion matrix with examples of its
 * cells, curves of classes, calibration. Of many classes those with the most mistakes are
 * shown.
 */
#include "base/memory.h"
#include "report/page_curves.h"
#include "report/page_examples.h"
#include "report/page_section.h"

#include <math.h>
#include <stdlib.h>

enum {
    MOST_CLASSES = 40,  /* of the matrix */
    MOST_LISTED = 1000, /* of the table, and for which there is a confusion matrix */
    MOST_CURVES = 20,
    MOST_MISTAKES = 24,
    WRONG_OF_CELL = 6, /* examples */
    RIGHT_OF_CELL = 3
};

/* A class, and how many examples were wrongly taken for it or for another. */
typedef struct ranked {
    size_t class, wrong;
} ranked;

typedef struct classes {
    const cr_page_scores *scores;
    size_t count;
    ranked *shown; /* [shown_count] in the order of the classes */
    size_t shown_count;
    size_t *places; /* [count] place + 1 among those that are shown; 0: it is not */
    cr_page_examples examples;
    size_t *cells; /* [shown_count, shown_count] examples taken for each cell */
    uint32_t *order;
} classes;

static int by_wrong(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->wrong != y->wrong)
        return x->wrong < y->wrong ? 1 : -1;
    return x->class < y->class ? -1 : 1;
}

static int by_class(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->class < y->class ? -1 : 1;
}

static bool choose(classes *c, cr_error *err)
{
    const cr_page_scores *s = c->scores;
    c->shown = cr_alloc(c->count, sizeof *c->shown, err);
    c->places = cr_alloc(c->count, sizeof *c->places, err);
    if (!c->shown || !c->places)
        return false;
    for (size_t j = 0; j < c->count; j++)
        c->shown[j].class = j;
    for (size_t i = 0; i < s->count; i++)
        if (s->right[i] != s->said[i]) {
            c->shown[s->right[i]].wrong++;
            c->shown[s->said[i]].wrong++;
        }
    c->shown_count = c->count < MOST_CLASSES ? c->count : MOST_CLASSES;
    qsort(c->shown, c->count, sizeof *c->shown, by_wrong);
    qsort(c->shown, c->shown_count, sizeof *c->shown, by_class);
    for (size_t k = 0; k < c->shown_count; k++)
        c->places[c->shown[k].class] = k + 1;
    c->cells = cr_alloc(c->shown_count * c->shown_count, sizeof *c->cells, err);
    return c->cells != NULL;
}

/* Takes an example for its cell, if that is shown and has room. */
static void take(classes *c, size_t i)
{
    const cr_page_scores *s = c->scores;
    size_t right = c->places[s->right[i]], said = c->places[s->said[i]];
    if (right == 0 || said == 0)
        return;
    size_t *cell = &c->cells[(right - 1) * c->shown_count + said - 1];
    size_t room = right == said ? RIGHT_OF_CELL : WRONG_OF_CELL;
    if (*cell < room && cr_page_examples_add(&c->examples, i) != SIZE_MAX)
        ++*cell;
}

/* The worst mistakes, then those of every cell, the worst first, and of what is right the
 * least sure. */
static bool choose_examples(classes *c, cr_error *err)
{
    const cr_page_scores *s = c->scores;
    c->order = cr_page_scores_order(s, err);
    if (!c->order || !cr_page_examples_init(&c->examples, s, err))
        return false;
    for (size_t k = 0; k < s->count && c->examples.count < MOST_MISTAKES; k++)
        if (s->right[c->order[k]] != s->said[c->order[k]])
            (void)cr_page_examples_add(&c->examples, c->order[k]);
    for (size_t k = 0; k < s->count; k++)
        take(c, c->order[k]);
    return true;
}

static void write_matrix(const classes *c, cr_page_json *out)
{
    const cr_page_scores *s = c->scores;
    size_t n = c->shown_count;
    cr_page_json_open(out, "matrix", '[');
    for (size_t i = 0; i < n; i++) {
        cr_page_json_open(out, NULL, '[');
        for (size_t j = 0; j < n; j++) {
            size_t at = c->shown[i].class * c->count + c->shown[j].class;
            cr_page_json_number(out, NULL, (double)s->report->confusion[at]);
        }
        cr_page_json_close(out, ']');
    }
    cr_page_json_close(out, ']');
}

/* One against the rest: by the share of the class, in place of the two classes' one. */
static bool write_curve(const classes *c, size_t class, cr_page_json *out, cr_error *err)
{
    const cr_page_scores *s = c->scores;
    const double *weights = s->part->dataset->weights;
    cr_curve curve = {0};
    bool good = cr_curve_init(&curve, s->count, err);
    for (size_t i = 0; good && i < s->count; i++)
        cr_curve_add(&curve, s->shares[i * s->outputs + class], s->right[i] == class,
                     weights ? weights[s->rows[i]] : 1);
    if (good)
        cr_page_curves_write(&curve, "curves", out);
    cr_curve_finish(&curve);
    return good;
}

static bool write_list(const classes *c, cr_page_json *out, cr_error *err)
{
    const cr_names *names = &c->scores->model->encoding->classes;
    size_t curves = 0, most = c->count == 2 ? 1 : MOST_CURVES;
    bool good = true;
    cr_page_json_open(out, "list", '[');
    for (size_t j = 0; good && j < c->count && j < MOST_LISTED; j++) {
        cr_class_report r = cr_report_class(c->scores->report, j);
        cr_page_json_open(out, NULL, '{');
        cr_page_json_name(out, "name", names->items[j], c->count);
        cr_page_json_number(out, "examples", (double)r.examples);
        cr_page_json_number(out, "precision", r.precision);
        cr_page_json_number(out, "recall", r.recall);
        cr_page_json_number(out, "f1", r.f1);
        /* of two classes the second's says all */
        if (c->places[j] > 0 && curves < most && (c->count > 2 || j == 1)) {
            good = write_curve(c, j, out, err);
            curves++;
        }
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
    return good;
}

static void write_calibration(const cr_report *report, cr_page_json *out)
{
    cr_page_json_open(out, "calibration", '[');
    for (size_t i = 0; i < CR_CALIBRATION_BINS; i++) {
        const cr_calibration_bin *bin = &report->bins[i];
        cr_page_json_open(out, NULL, '[');
        cr_page_json_number(out, NULL, bin->examples);
        cr_page_json_number(out, NULL, bin->confidence / bin->examples);
        cr_page_json_number(out, NULL, bin->right / bin->examples);
        cr_page_json_close(out, ']');
    }
    cr_page_json_close(out, ']');
}

static bool write(const classes *c, const char *key, cr_page_json *out, cr_error *err)
{
    const cr_page_scores *s = c->scores;
    cr_page_json_open(out, key, '{');
    cr_page_json_number(out, "count", (double)c->count);
    cr_page_json_bool(out, "probabilities", s->probabilities);
    cr_page_json_open(out, "shown", '[');
    for (size_t k = 0; k < c->shown_count; k++)
        cr_page_json_number(out, NULL, (double)c->shown[k].class);
    cr_page_json_close(out, ']');
    cr_page_json_names(out, "names", s->model->encoding->classes.items, c->count);
    bool good = true;
    if (s->report->confusion) {
        write_matrix(c, out);
        good = write_list(c, out, err);
    }
    if (s->probabilities)
        write_calibration(s->report, out);
    good = good && cr_page_examples_write(&c->examples, "examples", out, err);
    cr_page_json_close(out, '}');
    return good;
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    classes c = {.scores = run->scores, .count = run->scores->outputs};
    if (run->scores->kind != CR_REPORT_CLASSES)
        return true;
    bool good = choose(&c, err) && choose_examples(&c, err) && write(&c, key, out, err);
    cr_page_examples_finish(&c.examples);
    cr_free(c.shown);
    cr_free(c.places);
    cr_free(c.cells);
    cr_free(c.order);
    return good;
}

const cr_page_section cr_page_section_classes = {
    .key = "classes", .of_part = true, .add = add};
