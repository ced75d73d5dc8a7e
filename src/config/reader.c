#include "config/reader.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "config/synonyms.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE = 1024 };

/* Whether no further message fits. Then it is only counted: to find its place, the whole
 * text is walked through. */
static bool is_full(const cr_error *err)
{
    return err->count > 0 && err->length + 2 >= sizeof err->text;
}

void cr_reader_error(cr_reader *reader, const char *path, const char *format, ...)
{
    char message[MESSAGE], where[CR_WHERE];
    if (is_full(reader->err)) {
        reader->err->count++;
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    cr_error_add(reader->err, CR_E_CONFIG, "%s: %s",
                 cr_document_where(reader->document, path, where), message);
}

void cr_reader_warn(cr_reader *reader, const char *path, const char *format, ...)
{
    char message[MESSAGE], where[CR_WHERE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    cr_text_add_line(reader->warnings, "%s: %s",
                     cr_document_where(reader->document, path, where), message);
}

static void add_names(cr_text *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cr_text_add(out, "%s%s", i ? ", " : "", names[i]);
}

int cr_reader_unknown(cr_reader *reader, const char *path, const char *what,
                      const char *found, const char *const *known, size_t count)
{
    if (is_full(reader->err)) {
        reader->err->count++;
        return -1;
    }
    const char *ours = cr_synonyms_find(found, known, count);
    const char *note = ours ? NULL : cr_synonyms_note(found);
    const char *near = cr_text_nearest(found, known, count);
    const char *meant = ours ? ours : note ? NULL : near;
    const cr_home *home = strcmp(what, "key") == 0 ? cr_synonyms_home(found) : NULL;
    cr_text message = {0};
    cr_text_add(&message, "unknown %s \"%.100s\"; ", what, found);
    if (ours)
        cr_text_add(&message, "here it is called \"%s\"; ", ours);
    else if (note)
        cr_text_add(&message, "%s; ", note);
    else if (home)
        cr_text_add(&message, "\"%s\" belongs into %s; ", home->key, home->place);
    else if (near)
        cr_text_add(&message, "did you mean \"%s\"? ", near);
    cr_text_add(&message, "known: ");
    add_names(&message, known, count);
    cr_reader_error(reader, path, "%s", message.failed ? "unknown name" : message.data);
    cr_text_finish(&message);
    for (size_t i = 0; meant && i < count; i++)
        if (known[i] == meant)
            return (int)i;
    return -1;
}

/* The path that the text at `path` of the config stands for, made absolute. problem_of
 * says why it is not what it should be, or NULL. The caller frees it; NULL with an
 * error. */
static char *find_path(cr_reader *reader, const char *path, const char *text,
                       const char *(*problem_of)(const char *))
{
    bool from_override = cr_document_origin(reader->document, path) != NULL;
    char *joined =
        cr_path_join(from_override ? "" : reader->directory, text, reader->err);
    char *whole = joined && reader->elsewhere
                      ? cr_path_join(reader->elsewhere, joined, reader->err)
                      : joined;
    char *absolute = whole ? cr_path_absolute(whole, reader->err) : NULL;
    const char *problem = absolute && !reader->elsewhere ? problem_of(absolute) : NULL;
    if (whole != joined)
        cr_free(whole);
    cr_free(joined);
    if (!problem)
        return absolute;
    cr_reader_error(reader, path, "\"%s\": %s (looked for %s)", text, problem, absolute);
    cr_free(absolute);
    return NULL;
}

static const char *read_path(cr_reader *reader, const char *path, cr_json *object,
                             const char *key, const char *(*problem_of)(const char *))
{
    const char *text = cr_json_string(cr_json_get(object, key));
    char *absolute = find_path(reader, path, text, problem_of);
    bool set = absolute && cr_json_set_string(object, key, absolute);
    if (absolute && !set)
        cr_error_add(reader->err, CR_E_MEMORY, "out of memory");
    cr_free(absolute);
    return set ? cr_path_short(cr_json_string(cr_json_get(object, key))) : NULL;
}

const char *cr_reader_path(cr_reader *reader, const char *path, cr_json *object,
                           const char *key)
{
    return read_path(reader, path, object, key, cr_file_problem);
}

const char *cr_reader_folder(cr_reader *reader, const char *path, cr_json *object,
                             const char *key)
{
    return read_path(reader, path, object, key, cr_directory_problem);
}

const cr_json *cr_reader_paths(cr_reader *reader, const char *path, cr_json *object,
                               const char *key)
{
    const cr_json *value = cr_json_get(object, key);
    if (cr_json_is(value, CR_JSON_STRING))
        return cr_reader_path(reader, path, object, key) ? cr_json_get(object, key)
                                                         : NULL;
    cr_json *list = cr_json_new(CR_JSON_ARRAY);
    bool all = list != NULL, memory = all;
    size_t index = 0;
    for (const cr_json *item = cr_json_first(value); item; item = cr_json_next(item)) {
        char where[CR_WHERE], number[24];
        snprintf(number, sizeof number, "%zu", index++);
        cr_json_path(path, number, where);
        char *absolute = find_path(reader, where, cr_json_string(item), cr_file_problem);
        all = all && absolute;
        memory = memory && (!all || cr_json_set_string(list, NULL, absolute));
        cr_free(absolute);
    }
    char *text = all && memory ? cr_json_print(list, false) : NULL;
    bool set = text && cr_json_set_text(object, key, text);
    if ((all || !list) && !set)
        cr_error_add(reader->err, CR_E_MEMORY, "out of memory");
    cr_free(text);
    cr_json_free(list);
    return set ? cr_json_get(object, key) : NULL;
}
