/* JSON laid out as people write it: what is short stands on one line. */
#ifndef CHAINRULE_CONFIG_JSON_LAYOUT_H
#define CHAINRULE_CONFIG_JSON_LAYOUT_H

#include "base/text.h"
#include "config/json.h"

/* Adds the value's text, with a line end; objects and lists that fit into 90 columns stand
 * on one line, but for those of the first level. */
void cr_json_layout_add(const cr_json *value, cr_text *out);

#endif
