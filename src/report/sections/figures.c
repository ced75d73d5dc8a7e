/* Metrics of the examples that the model is looked at on, as `eval` gives them. */
#include "measure/metric.h"
#include "report/page_section.h"

#include <math.h>

/* A metric that is one number, whatever class it is asked of. */
static bool is_one_number(const cr_metric_type *type, const cr_page_scores *s)
{
    bool of_two = !type->of_two || s->kind != CR_REPORT_CLASSES || s->outputs == 2;
    return (type->of_figures || type->title) && type->takes != CR_METRIC_TAKES_K &&
           of_two && (type->targets & CR_METRIC_OF(s->kind)) &&
           (!type->of_probabilities || s->probabilities);
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    const cr_page_scores *s = run->scores;
    (void)err;
    cr_page_json_open(out, key, '{');
    cr_page_json_number(out, "examples", (double)s->count);
    cr_page_json_number(out, "of", (double)run->part->count);
    cr_page_json_open(out, "metrics", '[');
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        if (!is_one_number(type, s))
            continue;
        cr_page_json_open(out, NULL, '{');
        cr_page_json_string(out, "name", type->stem);
        cr_page_json_number(out, "value",
                            type->of_figures
                                ? type->of_figures(&s->figures)
                                : type->of_report(s->report, CR_METRIC_MEAN));
        cr_page_json_string(out, "help", type->help);
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
    cr_page_json_close(out, '}');
    return true;
}

const cr_page_section cr_page_section_figures = {
    .key = "figures", .of_part = true, .add = add};
