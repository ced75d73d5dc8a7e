/*
 * Errors: a code for programs and a text for people.
 *
 * The caller owns the cr_error and hands it in last; a function that fails returns false
 * or NULL and fills it. NULL is allowed where the reason does not matter. Start with
 * CR_ERROR_INIT.
 */
#ifndef CHAINRULE_ERROR_H
#define CHAINRULE_ERROR_H

#include <chainrule/attributes.h>
#include <stdbool.h>
#include <stddef.h>

CR_BEGIN_DECLARATIONS

typedef enum cr_error_code {
    CR_OK = 0,
    CR_E_USAGE,    /* a wrong call: unknown command, option or argument */
    CR_E_CONFIG,   /* the config asks for something that does not exist or does not fit */
    CR_E_DATA,     /* a data or model file that cannot be used as it is */
    CR_E_IO,       /* reading or writing failed */
    CR_E_MEMORY,   /* out of memory */
    CR_E_DIVERGED, /* the loss became NaN or infinite */
} cr_error_code;

enum { CR_ERROR_TEXT = 8192 };

typedef struct cr_error {
    cr_error_code code;
    size_t count;  /* messages reported, whether or not they all fitted into text */
    size_t length; /* bytes used in text, without the final 0 */
    /* UTF-8, one message a line, no newline at the end; control characters are \x1b, … */
    char text[CR_ERROR_TEXT];
} cr_error;

#define CR_ERROR_INIT                                                                    \
    {                                                                                    \
        CR_OK, 0, 0,                                                                     \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }

/* Reports a failure: the first error wins, later ones are ignored. Returns false, so that
 * `return cr_fail(err, CR_E_IO, "…")` is the whole of an error path. err may be NULL. */
CR_API bool cr_fail(cr_error *err, cr_error_code code, const char *format, ...)
    CR_PRINTF(3, 4);

/* Adds one more message to those already there (a config shows all of its errors at
 * once). The code is that of the first. err may be NULL. */
CR_API void cr_error_add(cr_error *err, cr_error_code code, const char *format, ...)
    CR_PRINTF(3, 4);

CR_END_DECLARATIONS

#endif
