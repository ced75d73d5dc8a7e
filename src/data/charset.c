#include "data/charset.h"

#include "base/memory.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct cr_charset {
    iconv_t converter;
};

bool cr_charset_is_utf8(const char *name)
{
    return strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0 ||
           strcasecmp(name, "utf-8-sig") == 0; /* Python's, with a byte-order mark */
}

/* "latin-1" is "latin1" to iconv. */
static iconv_t open_converter(const char *name)
{
    char other[32];
    if (*name == '\0') /* iconv's word for that of the locale */
        return (iconv_t)-1;
    if (strncasecmp(name, "latin-", 6) == 0) {
        snprintf(other, sizeof other, "latin%s", name + 6);
        name = other;
    }
    return iconv_open("UTF-8", name);
}

bool cr_charset_is_known(const char *name)
{
    iconv_t converter = open_converter(name);
    bool known = converter != (iconv_t)-1;
    if (known)
        iconv_close(converter);
    return known || cr_charset_is_utf8(name);
}

cr_charset *cr_charset_create(const char *name, cr_error *err)
{
    cr_charset *charset = cr_alloc(1, sizeof *charset, err);
    if (!charset)
        return NULL;
    charset->converter = open_converter(name);
    if (charset->converter != (iconv_t)-1)
        return charset;
    cr_fail(err, errno == ENOMEM ? CR_E_MEMORY : CR_E_DATA, "iconv cannot convert \"%s\"",
            name);
    cr_free(charset);
    return NULL;
}

void cr_charset_destroy(cr_charset *charset)
{
    if (!charset)
        return;
    iconv_close(charset->converter);
    cr_free(charset);
}

cr_charset_result cr_charset_convert(cr_charset *charset, const char **from,
                                     size_t *length, char **to, size_t *room)
{
    char *in = (char *)(uintptr_t)*from; /* iconv leaves it as it is */
    size_t done = iconv(charset->converter, &in, length, to, room);
    int why = errno;
    *from = in;
    if (done != (size_t)-1)
        return CR_CHARSET_DONE;
    return why == E2BIG    ? CR_CHARSET_FULL
           : why == EINVAL ? CR_CHARSET_MORE
                           : CR_CHARSET_WRONG;
}
