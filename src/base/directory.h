/* Directories. */
#ifndef CHAINRULE_BASE_DIRECTORY_H
#define CHAINRULE_BASE_DIRECTORY_H

#include <chainrule/error.h>

/* Flushes a directory to the disk, so that what was renamed into it stays. Where that
 * cannot be done nothing happens. */
void cr_directory_flush(const char *path);

/* Whether it is a directory with nothing in it. */
bool cr_directory_is_empty(const char *path);

/* Says why a path cannot be read as a directory; NULL when it can. */
const char *cr_directory_problem(const char *path);

/* Makes the directory and its parents; one that exists is fine. */
CR_MUST_CHECK bool cr_directory_create(const char *path, cr_error *err);

#endif
