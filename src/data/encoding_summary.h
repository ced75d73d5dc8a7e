/* What became of a table's columns, for people. */
#ifndef CHAINRULE_DATA_ENCODING_SUMMARY_H
#define CHAINRULE_DATA_ENCODING_SUMMARY_H

#include "base/text.h"
#include "data/encoding.h"

/* Adds a line, without its end. */
void cr_encoding_summary_add(const cr_encoding *encoding, cr_text *out);

/* The same of data without columns: its shape and classes. bytes: whether it stays what
 * it is. */
void cr_encoding_summary_add_shape(const cr_encoding *encoding, bool bytes, cr_text *out);

#endif
