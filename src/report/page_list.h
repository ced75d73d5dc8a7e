/* The runs and sweeps that directories hold. */
#ifndef CHAINRULE_REPORT_PAGE_LIST_H
#define CHAINRULE_REPORT_PAGE_LIST_H

#include "base/text.h"
#include "data/names.h"

#include <sys/types.h>

/* A directory itself, whatever path leads to it. */
typedef struct cr_page_place {
    dev_t device;
    ino_t number;
} cr_page_place;

typedef struct cr_page_list {
    cr_names runs, sweeps; /* directories, as they were named */
    cr_page_place *places; /* [place_count] of both */
    size_t place_count, place_capacity;
    cr_text notes; /* for people: a line for each directory with neither */
} cr_page_list;

/* Adds a directory: itself, if it is a run or a sweep, whole or damaged; else those right
 * in it, in the order of their names. With a config.json alone it is a run where nothing
 * right in it is one. What is in the list already is not added again, whatever path leads
 * to it; what is neither is a note. Fails only when out of memory. cr_page_list_finish in
 * any case. */
CR_MUST_CHECK bool cr_page_list_add(cr_page_list *list, const char *directory,
                                    cr_error *err);
/* What a run or sweep is called: the last part of its absolute path, into which it points. */
const char *cr_page_list_name(const char *path);

void cr_page_list_finish(cr_page_list *list); /* takes zeros */

#endif
