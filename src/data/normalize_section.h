/* How "normalize" and "normalize_target" stand in a config. */
#ifndef CHAINRULE_DATA_NORMALIZE_SECTION_H
#define CHAINRULE_DATA_NORMALIZE_SECTION_H

#include "config/options.h"
#include "data/normalize.h"

/* The JSON kinds of the value, and what it may be, for messages. */
#define CR_NORMALIZE_SECTION_KINDS (1u << CR_JSON_STRING | 1u << CR_JSON_NUMBER)
extern const char cr_normalize_section_expected[];

/* Reads the member `key` of the section "data"; errors go to the reader. */
void cr_normalize_section_read(cr_reader *reader, cr_json *section, const char *key,
                               cr_normalization *normalization);

#endif
