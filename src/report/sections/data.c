/* What the run was trained on, and on what it is looked at. */
#include "report/page_examples.h"
#include "report/page_section.h"

enum { MOST_NAMES = 40 };

static void write_inputs(const cr_encoding *encoding, cr_page_json *out)
{
    char name[CR_PAGE_EXAMPLES_CELL];
    size_t count = encoding->inputs ? encoding->input_count : encoding->features;
    cr_page_json_number(out, "inputs", (double)count);
    cr_page_json_number(out, "features", (double)encoding->features);
    cr_page_json_open(out, "shape", '[');
    for (size_t i = 0; i < encoding->shape.rank; i++)
        cr_page_json_number(out, NULL, (double)encoding->shape.dim[i]);
    cr_page_json_close(out, ']');
    cr_page_json_open(out, "columns", '[');
    for (size_t i = 0; encoding->shape.rank == 1 && i < count && i < MOST_NAMES; i++)
        cr_page_json_string(out, NULL, cr_page_examples_input(encoding, i, name));
    cr_page_json_close(out, ']');
}

static size_t at_most(size_t count, size_t most)
{
    return count < most ? count : most;
}

/* Examples: of what was read here, and else what training has counted. */
static void write_parts(const cr_page_run *run, cr_page_json *out)
{
    const cr_json *counted =
        cr_json_get_kind(run->summary.root, "examples", CR_JSON_OBJECT);
    cr_page_json_open(out, "parts", '{');
    for (int i = 0; i < CR_PARTS; i++) {
        const cr_json *count =
            cr_json_get_kind(counted, cr_part_names[i], CR_JSON_NUMBER);
        if (run->data.parts[i].dataset)
            cr_page_json_number(out, cr_part_names[i], (double)run->data.parts[i].count);
        else if (count)
            cr_page_json_number(out, cr_part_names[i], cr_json_number(count));
    }
    cr_page_json_close(out, '}');
}

static bool add(const cr_page_run *run, const char *key, cr_page_json *out, cr_error *err)
{
    static const char *const kinds[] = {[CR_REPORT_NUMBERS] = "numbers",
                                        [CR_REPORT_CLASSES] = "classes",
                                        [CR_REPORT_LABELS] = "labels"};
    const cr_encoding *encoding = run->model->encoding;
    const cr_names *targets = &encoding->targets, *classes = &encoding->classes;
    (void)err;
    cr_page_json_open(out, key, '{');
    cr_page_json_string(out, "kind", kinds[cr_report_kind_of(run->model)]);
    write_parts(run, out);
    write_inputs(encoding, out);
    cr_page_json_names(out, "targets", targets->items,
                       at_most(targets->count, MOST_NAMES));
    cr_page_json_number(out, "class_count", (double)classes->count);
    cr_page_json_names(out, "classes", classes->items,
                       at_most(classes->count, MOST_NAMES));
    if (run->part)
        cr_page_json_string(out, "on", cr_part_names[run->on]);
    cr_page_json_close(out, '}');
    return true;
}

const cr_page_section cr_page_section_data = {
    .key = "data", .of_model = true, .add = add};
