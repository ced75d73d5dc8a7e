/* Text in other character sets, as UTF-8 (iconv). */
#ifndef CHAINRULE_DATA_CHARSET_H
#define CHAINRULE_DATA_CHARSET_H

#include <chainrule/error.h>
#include <stddef.h>

typedef struct cr_charset cr_charset;

/* Whether the name is UTF-8's, so that nothing has to be converted. */
bool cr_charset_is_utf8(const char *name);

/* Whether iconv knows the name, or one that it stands for here ("latin-1"). */
bool cr_charset_is_known(const char *name);

/* NULL with err, also for a name that is not known. */
CR_MUST_CHECK cr_charset *cr_charset_create(const char *name, cr_error *err);
void cr_charset_destroy(cr_charset *charset); /* takes NULL */

typedef enum cr_charset_result {
    CR_CHARSET_DONE,  /* all was converted */
    CR_CHARSET_FULL,  /* as much as there is room for */
    CR_CHARSET_MORE,  /* but for a character whose last bytes are not there */
    CR_CHARSET_WRONG, /* up to bytes that are no character */
} cr_charset_result;

/* Converts *from[*length] into *to[*room], and moves all four past what was converted. */
cr_charset_result cr_charset_convert(cr_charset *charset, const char **from,
                                     size_t *length, char **to, size_t *room);

#endif
