#include "base/text_visible.h"

#include <chainrule/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names, words and paths in a message come from outside: what is no text in them is made
 * visible, and a message stays one line. */
static void append(cr_error *err, cr_error_code code, const char *format, va_list args)
{
    if (err->count++ == 0) {
        err->code = code;
        err->length = 0;
    }
    size_t room = sizeof err->text - err->length;
    if (err->count > 1 && room > 2) {
        err->text[err->length++] = '\n';
        err->text[err->length] = '\0';
        room--;
    }
    char message[CR_ERROR_TEXT];
    if (vsnprintf(message, sizeof message, format, args) < 0)
        return;
    err->length +=
        cr_text_visible(message, strlen(message), err->text + err->length, room);
}

bool cr_fail(cr_error *err, cr_error_code code, const char *format, ...)
{
    if (err && err->count == 0) {
        va_list args;
        va_start(args, format);
        append(err, code, format, args);
        va_end(args);
    }
    return false;
}

void cr_error_add(cr_error *err, cr_error_code code, const char *format, ...)
{
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    append(err, code, format, args);
    va_end(args);
}
