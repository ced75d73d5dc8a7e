/* Models for programs without this library: a format is one file and one row in the table
 * of export.c. */
#ifndef CHAINRULE_EXCHANGE_EXPORT_H
#define CHAINRULE_EXCHANGE_EXPORT_H

#include "exchange/export_format.h"

extern const cr_export_format *const cr_export_formats[];
extern const size_t cr_export_format_count;

/* The format of this name; NULL: there is none. */
const cr_export_format *cr_export_find(const char *name);

/* cr_model_export, and lines for people about what was written. */
CR_MUST_CHECK bool cr_export_write(cr_model *model, const cr_export_options *options,
                                   cr_text *notes, cr_error *err);

#endif
