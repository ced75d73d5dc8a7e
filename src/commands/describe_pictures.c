#include "commands/describe_pictures.h"

#include "base/memory.h"
#include "base/text_visible.h"
#include "commands/print.h"

#include <string.h>

static size_t shown_sizes(const cr_picture_survey *survey)
{
    return survey->size_count < CR_PICTURE_SIZES ? survey->size_count : CR_PICTURE_SIZES;
}

/* What there is, and what the config makes of it. */
static void print_sizes(FILE *out, const cr_picture_survey *survey)
{
    const cr_picture_size *sizes = survey->sizes;
    size_t size[2];
    if (survey->size_count == 0)
        return;
    if (survey->size_count == 1)
        cr_print_to(out, "size: all %ux%u (height x width)", sizes[0].height,
                    sizes[0].width);
    else
        cr_print_to(out, "sizes (height x width):");
    for (size_t i = 0; survey->size_count > 1 && i < shown_sizes(survey); i++)
        cr_print_to(out, "%s %ux%u: %zu", i > 0 ? "," : "", sizes[i].height,
                    sizes[i].width, sizes[i].pictures);
    if (survey->size_count > CR_PICTURE_SIZES)
        cr_print_to(out, ", and %zu others", survey->size_count - CR_PICTURE_SIZES);
    if (cr_picture_survey_size(survey, size))
        cr_print_to(out, "; the config makes %s %zux%zu: \"size\" in it changes that",
                    survey->size_count == 1 ? "them" : "all", size[0], size[1]);
    cr_print_to(out, "\n");
}

void cr_describe_pictures_print(FILE *out, const cr_picture_survey *survey)
{
    enum { LEAST = 12, MOST = 40 };
    size_t width = LEAST;
    for (size_t i = 0; i < survey->classes.count; i++) {
        const char *name = survey->classes.items[i];
        size_t wide = cr_text_visible_width(name, strlen(name));
        width = wide > width ? wide : width;
    }
    width = width > MOST ? MOST : width;
    cr_print_to(out, "%s: %zu picture%s, %zu with colours, %zu class%s\n", survey->folder,
                survey->list.files.count, survey->list.files.count == 1 ? "" : "s",
                survey->coloured, survey->classes.count,
                survey->classes.count == 1 ? "" : "es");
    print_sizes(out, survey);
    cr_print_to(out, "%-*s %9s\n", (int)width, "class", "pictures");
    for (size_t i = 0; i < survey->classes.count; i++)
        cr_print_to(out, "%-*s %9zu\n", (int)width, survey->classes.items[i],
                    survey->counts[i]);
    for (const char *line = survey->odd.data; line && *line;
         line += strcspn(line, "\n") + 1)
        cr_print_to(out, "odd: %.*s\n", (int)strcspn(line, "\n"), line);
}

static bool add_size(cr_json *list, const cr_picture_size *size)
{
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    return object && cr_json_set_number(object, "height", size->height) &&
           cr_json_set_number(object, "width", size->width) &&
           cr_json_set_number(object, "pictures", (double)size->pictures);
}

static bool add_class(cr_json *list, const char *name, size_t pictures)
{
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    return object && cr_json_set_string(object, "name", name) &&
           cr_json_set_number(object, "pictures", (double)pictures);
}

static bool add_lists(cr_json *root, const cr_picture_survey *survey)
{
    cr_json *sizes = cr_json_add(root, "sizes", CR_JSON_ARRAY);
    cr_json *classes = sizes ? cr_json_add(root, "classes", CR_JSON_ARRAY) : NULL;
    cr_json *odd = classes ? cr_json_add(root, "oddities", CR_JSON_ARRAY) : NULL;
    bool good = odd != NULL;
    for (size_t i = 0; good && i < shown_sizes(survey); i++)
        good = add_size(sizes, &survey->sizes[i]);
    for (size_t i = 0; good && i < survey->classes.count; i++)
        good = add_class(classes, survey->classes.items[i], survey->counts[i]);
    for (const char *line = survey->odd.data; good && line && *line;
         line += strcspn(line, "\n") + 1) {
        char *copy = cr_text_copy(line, strcspn(line, "\n"), NULL);
        good = copy && cr_json_set_string(odd, NULL, copy);
        cr_free(copy);
    }
    return good;
}

bool cr_describe_pictures_json(const cr_picture_survey *survey, cr_error *err)
{
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = root &&
                cr_json_set_number(root, "pictures", (double)survey->list.files.count) &&
                cr_json_set_number(root, "coloured", (double)survey->coloured) &&
                cr_json_set_number(root, "different_sizes", (double)survey->size_count) &&
                add_lists(root, survey) && cr_print_json(stdout, root, true);
    cr_json_free(root);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}
