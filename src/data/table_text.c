#include "data/table_text.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/charset.h"
#include "data/file_kind.h"
#include "data/gzip.h"

#include <string.h>
#include <sys/stat.h>

enum { PIECE = 1 << 20, LONGEST = 16 }; /* bytes: of a piece, of a character */

struct cr_table_text {
    cr_gzip *file;
    char *name;           /* of the file, in messages */
    const char *encoding; /* as the config says, or NULL */
    size_t max_bytes, bytes;
    size_t piece;        /* bytes of a piece, at most */
    size_t line;         /* in which the next piece begins, from 1 */
    bool begun;          /* the first bytes were looked at */
    bool at_start;       /* no text was handed out so far */
    bool marked;         /* a byte-order mark stood there */
    bool ended;          /* all bytes were read */
    bool is_stream;      /* it has no path */
    cr_charset *charset; /* NULL: the bytes are UTF-8 */
    const char *charset_name;
    char *raw;                   /* [raw_size] bytes as they stand in the file */
    size_t raw_size, at, length; /* raw[at..at + length) are to be handed out */
    char *converted;             /* [piece + LONGEST], with a charset */
};

static cr_table_text *create(cr_gzip *file, const char *name,
                             const cr_table_format *format, size_t max_bytes,
                             cr_error *err)
{
    cr_table_text *text = file ? cr_alloc(1, sizeof *text, err) : NULL;
    if (!text) {
        cr_gzip_close(file);
        return NULL;
    }
    *text = (cr_table_text){.file = file,
                            .encoding = format->encoding,
                            .max_bytes = max_bytes,
                            .piece = format->piece ? format->piece : PIECE,
                            .line = 1,
                            .at_start = true};
    text->raw_size = text->piece + CR_FILE_KIND_BYTES;
    text->raw = cr_alloc_raw(text->raw_size, 1, err);
    text->name = cr_text_copy(name, strlen(name), err);
    if (text->raw && text->name)
        return text;
    cr_table_text_close(text);
    return NULL;
}

cr_table_text *cr_table_text_open(const char *path, const cr_table_format *format,
                                  size_t max_bytes, cr_error *err)
{
    return create(cr_gzip_open(path, err), path, format, max_bytes, err);
}

cr_table_text *cr_table_text_open_stream(int stream, const char *name,
                                         const cr_table_format *format, size_t max_bytes,
                                         cr_error *err)
{
    cr_gzip *file = cr_gzip_open_stream(stream, name, err);
    cr_table_text *text = create(file, name, format, max_bytes, err);
    if (text)
        text->is_stream = true;
    return text;
}

void cr_table_text_close(cr_table_text *text)
{
    if (!text)
        return;
    cr_gzip_close(text->file);
    cr_charset_destroy(text->charset);
    cr_free(text->raw);
    cr_free(text->converted);
    cr_free(text->name);
    cr_free(text);
}

uint32_t cr_table_text_crc32(const cr_table_text *text)
{
    return cr_gzip_crc32(text->file);
}

/* Some more bytes behind those that are there. */
static bool read_more(cr_table_text *text, cr_error *err)
{
    size_t got = 0;
    if (text->at > 0)
        memmove(text->raw, text->raw + text->at, text->length);
    text->at = 0;
    if (!cr_gzip_read_some(text->file, text->raw + text->length,
                           text->raw_size - text->length, &got, err))
        return false;
    text->length += got;
    text->bytes += got;
    text->ended = got == 0;
    return text->bytes <= text->max_bytes ||
           cr_fail(err, CR_E_DATA,
                   "%s: more than the %zu bytes that data.max_bytes allows", text->name,
                   text->max_bytes);
}

static bool starts_with(const cr_table_text *text, const char *bytes, size_t length)
{
    return text->length >= length && memcmp(text->raw + text->at, bytes, length) == 0;
}

/* What the bytes are converted from; NULL: they are UTF-8. A byte-order mark says more
 * than the config, which is about all tables. */
static const char *find_encoding(const cr_table_text *text)
{
    if (starts_with(text, "\xEF\xBB\xBF", 3))
        return NULL;
    if (starts_with(text, "\xFF\xFE\0\0", 4))
        return "UTF-32";
    if (starts_with(text, "\xFF\xFE", 2) || starts_with(text, "\xFE\xFF", 2))
        return "UTF-16";
    return text->encoding && !cr_charset_is_utf8(text->encoding) ? text->encoding : NULL;
}

static bool refuse_kind(const cr_table_text *text, cr_error *err)
{
    const char *kind = cr_file_kind_name(text->raw, text->length);
    size_t first = text->length < CR_FILE_KIND_BYTES ? text->length : CR_FILE_KIND_BYTES;
    const char *zero = memchr(text->raw, '\0', first);
    if (text->is_stream && cr_file_kind_is_picture(text->raw, text->length))
        return cr_fail(
            err, CR_E_DATA,
            "%s: this is no table of text but a picture; pictures are read from "
            "files: name them in place of -",
            text->name);
    if (kind)
        return cr_fail(err, CR_E_DATA, "%s: this is no table of text but %s", text->name,
                       kind);
    if (zero && !find_encoding(text))
        return cr_fail(err, CR_E_DATA,
                       "%s: there are bytes of 0 at its start: either it is no text, or "
                       "it is UTF-16: \"encoding\": \"utf-16%s\" in \"data\"",
                       text->name, (zero - text->raw) % 2 ? "le" : "be");
    return true;
}

/* Looks at the first bytes: a line of them, or enough to tell files of other kinds. */
static bool begin(cr_table_text *text, cr_error *err)
{
    text->begun = true;
    while (text->length < CR_FILE_KIND_BYTES && !text->ended &&
           (text->length == 0 || !memchr(text->raw, '\n', text->length)))
        if (!read_more(text, err))
            return false;
    if (!refuse_kind(text, err))
        return false;
    const char *encoding = find_encoding(text);
    if (!encoding)
        return true;
    text->charset_name = encoding;
    text->charset = cr_charset_create(encoding, err);
    text->converted = cr_alloc_raw(text->piece + LONGEST, 1, err);
    return text->charset && text->converted;
}

/* Whether a byte is beyond ASCII; a loop that is vectorised. */
static bool has_high_byte(const char *text, size_t length)
{
    unsigned char all = 0;
    for (size_t i = 0; i < length; i++)
        all |= (unsigned char)text[i];
    return all >= 0x80;
}

/* Line ends; a loop that is vectorised. */
static size_t count_lines(const char *text, size_t length)
{
    size_t lines = 0;
    for (size_t at = 0; at < length; at += 128) {
        size_t end = length - at < 128 ? length : at + 128;
        unsigned char some = 0;
        for (size_t i = at; i < end; i++)
            some = (unsigned char)(some + (text[i] == '\n'));
        lines += some;
    }
    return lines;
}

/* The next byte to be handed out is of no character. */
static bool refuse_byte(const cr_table_text *text, cr_error *err)
{
    unsigned char byte = (unsigned char)text->raw[text->at];
    if (text->charset)
        return cr_fail(err, CR_E_DATA,
                       "%s:%zu: the byte 0x%02X is no character of \"%s\"; is it written "
                       "in another encoding? \"encoding\" in \"data\" says which",
                       text->name, text->line, byte, text->charset_name);
    return cr_fail(
        err, CR_E_DATA,
        "%s:%zu: not valid UTF-8 (byte 0x%02X); say in \"data\" what it is "
        "written in, such as \"encoding\": \"windows-1252\" or \"latin-1\", or "
        "save it as UTF-8",
        text->name, text->line, byte);
}

/* Bytes of the whole characters that begin within the first `wanted` of those that are
 * there. False with err when there is none. */
static bool check_utf8(const cr_table_text *text, size_t wanted, size_t *valid,
                       cr_error *err)
{
    const char *bytes = text->raw + text->at;
    *valid = 0;
    while (*valid < wanted) {
        size_t step = cr_text_utf8_length(bytes + *valid, text->length - *valid);
        bool wrong = step == 0 && (text->ended || text->length - *valid >= 4);
        if (step == 0 && (*valid > 0 || !wrong))
            return true; /* the characters before it come first; or its last bytes may
                            not be there yet */
        if (wrong)
            return refuse_byte(text, err);
        *valid += step;
    }
    return true;
}

/* Cells are texts that a 0 ends. */
static bool check_zeros(const cr_table_text *text, const char *piece, size_t length,
                        cr_error *err)
{
    const char *zero = length > 0 ? memchr(piece, '\0', length) : NULL;
    return !zero ||
           cr_fail(err, CR_E_DATA,
                   "%s:%zu: a byte of 0, which no text has; the file is damaged "
                   "there, or no table of text",
                   text->name, text->line + count_lines(piece, (size_t)(zero - piece)));
}

static bool take_utf8(cr_table_text *text, const char **piece, size_t *length,
                      cr_error *err)
{
    size_t wanted = text->length < text->piece ? text->length : text->piece;
    *piece = text->raw + text->at;
    *length = wanted;
    if (has_high_byte(*piece, wanted) && !check_utf8(text, wanted, length, err))
        return false;
    text->at += *length;
    text->length -= *length;
    return true;
}

static bool take_converted(cr_table_text *text, const char **piece, size_t *length,
                           cr_error *err)
{
    const char *from = text->raw + text->at;
    char *to = text->converted;
    size_t left = text->length, room = text->piece + LONGEST;
    cr_charset_result result =
        cr_charset_convert(text->charset, &from, &left, &to, &room);
    *piece = text->converted;
    *length = (size_t)(to - text->converted);
    bool wrong = result == CR_CHARSET_WRONG || (result == CR_CHARSET_MORE && text->ended);
    text->at += text->length - left;
    text->length = left;
    return !wrong || *length > 0 || /* the characters before it come first */
           refuse_byte(text, err);
}

/* Of a byte-order mark at the start there is nothing left. */
static void drop_mark(cr_table_text *text, const char **piece, size_t *length)
{
    if (!text->at_start || *length == 0)
        return;
    size_t mark = cr_text_mark(*piece, *length);
    *piece += mark;
    *length -= mark;
    text->marked = mark > 0;
    text->at_start = false;
}

bool cr_table_text_read(cr_table_text *text, const char **piece, size_t *length,
                        cr_error *err)
{
    *piece = text->raw;
    *length = 0;
    if (!text->begun && !begin(text, err))
        return false;
    bool (*take)(cr_table_text *, const char **, size_t *, cr_error *) =
        text->charset ? take_converted : take_utf8;
    for (;;) {
        if (text->length > 0 && !take(text, piece, length, err))
            return false;
        drop_mark(text, piece, length);
        if (*length > 0 || (text->ended && text->length == 0))
            break;
        if (!text->ended && !read_more(text, err))
            return false;
    }
    if (!check_zeros(text, *piece, *length, err))
        return false;
    text->line += count_lines(*piece, *length);
    return true;
}

static bool is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

bool cr_table_text_is_utf8_after_all(const char *path, const cr_table_format *format)
{
    if (!format->encoding || cr_charset_is_utf8(format->encoding) || !is_regular(path))
        return false;
    cr_table_format plain = *format;
    plain.encoding = NULL;
    cr_table_text *text = cr_table_text_open(path, &plain, SIZE_MAX, NULL);
    const char *piece = NULL;
    size_t length = 1;
    bool valid = text != NULL, beyond = false;
    while (valid && length > 0) {
        valid = cr_table_text_read(text, &piece, &length, NULL) && !text->charset &&
                !text->marked;
        beyond |= valid && has_high_byte(piece, length);
    }
    cr_table_text_close(text);
    return valid && beyond;
}
