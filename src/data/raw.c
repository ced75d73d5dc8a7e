#include "data/raw.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

void cr_raw_finish(cr_raw *raw)
{
    cr_free(raw->content);
    for (size_t i = 0; raw->inputs && i < raw->input_count; i++)
        cr_words_finish(&raw->inputs[i].words);
    cr_free(raw->inputs);
    cr_free(raw->currencies);
    cr_numbers_destroy(raw->numbers);
    cr_free(raw->codes);
    cr_free(raw->weights);
    cr_free(raw->groups);
    cr_words_finish(&raw->classes);
    cr_unknown_finish(&raw->unknown);
    cr_names_finish(&raw->names);
    cr_text_finish(&raw->notes);
    *raw = (cr_raw){0};
}

/* The place of every found word among the known ones, -1 where it is not there. The
 * caller frees it; NULL when out of memory. */
static int32_t *find_places(const cr_names *known, const cr_names *found, cr_error *err)
{
    int32_t *places = cr_alloc_raw(found->count, sizeof *places, err);
    for (size_t i = 0; places && i < found->count; i++)
        places[i] = cr_names_place(known, found->items[i]);
    return places;
}

static bool translate_words(cr_raw *raw, size_t input, const cr_names *known,
                            cr_error *err)
{
    cr_words *words = &raw->inputs[input].words;
    if (words->names.count == 0)
        return true;
    int32_t *places = find_places(known, &words->names, err);
    if (!places || !cr_numbers_translate(raw->numbers, input, places, err))
        return false;
    cr_words_finish(words);
    return true;
}

/* The classes as a list for a message: "blue", "green", … */
static void list_classes(const cr_encoding *encoding, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < encoding->classes.count && used + 40 < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%.30s", i ? ", " : "",
                                 encoding->classes.items[i]);
    if (used + 40 >= size)
        snprintf(out + used, size - used, ", …");
}

/* What a class that is not known was meant to be: the same but for a final point, or a
 * likely one; NULL. */
static const char *meant_class(const cr_encoding *encoding, const char *found)
{
    const cr_names *classes = &encoding->classes;
    size_t length = strlen(found);
    for (size_t i = 0; i < classes->count; i++)
        if (length == strlen(classes->items[i]) + 1 && found[length - 1] == '.' &&
            strncmp(found, classes->items[i], length - 1) == 0)
            return classes->items[i];
    return cr_text_nearest(found, (const char *const *)classes->items, classes->count);
}

static bool refuse_class(const cr_raw *raw, const cr_encoding *encoding, size_t class,
                         cr_error *err)
{
    char known[256];
    const char *found = raw->classes.names.items[class];
    size_t line = raw->classes.lines[class];
    const char *file = raw->source->targets ? raw->source->targets : raw->source->path;
    list_classes(encoding, known, sizeof known);
    if (raw->counted && encoding->file_columns == 0) /* as in training */
        snprintf(known, sizeof known, "0 to %zu", encoding->classes.count - 1);
    if (raw->names.count == 0 && !raw->source->type->has_columns)
        return cr_fail(err, CR_E_DATA,
                       "%s: label %.60s of example %zu (from 0) is not in the training "
                       "data; its classes: %s",
                       file, found, line, known);
    const char *meant = meant_class(encoding, found);
    if (raw->names.count > 0)
        return cr_fail(err, CR_E_DATA,
                       "%s/%s: there is no such class folder in the training data; its "
                       "classes: %s%s%.60s%s",
                       file, found, known, meant ? "; if \"" : "", meant ? meant : "",
                       meant ? "\" is meant, rename the folder" : "");
    return cr_fail(err, CR_E_DATA,
                   "%s:%zu: class \"%.60s\" is not in the training data; its classes: "
                   "%s%s%.60s%s",
                   file, line, found, known, meant ? "; if \"" : "", meant ? meant : "",
                   meant ? "\" is meant, write it the same way in both files" : "");
}

static bool translate_classes(cr_raw *raw, const cr_encoding *encoding, cr_error *err)
{
    size_t count = raw->classes.names.count;
    if (count == 0)
        return true;
    int32_t *places = find_places(&encoding->classes, &raw->classes.names, err);
    bool good = places != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = places[i] >= 0 || refuse_class(raw, encoding, i, err);
    for (size_t i = 0; good && i < raw->rows; i++)
        raw->codes[i] = places[raw->codes[i]];
    cr_free(places);
    cr_words_finish(&raw->classes);
    return good;
}

/* Numbers without a shape, on either side, are taken for those of any shape; columns of a
 * table that are no numbers are not. */
static bool check_shape(const cr_raw *raw, const cr_encoding *encoding, cr_error *err)
{
    char found[CR_SHAPE_TEXT], expected[CR_SHAPE_TEXT];
    for (size_t i = 0; encoding->inputs && i < encoding->input_count; i++)
        if (encoding->inputs[i].words.count > 0 || cr_input_is_date(&encoding->inputs[i]))
            return cr_fail(err, CR_E_DATA,
                           "%s: the model takes words or dates of a table; this holds "
                           "numbers alone",
                           raw->source->path);
    if (raw->shape.rank > 1 && encoding->shape.rank > 1
            ? cr_shape_is_same(&raw->shape, &encoding->shape)
            : cr_shape_size(&raw->shape) == encoding->input_count)
        return true;
    return cr_fail(err, CR_E_DATA,
                   "%s: examples of %s, expected %s as in the training data",
                   raw->source->path, cr_shape_format(&raw->shape, found),
                   cr_shape_format(&encoding->shape, expected));
}

bool cr_raw_translate(cr_raw *raw, const cr_encoding *encoding, cr_error *err)
{
    if (raw->shape.rank > 0 && !check_shape(raw, encoding, err))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < raw->input_count; i++)
        good =
            !encoding->inputs || translate_words(raw, i, &encoding->inputs[i].words, err);
    return good && translate_classes(raw, encoding, err);
}
