#include "data/sources/npy_header.h"

#include <stdio.h>
#include <string.h>

const char cr_npy_header_magic[6] = "\x93NUMPY";

enum { MAGIC = sizeof cr_npy_header_magic, TYPE = 64 };

/* What is read of the dictionary. */
typedef struct header {
    const char *path;
    const char *at, *end;
    char type[TYPE]; /* such as "<f4" */
    bool structured; /* there is a list in place of a type */
    bool has_type, has_order, has_shape;
    bool fortran;
    size_t rank, dim[CR_ARRAY_DIMENSIONS];
    cr_error *err;
} header;

static bool refuse(const header *h)
{
    return cr_fail(h->err, CR_E_DATA,
                   "%s: a damaged NumPy file: its header does not say type, order and "
                   "shape of an array",
                   h->path);
}

static void skip_spaces(header *h)
{
    while (h->at < h->end && memchr(" \t\n", *h->at, 3))
        h->at++;
}

/* Whether the text stands there; it is skipped, and spaces before it. */
static bool take(header *h, const char *text)
{
    size_t length = strlen(text);
    skip_spaces(h);
    if ((size_t)(h->end - h->at) < length || memcmp(h->at, text, length) != 0)
        return false;
    h->at += length;
    return true;
}

/* A text in quotes; cut where it is longer than there is room. */
static bool take_text(header *h, char out[TYPE])
{
    skip_spaces(h);
    if (h->at == h->end || (*h->at != '\'' && *h->at != '"'))
        return false;
    const char *begin = h->at + 1;
    const char *end = memchr(begin, *h->at, (size_t)(h->end - begin));
    if (!end)
        return false;
    snprintf(out, TYPE, "%.*s", (int)(end - begin), begin);
    h->at = end + 1;
    return true;
}

static bool take_type(header *h)
{
    h->has_type = true;
    skip_spaces(h);
    h->structured = h->at < h->end && *h->at == '[';
    return h->structured || take_text(h, h->type);
}

static bool take_order(header *h)
{
    h->has_order = true;
    h->fortran = take(h, "True");
    return h->fortran || take(h, "False");
}

/* A whole number, behind which Python 2 wrote an L. */
static bool take_number(header *h, size_t *number)
{
    skip_spaces(h);
    const char *begin = h->at;
    *number = 0;
    for (; h->at < h->end && *h->at >= '0' && *h->at <= '9'; h->at++) {
        size_t digit = (size_t)(*h->at - '0');
        if (*number > (SIZE_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return h->at > begin && (take(h, "L") || true);
}

/* (60000, 28, 28), (3,) or () */
static bool take_shape(header *h)
{
    h->has_shape = true;
    if (!take(h, "("))
        return false;
    for (h->rank = 0; !take(h, ")"); h->rank++) {
        size_t dim = 0;
        if (!take_number(h, &dim))
            return false;
        if (h->rank < CR_ARRAY_DIMENSIONS)
            h->dim[h->rank] = dim;
        if (!take(h, ",")) {
            h->rank++;
            return take(h, ")");
        }
    }
    return true;
}

static bool read_dictionary(header *h)
{
    bool more = take(h, "{");
    if (!more)
        return refuse(h);
    while (more && !take(h, "}")) {
        char key[TYPE];
        bool good = take_text(h, key) && take(h, ":");
        if (good && strcmp(key, "descr") == 0)
            good = take_type(h);
        else if (good && strcmp(key, "fortran_order") == 0)
            good = take_order(h);
        else
            good = good && strcmp(key, "shape") == 0 && take_shape(h);
        if (h->structured)
            return true;
        if (!good)
            return refuse(h);
        more = take(h, ",");
        if (!more && !take(h, "}"))
            return refuse(h);
    }
    return (h->has_type && h->has_order && h->has_shape) || refuse(h);
}

/* Types that are known and not read, by their letters, with what to do. */
static const char *find_cure(const header *h)
{
    switch (h->structured ? 'V' : h->type[strcspn(h->type, "<>|=") == 0 ? 1 : 0]) {
    case 'O':
        return "Python objects, pickled, which are not read since a pickle can run any "
               "code; save plain numbers: x.astype(\"float32\") (of classes: "
               "y.astype(str))";
    case 'c':
        return "complex numbers; save x.real and x.imag as two parts of an array";
    case 'M':
    case 'm':
        return "dates or times; save them as numbers: x.astype(\"int64\")";
    case 'V':
        return "structures; save each field as an array of its own, or all as a table";
    case 'f':
        return "numbers of a size that is not read; save x.astype(\"float64\")";
    default:
        return "a type that is not read; save x.astype(\"float32\")";
    }
}

/* '<f4': order, kind and bytes (of U: characters). */
static bool set_type(cr_array *array, const header *h)
{
    unsigned size = 0;
    char kind = 0;
    int used = 0;
    const char *type = h->type + (strcspn(h->type, "<>|=") == 0);
    if (h->structured || sscanf(type, "%c%5u%n", &kind, &size, &used) != 2 ||
        type[used] != '\0')
        size = 0;
    bool whole = size == 1 || size == 2 || size == 4 || size == 8;
    array->big_endian = h->type[0] == '>';
    array->size = kind == 'U' ? (size_t)size * 4 : size;
    array->kind = kind == 'i'   ? CR_ARRAY_SIGNED
                  : kind == 'f' ? CR_ARRAY_REAL
                  : kind == 'S' ? CR_ARRAY_BYTES
                  : kind == 'U' ? CR_ARRAY_UNICODE
                                : CR_ARRAY_UNSIGNED;
    bool known = (kind == 'b' && size == 1) || (kind == 'f' && whole && size > 1) ||
                 ((kind == 'u' || kind == 'i') && whole) ||
                 ((kind == 'S' || kind == 'U') && size > 0);
    return known || cr_fail(h->err, CR_E_DATA, "%s: it holds %s", h->path, find_cure(h));
}

static bool set_shape(cr_array *array, const header *h)
{
    if (h->rank < 1 || h->rank > CR_ARRAY_DIMENSIONS)
        return cr_fail(h->err, CR_E_DATA,
                       "%s: an array of %zu dimensions; expected 1 to 4: examples, "
                       "channels, height, width",
                       h->path, h->rank);
    array->rank = h->rank;
    memcpy(array->dim, h->dim, sizeof h->dim);
    for (size_t i = 0; i < h->rank; i++)
        if (h->dim[i] == 0)
            return cr_fail(h->err, CR_E_DATA, "%s: dimension %zu is 0; there is no data",
                           h->path, i);
    return true;
}

/* The length of the dictionary, and where it begins; false where the bytes end before, or
 * it is too long. */
static bool find_dictionary(const uint8_t *bytes, size_t length, size_t *begin,
                            size_t *size)
{
    size_t digits = length > MAGIC && bytes[MAGIC] == 1 ? 2 : 4;
    *begin = MAGIC + 2 + digits;
    *size = 0;
    if (length < *begin)
        return false;
    for (size_t i = digits; i-- > 0;)
        *size = *size << 8 | bytes[MAGIC + 2 + i];
    return *size <= CR_NPY_HEADER_BYTES && *begin + *size <= length;
}

bool cr_npy_header_read(cr_array *array, const char *path, const uint8_t *bytes,
                        size_t length, size_t *head, bool *fortran, cr_error *err)
{
    header h = {.path = path, .err = err};
    size_t begin = 0, size = 0;
    *array = (cr_array){.path = path};
    if (length < MAGIC || memcmp(bytes, cr_npy_header_magic, MAGIC) != 0)
        return cr_fail(err, CR_E_DATA,
                       "%s: not a NumPy file; an array saved by numpy.save or savez was "
                       "expected",
                       path);
    if (length > MAGIC && (bytes[MAGIC] < 1 || bytes[MAGIC] > 3))
        return cr_fail(err, CR_E_DATA,
                       "%s: a NumPy file of version %u; versions 1 to 3 are read", path,
                       bytes[MAGIC]);
    if (!find_dictionary(bytes, length, &begin, &size))
        return cr_fail(err, CR_E_DATA,
                       length < CR_NPY_HEADER_BYTES
                           ? "%s: truncated: the NumPy header is incomplete"
                           : "%s: a NumPy file with a header of more than 16000 bytes",
                       path);
    h.at = (const char *)bytes + begin;
    h.end = h.at + size;
    if (!read_dictionary(&h) || !set_type(array, &h) || !set_shape(array, &h))
        return false;
    *head = begin + size;
    *fortran = h.fortran;
    return true;
}
