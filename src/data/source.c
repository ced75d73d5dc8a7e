#include "data/source.h"

#include "base/path.h"
#include "data/raw.h"

const char *const cr_part_names[CR_PARTS] = {"train", "validation", "test"};

const char *cr_source_path(const cr_source *source, size_t i)
{
    if (!cr_json_is(source->paths, CR_JSON_ARRAY))
        return i == 0 ? source->path : NULL;
    const cr_json *item = cr_json_first(source->paths);
    while (item && i-- > 0)
        item = cr_json_next(item);
    return item ? cr_path_short(cr_json_string(item)) : NULL;
}

bool cr_source_open(cr_opened *opened, const cr_source *source, cr_error *err)
{
    *opened = (cr_opened){.source = source};
    if (!source->type->open || source->type->open(opened, err))
        return true;
    *opened = (cr_opened){0};
    return false;
}

void cr_source_close(cr_opened *opened)
{
    if (opened->source && opened->source->type->close)
        opened->source->type->close(opened);
    *opened = (cr_opened){0};
}

bool cr_source_read(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                    cr_error *err)
{
    *raw = (cr_raw){.source = opened->source};
    bool good = opened->source->type->read(opened, reading, raw, err);
    if (good && raw->rows > UINT32_MAX)
        good = cr_fail(err, CR_E_DATA, "%s: %zu rows; the most is %lu",
                       opened->source->path, raw->rows, (unsigned long)UINT32_MAX);
    if (!good)
        cr_raw_finish(raw);
    return good;
}
