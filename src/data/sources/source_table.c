/* The table of the sources of data: a new one is one file and one row here. */
#include "data/source.h"

const cr_source_type *const cr_source_types[] = {
    &cr_source_table,        &cr_source_idx,     &cr_source_npy,      &cr_source_memory,
    &cr_source_memory_table, &cr_source_cifar10, &cr_source_cifar100, &cr_source_folder,
};

const size_t cr_source_type_count = CR_COUNT(cr_source_types);

static bool has_key(const cr_source_type *type, const cr_json *object)
{
    for (size_t i = 0; i < type->option_count; i++)
        if (cr_json_get(object, type->options[i].key))
            return true;
    return false;
}

const cr_source_type *cr_source_type_of(const cr_json *value)
{
    bool is_path = cr_json_is(value, CR_JSON_STRING);
    for (size_t i = 0; i < cr_source_type_count; i++) {
        const cr_source_type *type = cr_source_types[i];
        if (is_path ? type->option_count == 0 : has_key(type, value))
            return type;
    }
    return NULL;
}

const cr_source_type *cr_source_first_object(void)
{
    size_t i = 0;
    while (cr_source_types[i]->option_count == 0)
        i++;
    return cr_source_types[i];
}

cr_source cr_source_of_file(const char *path, const char *targets,
                            const cr_table_format *format)
{
    const cr_source_type *type = NULL, *other = NULL;
    for (size_t i = 0; !type && i < cr_source_type_count; i++) {
        if (cr_source_types[i]->in_memory)
            continue;
        if (!cr_source_types[i]->recognize)
            other = cr_source_types[i];
        else if (cr_source_types[i]->recognize(path))
            type = cr_source_types[i];
    }
    type = type ? type : other;
    return (cr_source){.type = type,
                       .path = path,
                       .is_named = true,
                       .targets = type->has_target_file ? targets : NULL,
                       .max_bytes = CR_SOURCE_MAX_BYTES,
                       .header = -1,
                       .format = *format};
}
