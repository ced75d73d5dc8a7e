#include "config/typed_section.h"

#include "base/memory.h"

#include <string.h>

typedef struct fields {
    const char *type;
} fields;

static const cr_option type_option[] = {
    {.key = "type",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(fields, type),
     .fallback = CR_REQUIRED,
     .help = "which one"},
};

/* One that is not known is taken for what was likely meant, after the error, so that its
 * other keys are read too; or -1. */
static int find(cr_reader *reader, const char *key, const char *what, const char *name,
                const cr_typed *types, size_t count)
{
    const char *known[CR_MOST_TYPES];
    for (size_t i = 0; i < count; i++) {
        if (strcmp(types[i].name, name) == 0)
            return (int)i;
        known[i] = types[i].name;
    }
    char path[CR_WHERE];
    return cr_reader_unknown(reader, cr_json_path(key, "type", path), what, name, known,
                             count);
}

int cr_typed_section_read(cr_reader *reader, cr_json *root, const char *key,
                          const char *what, const char *fallback, const cr_typed *types,
                          size_t count, const cr_option_group *more, void **options)
{
    *options = NULL;
    cr_json *object = cr_options_section(reader, root, key);
    if (!object)
        return -1;
    if (fallback && !cr_json_get(object, "type") &&
        !cr_json_set_string(object, "type", fallback)) {
        cr_error_add(reader->err, CR_E_MEMORY, "out of memory");
        return -1;
    }
    const cr_json *type = cr_json_get(object, "type");
    int index = -1;
    bool named = type && cr_json_kind_of(type) == CR_JSON_STRING;
    if (named)
        index = find(reader, key, what, cr_json_string(type), types, count);
    if (named && index < 0)
        return -1;
    const cr_typed *row = index < 0 ? &(cr_typed){0} : &types[index];
    if (row->options_size > 0) {
        *options = cr_alloc(1, row->options_size, reader->err);
        if (!*options)
            return -1;
    }
    fields ignored = {0};
    cr_option_group groups[] = {{type_option, 1, &ignored},
                                {row->options, row->option_count, *options},
                                more ? *more : (cr_option_group){0}};
    cr_options_read(reader, key, object, groups, 3);
    return index;
}
