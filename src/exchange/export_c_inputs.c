#include "exchange/export_c_inputs.h"

#include "base/memory.h"
#include "csource/identifier.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool cr_export_c_inputs_have_factor(const cr_encoding *encoding, double *factor)
{
    if (!encoding->shift || encoding->fill)
        return false;
    for (size_t j = 0; j < encoding->features; j++)
        if (encoding->shift[j] != 0 || encoding->scale[j] != encoding->scale[0])
            return false;
    *factor = encoding->scale[0];
    return true;
}

/* How far 0 is from the values of feature j, in spreads. */
static double distance(const cr_encoding *encoding, size_t j)
{
    return fabs(encoding->shift[j] * encoding->scale[j]);
}

bool cr_export_c_inputs_can_fold(const cr_encoding *encoding)
{
    const double near = 4;
    for (size_t j = 0; encoding->shift && j < encoding->features; j++)
        if (distance(encoding, j) > near)
            return false;
    return encoding->shift && !encoding->fill;
}

/* How many values have figures in common, and whether all have. */
static size_t in_common(const cr_encoding *encoding)
{
    bool all = true;
    for (size_t j = 1; all && j < encoding->features; j++)
        all = encoding->shift[j] == encoding->shift[0] &&
              encoding->scale[j] == encoding->scale[0];
    return all ? encoding->features : encoding->features / cr_encoding_channels(encoding);
}

static void write_figures(cr_csource *out, const char *name, const double *values,
                          size_t count, size_t step, bool rest)
{
    cr_csource_begin_floats(out, name, (count + step - 1) / step);
    for (size_t j = 0; j < count; j += step)
        cr_csource_float(out, rest ? values[j] - (double)(float)values[j] : values[j]);
    cr_csource_end(out);
}

/* Where values are far from 0 against their spread, what a float does not hold of their
 * mean is taken away, too. */
void cr_export_c_inputs_prepare(const cr_encoding *encoding, const char *to,
                                cr_csource *out)
{
    size_t n = encoding->features, step = encoding->shift ? in_common(encoding) : 1;
    bool far = false;
    char index[40] = "i";
    if (step > 1)
        snprintf(index, sizeof index, step == n ? "0" : "i / %zu", step);
    for (size_t j = 0; encoding->shift && j < n; j++)
        far |= distance(encoding, j) > 4;
    cr_text_add(&out->functions, "/* what the network takes, from raw values */\n"
                                 "static void prepare(const float *x, float *y)\n"
                                 "{\n"
                                 "    int i;\n");
    cr_text_add(&out->functions,
                "    for (i = 0; i < %zu; i++) {\n"
                "        float v = x[i];\n",
                n);
    if (encoding->fill) {
        write_figures(out, "fill_of_inputs", encoding->fill, n, 1, false);
        cr_text_add(&out->functions, "        if (v != v) /* it is missing */\n"
                                     "            v = CR_READ(fill_of_inputs + i);\n");
    }
    if (encoding->shift) {
        write_figures(out, "shift_of_inputs", encoding->shift, n, step, false);
        write_figures(out, "scale_of_inputs", encoding->scale, n, step, false);
        cr_text_add(&out->functions, "        v -= CR_READ(shift_of_inputs + %s);\n",
                    index);
        if (far) {
            write_figures(out, "rest_of_inputs", encoding->shift, n, step, true);
            cr_text_add(&out->functions, "        v -= CR_READ(rest_of_inputs + %s);\n",
                        index);
        }
        cr_text_add(&out->functions, "        v *= CR_READ(scale_of_inputs + %s);\n",
                    index);
    }
    cr_text_add(&out->functions, "        y[i] = v;\n    }\n}\n\n");
    cr_text_add(&out->statements, "    prepare(x, %s);\n", to);
}

/* A date's part, and which of its numbers: "month" or "sine of the month's angle". */
static void describe_date(const cr_input *input, size_t number, cr_text *header)
{
    static const char *const meanings[] = {
        "days since 1970-01-01, with a fraction",
        "the year",
        "the month, 1 to 12",
        "the day of the month, from 1",
        "the day of the week, 0 is Monday",
        "the hour, 0 to 23, with a fraction",
    };
    static const char *const angles[] = {"",
                                         "",
                                         "(month - 1) / 12",
                                         "(day - 1) / days of the month",
                                         "weekday / 7",
                                         "hour / 24"};
    size_t at = 0;
    for (int part = 0; part < CR_DATE_PARTS; part++) {
        if (!(input->format.parts & 1u << part))
            continue;
        bool two = input->format.cyclic && part >= CR_DATE_MONTH;
        if (number == at && !two)
            cr_text_add(header, "%s", meanings[part]);
        else if (two && number - at < 2)
            cr_text_add(header, "%s of 2 pi %s", number == at ? "sine" : "cosine",
                        angles[part]);
        at += two ? 2 : 1;
    }
}

/* One of the numbers that an input of a table becomes. */
static void describe_number(const cr_encoding *encoding, size_t i, size_t number,
                            cr_text *header)
{
    const cr_input *input = &encoding->inputs[i];
    if (input->indicator && number == input->count - 1)
        cr_text_add(header, "1 where it is missing, else 0");
    else if (cr_input_is_date(input))
        describe_date(input, number, header);
    else if (input->words.count > 0) {
        cr_text_add(header, "1 for the word \"");
        cr_csource_comment(header, input->words.items[number]);
        cr_text_add(header, "\", else 0");
    } else if (encoding->fill)
        cr_text_add(header, "number, or NaN where it is missing");
    else
        cr_text_add(header, "number");
}

/* Where a column without a name stands in the training file; without inputs of several
 * kinds that is not known, and not asked. */
static size_t position_of(const cr_encoding *encoding, size_t i)
{
    return encoding->inputs ? encoding->inputs[i].position : i;
}

static void describe_column(const cr_encoding *encoding, size_t i, cr_text *header)
{
    if (i < encoding->columns.count) {
        cr_text_add(header, "\"");
        cr_csource_comment(header, encoding->columns.items[i]);
        cr_text_add(header, "\"");
    } else {
        cr_text_add(header, "column %zu", position_of(encoding, i));
    }
    if (i >= cr_encoding_file_inputs(encoding))
        cr_text_add(header, ", %zu rows earlier",
                    encoding->lags.items[i - cr_encoding_file_inputs(encoding)].step);
}

void cr_export_c_inputs_describe(const cr_encoding *encoding, bool encoded,
                                 cr_text *header)
{
    char shape[CR_SHAPE_TEXT];
    const char *how = encoded ? ", encoded and normalised as in training" : "";
    cr_shape_format(&encoding->shape, shape);
    if (encoding->shape.rank > 1 || (!encoding->inputs && encoding->columns.count == 0)) {
        cr_text_add(header, " *   x[0] to x[%zu]: %s values as in the data's files%s\n",
                    encoding->features - 1, shape, how);
        return;
    }
    cr_text_add(header, " *   (as in the data's files%s)\n", how);
    for (size_t i = 0; i < encoding->input_count; i++) {
        const cr_input *input = encoding->inputs ? &encoding->inputs[i] : NULL;
        size_t first = input ? input->first : i, count = input ? input->count : 1;
        for (size_t k = 0; k < count; k++) {
            cr_text_add(header, " *   x[%zu] ", first + k);
            describe_column(encoding, i, header);
            cr_text_add(header, ": ");
            if (input)
                describe_number(encoding, i, k, header);
            else
                cr_text_add(header, "number");
            cr_text_add(header, "\n");
        }
    }
}

/* An identifier for column i that no other has, in capitals either: of its name, or its
 * number. */
static void name_column(const cr_encoding *encoding, size_t i, char out[CR_IDENTIFIER])
{
    static const char numbered[] = "column_";
    char other[CR_IDENTIFIER];
    cr_identifier_make(i < encoding->columns.count ? encoding->columns.items[i] : "",
                       out);
    bool taken = i >= encoding->columns.count ||
                 strncasecmp(out, numbered, sizeof numbered - 1) == 0;
    for (size_t k = 0; !taken && k < i; k++)
        taken =
            strcasecmp(cr_identifier_make(encoding->columns.items[k], other), out) == 0;
    if (taken)
        snprintf(out, CR_IDENTIFIER, "%s%zu", numbered, position_of(encoding, i));
}

/* Bytes of all words, each with the 0 that ends it. */
static void write_words(const cr_names *words, const char *name, cr_csource *out)
{
    size_t size = 0;
    for (size_t i = 0; i < words->count; i++)
        size += strlen(words->items[i]) + 1;
    cr_csource_begin_bytes(out, name, "uint8_t", size);
    for (size_t i = 0; i < words->count; i++)
        for (const char *c = words->items[i];; c++) {
            cr_csource_byte(out, (unsigned char)*c);
            if (!*c)
                break;
        }
    cr_csource_end(out);
}

static const char set_word[] =
    "/* x[i] = 1 for the word with number i, else 0; of one that is none of them all "
    "are\n"
    " * `missing` */\n"
    "static int set_word(float *x, int count, float missing, const uint8_t *words,\n"
    "    const char *word)\n"
    "{\n"
    "    int i, found = 0;\n"
    "    for (i = 0; i < count; i++) {\n"
    "        const char *w = word;\n"
    "        for (; CR_READ_BYTE(words) == (uint8_t)*w && *w; words++)\n"
    "            w++;\n"
    "        x[i] = CR_READ_BYTE(words) == (uint8_t)*w ? 1.0f : 0.0f;\n"
    "        found |= CR_READ_BYTE(words) == (uint8_t)*w;\n"
    "        while (CR_READ_BYTE(words))\n"
    "            words++;\n"
    "        words++;\n"
    "    }\n"
    "    for (i = 0; !found && i < count; i++)\n"
    "        x[i] = missing;\n"
    "    return found;\n"
    "}\n\n";

static void declare_words(const cr_input *input, const char *name, const char *column,
                          cr_text *header, cr_csource *out)
{
    char words[2 * CR_IDENTIFIER];
    snprintf(words, sizeof words, "words_of_%s", column);
    write_words(&input->words, words, out);
    if (cr_csource_needs(out, "set_word"))
        cr_text_add(&out->functions, set_word);
    cr_text_add(header,
                "\n/* Sets the inputs of the column to a word: 1 if it is one that the "
                "model knows, else 0,\n * and then it counts as missing. */\n"
                "int %s_set_%s(float *x, const char *word);\n",
                name, column);
    cr_text_add(&out->functions,
                "int %s_set_%s(float *x, const char *word)\n"
                "{\n",
                name, column);
    size_t count = input->words.count;
    if (input->indicator)
        cr_text_add(&out->functions,
                    "    const int found = set_word(x + %zu, %zu, 0, %s, word);\n"
                    "    x[%zu] = found ? 0.0f : 1.0f;\n"
                    "    return found;\n"
                    "}\n\n",
                    input->first, count, words, input->first + count);
    else
        cr_text_add(&out->functions,
                    "    const float zero = 0;\n"
                    "    return set_word(x + %zu, %zu, zero / zero, %s, word);\n"
                    "}\n\n",
                    input->first, count, words);
}

static void declare_marked(const cr_input *input, const char *name, const char *column,
                           cr_text *header, cr_csource *out)
{
    cr_text_add(header,
                "\n/* Sets the inputs of the column to a number, or to NaN where it is "
                "missing. */\n"
                "void %s_set_%s(float *x, float value);\n",
                name, column);
    cr_text_add(&out->functions,
                "void %s_set_%s(float *x, float value)\n"
                "{\n"
                "    x[%zu] = value;\n"
                "    x[%zu] = value != value ? 1.0f : 0.0f;\n"
                "}\n\n",
                name, column, input->first, input->first + 1);
}

void cr_export_c_inputs_macros(const cr_encoding *encoding, const char *name,
                               cr_text *header)
{
    char column[CR_IDENTIFIER], capitals[CR_IDENTIFIER], model[CR_IDENTIFIER];
    cr_identifier_capitals(name, model);
    for (size_t i = 0; i < encoding->input_count && encoding->columns.count > 0; i++) {
        const cr_input *input = encoding->inputs ? &encoding->inputs[i] : NULL;
        name_column(encoding, i, column);
        cr_text_add(header, "#define %s_INPUT_%s %zu\n", model,
                    cr_identifier_capitals(column, capitals), input ? input->first : i);
    }
}

void cr_export_c_inputs_declare(const cr_encoding *encoding, const char *name,
                                cr_text *header, cr_csource *out)
{
    char column[CR_IDENTIFIER];
    for (size_t i = 0; encoding->inputs && i < encoding->input_count; i++) {
        const cr_input *input = &encoding->inputs[i];
        name_column(encoding, i, column);
        if (input->words.count > 0)
            declare_words(input, name, column, header, out);
        else if (input->indicator && !cr_input_is_date(input))
            declare_marked(input, name, column, header, out);
    }
}
