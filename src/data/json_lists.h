/* Lists of names and numbers in JSON, as models keep them: written, and read from what
 * may be anything. */
#ifndef CHAINRULE_DATA_JSON_LISTS_H
#define CHAINRULE_DATA_JSON_LISTS_H

#include "config/json.h"
#include "data/names.h"

/* A list as the member `key`. False when out of memory. Reals that are all the same are
 * one number. */
CR_MUST_CHECK bool cr_json_lists_write_names(cr_json *parent, const char *key,
                                             const cr_names *names);
CR_MUST_CHECK bool cr_json_lists_write_reals(cr_json *parent, const char *key,
                                             const double *values, size_t count);
CR_MUST_CHECK bool cr_json_lists_write_numbers(cr_json *parent, const char *key,
                                               const size_t *values, size_t count);

/* Reals in so many runs of one length, of which one number stands for each where all of it
 * are the same. */
CR_MUST_CHECK bool cr_json_lists_write_runs(cr_json *parent, const char *key,
                                            const double *values, size_t count,
                                            size_t runs);

/* Adds the texts of a list. False for anything else, without a message but for memory;
 * the names are the caller's to finish all the same. */
CR_MUST_CHECK bool cr_json_lists_read_names(cr_names *names, const cr_json *list,
                                            cr_error *err);

/* count numbers from a list of as many, or of one that stands for all. The caller frees
 * them; NULL for anything else. */
CR_MUST_CHECK double *cr_json_lists_read_reals(const cr_json *list, size_t count,
                                               cr_error *err);

/* The same, also from a list of one for each run, of which `runs` are of one length. */
CR_MUST_CHECK double *cr_json_lists_read_runs(const cr_json *list, size_t count,
                                              size_t runs, cr_error *err);

/* Whether it is a whole number from 0 to the limit. */
bool cr_json_lists_is_count(const cr_json *value, double limit);

#endif
