/* JSON laid out as people write it: what is short stands on one line. */
#ifndef CHAINRULE_CONFIG_JSON_LAYOUT_H
#define CHAINRULE_CONFIG_JSON_LAYOUT_H

#include "config/json.h"

/* The value's text, with a line end; objects and lists that fit into 90 columns stand on one
 * line, but for those of the first level. NULL when out of memory; else the caller frees it. */
char *cr_json_layout_print(const cr_json *value);

#endif
