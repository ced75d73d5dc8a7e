/* A model as C: one header, and one source with its constants, a function for each kind of
 * layer, and the function that predicts. */
#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "csource/identifier.h"
#include "exchange/export_c_examples.h"
#include "exchange/export_c_inputs.h"
#include "exchange/export_c_plan.h"
#include "exchange/export_c_weights.h"
#include "exchange/export_format.h"
#include "exchange/quantize.h"
#include "graph/layer_c.h"
#include "model/model_data.h"

#include <stdio.h>
#include <string.h>

typedef struct exporting {
    cr_model *model;
    const cr_export_options *options;
    cr_export_c_way way;
    bool *bytes; /* [node_count] layers whose weights become bytes */
    cr_export_c_plan plan;
    cr_workspace *workspace;
    cr_layer_weights *weights; /* [node_count] */
    cr_data data;
    bool has_data;
    cr_error no_data; /* why it has none */
    cr_csource out;
    cr_export_c_examples examples;
    cr_text header, source;
    char capitals[CR_IDENTIFIER]; /* of the model's name */
} exporting;

/* How the inputs become what the network takes. A factor goes into whatever weights take
 * them in; the rest of what is linear into those of a layer of flat inputs. */
static cr_export_c_way find_way(const cr_model *model, bool encoded)
{
    const cr_encoding *encoding = model->encoding;
    const cr_node *first = cr_export_c_plan_first(model->network);
    double factor = 1;
    if (encoded || (!encoding->shift && !encoding->fill))
        return CR_INPUTS_AS_THEY_ARE;
    if (first && first->type->channel_of &&
        (cr_export_c_inputs_have_factor(encoding, &factor) ||
         (first->type->flat && cr_export_c_inputs_can_fold(encoding))))
        return CR_INPUTS_FOLDED;
    return CR_INPUTS_PREPARED;
}

static bool write_node(const cr_node *node, const cr_layer_io *io, const cr_layer_c *c,
                       cr_csource *out, cr_error *err)
{
    enum { LONGEST = 200 };
    const cr_layer_type *type = node->type;
    cr_error own = CR_ERROR_INIT;
    if (strlen(node->name) > LONGEST)
        return cr_fail(
            err, CR_E_USAGE,
            "layer %.60s…: found a name of %zu characters, expected at most %d "
            "where C is to have it; give it a shorter one",
            node->name, strlen(node->name), LONGEST);
    if (!type->c_source && !type->channel_affine)
        return cr_fail(
            err, CR_E_USAGE,
            "layer %s: type \"%s\" has no export as C; train a network without "
            "it, and export that",
            node->name, type->name);
    if (type->c_source ? type->c_source(io, c, out, &own)
                       : cr_layer_c_affine(type, io, c, out, &own))
        return true;
    return cr_fail(err, own.code, "layer %s: %s", node->name, own.text);
}

static bool write_layer(exporting *e, size_t i, cr_error *err)
{
    const cr_node *node = &e->model->network->nodes[i];
    size_t count = node->plan.input_count;
    char y[CR_EXPORT_C_TEXT], bytes[CR_EXPORT_C_TEXT];
    char(*places)[CR_EXPORT_C_TEXT] = cr_alloc(count + 1, sizeof *places, err);
    const char **x = cr_alloc(count + 1, sizeof *x, err);
    bool good = places && x;
    for (size_t k = 0; good && k < count; k++)
        x[k] = cr_export_c_plan_place(&e->plan, node->inputs[k], places[k]);
    const cr_layer_c c = {
        .name = node->name,
        .x = x,
        .y = cr_export_c_plan_place(&e->plan, node->output, y),
        .weights = &e->weights[i],
        .bytes = e->bytes[i] ? cr_export_c_plan_bytes(&e->plan, i, bytes) : NULL};
    good = good && write_node(node, &e->workspace->io[i], &c, &e->out, err);
    cr_free(places);
    cr_free(x);
    return good;
}

/* Targets that were normalised, in the table's units. */
static void restore_targets(exporting *e)
{
    const cr_encoding *encoding = e->model->encoding;
    char scale[CR_CSOURCE_NUMBER], shift[CR_CSOURCE_NUMBER];
    for (size_t j = 0; encoding->target_scale && j < encoding->target_count; j++)
        cr_text_add(&e->out.statements, "    y[%zu] = y[%zu] * %s + %s;\n", j, j,
                    cr_csource_number(1 / encoding->target_scale[j], scale),
                    cr_csource_number(encoding->target_shift[j], shift));
}

static bool write_body(exporting *e, cr_error *err)
{
    const cr_network *network = e->model->network;
    const cr_loss_type *loss = e->model->loss.type;
    char place[CR_EXPORT_C_TEXT];
    if (e->way == CR_INPUTS_PREPARED)
        cr_export_c_inputs_prepare(e->model->encoding,
                                   cr_export_c_plan_place(&e->plan, 0, place), &e->out);
    for (size_t i = 0; i < network->node_count; i++)
        if (!e->plan.silent[i] && !write_layer(e, i, err))
            return false;
    if (e->plan.values[network->output].root == 0 && e->way == CR_INPUTS_AS_THEY_ARE) {
        cr_layer_c_add_copy(&e->out);
        cr_text_add(&e->out.statements, "    apply_copy(%zu, x, y);\n",
                    cr_model_outputs(e->model));
    }
    if (loss->c_source)
        loss->c_source(cr_model_outputs(e->model), &e->out);
    restore_targets(e);
    return true;
}

static const char *plural(double count)
{
    return count == 1 ? "" : "s";
}

static void write_costs(const exporting *e, cr_text *to)
{
    double ram = 4 * (double)e->plan.scratch, sums = e->out.multiply_adds;
    cr_text_add(to,
                "%zu bytes of flash for constants, %.0f byte%s of RAM, %.0f "
                "multiply-add%s a prediction",
                e->out.flash, ram, plural(ram), sums, plural(sums));
}

/* What y is. */
static void describe_outputs(exporting *e, cr_text *header)
{
    const cr_model *model = e->model;
    const cr_loss_type *loss = model->loss.type;
    for (size_t i = 0; i < cr_model_outputs(model); i++) {
        const char *class = cr_model_class(model, i);
        cr_text_add(header, " *   y[%zu] ", i);
        if (class) {
            cr_text_add(header, "%s of \"", loss->output_name);
            cr_csource_comment(header, class);
            cr_text_add(header, "\"\n");
        } else if (i < model->encoding->targets.count) {
            cr_text_add(header, "value of \"");
            cr_csource_comment(header, model->encoding->targets.items[i]);
            cr_text_add(header, "\"\n");
        } else {
            cr_text_add(header, "value\n");
        }
    }
}

/* The names of all classes or labels as a macro, for an array of strings. */
static void define_classes(exporting *e, cr_text *header)
{
    const cr_encoding *encoding = e->model->encoding;
    const cr_names *names = encoding->classify ? &encoding->classes : &encoding->targets;
    if (names->count == 0)
        return;
    cr_text_add(header, "#define %s_%s %zu\n#define %s_%s_NAMES {", e->capitals,
                encoding->classify ? "CLASSES" : "TARGETS", names->count, e->capitals,
                encoding->classify ? "CLASS" : "TARGET");
    for (size_t i = 0; i < names->count; i++) {
        cr_text_add(header, i ? ", \\\n    " : " \\\n    ");
        cr_csource_quote(header, names->items[i]);
    }
    cr_text_add(header, " }\n");
}

static void write_header(exporting *e, cr_text *declarations)
{
    const char *name = e->options->name, *N = e->capitals;
    cr_text *h = &e->header;
    cr_text_add(h,
                "/*\n"
                " * A network trained by chainrule %s, as C99 or C++.\n"
                " *\n"
                " * %s_predict(x, y) takes\n",
                CR_VERSION, name);
    cr_export_c_inputs_describe(e->model->encoding, e->options->encoded, h);
    cr_text_add(h, " * and gives\n");
    describe_outputs(e, h);
    cr_text_add(h, " *\n * It takes ");
    write_costs(e, h);
    cr_text_add(h,
                ".\n"
                " * -D%s_SELF_TEST adds a main that checks examples and exits with 0 if "
                "all are right.\n"
                " */\n"
                "#ifndef %s_H\n#define %s_H\n\n"
                "#define %s_INPUTS %zu\n#define %s_OUTPUTS %zu\n"
                "#define %s_SCRATCH %zu /* floats */\n",
                N, N, N, N, cr_model_inputs(e->model), N, cr_model_outputs(e->model), N,
                e->plan.scratch);
    if (strcmp(name, N) != 0)
        cr_text_add(h, "#define %s_INPUTS %s_INPUTS\n#define %s_OUTPUTS %s_OUTPUTS\n",
                    name, N, name, N);
    define_classes(e, h);
    if (declarations->length > 0)
        cr_text_add_bytes(h, declarations->data, declarations->length);
    cr_text_add(h,
                "\n/* x [%s_INPUTS], y [%s_OUTPUTS], which do not overlap. */\n"
                "void %s_predict(const float *x, float *y);\n\n"
                "/* The same with memory of the caller's, scratch [%s_SCRATCH], so that "
                "several may run\n * at once. */\n"
                "void %s_predict_with(const float *x, float *y, float *scratch);\n\n"
                "#ifdef %s_SELF_TEST\nint %s_self_test(float *worst);\n#endif\n\n"
                "#ifdef __cplusplus\n}\n#endif\n\n#endif\n",
                N, N, name, N, name, N, name);
}

static const char source_begin[] =
    "#include <stdint.h>\n"
    "\n"
    "#if defined(__AVR__) /* constants stay in program memory */\n"
    "#include <avr/pgmspace.h>\n"
    "#define CR_FLASH PROGMEM\n"
    "#define CR_READ(p) pgm_read_float(p)\n"
    "#define CR_READ_BYTE(p) pgm_read_byte(p)\n"
    "#else\n"
    "#define CR_FLASH\n"
    "#define CR_READ(p) (*(p))\n"
    "#define CR_READ_BYTE(p) (*(p))\n"
    "#endif\n"
    "\n";

static void add(cr_text *to, const cr_text *from)
{
    if (from->length > 0)
        cr_text_add_bytes(to, from->data, from->length);
}

static void write_source(exporting *e)
{
    const char *name = e->options->name, *N = e->capitals;
    cr_text *s = &e->source;
    cr_text_add(s, "/* %s.h says what this is. */\n#include \"%s.h\"\n\n", name, name);
    if (e->out.uses_libm)
        cr_text_add(s, "#include <math.h>\n");
    cr_text_add(s, source_begin);
    add(s, &e->out.constants);
    cr_text_add(s, "\n");
    add(s, &e->out.functions);
    cr_text_add(s, "void %s_predict_with(const float *x, float *y, float *scratch)\n{\n",
                name);
    if (e->plan.scratch == 0)
        cr_text_add(s, "    (void)scratch;\n");
    add(s, &e->out.statements);
    cr_text_add(s, "}\n\nvoid %s_predict(const float *x, float *y)\n{\n", name);
    if (e->plan.scratch > 0)
        cr_text_add(s, "    static float scratch[%s_SCRATCH];\n", N);
    cr_text_add(s, "    %s_predict_with(x, y, %s);\n}\n", name,
                e->plan.scratch > 0 ? "scratch" : "(float *)0");
    /* a value next to where bytes change may become the other one, by another rounding */
    cr_export_c_examples_write(&e->examples, name, e->options->quantize ? 0.02 : 1e-5, s);
}

/* Both files beside their places, and when both are whole into them. */
static bool write_files(const exporting *e, cr_error *err)
{
    const cr_text *texts[CR_EXPORT_FILES] = {&e->source, &e->header};
    cr_file_writer writers[CR_EXPORT_FILES] = {0};
    bool good = cr_directory_create(e->options->path, err);
    size_t begun = 0;
    for (size_t i = 0; good && i < CR_EXPORT_FILES; i++) {
        char *path = cr_export_format_file(&cr_export_format_c, e->options, i, err);
        good = path && cr_file_begin(&writers[i], path, err);
        begun += good;
        good = good && (fwrite(texts[i]->data, 1, texts[i]->length, writers[i].stream) ==
                            texts[i]->length ||
                        cr_fail(err, CR_E_IO, "%s: cannot write", path));
        cr_free(path);
    }
    for (size_t i = 0; i < begun; i++)
        if (good)
            good = cr_file_commit(&writers[i], err);
        else
            cr_file_cancel(&writers[i]);
    return good;
}

static bool plan(exporting *e, cr_error *err)
{
    cr_model *model = e->model;
    const cr_network *network = model->network;
    const cr_encoding *encoding = model->encoding;
    e->way = find_way(model, e->options->encoded);
    bool folds = e->way == CR_INPUTS_FOLDED, prepares = e->way == CR_INPUTS_PREPARED;
    e->bytes = cr_alloc(network->node_count, sizeof *e->bytes, err);
    for (size_t i = 0; e->bytes && e->options->quantize && i < network->node_count; i++)
        e->bytes[i] = cr_quantize_can(&network->nodes[i]);
    e->workspace = cr_workspace_create(network, 1, 1, false, err);
    if (!e->bytes || !e->workspace ||
        !cr_export_c_plan_init(&e->plan, network, prepares, e->bytes, err))
        return false;
    e->weights =
        cr_export_c_weights_create(&e->plan, e->workspace, folds ? encoding->shift : NULL,
                                   folds ? encoding->scale : NULL, err);
    return e->weights != NULL;
}

/* The texts of both files. */
static bool make_texts(exporting *e, cr_error *err)
{
    const cr_encoding *encoding = e->model->encoding;
    const char *name = e->options->name;
    cr_text declarations = {0};
    if (!e->options->encoded)
        cr_export_c_inputs_macros(encoding, name, &declarations);
    cr_text_add(&declarations, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    if (!e->options->encoded)
        cr_export_c_inputs_declare(encoding, name, &declarations, &e->out);
    write_header(e, &declarations);
    write_source(e);
    if (e->out.overflows)
        (void)cr_fail(err, CR_E_DATA,
                      "a weight, or a figure of normalisation, is beyond what a float "
                      "holds; train with values that are closer to 1");
    bool good = !e->out.overflows && !e->header.failed && !e->source.failed &&
                !cr_csource_failed(&e->out) && !declarations.failed;
    cr_text_finish(&declarations);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory"); /* the first error stays */
}

/* The weights as they are to be, and examples of what they predict. */
static bool make_weights(exporting *e, cr_text *notes, cr_error *err)
{
    const cr_network *network = e->model->network;
    const cr_part *part = e->has_data ? &e->data.parts[CR_PART_TRAIN] : NULL;
    cr_export_c_examples *examples = &e->examples;
    bool encoded = e->options->encoded;
    bool *passes = cr_alloc(network->node_count, sizeof *passes, err);
    for (size_t i = 0; passes && i < network->node_count; i++)
        passes[i] = e->plan.silent[i] && network->nodes[i].type->channel_affine;
    const cr_quantizing q = {.model = e->model,
                             .data = &e->data,
                             .passes = passes,
                             .bytes = e->bytes,
                             .weights = e->weights,
                             .raw = e->way == CR_INPUTS_FOLDED};
    bool good =
        passes && cr_export_c_examples_make(examples, e->model, part, encoded, err);
    if (good && e->options->quantize)
        good = (e->has_data || cr_quantize_refuse(&e->no_data, err)) &&
               cr_quantize(&q, e->options->max_loss, notes, err) &&
               cr_quantize_predict(&q, encoded, examples->x, examples->count, examples->y,
                                   err);
    cr_free(passes);
    return good;
}

static bool make(exporting *e, cr_text *notes, cr_error *err)
{
    e->has_data = cr_model_data_load(&e->data, e->model, &e->no_data);
    e->out.no_libm = e->options->no_libm;
    if (!plan(e, err) || !make_weights(e, notes, err) || !write_body(e, err) ||
        !make_texts(e, err))
        return false;
    write_costs(e, notes);
    return write_files(e, err);
}

static bool write(cr_model *model, const cr_export_options *options, cr_text *notes,
                  cr_error *err)
{
    exporting e = {.model = model, .options = options};
    cr_identifier_capitals(options->name, e.capitals);
    bool good = make(&e, notes, err);
    if (e.has_data)
        cr_data_finish(&e.data);
    cr_export_c_weights_destroy(e.weights, model->network->node_count);
    cr_export_c_plan_finish(&e.plan);
    cr_free(e.bytes);
    cr_workspace_destroy(e.workspace);
    cr_csource_finish(&e.out);
    cr_export_c_examples_finish(&e.examples);
    cr_text_finish(&e.header);
    cr_text_finish(&e.source);
    return good;
}

const cr_export_format cr_export_format_c = {
    .name = "c",
    .summary = "NAME.c and NAME.h, C99 without a library",
    .in_directory = true,
    .endings = {".c", ".h"},
    .check_name = cr_identifier_check,
    .write = write,
};
