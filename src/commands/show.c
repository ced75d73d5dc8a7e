/* chainrule show: a page of pictures. */
#include "inspect/show.h"
#include "base/number.h"
#include "base/text.h"
#include "base/text_visible.h"
#include "commands/command.h"
#include "commands/kind.h"
#include "commands/output.h"
#include "commands/subject.h"
#include "commands/suggest.h"
#include "image/png.h"

#include <string.h>
#include <strings.h>

enum { OUT, WHAT, ON, LABELS, RESIZE, COUNT, COLUMNS, SCALE, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "FILE", "the page, a PNG"},
    [WHAT] = {0, "what", "SHEET",
              "inputs (of a CONFIG), mistakes or filters (of a RUN; default: both)"},
    [ON] = {0, "on", "WHAT",
            "mistakes on train, validation, test, a FILE or a FOLDER (default: test, or "
            "else validation, or else train)"},
    [LABELS] = {0, "labels", "FILE", "labels for --on FILE, when that holds IDX images"},
    [RESIZE] =
        {0, "resize", NULL,
         "make pictures of --on FOLDER fit that have another size than the model's "
         "(always where its config has \"size\")"},
    [COUNT] = {0, "count", "N", "the most pictures of a sheet (default: 48)"},
    [COLUMNS] = {0, "columns", "N", "pictures in a row (default: a page's width)"},
    [SCALE] = {0, "scale", "N",
               "enlarge each pixel to NxN (default: pictures of about 100 pixels)"},
};

static const char details[] =
    "Of a CONFIG: the first batch that its network is fed, augmented as in training, "
    "with\n"
    "what each example is. Of a RUN, which is a run directory or a model file: the "
    "examples\n"
    "that it gets most wrong, the worst first, with what it says (red) and what is "
    "right\n"
    "(blue), and the weights of the first layer that looks at the image. Mistakes that "
    "are\n"
    "files are listed on stdout too. Examples must be images: pictures, or tables with\n"
    "\"shape\" in \"data\".\n"
    "\n"
    "Examples:\n"
    "  chainrule show configs/digits_conv.json -o inputs.png\n"
    "  chainrule show runs/digits_conv -o run.png\n"
    "  chainrule show runs/digits_conv -o train.png --what mistakes --on train --count "
    "100\n";

static const char *const sheets[] = {"inputs", "filters", "mistakes"};
enum { INPUTS, FILTERS, MISTAKES, SHEETS };

/* What is to be shown. */
typedef struct request {
    const cr_arguments *arguments;
    int what; /* SHEETS: all that there are */
    size_t count;
    cr_sheet sheet;
} request;

static bool wants(const request *r, int what)
{
    return r->what == what || r->what == SHEETS;
}

/* Whether the page may be written where -o says. */
static bool check_out(const request *r, const cr_json *config, cr_error *err)
{
    const char *from = r->arguments->items[0], *on = r->arguments->values[ON];
    const cr_protected inputs[] = {{from, "what is to be shown"}, {on, "the data"}};
    return cr_output_check(r->arguments->values[OUT], inputs, CR_COUNT(inputs), config,
                           err);
}

static bool write(const request *r, cr_error *err)
{
    const char *path = r->arguments->values[OUT];
    cr_picture page = {0};
    bool good = cr_sheet_draw(&r->sheet, &page, err) && cr_png_write(path, &page, err);
    cr_picture_finish(&page);
    if (good)
        cr_print("saved in %s\n", path);
    return good;
}

static bool show_config(request *r, cr_error *err)
{
    const cr_recipe recipe = cr_command_recipe(r->arguments, 0, CR_LOAD_TO_CHECK);
    if (r->what == FILTERS || r->what == MISTAKES)
        return cr_fail(
            err, CR_E_USAGE,
            "%s: it is a config, whose network is not trained; --what %s is of "
            "a RUN: chainrule train %s makes one",
            r->arguments->items[0], sheets[r->what], r->arguments->items[0]);
    if (r->arguments->values[ON])
        return cr_fail(err, CR_E_USAGE,
                       "--on says which data a RUN is looked at on; of a CONFIG the "
                       "first batch of the training part is shown");
    cr_experiment *e = cr_command_load(&recipe, err);
    bool good = e && check_out(r, e->model.document.root, err) &&
                cr_show_inputs(&r->sheet, e, r->count, err) && write(r, err);
    cr_experiment_destroy(e);
    return good;
}

static int width_of(const char *text)
{
    return text ? (int)cr_text_visible_width(text, strlen(text)) : 0;
}

/* The files of the mistakes, a line each; examples of tables and arrays have none. */
static void print_files(const cr_sheet *sheet, const cr_show_list *list,
                        const cr_names *files)
{
    const cr_sheet_tile *tiles = sheet->sections[list->section].tiles;
    int widths[2] = {4, 2}, ends[2] = {0, 0};
    for (size_t i = 0; i < list->count; i++)
        for (int k = 0; k < 2; k++) {
            int text = width_of(tiles[i].lines[k].text);
            int end = width_of(tiles[i].lines[k].end);
            widths[k] = text > widths[k] ? text : widths[k];
            ends[k] = end > ends[k] ? end : ends[k];
        }
    cr_print("%-*s %*s  %-*s %*s  %s\n", widths[0], "says", ends[0], "", widths[1], "is",
             ends[1], "", "file");
    for (size_t i = 0; i < list->count; i++) {
        for (int k = 0; k < 2; k++)
            cr_print("%-*s %*s  ", widths[k], tiles[i].lines[k].text, ends[k],
                     tiles[i].lines[k].end ? tiles[i].lines[k].end : "");
        cr_print("%s\n", files->items[list->rows[i]]);
    }
}

static bool show_mistakes(request *r, cr_model *model, cr_error *err)
{
    const char *const *values = r->arguments->values;
    const cr_subject_choice choice = {values[ON], values[LABELS], values[RESIZE] != NULL,
                                      false};
    cr_subject s;
    cr_show_list list = {0};
    bool good = cr_subject_load(&s, model, &choice, err) &&
                cr_show_mistakes(&r->sheet, model, &s.part, s.of, r->count, &list, err);
    if (good) {
        cr_print("%s\n", list.summary.data);
        if (list.count > 0 && s.part.dataset->names.count > 0)
            print_files(&r->sheet, &list, &s.part.dataset->names);
    }
    cr_show_mistakes_finish(&list);
    cr_subject_finish(&s);
    return good;
}

/* A network without filters to see still has mistakes. */
static bool show_filters(request *r, const cr_model *model, cr_error *err)
{
    cr_error none = CR_ERROR_INIT;
    if (r->what == FILTERS)
        return cr_show_filters(&r->sheet, model, r->count, err);
    if (cr_show_filters(&r->sheet, model, r->count, &none) || none.code != CR_E_USAGE)
        return none.count == 0 || cr_fail(err, none.code, "%s", none.text);
    cr_command_warn(none.text);
    return true;
}

static bool show_run(request *r, cr_error *err)
{
    const char *path = r->arguments->items[0];
    if (r->what == INPUTS)
        return cr_fail(err, CR_E_USAGE,
                       "--what inputs is of a CONFIG; that of a run is chainrule show "
                       "%s/config.json",
                       path);
    if (r->arguments->override_count > 0)
        return cr_fail(err, CR_E_USAGE,
                       "%s: a RUN is as it was trained; overrides are for a CONFIG",
                       r->arguments->overrides[0]);
    cr_model *model = cr_command_load_model(path, err);
    bool good = model && check_out(r, model->document.root, err) &&
                (!wants(r, MISTAKES) || show_mistakes(r, model, err)) &&
                (!wants(r, FILTERS) || show_filters(r, model, err)) && write(r, err);
    cr_model_destroy(model);
    return good;
}

static bool read_number(const char *option, const char *text, double most, size_t *number,
                        cr_error *err)
{
    double value = 0;
    if (!text)
        return true;
    if (!cr_number_parse(text, strlen(text), &value) || !(value >= 1 && value <= most) ||
        value != (double)(size_t)value)
        return cr_fail(err, CR_E_USAGE,
                       "--%s: found \"%s\", expected a whole number from 1 to %.0f",
                       option, text, most);
    *number = (size_t)value;
    return true;
}

static bool read_numbers(request *r, cr_error *err)
{
    const char *const *values = r->arguments->values;
    return read_number("count", values[COUNT], 10000, &r->count, err) &&
           read_number("columns", values[COLUMNS], 1000, &r->sheet.columns, err) &&
           read_number("scale", values[SCALE], 100, &r->sheet.scale, err);
}

/* The name of a file that says it is no PNG. */
static bool is_other_format(const char *path)
{
    static const char *const others[] = {"jpg", "jpeg", "svg", "pdf",  "gif", "bmp",
                                         "txt", "json", "csv", "html", "ppm", "webp"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < CR_COUNT(others); i++)
        if (strcasecmp(dot + 1, others[i]) == 0)
            return true;
    return false;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const char *const *values = arguments->values, *path = arguments->items[0];
    (void)context;
    request r = {
        .arguments = arguments, .what = SHEETS, .count = 48, .sheet = {.title = path}};
    cr_error err = CR_ERROR_INIT;
    if (!values[OUT])
        return cr_command_usage(&cr_command_show,
                                "where to? -o FILE names the page: -o page.png");
    if (is_other_format(values[OUT]))
        return cr_command_usage(&cr_command_show,
                                "-o %s: the page is a PNG; its name ends in .png",
                                values[OUT]);
    for (int i = 0; values[WHAT] && i < SHEETS; i++)
        r.what = strcmp(values[WHAT], sheets[i]) == 0 ? i : r.what;
    if (values[WHAT] && r.what == SHEETS)
        return cr_suggest_unknown(&cr_command_show, "sheet", values[WHAT], sheets,
                                  SHEETS);
    cr_kind kind = cr_kind_of(path);
    bool trained = kind == CR_KIND_RUN || kind == CR_KIND_MODEL || kind == CR_KIND_SWEEP;
    bool good =
        read_numbers(&r, &err) && (trained ? show_run(&r, &err) : show_config(&r, &err));
    cr_sheet_finish(&r.sheet);
    return good ? CR_EXIT_DONE : cr_command_error(&err);
}

const cr_command cr_command_show = {
    .name = "show",
    .arguments = "CONFIG [key.path=value ...] | RUN -o FILE [--what inputs|filters|"
                 "mistakes] [--on WHAT]",
    .summary = "Pictures: what a network is fed, its first filters, its worst mistakes.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIG,
    .missing = "which CONFIG or RUN?",
    .run = run,
};
