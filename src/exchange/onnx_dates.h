/* Dates in ONNX: the parts of an instant as date_parts.h has them, by whole numbers. */
#ifndef CHAINRULE_EXCHANGE_ONNX_DATES_H
#define CHAINRULE_EXCHANGE_ONNX_DATES_H

#include "data/date_parts.h"
#include "onnx/onnx_writer.h"

/* The parts of the instants `seconds` [n, 1], doubles of which NaN is missing, from the year
 * 0 on: [n, cr_date_parts_count], in double if `wide`, else in single precision. Names of
 * values begin with `prefix`. */
const char *cr_onnx_dates_add(cr_onnx_writer *writer, const char *prefix,
                              const char *seconds, cr_date_set parts, bool cyclic,
                              bool wide);

#endif
