#include "exchange/export.h"

#include "base/memory.h"
#include "math/kernel.h"

#include <stdio.h>
#include <string.h>

const cr_export_format *const cr_export_formats[] = {
    &cr_export_format_c,
    &cr_export_format_onnx,
};

const size_t cr_export_format_count = CR_COUNT(cr_export_formats);

const cr_export_format *cr_export_find(const char *name)
{
    for (size_t i = 0; i < cr_export_format_count; i++)
        if (strcmp(cr_export_formats[i]->name, name) == 0)
            return cr_export_formats[i];
    return NULL;
}

static void check_segment(void *user, const cr_segment *segment, cr_real *block)
{
    if (!cr_kernel_all_finite(segment->size, block + segment->offset))
        (void)cr_fail(user, CR_E_DATA,
                      "\"%s\" has a value that is NaN or infinite, and so would all "
                      "predictions be; export a run that did not diverge",
                      segment->full_name);
}

bool cr_export_write(cr_model *model, const cr_export_options *options, cr_text *notes,
                     cr_error *err)
{
    cr_error own = CR_ERROR_INIT;
    err = err ? err : &own;
    cr_export_options whole = *options;
    const cr_export_format *format =
        options->format ? cr_export_find(options->format) : NULL;
    whole.name = options->name ? options->name : "model";
    if (!format)
        return cr_fail(err, CR_E_USAGE, "unknown format \"%s\" to export to",
                       options->format ? options->format : "");
    if (!options->path)
        return cr_fail(err, CR_E_USAGE, "no path was given to export to");
    if (format->check_name && !format->check_name(whole.name, err))
        return false;
    cr_network_visit(model->network, check_segment, err);
    return err->count == 0 && format->write(model, &whole, notes, err);
}

bool cr_model_export(cr_model *model, const cr_export_options *options, cr_error *err)
{
    cr_text notes = {0};
    bool good = cr_export_write(model, options, &notes, err);
    cr_text_finish(&notes);
    return good;
}
