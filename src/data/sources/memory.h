/* Arrays in the memory of the program that uses the library (chainrule/array.h). */
#ifndef CHAINRULE_DATA_SOURCES_MEMORY_H
#define CHAINRULE_DATA_SOURCES_MEMORY_H

#include "data/sources/array.h"

/* The keys of a config that stand for arrays, and for a table. */
#define CR_MEMORY_ARRAYS "memory"
#define CR_MEMORY_TABLE "memory_table"

/* Names in the tree, as data.train, data.validation and data.test, the parts that there
 * are. Fails when out of memory. */
CR_MUST_CHECK bool cr_memory_name(cr_json *root, const cr_arrays *parts, cr_error *err);

/* Gives the sources that are in memory their arrays. Both are [count], at most CR_PARTS;
 * parts NULL: there are none. */
void cr_memory_attach(cr_source *sources, const cr_arrays *parts, size_t count);

/* The array of a view, whose elements lie one behind the other: where they are, or (copies:
 * always) in a copy. name is for messages, and borrowed. The caller finishes it, also after
 * a failure. */
CR_MUST_CHECK bool cr_memory_view(cr_array *array, const cr_view *view, const char *name,
                                  bool copies, cr_error *err);

/* Whether the source has its data, which is not NULL then; else an error. */
CR_MUST_CHECK bool cr_memory_check(const cr_source *source, const void *data,
                                   cr_error *err);

#endif
