/* Memory that lies in a file, for what is read and written in order and need not stay: the
 * file has no name, and goes with the memory. It is made in $TMPDIR, or /var/tmp. */
#ifndef CHAINRULE_BASE_SPILL_H
#define CHAINRULE_BASE_SPILL_H

#include <chainrule/error.h>
#include <stddef.h>

/* Zero bytes, at least 1, for cr_memory_unmap. NULL with err, also where the disk is full. */
CR_MUST_CHECK void *cr_spill_create(size_t size, cr_error *err);

/* Whole pages of the block leave the process's memory; they come back when they are used. */
void cr_spill_rest(void *memory, size_t size);

/* Whole pages of the block leave the file too; they read as zeros, or as anything. */
void cr_spill_forget(void *memory, size_t size);

#endif
