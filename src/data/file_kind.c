#include "data/file_kind.h"

#include "base/memory.h"

#include <string.h>
#include <strings.h>

#define PICTURE "; pictures are given in a folder a class: {\"folder\": DIRECTORY}"
#define OTHER_PICTURE "; save it as PNG or JPEG"

typedef struct kind {
    const char *bytes;
    size_t length;
    const char *name;
} kind;

#define BEGINS(bytes) bytes, sizeof(bytes) - 1

static const kind pictures[] = {
    {BEGINS("\x89PNG"), "a picture (PNG)" PICTURE},
    {BEGINS("\xFF\xD8\xFF"), "a picture (JPEG)" PICTURE},
    {BEGINS("GIF8"), "a picture (GIF)" OTHER_PICTURE},
    {BEGINS("II*\0"), "a picture (TIFF)" OTHER_PICTURE},
    {BEGINS("MM\0*"), "a picture (TIFF)" OTHER_PICTURE},
};

static const kind kinds[] = {
    {BEGINS("PK\3\4"), "a zip archive, such as a spreadsheet of Excel (xlsx) or "
                       "LibreOffice (ods); save the sheet as CSV (arrays of an .npz file "
                       "are given as {\"inputs\": \"FILE.npz:NAME\", \"targets\": …})"},
    {BEGINS("\xD0\xCF\x11\xE0"),
     "a document of an old Excel (xls) or another old Office; "
     "save the sheet as CSV"},
    {BEGINS("%PDF-"), "a PDF document; export its table as CSV"},
    {BEGINS("SQLite format 3"), "an SQLite database; export the table as CSV (sqlite3 "
                                "-header -csv FILE 'select * from TABLE')"},
    {BEGINS("PAR1"), "a Parquet file; save it as CSV (pandas: "
                     "read_parquet(FILE).to_csv(OTHER, index=False))"},
    {BEGINS("ARROW1"), "an Arrow file; save it as CSV (pandas: "
                       "read_feather(FILE).to_csv(OTHER, index=False))"},
    {BEGINS("\x93NUMPY"), "a NumPy array; arrays are given as {\"inputs\": FILE, "
                          "\"targets\": FILE}"},
    {BEGINS("\x89HDF\r\n"), "an HDF5 file; save the table as CSV"},
    {BEGINS("\x80\3"), "a Python pickle; save the table as CSV"},
    {BEGINS("\x80\4\x95"), "a Python pickle; save the table as CSV"},
    {BEGINS("\x80\5\x95"), "a Python pickle; save the table as CSV"},
    {BEGINS("\xFD"
            "7zXZ"),
     "compressed with xz; unpack it (xz -d), or compress it with gzip"},
    {BEGINS("BZh"), "compressed with bzip2; unpack it (bzip2 -d), or compress it with "
                    "gzip"},
    {BEGINS("\x28\xB5\x2F\xFD"), "compressed with zstd; unpack it (zstd -d), or compress "
                                 "it with gzip"},
    {BEGINS("7z\xBC\xAF"), "a 7z archive; unpack it"},
    {BEGINS("\0\0\x08"), "IDX data; it is given as {\"images\": FILE, \"labels\": FILE}"},
};

static bool begins(const char *text, size_t length, const char *with)
{
    return length >= strlen(with) && strncasecmp(text, with, strlen(with)) == 0;
}

static size_t spaces(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length && memchr(" \t\r\n", text[count], 4))
        count++;
    return count;
}

/* {"…, or a list of objects, lists or nothing: a row that begins so would have such a
 * cell in front. */
static bool is_json(const char *text, size_t length)
{
    if (length < 2 || (*text != '{' && *text != '['))
        return false;
    size_t inside = 1 + spaces(text + 1, length - 1);
    return inside < length && memchr(*text == '{' ? "\"}" : "{[", text[inside], 2);
}

/* The name of the kind whose bytes the file begins with; NULL: none. */
static const char *find(const kind *list, size_t count, const char *bytes, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (length >= list[i].length && memcmp(bytes, list[i].bytes, list[i].length) == 0)
            return list[i].name;
    return NULL;
}

static const char *find_picture(const char *bytes, size_t length)
{
    if (length >= 10 && memcmp(bytes, "BM", 2) == 0 &&
        memcmp(bytes + 6, "\0\0\0", 4) == 0)
        return "a picture (BMP)" OTHER_PICTURE;
    if (length >= 12 && memcmp(bytes, "RIFF", 4) == 0 &&
        memcmp(bytes + 8, "WEBP", 4) == 0)
        return "a picture (WebP)" OTHER_PICTURE;
    return find(pictures, CR_COUNT(pictures), bytes, length);
}

bool cr_file_kind_is_picture(const char *bytes, size_t length)
{
    return find_picture(bytes, length) != NULL;
}

const char *cr_file_kind_name(const char *bytes, size_t length)
{
    const char *picture = find_picture(bytes, length);
    const char *name = picture ? picture : find(kinds, CR_COUNT(kinds), bytes, length);
    if (name)
        return name;
    size_t mark = begins(bytes, length, "\xEF\xBB\xBF") ? 3 : 0;
    mark += spaces(bytes + mark, length - mark);
    const char *text = bytes + mark;
    length -= mark;
    if (begins(text, length, "<!doctype html") || begins(text, length, "<html"))
        return "a web page (HTML), perhaps in place of a download; save the table as CSV";
    if (begins(text, length, "<?xml"))
        return "XML; save the table as CSV";
    if (is_json(text, length))
        return "JSON; save the table as CSV (pandas: read_json(FILE).to_csv(OTHER, "
               "index=False))";
    return NULL;
}
