/* How a trace is shown: text, DOT, JSON. */
#ifndef CHAINRULE_COMMANDS_TRACE_VIEW_H
#define CHAINRULE_COMMANDS_TRACE_VIEW_H

#include "inspect/trace.h"

#include <stdio.h>

/* A line a node, in forward order; colour: values green, gradients red. */
CR_MUST_CHECK bool cr_trace_text_print(cr_trace *trace, bool colour, FILE *out,
                                       cr_error *err);

/* The circuit from left to right: on each wire its value above in green, its gradient
 * below in red. */
void cr_trace_dot_print(cr_trace *trace, FILE *out);

/* As documented; with jacobian that too. */
CR_MUST_CHECK bool cr_trace_json_print(cr_trace *trace, bool jacobian, FILE *out,
                                       cr_error *err);

/* The Jacobian as a table: a row an output value, a column a value of every `value` node.
 */
CR_MUST_CHECK bool cr_trace_text_print_jacobian(cr_trace *trace, FILE *out,
                                                cr_error *err);

/* Numbers in short: up to `most` of them as they are, more as mean and standard deviation.
 * Into out; returns out. */
enum { CR_TRACE_TEXT = 256 };
const char *cr_trace_text_brief(const cr_real *numbers, const cr_traced *traced,
                                size_t most, char out[CR_TRACE_TEXT]);

/* "32x1x8x8", of one row without it. Into out; returns out. */
const char *cr_trace_text_shape(const cr_traced *traced, size_t rows,
                                char out[CR_SHAPE_TEXT]);

/* Columns of a Jacobian: values of the graph's inputs. Calls visit(user, name, index or
 * SIZE_MAX for a single number, gradient). */
typedef void (*cr_trace_input_visitor)(void *user, const char *name, size_t index,
                                       cr_real gradient);
void cr_trace_text_visit_inputs(cr_trace *trace, cr_trace_input_visitor visit,
                                void *user);

#endif
