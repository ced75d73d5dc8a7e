#include "train/class_rows.h"

#include <stdio.h>

enum {
    MOST_CLASSES = 1000, /* that are counted one by one */
    LEAST_TO_SPLIT = 2   /* rows of a class: no way of splitting helps fewer */
};

size_t cr_class_rows_count(const cr_part *part, size_t class)
{
    size_t count = 0;
    for (size_t i = 0; i < part->count; i++)
        count += (size_t)part->dataset->labels[cr_part_row(part, i)] == class;
    return count;
}

/* What to do: the part is split off, or a file of its own. rows: of the class, in all. */
static const char *cure(const cr_experiment *e, size_t rows)
{
    const cr_json *data = cr_json_get(e->model.document.root, "data");
    const cr_json *split = cr_json_get(data, "validation");
    bool by_share = cr_json_get(split, "fraction") != NULL;
    if (!by_share && !cr_json_get(split, "last") && !cr_json_get(split, "folds"))
        return "give its file more of them";
    if (rows < LEAST_TO_SPLIT)
        return "it has no other row: gather more of them";
    if (cr_json_get(split, "folds"))
        return "take fewer \"folds\", or judge by the mean over all of them";
    if (by_share && cr_json_get_bool(split, "stratify", false))
        return "take a larger \"fraction\", or \"folds\" with a sweep over them";
    return "take a \"fraction\" with \"stratify\": true, a larger one, or \"folds\"";
}

void cr_class_rows_judge(const cr_experiment *e, cr_text *out)
{
    const cr_part *part = &e->data->parts[CR_PART_VALIDATION];
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    const cr_names *classes = &e->model.encoding->classes;
    size_t least = CR_CLASS_ROWS_FEW, rarest = 0, others = 0;
    if (!part->dataset || !part->dataset->labels || !e->model.encoding->classify ||
        classes->count > MOST_CLASSES)
        return;
    size_t limit = part->count >= 10 * CR_CLASS_ROWS_FEW ? CR_CLASS_ROWS_FEW : 1;
    for (size_t i = 0; i < classes->count; i++) {
        size_t count = cr_class_rows_count(part, i);
        if (count >= limit || cr_class_rows_count(train, i) == 0)
            continue;
        others++;
        rarest = count < least ? i : rarest;
        least = count < least ? count : least;
    }
    if (others == 0)
        return;
    char rows[48], more[48] = "";
    snprintf(rows, sizeof rows, least ? "%zu row%s" : "no row", least,
             least == 1 ? "" : "s");
    if (others > 1)
        snprintf(more, sizeof more, ", and few or none of %zu more", others - 1);
    cr_text_add(out,
                "the validation part has %s of \"%.60s\"%s: its figures say %s of that; "
                "%s",
                rows, classes->items[rarest], more, least ? "little" : "nothing",
                cure(e, least + cr_class_rows_count(train, rarest)));
}

void cr_class_rows_warn(cr_reader *reader, const cr_experiment *experiment)
{
    cr_text text = {0};
    cr_class_rows_judge(experiment, &text);
    if (text.length > 0 && !text.failed)
        cr_reader_warn(reader, "data.validation", "%s", text.data);
    cr_text_finish(&text);
}

void cr_class_rows_warn_monitor(cr_reader *reader, const char *path,
                                const cr_monitor *monitor, const cr_experiment *e)
{
    if (monitor->metric.type->of_figures || !e->model.encoding->classify)
        return;
    const cr_metric *metric = &e->log.columns[monitor->column].metric;
    const cr_part *part = &e->data->parts[metric->part];
    if (metric->type->takes != CR_METRIC_TAKES_CLASS || metric->index == CR_METRIC_MEAN ||
        !part->dataset || cr_class_rows_count(part, metric->index) > 0)
        return;
    cr_reader_warn(
        reader, path,
        "%s is 0 whatever is learned, since the %s part has no row of \"%.60s\": "
        "the model of epoch 1 would count as the best; watch another metric",
        metric->name, cr_part_names[metric->part],
        e->model.encoding->classes.items[metric->index]);
}
