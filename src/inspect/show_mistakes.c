#include "inspect/show.h"

#include "base/memory.h"
#include "base/text.h"
#include "inspect/show_images.h"
#include "math/kernel.h"
#include "measure/inference.h"
#include "model/predictor.h"

#include <ctype.h>
#include <math.h>

typedef struct mistake {
    uint32_t row;
    double size; /* how wrong */
} mistake;

/* The largest so far, the largest first. */
typedef struct mistakes {
    mistake *items; /* [most] */
    size_t count, most, all;
} mistakes;

static void insert(mistakes *m, uint32_t row, double size)
{
    m->all++;
    size_t i = m->count < m->most ? m->count++ : m->most;
    for (; i > 0 && m->items[i - 1].size < size; i--)
        if (i < m->most)
            m->items[i] = m->items[i - 1];
    if (i < m->most)
        m->items[i] = (mistake){row, size};
}

/* −log of the right class's probability; of scores that are no probabilities, by how much
 * another's is higher. Below 0: it is right. */
static double class_error(const cr_loss_type *loss, const cr_real *s, size_t n,
                          size_t right)
{
    if (n == 1)
        return right == 1 ? (s[0] > 0 ? -1 : -(double)s[0])
                          : (s[0] > 0 ? (double)s[0] : -1);
    size_t highest = cr_kernel_argmax(n, s);
    double sum = 0;
    if (highest == right)
        return -1;
    for (size_t j = 0; loss->present && j < n; j++)
        sum += exp((double)s[j] - (double)s[highest]);
    return (double)s[highest] - (double)s[right] + (loss->present ? log(sum) : 0);
}

/* Over several labels the sum of how far wrong ones are from 0; over numbers that of the
 * squared errors. */
static double values_error(bool labels, const cr_real *s, const cr_real *t, size_t n)
{
    double sum = labels ? -1 : 0;
    for (size_t j = 0; j < n; j++) {
        double d = (double)s[j] - (double)t[j];
        if (!labels)
            sum += d * d;
        else if ((s[j] > 0) != (t[j] > (cr_real)0.5))
            sum = (sum < 0 ? 0 : sum) + fabs((double)s[j]);
    }
    return sum;
}

static void keep_mistakes(void *user, const cr_evaluator *batch, size_t first,
                          size_t count)
{
    (void)first;
    mistakes *m = user;
    const cr_loss_type *loss = batch->model->loss.type;
    const cr_loss_io *io = &batch->loss;
    const size_t n = io->outputs;
    for (size_t i = 0; i < count; i++) {
        const cr_real *s = io->scores + i * n;
        double size = io->targets.labels
                          ? class_error(loss, s, n, (size_t)io->targets.labels[i])
                          : values_error(loss->binary, s, io->targets.values + i * n, n);
        if (!(size < 0)) /* NaN is as wrong as can be */
            insert(m, batch->order[i], isnan(size) ? INFINITY : size);
    }
}

/* A class, and its probability or score. */
static void describe_class(const cr_predictor *p, size_t class, cr_text *name,
                           cr_text *share)
{
    double value = (double)p->shares[class];
    cr_text_add(name, "%s", p->model->encoding->classes.items[class]);
    if (p->model->loss.type->present)
        cr_text_add(share, "%.*f%%", value < 0.0995 ? 1 : 0, 100 * value);
    else
        cr_text_add(share, "%.2f", value);
}

static void describe_labels(const cr_predictor *p, cr_text *out)
{
    const cr_names *names = &p->model->encoding->targets;
    for (size_t j = 0; j < cr_model_outputs(p->model); j++)
        if (p->scores[j] > 0 && j < names->count)
            cr_text_add(out, "%s%s", out->length > 0 ? ", " : "", names->items[j]);
        else if (p->scores[j] > 0)
            cr_text_add(out, "%s%zu", out->length > 0 ? ", " : "", j);
    if (out->length == 0)
        cr_text_add(out, "none");
}

/* The caption of an example: what the model says, and what is right, each with its share. */
typedef struct caption {
    cr_text said, said_share, right, right_share;
} caption;

static void describe(const cr_predictor *p, const cr_dataset *dataset, size_t row,
                     caption *c)
{
    const cr_encoding *encoding = p->model->encoding;
    bool labels = p->model->loss.type->binary;
    if (encoding->classify) {
        describe_class(p, p->class, &c->said, &c->said_share);
        describe_class(p, (size_t)dataset->labels[row], &c->right, &c->right_share);
        return;
    }
    if (labels)
        describe_labels(p, &c->said);
    for (size_t j = 0; !labels && j < cr_model_outputs(p->model); j++)
        cr_text_add(&c->said, "%s%.4g", j > 0 ? ", " : "", p->values[j]);
    cr_show_images_target(encoding, dataset, row, labels, &c->right);
}

static bool add(cr_sheet *sheet, cr_predictor *p, const cr_show_images *images, size_t i,
                size_t row, cr_error *err)
{
    caption c = {.said = {0}};
    bool good = cr_predictor_example(p, images->dataset, row, err);
    if (good)
        describe(p, images->dataset, row, &c);
    if (c.said.failed || c.said_share.failed || c.right.failed || c.right_share.failed)
        good = cr_fail(err, CR_E_MEMORY, "out of memory");
    const cr_sheet_caption captions[CR_SHEET_LINES] = {
        {c.said.data, c.said_share.data, CR_SHEET_RED},
        {c.right.data, c.right_share.data, CR_SHEET_BLUE},
        {cr_show_images_file(images->dataset, row), NULL, CR_SHEET_GREY}};
    good = good && cr_show_images_add(images, sheet, i, captions, err);
    cr_text_finish(&c.said);
    cr_text_finish(&c.said_share);
    cr_text_finish(&c.right);
    cr_text_finish(&c.right_share);
    return good;
}

/* How many are wrong, and which are shown. */
static void summarise(cr_text *out, const cr_loss_type *loss, const mistakes *m,
                      const char *of, size_t examples)
{
    const char *all = m->all == 1 ? "is" : "are", *s = examples == 1 ? "" : "s";
    if (!loss->classify)
        cr_text_add(out,
                    "the %zu of %zu example%s of %s with the largest errors, the largest "
                    "first",
                    m->count, examples, s, of);
    else if (m->all == 0)
        cr_text_add(out, "no mistakes: %zu of %zu example%s of %s are right", examples,
                    examples, s, of);
    else
        cr_text_add(out, "%zu of %zu example%s of %s %s wrong (%.1f %%)", m->all,
                    examples, s, of, all, 100 * (double)m->all / (double)examples);
    if (loss->classify && m->count < m->all)
        cr_text_add(out, "; the %zu worst", m->count);
    else if (loss->classify && m->count > 1)
        cr_text_add(out, ", the worst first");
}

static bool begin(cr_sheet *sheet, const cr_model *model, const mistakes *m,
                  const char *summary, cr_error *err)
{
    cr_text note = {0};
    const cr_loss_type *loss = model->loss.type;
    cr_text_add(&note, "%c%s.", toupper((unsigned char)summary[0]), summary + 1);
    if (m->count > 0)
        cr_text_add(&note, " Red: what the network says; blue: what is right%s.",
                    !model->encoding->classify ? ""
                    : loss->present            ? ", with the probability of each"
                                               : ", with the score of each");
    bool good = note.failed
                    ? cr_fail(err, CR_E_MEMORY, "out of memory")
                    : cr_sheet_begin(sheet, "What it gets most wrong", note.data, err);
    cr_text_finish(&note);
    return good;
}

static bool draw(cr_sheet *sheet, cr_model *model, const cr_part *part, const mistakes *m,
                 cr_error *err)
{
    const size_t n = model->encoding->features;
    cr_show_images images = {0};
    cr_predictor *p = cr_predictor_create(model, "the data", err);
    cr_real *x = cr_alloc(m->count, n * sizeof *x, err);
    bool good = p && x;
    for (size_t i = 0; good && i < m->count; i++)
        cr_batch_gather(part->dataset, &m->items[i].row, 1, x + i * n, NULL);
    good = good &&
           cr_show_images_init(&images, model->encoding, part->dataset, x, m->count, err);
    for (size_t i = 0; good && i < m->count; i++)
        good = add(sheet, p, &images, i, m->items[i].row, err);
    cr_show_images_finish(&images);
    cr_predictor_destroy(p);
    cr_free(x);
    return good;
}

static bool show(cr_sheet *sheet, cr_model *model, const cr_part *part, const mistakes *m,
                 cr_show_list *list, cr_error *err)
{
    list->section = sheet->count;
    list->rows = cr_alloc(m->count, sizeof *list->rows, err);
    if (!list->rows || !begin(sheet, model, m, list->summary.data, err) ||
        !draw(sheet, model, part, m, err))
        return false;
    for (; list->count < m->count; list->count++)
        list->rows[list->count] = m->items[list->count].row;
    return true;
}

bool cr_show_mistakes(cr_sheet *sheet, cr_model *model, const cr_part *part,
                      const char *of, size_t most, cr_show_list *list, cr_error *err)
{
    *list = (cr_show_list){0};
    if (!cr_show_images_check(model->encoding, err))
        return false;
    mistakes m = {.most = most < part->count ? most : part->count};
    m.items = cr_alloc(m.most, sizeof *m.items, err);
    cr_sums sums = {0};
    bool good = m.items && cr_inference_run(model, part, keep_mistakes, &m, &sums, err);
    if (good) {
        summarise(&list->summary, model->loss.type, &m, of, part->count);
        good = !list->summary.failed || cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    good = good && show(sheet, model, part, &m, list, err);
    cr_free(m.items);
    return good;
}

void cr_show_mistakes_finish(cr_show_list *list)
{
    cr_text_finish(&list->summary);
    cr_free(list->rows);
    *list = (cr_show_list){0};
}
