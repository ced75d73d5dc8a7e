#include "config/typed_section.h"

#include "base/memory.h"

#include <string.h>

const cr_option cr_typed_section_type = {
    .key = "type",
    .kind = CR_OPTION_TEXT,
    .fallback = CR_REQUIRED,
    .help = "which one",
};

int cr_typed_section_find(cr_reader *reader, const char *path, const char *what,
                          const char *name, const cr_typed *types, size_t count)
{
    const char *known[CR_MOST_TYPES];
    for (size_t i = 0; i < count; i++) {
        if (strcmp(types[i].name, name) == 0)
            return (int)i;
        known[i] = types[i].name;
    }
    return cr_reader_unknown(reader, path, what, name, known, count);
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
    const char *name = cr_json_get_string(object, "type");
    char path[CR_WHERE];
    int index = name ? cr_typed_section_find(reader, cr_json_path(key, "type", path),
                                             what, name, types, count)
                     : -1;
    if (name && index < 0)
        return -1;
    const cr_typed *row = index < 0 ? &(cr_typed){0} : &types[index];
    if (row->options_size > 0) {
        *options = cr_alloc(1, row->options_size, reader->err);
        if (!*options)
            return -1;
    }
    const char *ignored = NULL;
    cr_option_group groups[] = {{&cr_typed_section_type, 1, &ignored},
                                {row->options, row->option_count, *options},
                                more ? *more : (cr_option_group){0}};
    cr_options_read(reader, key, object, groups, 3);
    return index;
}
