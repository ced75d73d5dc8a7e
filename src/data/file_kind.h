/* What a file is that is no table: spreadsheets, pictures and the like, told from their
 * first bytes. */
#ifndef CHAINRULE_DATA_FILE_KIND_H
#define CHAINRULE_DATA_FILE_KIND_H

#include <stdbool.h>
#include <stddef.h>

enum { CR_FILE_KIND_BYTES = 64 }; /* that are enough to tell */

/* What it is, and what to do: "a PDF document; …". NULL: nothing that is known. */
const char *cr_file_kind_name(const char *bytes, size_t length);

bool cr_file_kind_is_picture(const char *bytes, size_t length);

#endif
