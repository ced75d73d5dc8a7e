/* Arrays in the memory of the program that uses the library (chainrule/array.h). */
#ifndef CHAINRULE_DATA_SOURCES_MEMORY_H
#define CHAINRULE_DATA_SOURCES_MEMORY_H

#include "data/source.h"

/* Names in the tree, as data.train, data.validation and data.test, the parts that there
 * are. Fails when out of memory. */
CR_MUST_CHECK bool cr_memory_name(cr_json *root, const cr_arrays *parts, cr_error *err);

/* Gives the sources that are in memory their arrays. Both are [count], at most CR_PARTS;
 * parts NULL: there are none. */
void cr_memory_attach(cr_source *sources, const cr_arrays *parts, size_t count);

#endif
