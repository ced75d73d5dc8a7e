/* Weights of the first layer: of images as small images, of tables by column and unit. */
#include "base/memory.h"
#include "inspect/filters.h"
#include "report/page_examples.h"
#include "report/page_section.h"

enum { MOST_VALUES = 24000, MOST_FILTERS = 64, DIGITS = 4 };

/* The features of a flat example: words and parts of dates behind their column's name. */
static void write_features(const cr_encoding *encoding, cr_page_json *out)
{
    char name[CR_PAGE_EXAMPLES_CELL];
    cr_text text = {0};
    size_t inputs = encoding->inputs ? encoding->input_count : encoding->features;
    cr_page_json_open(out, "features", '[');
    for (size_t j = 0; j < inputs; j++) {
        const cr_input *input = encoding->inputs ? &encoding->inputs[j] : NULL;
        cr_page_examples_input(encoding, j, name);
        for (size_t k = 0; k < (input ? input->count : 1); k++) {
            text.length = 0;
            cr_text_add(&text, "%s", name);
            if (input && input->indicator && k + 1 == input->count)
                cr_text_add(&text, " missing");
            else if (input && k < input->words.count)
                cr_text_add(&text, " = %s", input->words.items[k]);
            else if (input && input->count - input->indicator > 1)
                cr_text_add(&text, " (%zu)", k + 1);
            cr_page_json_name(out, NULL, text.data, encoding->features);
        }
    }
    cr_page_json_close(out, ']');
    cr_text_finish(&text);
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    cr_filters f;
    if (!cr_filters_find(&f, run->model))
        return true;
    const cr_encoding *encoding = run->model->encoding;
    size_t size = f.channels * f.height * f.width;
    size_t fit = MOST_VALUES / size, count = fit < MOST_FILTERS ? fit : MOST_FILTERS;
    double *values = cr_alloc(size, sizeof *values, err);
    char name[CR_FILTERS_NUMBER];
    count = count < f.count ? count : f.count;
    if (!values || count == 0) {
        cr_free(values);
        return count == 0;
    }
    cr_page_json_open(out, key, '{');
    cr_page_json_string(out, "layer", f.node->name);
    cr_page_json_number(out, "count", (double)f.count);
    cr_page_json_numbers(
        out, "shape",
        (const double[]){(double)f.channels, (double)f.height, (double)f.width}, 3, 0);
    if (encoding->shape.rank == 1)
        write_features(encoding, out);
    cr_page_json_open(out, "filters", '[');
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < size; j++)
            values[j] = (double)f.weights[i * f.filter + j * f.value];
        cr_page_json_open(out, NULL, '{');
        cr_page_json_string(out, "name", cr_filters_name(&f, run->model, i, name));
        cr_page_json_numbers(out, "values", values, size, DIGITS);
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
    cr_page_json_close(out, '}');
    cr_free(values);
    return true;
}

const cr_page_section cr_page_section_weights = {
    .key = "weights", .of_model = true, .add = add};
