#include "exchange/export_c_examples.h"

#include "base/memory.h"
#include "base/random.h"
#include "csource/identifier.h"
#include "exchange/raw_rows.h"
#include "model/predictor.h"

#include <math.h>
#include <string.h>

enum { MOST_EXAMPLES = 6, MOST_VALUES = 8192 };

void cr_export_c_examples_finish(cr_export_c_examples *examples)
{
    cr_free(examples->x);
    cr_free(examples->y);
    *examples = (cr_export_c_examples){0};
}

static void draw_row(const cr_encoding *encoding, size_t i, double *raw)
{
    size_t n = encoding->features;
    cr_random_uniform(i, CR_FOR_CHECK, cr_random_stream("export"), 0, n, raw);
    for (size_t j = 0; encoding->shift && j < n; j++)
        raw[j] = encoding->shift[j] + (2 * raw[j] - 1) / encoding->scale[j];
}

/* Adds an example, unless what is predicted of it is no number. */
static bool add_example(cr_export_c_examples *examples, cr_predictor *predictor,
                        double *raw, bool encoded, cr_error *err)
{
    size_t n = examples->inputs;
    float *x = examples->x + examples->count * n;
    for (size_t j = 0; j < n; j++) {
        x[j] = (float)raw[j];
        raw[j] = (double)x[j];
    }
    if (!cr_predictor_features(predictor, raw, err))
        return false;
    for (size_t j = 0; encoded && j < n; j++)
        x[j] = (float)predictor->x[j];
    for (size_t j = 0; j < examples->outputs; j++)
        if (!isfinite(predictor->values[j]))
            return true; /* nothing to compare with */
    memcpy(examples->y + examples->count * examples->outputs, predictor->values,
           examples->outputs * sizeof *examples->y);
    examples->count++;
    return true;
}

static bool fill(cr_export_c_examples *examples, cr_model *model, const cr_part *part,
                 size_t count, bool encoded, cr_error *err)
{
    double *raw = cr_alloc(examples->inputs, sizeof *raw, err);
    cr_predictor *predictor = cr_predictor_create(model, "the examples", err);
    bool good = raw && predictor;
    for (size_t i = 0; good && i < count; i++) {
        if (part)
            cr_raw_rows_restore(model->encoding, part->dataset,
                                cr_part_row(part, i * part->count / count), raw);
        else
            draw_row(model->encoding, i, raw);
        good = add_example(examples, predictor, raw, encoded, err);
    }
    cr_predictor_destroy(predictor);
    cr_free(raw);
    if (good && examples->count == 0)
        return cr_fail(err, CR_E_DATA,
                       "what the model predicts is NaN or infinite, for all of %zu "
                       "examples; export one that predicts numbers",
                       count);
    return good;
}

bool cr_export_c_examples_make(cr_export_c_examples *examples, cr_model *model,
                               const cr_part *part, bool encoded, cr_error *err)
{
    size_t inputs = cr_model_inputs(model), outputs = cr_model_outputs(model);
    size_t count = MOST_VALUES / inputs;
    count = count < 1 ? 1 : count > MOST_EXAMPLES ? MOST_EXAMPLES : count;
    *examples = (cr_export_c_examples){.inputs = inputs, .outputs = outputs};
    examples->x = cr_alloc(count * inputs, sizeof *examples->x, err);
    examples->y = cr_alloc(count * outputs, sizeof *examples->y, err);
    if (!examples->x || !examples->y)
        return false;
    if (part && part->count < count)
        count = part->count;
    return fill(examples, model, part, count, encoded, err);
}

static void write_values(const char *name, size_t count, const float *x, const double *y,
                         cr_csource *out)
{
    cr_csource_begin_floats(out, name, count);
    for (size_t i = 0; i < count; i++)
        cr_csource_float(out, x ? (double)x[i] : y[i]);
    cr_csource_end(out);
}

static const char test_begin[] =
    "/* How many of the examples are off; *worst is the largest difference, as a part of "
    "the\n"
    " * largest output. */\n"
    "int %s_self_test(float *worst)\n"
    "{\n"
    "    static float x[%zu], y[%zu];\n"
    "    int i, j, off = 0;\n"
    "    *worst = 0;\n"
    "    for (i = 0; i < %zu; i++) {\n"
    "        int good = 1;\n"
    "        for (j = 0; j < %zu; j++)\n"
    "            x[j] = CR_READ(example_inputs + i * %zu + j);\n"
    "        %s_predict(x, y);\n"
    "        for (j = 0; j < %zu; j++) {\n"
    "            float d = (y[j] - CR_READ(example_outputs + i * %zu + j)) / %s;\n"
    "            d = d < 0 ? -d : d;\n"
    "            *worst = d > *worst ? d : *worst;\n"
    "            good = good && d <= %s;\n"
    "        }\n"
    "        off += !good;\n"
    "    }\n"
    "    return off;\n"
    "}\n";

static const char test_end[] =
    "\n"
    "#ifndef %s_NO_MAIN\n"
    "#include <stdio.h>\n"
    "\n"
    "int main(void)\n"
    "{\n"
    "    float worst;\n"
    "    const int off = %s_self_test(&worst);\n"
    "    printf(\"%s: %%d of %zu examples are off; the largest difference is %%ld "
    "billionths \"\n"
    "           \"of the largest output\\n\",\n"
    "        off, (long)(worst * 1e9f));\n"
    "    return off > 0;\n"
    "}\n"
    "#endif\n"
    "#endif\n";

void cr_export_c_examples_write(const cr_export_c_examples *examples, const char *name,
                                double tolerance, cr_text *out)
{
    size_t inputs = examples->inputs, outputs = examples->outputs, n = examples->count;
    char capitals[CR_IDENTIFIER], scale[CR_CSOURCE_NUMBER], most[CR_CSOURCE_NUMBER];
    double largest = 0;
    cr_csource arrays = {0};
    for (size_t i = 0; i < n * outputs; i++)
        largest = fmax(largest, fabs(examples->y[i]));
    cr_csource_number(largest > 0 ? largest : 1, scale);
    cr_csource_number(tolerance, most);
    cr_identifier_capitals(name, capitals);
    write_values("example_inputs", n * inputs, examples->x, NULL, &arrays);
    write_values("example_outputs", n * outputs, NULL, examples->y, &arrays);
    cr_text_add(out, "\n#ifdef %s_SELF_TEST\n", capitals);
    out->failed |= arrays.constants.failed;
    if (!out->failed)
        cr_text_add_bytes(out, arrays.constants.data, arrays.constants.length);
    cr_text_add(out, test_begin, name, inputs, outputs, n, inputs, inputs, name, outputs,
                outputs, scale, most);
    cr_text_add(out, test_end, capitals, name, name, n);
    cr_csource_finish(&arrays);
}
