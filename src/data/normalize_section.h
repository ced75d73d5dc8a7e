/* How "normalize" and "normalize_target" stand in a config. */
#ifndef CHAINRULE_DATA_NORMALIZE_SECTION_H
#define CHAINRULE_DATA_NORMALIZE_SECTION_H

#include "config/options.h"
#include "data/dataset.h"
#include "data/normalize.h"

/* The JSON kinds of the value, and what it may be, for messages. */
#define CR_NORMALIZE_SECTION_KINDS                                                       \
    (1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER | 1u << CR_JSON_OBJECT)
extern const char cr_normalize_section_expected[];

/* Reads the member `key` of the section "data"; errors go to the reader. */
void cr_normalize_section_read(cr_reader *reader, cr_json *section, const char *key,
                               cr_normalization *normalization);

/* Whether lists in the member `key` have as many numbers as there are, each for one of
 * `what` ("channel"); else errors go to the reader. */
CR_MUST_CHECK bool cr_normalize_section_check(cr_reader *reader, const char *key,
                                              const cr_normalization *normalization,
                                              size_t count, const char *what);

/* Warns of "normalize" that does not suit bytes. */
void cr_normalize_section_warn(cr_reader *reader, const cr_normalization *normalization,
                               const cr_raw *raw);

/* Warns of numbers that are far below 1 once they are divided, as bytes are. */
void cr_normalize_section_warn_divided(cr_reader *reader,
                                       const cr_normalization *normalization,
                                       const cr_dataset *set);

/* The keys of an object that stands there, for the reference. */
void cr_normalize_section_describe(cr_text *out);

#endif
