/* Lists of names, and dictionaries that give each word of a column a number. */
#ifndef CHAINRULE_DATA_NAMES_H
#define CHAINRULE_DATA_NAMES_H

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>

/* Names or words, each owned by the list. */
typedef struct cr_names {
    char **items;
    size_t count, capacity;
    /* set by cr_names_sort: all are numbers, so that 3 and 3.0 are the same. 01067 is
     * none, and neither is one that a double does not hold */
    bool numeric;
} cr_names;

CR_MUST_CHECK bool cr_names_add(cr_names *names, const char *text, cr_error *err);
bool cr_names_find(const cr_names *names, const char *text, size_t *position);
void cr_names_finish(cr_names *names);

/* Adds copies of all of them. */
CR_MUST_CHECK bool cr_names_add_all(cr_names *names, const cr_names *from, cr_error *err);

/* Sorts: as numbers when all are numbers, else by bytes. Spellings of one number become
 * one name, the first. */
CR_MUST_CHECK bool cr_names_sort(cr_names *names, cr_error *err);

/* Whether a name is such a number, and which. */
bool cr_names_is_number(const char *name, double *number);

/* Whether all names are. */
bool cr_names_are_numbers(const cr_names *names);

/* The place of `text`, or of another spelling of the same number, in a sorted list; -1
 * when it is not there. */
int32_t cr_names_place(const cr_names *names, const char *text);

#endif
