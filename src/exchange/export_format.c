#include "exchange/export_format.h"

#include "base/memory.h"
#include "base/path.h"

#include <string.h>

char *cr_export_format_file(const cr_export_format *format,
                            const cr_export_options *options, size_t i, cr_error *err)
{
    cr_text name = {0};
    if (!format->in_directory)
        return cr_text_copy(options->path, strlen(options->path), err);
    cr_text_add(&name, "%s%s", options->name, format->endings[i]);
    char *path = name.failed ? NULL : cr_path_join(options->path, name.data, err);
    if (name.failed)
        (void)cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_text_finish(&name);
    return path;
}
