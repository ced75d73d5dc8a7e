/* A format that models are exported to: what a row of the table in export.c says. */
#ifndef CHAINRULE_EXCHANGE_EXPORT_FORMAT_H
#define CHAINRULE_EXCHANGE_EXPORT_FORMAT_H

#include "base/text.h"
#include "model/model.h"

enum { CR_EXPORT_FILES = 2 };

typedef struct cr_export_format {
    const char *name, *summary;
    /* Where the files go: -o is a directory, with the model's name and each of the endings
     * for the files in it; or it is the one file, whose name usually ends so. */
    bool in_directory;
    const char *endings[CR_EXPORT_FILES]; /* NULL behind the last */

    /* Whether the name will do; it is never NULL. NULL: any does. */
    bool (*check_name)(const char *name, cr_error *err);

    /* Writes the files whole, or none. Adds a line for people about what was written. The
     * options are whole: path and name are there. */
    bool (*write)(cr_model *model, const cr_export_options *options, cr_text *notes,
                  cr_error *err);
} cr_export_format;

/* File i of those that are written to, for a format and options that have a path and a
 * name; NULL with err. The caller frees it. */
CR_MUST_CHECK char *cr_export_format_file(const cr_export_format *format,
                                          const cr_export_options *options, size_t i,
                                          cr_error *err);

extern const cr_export_format cr_export_format_c;
extern const cr_export_format cr_export_format_onnx;

#endif
