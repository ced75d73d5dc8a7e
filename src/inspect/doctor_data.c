/* What the data looks like to the network. */
#include "base/memory.h"
#include "inspect/doctor.h"
#include "math/moments.h"
#include "train/class_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 20000, /* that figures are taken from */
    RARE = 20     /* a class of which there is one in more than so many */
};

/* The statistics of every feature as the network sees it, over rows spread over the part. */
static bool measure(const cr_part *part, cr_moments *m, cr_error *err)
{
    size_t features = part->dataset->features;
    size_t rows = part->count < ROWS ? part->count : ROWS;
    cr_real *x = cr_alloc(features, sizeof *x, err);
    if (!x)
        return false;
    for (size_t i = 0; i < rows; i++) {
        uint32_t row = (uint32_t)cr_part_row(part, i * part->count / rows);
        cr_batch_gather(part->dataset, &row, 1, x, NULL);
        for (size_t j = 0; j < features; j++)
            cr_moments_add(&m[j], (double)x[j]);
    }
    cr_free(x);
    return true;
}

/* The column that a feature comes from. */
static size_t feature_column(const cr_encoding *encoding, size_t feature)
{
    size_t i = 0;
    while (encoding->inputs &&
           feature >= encoding->inputs[i].first + encoding->inputs[i].count)
        i++;
    return encoding->inputs ? i : feature;
}

/* Its name for people. */
static const char *feature_name(const cr_encoding *encoding, size_t feature, char out[96])
{
    size_t column = feature_column(encoding, feature);
    if (encoding->columns.count > 0)
        snprintf(out, 96, "\"%.80s\"", encoding->columns.items[column]);
    else
        snprintf(out, 96, "number %zu (from 0)",
                 encoding->inputs ? encoding->inputs[column].position : column);
    return out;
}

static bool has_dates(const cr_encoding *encoding)
{
    for (size_t i = 0; encoding->inputs && i < encoding->input_count; i++)
        if (cr_input_is_date(&encoding->inputs[i]))
            return true;
    return false;
}

static bool is_constant(const cr_moments *m)
{
    return !(cr_moments_deviation(m) > 1e-9 * fmax(1, fabs(m->mean)));
}

/* Whether the feature ends a column of which all features are constant. (One word of
 * several may stand in no row of training, and that is all.) */
static bool ends_constant_column(const cr_encoding *encoding, const cr_moments *m,
                                 size_t feature)
{
    size_t first = feature, last = feature;
    if (encoding->inputs) {
        const cr_input *input = &encoding->inputs[feature_column(encoding, feature)];
        first = input->first;
        last = input->first + input->count - 1;
    }
    for (size_t j = first; j <= last; j++)
        if (!is_constant(&m[j]))
            return false;
    return feature == last;
}

/* "2 are constant ("a", "b"); they tell nothing: "ignore" them" */
static void say_constant(const cr_experiment *e, const cr_moments *m, size_t features,
                         cr_finding *finding)
{
    enum { SHOWN = 8 };
    bool images = e->data->parts[CR_PART_TRAIN].dataset->bytes != NULL;
    size_t count = 0;
    cr_text names = {0};
    for (size_t j = 0; j < features; j++) {
        char name[96];
        if (ends_constant_column(e->model.encoding, m, j) && count++ < SHOWN && !images)
            cr_text_add(&names, "%s%s", count > 1 ? ", " : "",
                        feature_name(e->model.encoding, j, name));
    }
    if (count > 0 && images)
        cr_doctor_say(finding, CR_VERDICT_OK, "%zu %s constant", count,
                      count == 1 ? "is" : "are");
    else if (count > 0 && names.data)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "%zu %s constant: %.300s%s; they tell nothing: \"ignore\" them",
                      count, count == 1 ? "is" : "are", names.data,
                      count > SHOWN ? ", …" : "");
    cr_text_finish(&names);
}

bool cr_doctor_data_has_columns(const cr_doctor *doctor)
{
    return doctor->experiment->data->type->has_columns;
}

bool cr_doctor_data_columns(const cr_doctor *doctor, cr_finding *finding, cr_error *err)
{
    const cr_text *odd = &doctor->experiment->data->odd;
    (void)err;
    if (odd->length > 0)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "odd: %.300s%s; the warnings above say which key mends it",
                      odd->data, odd->length > 300 ? " …" : "");
    else
        cr_doctor_say(finding, CR_VERDICT_OK, "nothing is odd about them");
    return true;
}

bool cr_doctor_data_inputs(const cr_doctor *doctor, cr_finding *finding, cr_error *err)
{
    const cr_experiment *e = doctor->experiment;
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    size_t features = train->dataset->features;
    cr_moments *m = cr_alloc(features, sizeof *m, err);
    if (!m || !measure(train, m, err)) {
        cr_free(m);
        return false;
    }
    double narrow = INFINITY, wide = 0, far = 0;
    for (size_t j = 0; j < features; j++) {
        double deviation = cr_moments_deviation(&m[j]);
        if (is_constant(&m[j]))
            continue;
        narrow = fmin(narrow, deviation);
        wide = fmax(wide, deviation);
        far = fmax(far, fabs(m[j].mean));
    }
    cr_doctor_say(finding, CR_VERDICT_OK, "%zu%s", features,
                  has_dates(e->model.encoding) ? ", with parts of dates" : "");
    if (wide > 0)
        say_constant(e, m, features, finding);
    cr_free(m);
    if (wide == 0) {
        cr_doctor_say(finding, CR_VERDICT_FAILURE,
                      "all are constant: there is nothing to learn from");
        return true;
    }
    cr_doctor_say(finding, CR_VERDICT_OK, "deviations from %.3g to %.3g", narrow, wide);
    bool images = train->dataset->bytes != NULL;
    if (wide > 10 || far > 10 || (wide < 0.01 && !images))
        cr_doctor_say(finding, CR_VERDICT_WARNING, "far from 1: \"normalize\": %s",
                      images ? "255" : "\"standardize\"");
    else if (wide > 1000 * narrow && !images)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "of very different sizes: \"normalize\": \"standardize\"");
    return true;
}

/* Names a figure of the rare class, and what the log calls it. Not of a name that does not
 * fit into the sentence, or that JSON would write in another way. */
static void name_figure(const cr_names *classes, size_t rare, const char *part,
                        char advice[320])
{
    const char *name = classes->items[rare];
    bool two = classes->count == 2;
    if (strlen(name) > 60 || strpbrk(name, "\"\\\n\t"))
        snprintf(advice, 320,
                 "balanced accuracy (\"log\": {\"metrics\": [\"%s_balanced_accuracy\"]})",
                 part);
    else if (two)
        snprintf(advice, 320,
                 "the average precision of \"%s\" (\"log\": {\"metrics\": "
                 "[\"%s_average_precision_%s\"]})",
                 name, part, name);
    else
        snprintf(advice, 320,
                 "balanced accuracy and the recall of \"%s\" (\"log\": {\"metrics\": "
                 "[\"%s_balanced_accuracy\", \"%s_recall_%s\"]})",
                 name, part, part, name);
}

/* A class is much rarer than another: one that is never guessed costs next to no accuracy.
 */
static void say_rare(const cr_experiment *e, size_t rare, const char *frequent,
                     double share, cr_finding *finding)
{
    char advice[320];
    const char *part =
        cr_part_names[e->data->parts[CR_PART_VALIDATION].dataset ? CR_PART_VALIDATION
                                                                 : CR_PART_TRAIN];
    bool weighed = e->model.loss.weights != NULL;
    name_figure(&e->model.encoding->classes, rare, part, advice);
    cr_doctor_say(finding, weighed ? CR_VERDICT_OK : CR_VERDICT_WARNING,
                  "always saying \"%.40s\" is right in %.4g %%: %sjudge by %s, not by "
                  "accuracy",
                  frequent, 100 * share,
                  weighed ? "class_weights make up for it; "
                          : "set \"class_weights\": \"balanced\" in the loss, and ",
                  advice);
}

static bool check_classes(const cr_experiment *e, cr_finding *finding, cr_error *err)
{
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    const cr_names *classes = &e->model.encoding->classes;
    size_t *counts = cr_alloc(classes->count, sizeof *counts, err);
    if (!counts)
        return false;
    for (size_t i = 0; i < train->count; i++)
        counts[train->dataset->labels[cr_part_row(train, i)]]++;
    size_t least = 0, most = 0;
    for (size_t i = 1; i < classes->count; i++) {
        least = counts[i] < counts[least] ? i : least;
        most = counts[i] > counts[most] ? i : most;
    }
    size_t few = counts[least], many = counts[most];
    cr_free(counts);
    if (few == many)
        cr_doctor_say(finding, CR_VERDICT_OK, "%zu classes of %zu row%s each",
                      classes->count, few, few == 1 ? "" : "s");
    else
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "%zu classes, from %zu row%s (\"%.40s\") to %zu (\"%.40s\")",
                      classes->count, few, few == 1 ? "" : "s", classes->items[least],
                      many, classes->items[most]);
    if (classes->count > 100 && classes->count > train->count / 10)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "so many that they look like numbers: for those take the loss "
                      "\"l2\"");
    else if (few == 0)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "a class without a row for training cannot be learned: more rows, "
                      "or a smaller validation part");
    else if (few * RARE < train->count && many > 10 * few)
        say_rare(e, least, classes->items[most], (double)many / (double)train->count,
                 finding);
    cr_text text = {0};
    cr_class_rows_judge(e, &text);
    if (text.length > 0 && !text.failed)
        cr_doctor_say(finding, CR_VERDICT_WARNING, "%s", text.data);
    cr_text_finish(&text);
    return true;
}

bool cr_doctor_data_targets(const cr_doctor *doctor, cr_finding *finding, cr_error *err)
{
    const cr_experiment *e = doctor->experiment;
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    if (e->model.encoding->classify)
        return check_classes(e, finding, err);
    size_t n = train->dataset->target_count;
    double least = INFINITY, wide = 0, far = 0;
    for (size_t j = 0; j < n; j++) {
        cr_moments m = {0};
        for (size_t i = 0; i < train->count; i++)
            cr_moments_add(&m, (double)cr_dataset_target(train->dataset,
                                                         cr_part_row(train, i) * n + j));
        double deviation = cr_moments_deviation(&m);
        least = fmin(least, deviation);
        wide = fmax(wide, deviation);
        far = fmax(far, fabs(m.mean));
    }
    cr_doctor_say(finding, CR_VERDICT_OK, "%zu, deviation up to %.3g, mean up to %.3g", n,
                  wide, far);
    if (least == 0)
        cr_doctor_say(finding, CR_VERDICT_WARNING, "one is constant");
    if (!e->model.loss.type->classify && (wide > 10 || far > 10))
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "far from 1: \"normalize_target\": \"standardize\" in \"data\"");
    return true;
}

/* A row by its content. */
typedef struct seen {
    cr_hash inputs;
    cr_hash target;
} seen;

static int compare_seen(const void *a, const void *b)
{
    return cr_hash_compare(((const seen *)a)->inputs, ((const seen *)b)->inputs);
}

static seen see(const cr_dataset *set, size_t row)
{
    const cr_hash none = {0, 0};
    cr_hash target = set->labels
                         ? cr_hash_bytes(none, &set->labels[row], sizeof set->labels[row])
                         : cr_hash_bytes(none, set->targets + row * set->target_stride,
                                         set->target_count * sizeof *set->targets);
    return (seen){cr_doctor_hash(set, row), target};
}

/* Rows of a part that the training part has too, the first of them in *first. */
static size_t count_known(const cr_part *part, const seen *known, size_t count,
                          size_t *first)
{
    size_t found = 0;
    for (size_t i = 0; part->dataset && i < part->count; i++) {
        size_t row = cr_part_row(part, i);
        seen s = see(part->dataset, row);
        if (bsearch(&s, known, count, sizeof s, compare_seen) && found++ == 0)
            *first = row;
    }
    return found;
}

/* What there is to say of `found` rows that a part has of the training part. */
static void say_known(const cr_data *data, int part, size_t found, size_t first,
                      cr_finding *finding)
{
    const cr_part *other = &data->parts[part];
    const cr_dataset *set = other->dataset;
    bool named = found > 0 && set->names.count > 0, many = found * 20 > other->count;
    cr_doctor_say(finding, many ? CR_VERDICT_WARNING : CR_VERDICT_OK,
                  "%zu of %zu rows of %s are rows of training too%s%.120s", found,
                  other->count, cr_part_names[part], named ? ", such as " : "",
                  named ? set->names.items[first] : "");
    if (many)
        cr_doctor_say(finding, CR_VERDICT_WARNING, "its figures are too good: remove %s",
                      set != data->parts[CR_PART_TRAIN].dataset
                          ? "them from one of the two"
                      : named ? "pictures that are there twice"
                              : "the rows that stand in the table twice");
}

/* Rows of training with the inputs of another but not its target. */
static size_t count_contradictions(const seen *known, size_t count)
{
    size_t found = 0;
    for (size_t first = 0, end = 0; first < count; first = end) {
        bool differ = false;
        for (end = first; end < count && compare_seen(&known[first], &known[end]) == 0;
             end++)
            differ |= cr_hash_compare(known[first].target, known[end].target) != 0;
        found += differ ? end - first : 0;
    }
    return found;
}

bool cr_doctor_data_duplicates(const cr_doctor *doctor, cr_finding *finding,
                               cr_error *err)
{
    const cr_data *data = doctor->experiment->data;
    const cr_part *train = &data->parts[CR_PART_TRAIN];
    seen *known = cr_alloc(train->count, sizeof *known, err);
    if (!known)
        return false;
    for (size_t i = 0; i < train->count; i++)
        known[i] = see(train->dataset, cr_part_row(train, i));
    qsort(known, train->count, sizeof *known, compare_seen);
    bool classify = doctor->experiment->model.loss.type->classify;
    size_t contradictions = classify ? count_contradictions(known, train->count) : 0;
    for (int part = CR_PART_VALIDATION; part <= CR_PART_TEST; part++) {
        const cr_part *other = &data->parts[part];
        size_t first = 0, found = count_known(other, known, train->count, &first);
        if (other->dataset)
            say_known(data, part, found, first, finding);
    }
    cr_free(known);
    if (!classify && !finding->text.length)
        cr_doctor_say(finding, CR_VERDICT_OK, "there is no other part to compare with");
    if (classify)
        cr_doctor_say(finding,
                      contradictions * 20 > train->count ? CR_VERDICT_WARNING
                                                         : CR_VERDICT_OK,
                      "%zu of %zu training rows are alike but of different class",
                      contradictions, train->count);
    if (contradictions * 20 > train->count)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "no network can tell them apart: more columns are needed");
    return true;
}
