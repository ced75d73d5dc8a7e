/* Allocation: checked for overflow, aligned for vector code, reported through cr_error.
 */
#ifndef CHAINRULE_BASE_MEMORY_H
#define CHAINRULE_BASE_MEMORY_H

#include <chainrule/error.h>
#include <stddef.h>

enum { CR_ALIGNMENT = 64 }; /* bytes: a cache line, and the widest vector register */

/* The number of elements of an array. */
#define CR_COUNT(array) (sizeof(array) / sizeof(array)[0])

/* count × size zero bytes, aligned to CR_ALIGNMENT; never NULL for 0 bytes. The caller
 * frees with cr_free. Returns NULL and reports CR_E_MEMORY when there are none, or too
 * many to count. */
CR_MUST_CHECK void *cr_alloc(size_t count, size_t size, cr_error *err);

/* Memory as from cr_alloc whose values are not set, for what is overwritten at once. */
CR_MUST_CHECK void *cr_alloc_raw(size_t count, size_t size, cr_error *err);

/* Makes room for at least `count` elements in the growable array *array of *capacity
 * elements (NULL and 0 at first), at least doubling it. On failure the array stays as it
 * was. */
CR_MUST_CHECK bool cr_reserve(void *array, size_t *capacity, size_t count, size_t size,
                              cr_error *err);

/* Gives back what lies behind the first `size` bytes, at least 1, of memory from cr_alloc,
 * which may move. Returns it; it is the old one where that cannot be done. */
void *cr_memory_shrink(void *memory, size_t size);

/* Takes NULL. */
void cr_free(void *memory);

/* Zero bytes, at least 1, which go back to the system as soon as they are unmapped with
 * their size: for large blocks that come and go while others stay. NULL with err. */
CR_MUST_CHECK void *cr_memory_map(size_t size, cr_error *err);
void cr_memory_unmap(void *memory, size_t size); /* takes NULL */

/* Address space for `size` bytes, at least 1, of which only what is written takes memory;
 * the rest reads as zeros. For cr_memory_unmap. NULL with err. */
CR_MUST_CHECK void *cr_memory_reserve(size_t size, cr_error *err);

/* Gives the pages that lie wholly in the block back to the system; what was in them is lost.
 * Of any allocation that is no mapping of a file. */
void cr_memory_forget(void *memory, size_t size);

/* Hints that a block, of any allocation and not yet written to, is to lie in large pages,
 * where the system has them: writing it for the first time costs a tenth, and reading it in
 * any order less. Of small blocks nothing is hinted. */
void cr_memory_hint_large(void *memory, size_t size);

/* Bytes that this process may use: what the machine has, or less where the system sets it
 * a limit. 0: not known. */
size_t cr_memory_limit(void);

/* a × b into *product; false on overflow. */
CR_MUST_CHECK bool cr_memory_multiply(size_t a, size_t b, size_t *product);

#endif
