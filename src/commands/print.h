/*
 * How commands print. What a file, an argument or the system says is text, never a command
 * to the terminal: it is made visible (base/text_visible.h) on its way out, wherever it
 * comes from. Data for programs (CSV, JSON) goes other ways.
 */
#ifndef CHAINRULE_COMMANDS_PRINT_H
#define CHAINRULE_COMMANDS_PRINT_H

#include "config/json.h"

#include <chainrule/attributes.h>
#include <stdarg.h>
#include <stdio.h>

/* printf, to stdout or out, but that what a %s brings is made visible, and that its width
 * counts columns of a terminal and not bytes: tables line up whatever stands in them. The
 * format itself is printed as it is. There is no %p and no %n. */
void cr_print(const char *format, ...) CR_PRINTF(1, 2);
void cr_print_to(FILE *out, const char *format, ...) CR_PRINTF(2, 3);
void cr_print_list(FILE *out, const char *format, va_list args);

/* Lines of text, whose newlines stay; all else in them is made visible. */
void cr_print_lines(FILE *out, const char *lines);

/* A JSON value and a newline. False when memory is out. */
CR_MUST_CHECK bool cr_print_json(FILE *out, const cr_json *value, bool indented);

#endif
